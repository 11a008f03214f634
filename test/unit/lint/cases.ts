/** What lies at a name: a text, a text whose file has a mode, or a link. */
export type FileEntry = string | { readonly text: string; readonly mode: number } | { readonly link: string };

/** Files by their names within a folder; a text alone is `rules/a.yaml`. */
export type Files = string | Readonly<Record<string, FileEntry>>;

/** What has the finding of a code, and what is nearly the same and has not. */
export interface LintCase {
  readonly bad: Files;
  readonly good: Files;
  /** What `--fix` makes of the bad one. */
  readonly fixed?: string;
  /** Options without which the finding is not looked for. */
  readonly words?: readonly string[];
}

const rule = (...lines: readonly string[]) => `${['name: a', 'index: logs-*', ...lines].join('\n')}\n`;
const counted = (...lines: readonly string[]) => rule('type: frequency', 'condition: count >= 5', ...lines);
const condition = (text: string, ...lines: readonly string[]) => rule('type: frequency', `condition: ${text}`, ...lines);
const threshold = (metrics: string, text: string, ...lines: readonly string[]) =>
  rule('type: threshold', `metrics: ${metrics}`, `condition: ${text}`, ...lines);
const config = (...lines: readonly string[]) => `${lines.join('\n')}\n`;
const policy = (lint: string, text: string) => ({ 'tocsin.yaml': `lint: ${lint}\n`, 'rules/a.yaml': text });
const RECEIVERS = 'receivers: [{ name: team, console_configs: [{}] }, { name: pager, console_configs: [{}] }]';
const routed = (routes: string, text: string) => ({
  'tocsin.yaml': config(RECEIVERS, 'route:', '  receiver: team', `  routes: ${routes}`),
  'rules/a.yaml': text,
});
const named = (receiver: string) => ({
  'tocsin.yaml': config(RECEIVERS, `route: { receiver: ${receiver} }`),
  'rules/a.yaml': counted(),
});
const alone = (...lines: readonly string[]) => ({ 'tocsin.yaml': config(...lines), 'rules/a.yaml': counted() });
const deep = (text: string) => `${'['.repeat(200)}${text}${']'.repeat(200)}`;
const cluster = (keys: string, files: Readonly<Record<string, FileEntry>> = {}) => ({
  ...alone(`elasticsearch: { ${keys} }`),
  ...files,
});
const secretFile = (text: string, mode: number) => cluster('url: "http://a:9200", api_key_file: key', { key: { text, mode } });
const webhook = (secret: string) => ({
  ...alone(
    'receivers: [{ name: team, webhook_configs: [{ url: "http://a", signing_secret_file: key }] }]',
    'route: { receiver: team }',
    'meta_receiver: team',
  ),
  key: { text: secret, mode: 0o600 },
});
const NIGHTS = 'time_intervals: [{ name: nights, time_intervals: [{ times: [{ start_time: "00:00", end_time: "06:00" }] }] }]\n';
const interval = (part: string) => alone(`time_intervals: [{ name: off, time_intervals: [${part}] }]`);
const inhibited = (source: string, target: string) => ({
  'tocsin.yaml': config(
    'inhibit_rules:',
    '  - { source_matchers: [alertname=a], target_matchers: [severity=warning, alertname!=a], equal: [team] }',
    `  - { source_matchers: ['${source}'], target_matchers: ['${target}'] }`,
  ),
  'rules/a.yaml': [counted(), counted().replace('name: a', 'name: b'), counted().replace('name: a', 'name: c')].join('---\n'),
});
const CALENDAR = 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20300101\nEND:VEVENT\nEND:VCALENDAR\n';
const useless = counted('max_groups: 5');

