import type { Problem } from './problems.ts';

/** A code of `tocsin check`. */
export interface FindingCode {
  /** How bad it is unless `lint.severity` of `tocsin.yaml` says otherwise; some are milder where less is at stake. */
  readonly severity: Problem['severity'];
  /** A sentence for the docs and for code scanning, in Markdown. */
  readonly means: string;
  /** What has to be known beside the file itself; nothing by default. `rules`: all rules and routes. */
  readonly asks?: 'rules' | 'cluster';
  /** `tocsin check --fix` can settle it. */
  readonly fixable?: true;
}

type Codes = Readonly<Record<string, FindingCode>>;

/** What keeps a rule from loading. */
export const RULE_ERRORS = {
  'rule/yaml': {
    severity: 'error',
    means:
      'The file is not valid YAML, or uses syntax that Tocsin does not accept (a tab, an unquoted `*`, a template of another tool).',
  },
  'rule/no-rule': { severity: 'error', means: 'The file or folder contains no rules.' },
  'rule/unreadable': {
    severity: 'error',
    means: 'The file or folder cannot be read, is not a regular file, or is a link that leads outside its folder.',
  },
  'rule/too-large': { severity: 'error', means: 'The file, or a value in it, exceeds the size limit for rules.' },
  'rule/too-many-files': {
    severity: 'error',
    means: 'Too many files: most likely this is not the intended folder.',
  },
  'rule/duplicate-key': { severity: 'error', means: 'Duplicate key in a mapping.' },
  'rule/duplicate-name': { severity: 'error', means: 'Two rules have the same name or ID.' },
  'rule/reserved-name': { severity: 'error', means: 'The name is reserved for a built-in rule.' },
  'rule/unknown-key': { severity: 'error', means: 'Unknown key; the hint names the nearest known one.' },
  'rule/missing-key': { severity: 'error', means: 'A required key is missing.' },
  'rule/invalid': { severity: 'error', means: 'Invalid value, or keys that exclude each other.' },
  'rule/query': { severity: 'error', means: 'Syntax error in the KQL query, with its position.' },
  'rule/condition': { severity: 'error', means: 'Error in the CEL of a condition, with its position.' },
  'rule/template': { severity: 'error', means: 'A Liquid template does not compile, or refers to an unknown or hidden name.' },
  'rule/schedule': { severity: 'error', means: 'Invalid cron pattern or time zone.' },
  'rule/unknown-time-interval': {
    severity: 'error',
    means: '`mute_time_intervals` or `active_time_intervals` names a time interval that is not in tocsin.yaml.',
  },
  'rule/unknown-receiver': { severity: 'error', means: '`receivers` names a receiver that is not in tocsin.yaml.' },
} as const satisfies Codes;

