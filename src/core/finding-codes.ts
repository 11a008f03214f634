import type { Problem } from './problems.ts';

/** A code of `tocsin check`. */
export interface FindingCode {
  /** How bad it is unless `lint.severity` of `tocsin.yaml` says otherwise; some are milder where less is at stake. */
  readonly severity: Problem['severity'];
  /** A sentence for the docs and for code scanning, in Markdown. */
  readonly means: string;
  /** What has to be known beside the file itself; nothing unless given. `rules`: all rules and routes. */
  readonly asks?: 'rules' | 'cluster';
  /** `tocsin check --fix` can settle it. */
  readonly fixable?: true;
}

type Codes = Readonly<Record<string, FindingCode>>;

/** What keeps a rule from loading. */
export const RULE_ERRORS = {
  'rule/yaml': {
    severity: 'error',
    means: 'The file is not valid YAML, or uses what Tocsin does not read (a tab, an unquoted `*`, a template of another tool).',
  },
  'rule/no-rule': { severity: 'error', means: 'The file or folder holds no rule.' },
  'rule/unreadable': {
    severity: 'error',
    means: 'The file or folder cannot be read, is not a regular file, or a link that leads out of its folder.',
  },
  'rule/too-large': { severity: 'error', means: 'The file, or a value in it, is larger than a rule may be.' },
  'rule/too-many-files': {
    severity: 'error',
    means: 'There are more files than Tocsin reads: most likely not the folder that was meant.',
  },
  'rule/duplicate-key': { severity: 'error', means: 'A key is given twice in one mapping.' },
  'rule/duplicate-name': { severity: 'error', means: 'Two rules have the same name or ID.' },
  'rule/reserved-name': { severity: 'error', means: 'The name belongs to a built-in rule of Tocsin.' },
  'rule/unknown-key': { severity: 'error', means: 'There is no such key; the nearest known one is the hint.' },
  'rule/missing-key': { severity: 'error', means: 'A required key is missing.' },
  'rule/invalid': { severity: 'error', means: 'A value does not fit, or keys exclude each other.' },
  'rule/query': { severity: 'error', means: 'The KQL is invalid at the character shown.' },
  'rule/condition': { severity: 'error', means: 'The CEL of a condition is invalid at the character shown.' },
  'rule/template': { severity: 'error', means: 'A Liquid text does not compile, or names something unknown or hidden.' },
  'rule/schedule': { severity: 'error', means: 'The cron pattern or the time zone is not valid.' },
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
    means: 'The severity is not in the table of severities, and one with a similar name is.',
  },
  'rule/not-kql': {
    severity: 'warning',
    means: '`_exists_`, `&&`, `=`, `[1 TO 5]` and similar are search words in KQL, not operators.',
  },
  'rule/hidden-name': {
    severity: 'warning',
    means: 'A message names a field of `group_by` or a label by a name that means something else in messages, such as `status`.',
  },
  'rule/not-liquid': {
    severity: 'warning',
    means: '`{0}`, `%s`, `$count` and similar are formats of other systems and are shown as they are.',
  },
  'rule/index-date': {
    severity: 'error',
    means:
      '`index` is a pattern of dates such as `logs-%Y.%m.%d`: write `logs-*`. Warning: it is date math, which uses the clock of the cluster.',
    fixable: true,
  },
  'rule/window-gap': { severity: 'warning', means: 'The window is shorter than `every`.' },
  'rule/schedule-pause': {
    severity: 'warning',
    means: 'The schedule pauses before `for` has passed, and pauses do not count.',
  },
  'rule/counter-reset': {
    severity: 'warning',
    means: 'A difference of `max` and `min` of one field grows when a counter resets; `increase` does not.',
  },
  'rule/overlap': { severity: 'warning', means: 'The condition and `recover` can hold at once.' },
  'rule/level-order': { severity: 'warning', means: 'Levels are not worst first.' },
  'rule/no-floor': { severity: 'warning', means: 'A spike rule without a minimum fires for a single document after none.' },
  'rule/changed-value': {
    severity: 'warning',
    means: 'YAML changes a value, such as `1.10` as 1.1.',
    fixable: true,
  },
  'rule/forgotten-while-held': {
    severity: 'warning',
    means: 'A silent group is forgotten before `outage_hold` ends, so its alert would never be sent.',
  },
  'rule/flapping-steady': {
    severity: 'warning',
    means: 'With this `steady`, an alert that flaps counts as steady between two of its episodes.',
  },
  'rule/no-effect': { severity: 'warning', means: 'The key has no effect here.', fixable: true },
  'rule/never': {
    severity: 'warning',
    means:
      'A condition or level can never hold, whatever is measured: `count < 0`, a share above 1, two parts that contradict each other.',
  },
  'rule/always': { severity: 'warning', means: 'A condition or level always holds, such as `count >= 0`.' },
  'rule/constant-part': { severity: 'warning', means: 'A part of a condition always or never holds, so it has no effect.' },
  'rule/unreachable-level': {
    severity: 'warning',
    means: 'Whenever this level holds, one above it does, so it is never reached.',
  },
  'rule/recover-never': {
    severity: 'warning',
    means: '`recover` never holds, or only while the condition does: alerts do not end.',
  },
  'rule/short-for': {
    severity: 'warning',
    means: '`for` is shorter than the time between two evaluations, and acts as long as that.',
  },
  'rule/short-keep-firing': {
    severity: 'warning',
    means: '`keep_firing_for` is shorter than the time between two evaluations, and acts as long as that.',
  },
  'rule/short-repeat': { severity: 'warning', means: '`repeat_interval` is shorter than the time between two evaluations.' },
  'rule/short-delay': {
    severity: 'note',
    means: '`delay` is shorter than the usual refresh of an index, and no window is evaluated again.',
  },
  'rule/plain-template': {
    severity: 'warning',
    means: 'A text that is not a template, such as a label, contains `{{ … }}`.',
  },
  'rule/same-question': {
    severity: 'warning',
    means: 'Another rule has the same query and metrics, and both can fire at once.',
    asks: 'rules',
  },
} as const satisfies Codes;