/** A pair of files for each code that a check without a cluster can find. */
export const LINT_CASES: Readonly<Record<string, LintCase>> = {
  'rule/yaml': { bad: 'name: [a\n', good: counted() },
  'rule/no-rule': { bad: '# nothing\n', good: counted() },
  'rule/unreadable': {
    bad: { 'rules/a.yaml': { link: '../outside.yaml' }, 'rules/b.yaml': counted(), 'outside.yaml': counted() },
    good: { 'rules/a.yaml': { link: 'b.yaml' }, 'rules/b.yaml': counted() },
  },
  'rule/too-large': { bad: counted(`labels: { a: ${deep('b')} }`), good: counted('labels: { a: b }') },
  'rule/duplicate-key': { bad: counted('window: 5m', 'window: 6m'), good: counted('window: 5m') },
  'rule/duplicate-name': {
    bad: `${counted()}---\n${counted()}`,
    good: `${counted()}---\n${counted().replace('name: a', 'name: b').replace('logs-', 'traces-')}`,
  },
  'rule/reserved-name': { bad: counted().replace('name: a', 'name: tocsin-health'), good: counted() },
  'rule/unknown-key': { bad: counted('windw: 5m'), good: counted('window: 5m') },
  'rule/missing-key': { bad: rule('type: frequency'), good: counted() },
  'rule/invalid': { bad: counted('window: soon'), good: counted('window: 5m') },
  'rule/query': { bad: counted('query: (a'), good: counted('query: a') },
  'rule/condition': { bad: condition('conut > 5'), good: condition('count > 5') },
  'rule/template': { bad: counted("message: { title: '{{ conut }}' }"), good: counted("message: { title: '{{ count }}' }") },
  'rule/schedule': { bad: counted("schedule: '* * *'"), good: counted("schedule: '* * * * *'") },
  'rule/unknown-time-interval': {
    bad: { 'tocsin.yaml': NIGHTS, 'rules/a.yaml': counted('mute_time_intervals: [night]') },
    good: { 'tocsin.yaml': NIGHTS, 'rules/a.yaml': counted('mute_time_intervals: [nights]') },
  },
  'rule/unknown-receiver': { bad: counted('receivers: [tema]'), good: counted('receivers: [default]') },
  'rule/label-value': {
    bad: routed("[{ receiver: pager, matchers: ['severity=critical'] }]", counted('labels: { severity: critcal }')),
    good: routed("[{ receiver: pager, matchers: ['severity=critical'] }]", counted('labels: { severity: critical }')),
  },
  'rule/severity': { bad: counted('labels: { severity: critcal }'), good: counted('labels: { severity: critical }') },
  'rule/not-kql': { bad: counted('query: _exists_:a'), good: counted("query: 'a: *'") },
  'rule/hidden-name': {
    bad: counted('group_by: [status]', 'message: { title: "{{ status }}" }'),
    good: counted('group_by: [status]', `message: { title: "{{ group['status'] }}" }`),
  },
  'rule/not-liquid': {
    bad: counted('message: { title: "{0} errors" }'),
    good: counted('message: { title: "{{ count }} errors" }'),
  },
  'rule/index-date': {
    bad: `${counted().replace('logs-*', 'logs-%Y.%m.%d # one a day')}`,
    good: counted(),
    fixed: `${counted().replace('logs-*', 'logs-* # one a day')}`,
  },
  'rule/window-gap': { bad: counted('window: 1m', 'every: 5m'), good: counted('window: 5m', 'every: 5m') },
  'rule/schedule-pause': {
    bad: counted("schedule: '*/5 8-16 * * *'", 'for: 12h'),
    good: counted("schedule: '*/5 8-16 * * *'", 'for: 1h'),
  },
  'rule/counter-reset': {
    bad: threshold('{ high: { max: restarts }, low: { min: restarts } }', 'high - low > 3'),
    good: threshold('{ more: { increase: restarts } }', 'more > 3'),
  },
  'rule/overlap': { bad: condition('count > 5', 'recover: count < 8'), good: condition('count > 5', 'recover: count < 3') },
  'rule/level-order': {
    bad: rule(
      'type: frequency',
      'levels: [{ severity: info, condition: count > 5 }, { severity: critical, condition: count > 50 }]',
    ),
    good: rule(
      'type: frequency',
      'levels: [{ severity: critical, condition: count > 50 }, { severity: info, condition: count > 5 }]',
    ),
  },
  'rule/no-floor': {
    bad: rule('type: spike', 'condition: current > 3 * reference'),
    good: rule('type: spike', 'condition: current > 3 * reference && current > 50'),
  },
  'rule/changed-value': {
    bad: rule('type: flatline', 'group_by: [version]', 'expect: [1.10, "2.0"]  # releases'),
    good: rule('type: flatline', 'group_by: [version]', 'expect: ["1.10", "2.0"]  # releases'),
    fixed: rule('type: flatline', 'group_by: [version]', 'expect: ["1.10", "2.0"]  # releases'),
  },
  'rule/forgotten-while-held': {
    bad: rule('type: flatline', 'group_by: [host.name]', 'forget_after: 1h'),
    good: rule('type: flatline', 'group_by: [host.name]', 'forget_after: 1d'),
  },
  'rule/flapping-steady': {
    bad: counted('flapping: { episodes: 3, within: 30m, steady: 5m }'),
    good: counted('flapping: { episodes: 3, within: 30m, steady: 20m }'),
  },
  'rule/no-effect': {
    bad: `# ours\n${counted('max_groups: 5 # enough', '# a word', 'window: 5m')}`,
    good: counted('max_groups: 5', 'group_by: [host.name]'),
    fixed: `# ours\n${counted('# a word', 'window: 5m')}`,
  },
  'rule/never': { bad: condition('count < 0'), good: condition('count < 1') },
  'rule/always': { bad: condition('count >= 0'), good: condition('count >= 1') },
  'rule/constant-part': {
    bad: threshold('{ errors: { count: "a:b" }, all: { count: "*" } }', 'errors > 3 && errors / all >= 0'),
    good: threshold('{ errors: { count: "a:b" }, all: { count: "*" } }', 'errors > 3 && errors / all >= 0.1'),
  },
  'rule/unreachable-level': {
    bad: rule(
      'type: frequency',
      'levels: [{ severity: critical, condition: count > 5 }, { severity: warning, condition: count > 50 }]',
    ),
    good: rule(
      'type: frequency',
      'levels: [{ severity: critical, condition: count > 50 }, { severity: warning, condition: count > 5 }]',
    ),
  },
  'rule/recover-never': { bad: condition('count > 5', 'recover: count > 9'), good: condition('count > 5', 'recover: count < 2') },
  'rule/short-for': { bad: counted('every: 5m', 'for: 2m'), good: counted('every: 5m', 'for: 10m') },
  'rule/short-keep-firing': {
    bad: counted('every: 5m', 'keep_firing_for: 2m'),
    good: counted('every: 5m', 'keep_firing_for: 10m'),
  },
  'rule/short-repeat': { bad: counted('every: 5m', 'repeat_interval: 1m'), good: counted('every: 5m', 'repeat_interval: 1h') },
  'rule/short-delay': { bad: counted('delay: 0s'), good: counted('delay: 30s') },
  'rule/plain-template': {
    bad: counted("labels: { host: '{{ group.host }}' }"),
    good: counted('labels: { host: web }'),
  },
  'rule/same-question': {
    bad: { 'rules/a.yaml': counted('query: b:c'), 'rules/b.yaml': counted('query: b:c').replace('name: a', 'name: b') },
    good: { 'rules/a.yaml': counted('query: b:c'), 'rules/b.yaml': counted('query: b:d').replace('name: a', 'name: b') },
  },
  'config/yaml': { bad: alone('rules: ['), good: alone('rules: rules') },
  'config/file': {
    bad: { 'tocsin.yaml': { link: 'nowhere.yaml' } },
    good: { 'tocsin.yaml': { link: 'other.yaml' }, 'other.yaml': 'rules: rules\n', 'rules/a.yaml': counted() },
  },
  'config/too-large': { bad: alone(`rules: ${deep('rules')}`), good: alone('rules: [rules]') },
  'config/secret-missing': {
    bad: cluster('url: "http://a:9200", api_key_file: nowhere'),
    good: secretFile('a1b2c3d4', 0o600),
  },
  'config/secret-file': { bad: webhook('short'), good: webhook('long enough') },
  'config/secret-file-readable': { bad: secretFile('a1b2c3d4', 0o644), good: secretFile('a1b2c3d4', 0o600) },
  'config/ca-file': {
    bad: cluster('url: "https://a:9200", ca_file: ca.pem', { 'ca.pem': 'no certificate\n' }),
    good: cluster('url: "https://a:9200", ca_file: ca.pem', { 'ca.pem': '-----BEGIN CERTIFICATE-----\n' }),
  },
  'config/client-certificate': {
    bad: cluster('url: "https://a:9200", cert_file: cert.pem, key_file: key.pem', {
      'cert.pem': 'no certificate\n',
      'key.pem': { text: 'no key\n', mode: 0o600 },
    }),
    good: cluster('url: "https://a:9200"'),
  },
  'config/cloud-id': {
    bad: cluster('cloud_id: "shop:###"'),
    good: cluster(`cloud_id: "shop:${Buffer.from('eu.example.com$abc$def').toString('base64')}"`),
  },
  'config/duplicate-key': { bad: alone('rules: rules', 'rules: rules'), good: alone('rules: rules') },
  'config/unknown-key': { bad: alone('rulez: rules'), good: alone('rules: rules') },
  'config/missing-key': { bad: alone(RECEIVERS), good: alone(RECEIVERS, 'route: { receiver: team }', 'meta_receiver: pager') },
  'config/value': { bad: alone('server: { port: nine }'), good: alone('server: { port: 9 }') },
  'config/both': {
    bad: alone('elasticsearch: { url: "http://a:9200", cloud_id: "x:YWJjJGRlZg==" }'),
    good: alone('elasticsearch: { url: "http://a:9200" }'),
  },
  'config/env': { bad: alone(`namespace: "${'$'}{env:1}"`), good: alone('namespace: shop') },
  'config/url': { bad: alone('kibana: { url: "ftp://a" }'), good: alone('kibana: { url: "http://a" }') },
  'config/lease': { bad: alone('delivery: { lease: 5s }'), good: alone('delivery: { lease: 1m }') },
  'config/matcher': {
    bad: routed("[{ matchers: ['a b'] }]", counted()),
    good: routed("[{ matchers: ['severity=warning'] }]", counted()),
  },
  'config/root-route': {
    bad: alone("route: { receiver: default, matchers: ['a=b'] }"),
    good: alone('route: { receiver: default }'),
  },
  'config/slack-app': {
    bad: alone(RECEIVERS, 'route: { receiver: team }', 'slack_app: { app_token: xapp-1-A1-one, bot_token: xoxb-1-one }'),
    good: alone(
      'receivers: [{ name: team, slack_configs: [{ bot_token: xoxb-1-one, channel: C012AB3CD }] }]',
      'route: { receiver: team }',
      'slack_app: { app_token: xapp-1-A1-one, bot_token: xoxb-1-one }',
    ),
  },
  'config/unknown-receiver': {
    bad: alone(RECEIVERS, 'route: { receiver: tem }'),
    good: alone(RECEIVERS, 'route: { receiver: team }'),
  },
  'config/unknown-time-interval': {
    bad: routed("[{ matchers: ['severity=warning'], mute_time_intervals: [nights] }]", counted()),
    good: {
      'tocsin.yaml': `${NIGHTS}${config(RECEIVERS, 'route:', '  receiver: team', "  routes: [{ matchers: ['severity=warning'], mute_time_intervals: [nights], receiver: pager }]")}`,
      'rules/a.yaml': counted(),
    },
  },
  'config/calendar': {
    bad: { ...interval('{ calendar: days.ics }'), 'days.ics': 'BEGIN:VCALENDAR\nEND:VCALENDAR\n' },
    good: { ...interval('{ calendar: days.ics }'), 'days.ics': CALENDAR },
  },
  'config/time-interval-never': {
    bad: interval("{ months: [february], days_of_month: ['30'] }"),
    good: interval("{ months: [february], days_of_month: ['29'] }"),
  },
  'config/mutual-inhibition': {
    bad: inhibited('alertname=b', 'alertname=a'),
    good: inhibited('alertname=b', 'alertname=c'),
  },
  'config/unreached-route': {
    bad: routed(
      "[{ matchers: ['severity=~\"warning|info\"'] }, { matchers: ['severity=warning', 'team=x'] }]",
      counted('labels: { team: x }'),
    ),
    good: routed(
      "[{ matchers: ['severity=warning', 'team=x'] }, { matchers: ['severity=~\"warning|info\"'] }]",
      counted('labels: { team: x }'),
    ),
  },
  'config/no-rule-matches': {
    bad: routed("[{ matchers: ['severity=critical'] }]", counted()),
    good: routed("[{ matchers: ['severity=critical'] }]", counted('labels: { severity: critical }')),
  },
  'config/unused-receiver': {
    bad: named('team'),
    good: { ...named('team'), 'rules/b.yaml': counted('receivers: [pager]').replace('name: a', 'name: b') },
  },
  'config/no-destination': {
    bad: alone('receivers: [{ name: team }]', 'route: { receiver: team }'),
    good: alone('receivers: [{ name: team, console_configs: [{}] }]', 'route: { receiver: team }'),
  },
  'config/unknown-label': {
    bad: routed("[{ matchers: ['tema=x'] }]", counted('labels: { team: x }')),
    good: routed("[{ matchers: ['team=x'] }]", counted('labels: { team: x }')),
  },
  'config/unknown-value': {
    bad: routed("[{ matchers: ['team=shpop'] }]", counted('labels: { team: shop }')),
    good: routed("[{ matchers: ['team=shop'] }]", counted('labels: { team: shop }')),
  },
  'config/duplicate-receiver': {
    bad: alone('receivers: [{ name: a, console_configs: [{}] }, { name: a }]', 'route: { receiver: a }'),
    good: alone('receivers: [{ name: a, console_configs: [{}] }]'),
  },
  'config/duplicate-destination': {
    bad: alone('receivers: [{ name: a, console_configs: [{ name: x }, { name: x }] }]'),
    good: alone('receivers: [{ name: a, console_configs: [{ name: x }, { name: y }] }]'),
  },
  'policy/label': {
    bad: policy('{ labels: { team: { values: [shop, todo] } } }', counted('labels: { team: shpo }')),
    good: policy('{ labels: { team: { values: [shop, todo] } } }', counted('labels: { team: shop }')),
  },
  'policy/owner': {
    bad: policy('{ owner: [team, owner] }', counted()),
    good: policy('{ owner: [team, owner] }', counted('labels: { owner: x }')),
  },
  'policy/description': {
    bad: policy('{ require: [description] }', counted()),
    good: policy('{ require: [description] }', counted('description: counts')),
  },
  'policy/runbook': {
    bad: policy('{ require: [runbook] }', counted()),
    good: policy('{ require: [runbook] }', counted('message: { runbook: "https://a/b" }')),
  },
  'policy/test': {
    bad: policy('{ require: [test] }', counted()),
    good: {
      ...policy('{ require: [test] }', counted()),
      'rules/a.test.yaml': 'index: logs-a\ntests:\n  - name: quiet\n    documents: []\n    checks: [{ at: 5m, alerts: none }]\n',
    },
  },
  'policy/name': { bad: policy("{ name: '[a-z]{2,}' }", counted()), good: policy("{ name: '[a-z]+' }", counted()) },
  'policy/severity': {
    bad: policy('{ severities: [page, ticket] }', counted()),
    good: policy('{ severities: [page, ticket] }', counted('labels: { severity: page }')),
  },
  'policy/every': { bad: policy('{ every: { min: 5m } }', counted()), good: policy('{ every: { min: 30s } }', counted()) },
  'policy/window': { bad: policy('{ window: { max: 1m } }', counted()), good: policy('{ window: { max: 10m } }', counted()) },
  'lint/bad-ignore': {
    bad: counted('window: 1m # tocsin:ignore rule/window-gap', 'every: 5m'),
    good: counted('window: 1m # tocsin:ignore rule/window-gap only a sample is looked at', 'every: 5m'),
  },
  'lint/unwritable': {
    bad: { 'rules/a.yaml': { link: 'b.txt' }, 'rules/b.txt': useless },
    good: { 'rules/a.yaml': useless },
    words: ['--fix'],
  },
  'lint/unused-ignore': {
    bad: counted(
      '# tocsin:ignore rule/window-gap only a sample',
      'window: 5m # tocsin:ignore rule/never it is a demo',
      '# a word',
      'every: 5m',
    ),
    good: counted('# tocsin:ignore rule/window-gap only a sample', 'window: 1m', 'every: 5m'),
    fixed: counted('window: 5m', '# a word', 'every: 5m'),
  },
};