/** Valid in a rule, but rarely intended. */
export const RULE_FINDINGS = {
  'rule/label-value': {
    severity: 'warning',
    means: 'No route matches this label value, but one matches a similar value.',
    asks: 'rules',
  },
  'rule/severity': {
    severity: 'warning',
    means: 'Unknown severity, but one with a similar name exists.',
  },
  'rule/not-kql': {
    severity: 'warning',
    means: '`_exists_`, `&&`, `=`, `[1 TO 5]` and similar syntax has no meaning in KQL, which searches for the text.',
  },
  'rule/hidden-name': {
    severity: 'warning',
    means: 'A message refers to a field of `group_by` or a label by a name with another meaning in messages, such as `status`.',
  },
  'rule/not-liquid': {
    severity: 'warning',
    means: '`{0}`, `%s`, `$count` and similar placeholders of other systems are not replaced.',
  },
  'rule/index-date': {
    severity: 'error',
    means:
      '`index` is a date pattern such as `logs-%Y.%m.%d`: write `logs-*`. A warning if it is date math, which uses the cluster’s clock.',
    fixable: true,
  },
  'rule/window-gap': { severity: 'warning', means: 'The window is shorter than `every`.' },
  'rule/schedule-pause': {
    severity: 'warning',
    means: 'The schedule pauses before `for` has elapsed, and pauses do not count.',
  },
  'rule/counter-reset': {
    severity: 'warning',
    means: 'The difference between `max` and `min` of a field grows when a counter resets; `increase` does not.',
  },
  'rule/overlap': { severity: 'warning', means: 'The condition and `recover` can be true at the same time.' },
  'rule/level-order': { severity: 'warning', means: 'Levels are not ordered worst first.' },
  'rule/no-floor': {
    severity: 'warning',
    means: 'A spike rule without a minimum fires for a single document after a window without any.',
  },
  'rule/changed-value': {
    severity: 'warning',
    means: 'YAML changes an unquoted value: `1.10` is read as 1.1.',
    fixable: true,
  },
  'rule/forgotten-while-held': {
    severity: 'warning',
    means: 'A silent group is forgotten before `outage_hold` ends, so its alert would never be sent.',
  },
  'rule/flapping-steady': {
    severity: 'warning',
    means: 'With this value of `steady`, a flapping alert counts as steady between two episodes.',
  },
  'rule/no-effect': { severity: 'warning', means: 'The key has no effect here.', fixable: true },
  'rule/never': {
    severity: 'warning',
    means: 'A condition or level can never be true, whatever the values: `count < 0`, a ratio above 1, two contradictory parts.',
  },
  'rule/always': { severity: 'warning', means: 'A condition or level is always true, such as `count >= 0`.' },
  'rule/constant-part': { severity: 'warning', means: 'Part of a condition is always or never true, so it has no effect.' },
  'rule/unreachable-level': {
    severity: 'warning',
    means: 'Whenever this level’s condition is true, so is that of a level above it: the level is never reached.',
  },
  'rule/recover-never': {
    severity: 'warning',
    means: '`recover` is never true, or only while the condition is: alerts never end.',
  },
  'rule/short-for': {
    severity: 'warning',
    means: '`for` is shorter than the time between two evaluations, so it lasts until the next one.',
  },
  'rule/short-keep-firing': {
    severity: 'warning',
    means: '`keep_firing_for` is shorter than the time between two evaluations, so it lasts until the next one.',
  },
  'rule/short-repeat': { severity: 'warning', means: '`repeat_interval` is shorter than the time between two evaluations.' },
  'rule/short-delay': {
    severity: 'note',
    means: '`delay` is shorter than the usual refresh interval of an index, and windows are not evaluated again.',
  },
  'rule/plain-template': {
    severity: 'warning',
    means: 'A text that is not a template, such as a label, contains `{{ … }}`.',
  },
  'rule/same-question': {
    severity: 'warning',
    means: 'Another rule has the same query and metrics, so both can fire at the same time.',
    asks: 'rules',
  },
} as const satisfies Codes;

/** Findings about the cluster: `tocsin check --cluster`. */
export const CLUSTER_FINDINGS = {
  'cluster/delay': { severity: 'warning', means: 'Documents arrive later than `delay` allows.', asks: 'cluster' },
  'cluster/lag-unknown': {
    severity: 'note',
    means: 'Documents from these sources do not contain an arrival time.',
    asks: 'cluster',
  },
  'cluster/no-documents': { severity: 'warning', means: 'The index has no documents from the last day.', asks: 'cluster' },
  'cluster/no-match': {
    severity: 'note',
    means: 'The index has documents from the last day, but none matches the query.',
    asks: 'cluster',
  },
  'cluster/no-match-week': {
    severity: 'warning',
    means: 'The index has documents, but none from the last 7 days matches the query. A note for rules that wait for events.',
    asks: 'cluster',
  },
  'cluster/no-field': {
    severity: 'warning',
    means:
      'A field used by the rule (query, metrics and their filters, groups, evidence, texts) is not mapped in any of its indices, or is missing from all matching documents of the last day.',
    asks: 'cluster',
  },
  'cluster/text-range': {
    severity: 'warning',
    means: 'A range (`>`, `<`, `[1 TO 5]`) on a keyword field compares text: `1000` sorts before `500`.',
    asks: 'cluster',
  },
  'cluster/metric-type': {
    severity: 'error',
    means: 'A metric uses a field of the wrong type, such as `avg` of a keyword.',
    asks: 'cluster',
  },
  'cluster/nested-field': {
    severity: 'warning',
    means: 'A field is inside nested objects, which KQL, Lucene and metrics cannot access.',
    asks: 'cluster',
  },
  'cluster/truncated': { severity: 'warning', means: 'The newest window has more groups than `max_groups`.', asks: 'cluster' },
  'cluster/many-groups': {
    severity: 'note',
    means: 'The newest window has nearly as many groups as `max_groups`.',
    asks: 'cluster',
  },
  'cluster/slow': {
    severity: 'warning',
    means: 'A search of the newest window takes at least half of `timeout`.',
    asks: 'cluster',
  },
  'cluster/expect-type': {
    severity: 'warning',
    means: '`expect` lists a value that a field of this type cannot have, so the group is always missing.',
    asks: 'cluster',
  },
} as const satisfies Codes;