/** Findings about the cluster: `tocsin check --cluster`. */
export const CLUSTER_FINDINGS = {
  'cluster/delay': { severity: 'warning', means: 'Documents arrive later than `delay` allows.', asks: 'cluster' },
  'cluster/lag-unknown': {
    severity: 'note',
    means: 'The documents of these sources do not contain their arrival time.',
    asks: 'cluster',
  },
  'cluster/no-documents': { severity: 'warning', means: 'The index has no document of the last day.', asks: 'cluster' },
  'cluster/no-match': {
    severity: 'note',
    means: 'There are documents of the last day, but none matches the query.',
    asks: 'cluster',
  },
  'cluster/no-match-week': {
    severity: 'warning',
    means: 'There are documents, but none of the last 7 days matches the query; a note for rules that wait for events.',
    asks: 'cluster',
  },
  'cluster/no-field': {
    severity: 'warning',
    means:
      'A field that the rule names (query, metrics and their filters, groups, evidence, texts) is mapped in no index of it, or no matching document of the last day has it.',
    asks: 'cluster',
  },
  'cluster/text-range': {
    severity: 'warning',
    means: 'A range (`>`, `<`, `[1 TO 5]`) compares a keyword, which is a text: `1000` comes before `500`.',
    asks: 'cluster',
  },
  'cluster/metric-type': {
    severity: 'error',
    means: 'A metric measures a field of the wrong type, such as `avg` of a keyword.',
    asks: 'cluster',
  },
  'cluster/nested-field': {
    severity: 'warning',
    means: 'A field lies in nested objects, which KQL, Lucene and metrics do not see.',
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
    means: 'A search of the newest window takes half of `timeout` or more.',
    asks: 'cluster',
  },
  'cluster/expect-type': {
    severity: 'warning',
    means: '`expect` names a value that a field of this type cannot hold, so the group is missing forever.',
    asks: 'cluster',
  },
} as const satisfies Codes;

/** What keeps `tocsin.yaml` from loading, and notes about its secrets. */
export const CONFIG_ERRORS = {
  'config/yaml': { severity: 'error', means: 'The file is not valid YAML.' },
  'config/file': { severity: 'error', means: 'The file, or one that it names, cannot be read.' },
  'config/duplicate-key': { severity: 'error', means: 'A key is given twice in one mapping.' },
  'config/too-large': { severity: 'error', means: 'The file, or a value in it, is larger than a configuration may be.' },
  'config/unknown-key': { severity: 'error', means: 'There is no such key.' },
  'config/missing-key': { severity: 'error', means: 'A required key is missing.' },
  'config/value': { severity: 'error', means: 'A value does not fit.' },
  'config/both': { severity: 'error', means: 'Two keys exclude each other.' },
  'config/env': { severity: 'error', means: 'An environment variable is not set or empty.' },
  'config/secret-missing': {
    severity: 'note',
    means: 'A secret file, or a variable, is not there; this command does not need it.',
  },
  'config/secret-file': { severity: 'error', means: 'A secret file is empty, or its secret is too short.' },
  'config/url': { severity: 'error', means: 'An address is not an http or https URL, or holds a password.' },
  'config/ca-file': { severity: 'error', means: 'The file holds no PEM certificate.' },
  'config/client-certificate': { severity: 'error', means: '`cert_file` and `key_file` cannot be read, or do not match.' },
  'config/cloud-id': { severity: 'error', means: 'The cloud ID is not valid.' },
  'config/slack-app': {
    severity: 'warning',
    means: 'No `slack_configs` has the bot token of `slack_app`, so no message has buttons.',
  },
  'config/lease': { severity: 'error', means: '`delivery.lease` is not longer than `delivery.send_timeout`.' },
  'config/matcher': { severity: 'error', means: 'A matcher cannot be read.' },
  'config/root-route': { severity: 'error', means: 'The root of the tree has matchers or `continue`.' },
  'config/unknown-receiver': { severity: 'error', means: 'A route, or `meta_receiver`, names a receiver that is not there.' },
  'config/unknown-time-interval': { severity: 'error', means: 'A route names a time interval that is not there.' },
  'config/calendar': { severity: 'error', means: 'A file that a time interval names is not a valid iCalendar file.' },
  'config/duplicate-receiver': { severity: 'error', means: 'Two receivers have the same name.' },
  'config/duplicate-destination': { severity: 'error', means: 'Two destinations of a receiver have the same name.' },
} as const satisfies Codes;