/** What keeps `tocsin.yaml` from loading, and notes about its secrets. */
export const CONFIG_ERRORS = {
  'config/yaml': { severity: 'error', means: 'The file is not valid YAML.' },
  'config/file': { severity: 'error', means: 'The file, or a file that it refers to, cannot be read.' },
  'config/duplicate-key': { severity: 'error', means: 'Duplicate key in a mapping.' },
  'config/too-large': { severity: 'error', means: 'The file, or a value in it, exceeds the size limit for the configuration.' },
  'config/unknown-key': { severity: 'error', means: 'Unknown key.' },
  'config/missing-key': { severity: 'error', means: 'A required key is missing.' },
  'config/value': { severity: 'error', means: 'Invalid value.' },
  'config/both': { severity: 'error', means: 'Two keys exclude each other.' },
  'config/env': { severity: 'error', means: 'An environment variable is unset or empty.' },
  'config/secret-missing': {
    severity: 'note',
    means: 'A secret file or environment variable is missing; this command does not need it.',
  },
  'config/secret-file': { severity: 'error', means: 'A secret file is empty, or the secret in it is too short.' },
  'config/url': { severity: 'error', means: 'An address is not an http or https URL, or contains a password.' },
  'config/ca-file': { severity: 'error', means: 'The file contains no PEM certificate.' },
  'config/client-certificate': { severity: 'error', means: '`cert_file` and `key_file` cannot be read, or do not match.' },
  'config/cloud-id': { severity: 'error', means: 'Invalid cloud ID.' },
  'config/slack-app': {
    severity: 'warning',
    means: 'No `slack_configs` uses the bot token of `slack_app`, so messages have no buttons.',
  },
  'config/lease': { severity: 'error', means: '`delivery.lease` is not longer than `delivery.send_timeout`.' },
  'config/matcher': { severity: 'error', means: 'Invalid matcher.' },
  'config/root-route': { severity: 'error', means: 'The root route has matchers or `continue`.' },
  'config/unknown-receiver': { severity: 'error', means: 'A route, or `meta_receiver`, names a receiver that does not exist.' },
  'config/unknown-time-interval': { severity: 'error', means: 'A route names a time interval that does not exist.' },
  'config/calendar': { severity: 'error', means: 'A time interval refers to a file that is not valid iCalendar.' },
  'config/duplicate-receiver': { severity: 'error', means: 'Two receivers have the same name.' },
  'config/duplicate-destination': { severity: 'error', means: 'Two destinations of a receiver have the same name.' },
} as const satisfies Codes;

/** Valid in `tocsin.yaml`, but rarely intended. */
export const CONFIG_FINDINGS = {
  'config/secret-file-readable': { severity: 'warning', means: 'Any user of the machine can read a secret file.' },
  'config/unreached-route': { severity: 'warning', means: 'An earlier route matches all alerts of this one.', asks: 'rules' },
  'config/time-interval-never': {
    severity: 'warning',
    means: 'Part of a time interval can never match again: a 30th of February, a past year.',
  },
  'config/mutual-inhibition': {
    severity: 'warning',
    means: 'Two inhibit rules let alerts inhibit each other: while both fire, neither is notified.',
    asks: 'rules',
  },
  'config/unused-receiver': { severity: 'warning', means: 'No route uses the receiver.', asks: 'rules' },
  'config/no-destination': {
    severity: 'warning',
    means: 'A route or a rule uses a receiver without destinations, so no one is notified.',
    asks: 'rules',
  },
  'config/unknown-label': {
    severity: 'warning',
    means: 'A matcher or `group_by` names a label that no rule has.',
    asks: 'rules',
  },
  'config/unknown-value': {
    severity: 'warning',
    means: 'A matcher uses a value that no rule has, but a similar one exists.',
    asks: 'rules',
  },
  'config/no-rule-matches': {
    severity: 'note',
    means: 'No loaded rule can have the labels that this route requires.',
    asks: 'rules',
  },
} as const satisfies Codes;