/** Valid in `tocsin.yaml`, but rarely intended. */
export const CONFIG_FINDINGS = {
  'config/secret-file-readable': { severity: 'warning', means: 'Any user of the machine can read a secret file.' },
  'config/unreached-route': { severity: 'warning', means: 'An earlier route takes all its alerts.', asks: 'rules' },
  'config/time-interval-never': {
    severity: 'warning',
    means: 'No time belongs to a part of a time interval any more: a 30th of February, a year that is over.',
  },
  'config/mutual-inhibition': {
    severity: 'warning',
    means: 'By two inhibit rules, alerts can inhibit each other: while both fire, neither is notified.',
    asks: 'rules',
  },
  'config/unused-receiver': { severity: 'warning', means: 'No route names the receiver.', asks: 'rules' },
  'config/no-destination': {
    severity: 'warning',
    means: 'A route or a rule uses a receiver that has no destination, so its alerts notify no one.',
    asks: 'rules',
  },
  'config/unknown-label': {
    severity: 'warning',
    means: 'A matcher or `group_by` names a label that no rule has.',
    asks: 'rules',
  },
  'config/unknown-value': {
    severity: 'warning',
    means: 'A matcher names a value that no rule has, but a similar one exists.',
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
    means: 'The file or folder cannot be read, is not a regular file, or a link that leads out of its folder.',
  },
  'silence/too-large': { severity: 'error', means: 'The file, or a value in it, is larger than a silence may be.' },
  'silence/duplicate-key': { severity: 'error', means: 'A key is given twice in one mapping.' },
  'silence/duplicate-name': { severity: 'error', means: 'Two silences have the same name, or there are too many.' },
  'silence/unknown-key': { severity: 'error', means: 'There is no such key.' },
  'silence/missing-key': { severity: 'error', means: 'A required key is missing.' },
  'silence/invalid': { severity: 'error', means: 'A value does not fit.' },
  'silence/matcher': { severity: 'error', means: 'A matcher cannot be read, or the matchers could suppress every alert.' },
  'silence/recurrence': { severity: 'error', means: 'The recurrence is not an RRULE of days, or of times of day.' },
  'silence/never': { severity: 'error', means: 'The recurrence never comes about, such as on 30 February.' },
  'silence/unknown-receiver': { severity: 'error', means: '`notify` names a receiver that is not in tocsin.yaml.' },
} as const satisfies Codes;

/** Valid in a silence, but rarely intended. */
export const SILENCE_FINDINGS = {
  'silence/over': { severity: 'note', means: 'The last occurrence has passed.' },
  'silence/always': {
    severity: 'warning',
    means: 'Each occurrence lasts until the next one begins, so that it holds all the time.',
  },
  'silence/no-rule-matches': {
    severity: 'warning',
    means: 'No loaded rule can have alerts that the silence matches.',
    asks: 'rules',
  },
} as const satisfies Codes;

/** Findings of the policy: `lint` of `tocsin.yaml`. */
export const POLICY_FINDINGS = {
  'policy/label': { severity: 'error', means: 'A label that the policy requires is missing, or its value is not allowed.' },
  'policy/owner': { severity: 'error', means: 'The rule has none of the labels that name an owner.' },
  'policy/description': { severity: 'error', means: 'The rule has no `description`.' },
  'policy/runbook': { severity: 'error', means: 'The rule has no `message.runbook`.' },
  'policy/test': { severity: 'error', means: 'No rule test names the file of this rule.' },
  'policy/name': { severity: 'error', means: 'The name does not match the pattern of the policy.' },
  'policy/severity': { severity: 'error', means: 'The policy does not allow this severity.' },
  'policy/every': { severity: 'error', means: 'The rule is evaluated more or less often than the policy allows.' },
  'policy/window': { severity: 'error', means: 'The window is shorter or longer than the policy allows.' },
} as const satisfies Codes;

/** What is wrong with comments that ignore findings. */
export const IGNORE_FINDINGS = {
  'lint/bad-ignore': {
    severity: 'error',
    means: 'A `tocsin:ignore` comment lacks a code or a reason, or names a code that is not known or cannot be ignored.',
  },
  'lint/unwritable': {
    severity: 'error',
    means: '`--fix` could not write the file: it is a link, leads out of its folder, or has changed meanwhile.',
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