/** What keeps a file of silences from loading. */
export const SILENCE_ERRORS = {
  'silence/yaml': { severity: 'error', means: 'The file is not valid YAML.' },
  'silence/unreadable': {
    severity: 'error',
    means: 'The file or folder cannot be read, is not a regular file, or is a link that leads outside its folder.',
  },
  'silence/too-large': { severity: 'error', means: 'The file, or a value in it, exceeds the size limit for silences.' },
  'silence/duplicate-key': { severity: 'error', means: 'Duplicate key in a mapping.' },
  'silence/duplicate-name': { severity: 'error', means: 'Two silences have the same name, or there are too many.' },
  'silence/unknown-key': { severity: 'error', means: 'Unknown key.' },
  'silence/missing-key': { severity: 'error', means: 'A required key is missing.' },
  'silence/invalid': { severity: 'error', means: 'Invalid value.' },
  'silence/matcher': { severity: 'error', means: 'Invalid matcher, or matchers that would match every alert.' },
  'silence/recurrence': { severity: 'error', means: 'Invalid RRULE, or a frequency higher than daily.' },
  'silence/never': { severity: 'error', means: 'The recurrence never occurs, such as on 30 February.' },
  'silence/unknown-receiver': { severity: 'error', means: '`notify` names a receiver that is not in tocsin.yaml.' },
} as const satisfies Codes;

/** Valid in a silence, but rarely intended. */
export const SILENCE_FINDINGS = {
  'silence/over': { severity: 'note', means: 'The last occurrence has passed.' },
  'silence/always': {
    severity: 'warning',
    means: 'Each occurrence lasts until the next one begins, so the silence never ends.',
  },
  'silence/no-rule-matches': {
    severity: 'warning',
    means: 'No loaded rule can have alerts that the silence matches.',
    asks: 'rules',
  },
} as const satisfies Codes;

/** Findings of the policy: `lint` of `tocsin.yaml`. */
export const POLICY_FINDINGS = {
  'policy/label': { severity: 'error', means: 'A required label is missing, or its value is not allowed.' },
  'policy/owner': { severity: 'error', means: 'The rule has none of the owner labels.' },
  'policy/description': { severity: 'error', means: 'The rule has no `description`.' },
  'policy/runbook': { severity: 'error', means: 'The rule has no `message.runbook`.' },
  'policy/test': { severity: 'error', means: 'No rule test refers to the file of this rule.' },
  'policy/name': { severity: 'error', means: 'The name does not match the pattern of the policy.' },
  'policy/severity': { severity: 'error', means: 'The policy does not allow this severity.' },
  'policy/every': { severity: 'error', means: 'The rule is evaluated more or less often than the policy allows.' },
  'policy/window': { severity: 'error', means: 'The window is shorter or longer than the policy allows.' },
} as const satisfies Codes;

/** What is wrong with comments that ignore findings. */
export const IGNORE_FINDINGS = {
  'lint/bad-ignore': {
    severity: 'error',
    means: 'A `tocsin:ignore` comment has no code or reason, or its code is unknown or cannot be ignored.',
  },
  'lint/unwritable': {
    severity: 'error',
    means: '`--fix` could not write the file: it is a link, is outside its folder, or was changed in the meantime.',
  },
  'lint/unused-ignore': { severity: 'warning', means: 'A `tocsin:ignore` comment does not match any finding.', fixable: true },
} as const satisfies Codes;

/** Codes whose severity can be configured and that comments can ignore: none of them keeps a rule from loading. */
export const LINT_CODES: Codes = {
  ...RULE_FINDINGS,
  ...CONFIG_FINDINGS,
  ...SILENCE_FINDINGS,
  ...CLUSTER_FINDINGS,
  ...POLICY_FINDINGS,
};

/** All codes of `tocsin check` but those of searches and channels. */
export const FINDING_CODES: Codes = { ...RULE_ERRORS, ...CONFIG_ERRORS, ...SILENCE_ERRORS, ...LINT_CODES, ...IGNORE_FINDINGS };
