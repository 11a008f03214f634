import { describe, expect, test } from 'vitest';
import { habitOf } from '../../../src/rules/habits.ts';
import { ELASTALERT2_KEYS, ELASTALERT2_TYPES } from './elastalert2-keys.ts';
import { compileText, frequency, linesOf, ruleOf } from './rule-files.ts';

describe('what people write who come from ElastAlert2', () => {
  test.each([
    ['any', 'type: match'],
    ['blacklist', 'type: match'],
    ['whitelist', 'type: match'],
    ['cardinality', 'cardinality: FIELD'],
    ['metric_aggregation', 'type: threshold'],
    ['spike_aggregation', 'type: spike'],
    ['percentage_match', 'bad / total'],
  ])('the type %s is named with the one that does it here', (type, expected) => {
    expect(linesOf(`name: a\ntype: ${type}\nindex: a\n`)).toEqual([expect.stringContaining(expected)]);
  });

  test.each([
    ['slack_webhook_url', 'slack_configs'],
    ['alert_text', 'message: { text: … }'],
    ['include', 'evidence: { fields'],
    ['top_count_keys', 'evidence: { top'],
    ['priority', 'labels: { severity'],
    ['realert', 'repeat_interval'],
    ['exponential_realert', 'repeat_interval'],
    ['aggregation', 'group_wait'],
    ['query_delay', 'delay'],
    ['buffer_time', 'window'],
    ['use_strftime_index', '`index`: a pattern'],
    ['es_host', '`elasticsearch` of tocsin.yaml'],
    ['kibana_discover_version', 'kibana: { url'],
    ['http_post_url', 'webhook_configs'],
    ['pagerduty_service_key', 'docs/destinations.md'],
    ['alerta_api_url', 'http_configs'],
    ['smtp_host', 'email_configs'],
    ['metric_agg_key', 'metrics: { value'],
    ['min_percentage', 'condition'],
    ['run_every', 'every'],
    ['receiver', 'receivers: [NAME]'],
    ['annotations', 'message: { title'],
  ])('the key %s has a hint of one line', (key, expected) => {
    const [line = '', ...more] = linesOf(frequency(`${key}: x`));
    expect(more).toEqual([]);
    expect(line).toContain(expected);
    expect(line.length).toBeLessThan(240);
  });

  test.each([
    ['frequency', 'alert: Down\nexpr: up == 0', '`name`'],
    ['frequency', 'alert: [slack]', '`receivers: [NAME]`'],
    ['frequency', 'num_events: 50', '`condition: count >= 50`'],
    ['frequency', 'timeframe: { minutes: 5 }', '`window: 5m`'],
    ['frequency', 'timeframe: { hours: 1, minutes: 30 }', '`window: 1h30m`'],
    ['frequency', 'realert: { hours: 4 }', '`repeat_interval: 4h`'],
    ['frequency', 'query_key: [host.name, user.name]', '`group_by: [host.name, user.name]`'],
    ['frequency', 'filter: [{ range: { status: { gte: 500 } } }]', '`query: { dsl: { bool: { filter: [ … ] } } }`'],
    ['frequency', 'filter: [{ term: { a: b } }, { query_string: { query: x } }]', '`query: { dsl: '],
    ['frequency', 'filter: [{ query: { query_string: { query: "level:ERROR" } } }]', '`query: { lucene: … }`'],
    ['flatline', 'threshold: 1', '`condition: count < 1`'],
    ['flatline', 'threshold: 20', '`condition: count < 20`'],
    ['flatline', 'forget_keys: true', '`forget_after: '],
    ['metric_aggregation', 'max_threshold: 0.9', '`condition: value > 0.9`'],
    ['metric_aggregation', 'min_threshold: 3', '`condition: value < 3`'],
    ['cardinality', 'max_cardinality: 10', '`condition: distinct > 10`'],
    ['percentage_match', 'max_percentage: 7', '`condition: bad / total > 0.07`'],
    ['spike', 'spike_height: 4', '`condition: current >= 4 * reference`'],
    ['spike', 'spike_height: 2\nspike_type: down\nthreshold_ref: 30', '`condition: current * 2 <= reference && reference >= 30`'],
    [
      'spike',
      'spike_height: 3\nspike_type: both\nthreshold_cur: 9',
      '(current >= 3 * reference || current * 3 <= reference) && current >= 9`',
    ],
  ])('of a rule of type %s the key %j is written with what it holds', (type, keys, expected) => {
    const [key = ''] = keys.split(':');
    const line = linesOf(`name: a\ntype: ${type}\nindex: a\n${keys}\n`).find((one) => one.includes(`unknown key "${key}"`));
    expect(line).toContain(`(in Tocsin: ${expected.startsWith('(') ? '`condition: ' : ''}${expected}`);
  });

  test('what a rule holds is shown again only where it is a number, a time or the name of a field', () => {
    const lines = linesOf(frequency('query_key: "s3cret: value"', 'num_events: "s3cret"', 'timeframe: { s3cret: 1 }'));
    expect(lines.join('\n')).not.toContain('s3cret');
  });

  test('every key of its rules is one here as well, or has a hint of its own', () => {
    expect(ELASTALERT2_KEYS.length).toBeGreaterThan(540);
    expect(ELASTALERT2_KEYS.filter((key) => habitOf(key) === undefined)).toEqual(['field', 'index', 'name', 'type']);
    for (const key of ELASTALERT2_KEYS.filter((one) => habitOf(one) !== undefined)) {
      const [line = '', ...more] = linesOf(frequency(`${key}: x`));
      expect(more).toEqual([]);
      expect(line, key).toMatch(/\((?:in Tocsin: |leave it out|not supported|remove it)/);
    }
  });

  test.each(ELASTALERT2_TYPES)('the type %s of its rules is one here as well, or has a hint of its own', (type) => {
    const lines = linesOf(`name: a\ntype: ${type}\nindex: a\n`);
    const unknown = lines.filter((line) => line.includes('unknown rule type'));
    expect(unknown.filter((line) => line.includes('known are') || line.includes('did you mean'))).toEqual([]);
    expect(unknown.length).toBe(['change', 'frequency', 'spike', 'flatline', 'new_term'].includes(type) ? 0 : 1);
  });

  test('a key that nobody has is known by none', () => expect(habitOf('frobnicate')).toBeUndefined());

  test('a misspelt name is one mistake, also where the type is unknown', () => {
    const lines = linesOf('nmae: x\ntype: any\nindex: a\n');
    expect(lines[0]).toContain('did you mean "name"?');
    expect(lines.filter((line) => line.includes('"name" is missing'))).toEqual([]);
  });
});

describe('names of rules', () => {
  test.each(['Zahlung fehlgeschlagen (EU)', '[shop] 5xx > 5 %', 'a/b #1: "x" & y', 'größer', '支払い', 'fire 🔥', "it's $HOME"])(
    '%s',
    (name) => {
      expect(ruleOf(frequency().replace('name: sample', `name: ${JSON.stringify(name)}`)).name).toBe(name);
    },
  );

  test.each([' a', 'a ', 'a\nb', 'a\u202eb', 'a\u200bb', ''])('but not %j', (name) => {
    expect(linesOf(frequency().replace('name: sample', `name: ${JSON.stringify(name)}`))).toEqual([
      expect.stringMatching(/^1:7 name: /),
    ]);
  });
});

describe('advice', () => {
  test('an exact frequency has no gaps between its windows', () => {
    expect(linesOf(frequency('window: 1m', 'every: 5m'))).toEqual([expect.stringContaining('shorter than the interval of')]);
    expect(linesOf(frequency('window: 1m', 'every: 5m', 'exact: true'))).toEqual([]);
  });

  test.each([
    ['count => 5', '`=>` is not an operator of CEL (use `>=`)'],
    ['count =< 5', 'use `<=`'],
    ['count <> 5', 'use `!=`'],
    ['count > 5% and count < 9', 'write 0.05; and `&&` in place of `and`'],
    ['count > 2.5%', 'write 0.025'],
  ])('a condition such as %s says what it is here', (condition, expected) => {
    expect(linesOf(frequency().replace('count > 5', condition))).toEqual([expect.stringContaining(expected)]);
  });

  test.each([
    ['count ≥ 5', 'use `>=`'],
    ['count gt 5', 'use `>`'],
    ['count > 1k', 'write 1000'],
    ['count > 2MiB', 'write 2097152'],
    ['count > 5m', 'a length of time is a number in the unit of its field'],
    ['count > 1,000', 'write 1000, not 1,000'],
    ['count > .5', 'write 0.5, not .5'],
    ['$count > 5', 'write the name alone'],
    ['not count > 5', 'use `!( … )`'],
    ['count between 1 and 5', 'count >= 1 && count <= 5'],
    ['{{ count }} > 5', 'without braces'],
  ])('a condition of another language, %s, says what it is here', (condition, expected) => {
    expect(linesOf(frequency().replace('count > 5', JSON.stringify(condition)))).toEqual([expect.stringContaining(expected)]);
  });

  test.each([
    ['Issue {0} occurred', '{{ count }}'],
    ['Host {0[host.name]}', '{{ count }}'],
    ['%s failed', '{{ count }}'],
    ['%(host)s failed', "{{ group['host.name'] }}"],
    ['{count} errors', '(in Liquid: {{ count }})'],
    [`$\{count} errors`, '(in Liquid: {{ count }})'],
    ['$count errors', '(in Liquid: {{ count }})'],
    ['{{{ count }}} errors', 'Liquid uses double braces'],
    ['{{ $labels.team }}', 'omit the dollar sign'],
    ['{{#each hits}}x{{/each}}', '{% for … in … %}'],
    ['{{ count } errors', 'close it with }}'],
    ['{% if count > 5 %}many', '{% endif %}'],
    ['{{ count + 1 }}', 'plus: 1'],
    ['{{ ctx.payload.hits.total }}', 'by their names'],
    ['{{ match.host.name }}', "{{ document['host.name'] }}"],
  ])('a text such as %s says how Liquid has it', (text, expected) => {
    for (const key of ['title', 'text', 'resolved_title'])
      expect(linesOf(frequency(`message: { ${key}: ${JSON.stringify(text)} }`)), key).toEqual([
        expect.stringContaining(expected),
      ]);
  });

  test('a field of group_by that is written as a variable says where it is', () => {
    const lines = linesOf(frequency('group_by: [host.name]', 'message: { title: "{{ host.name }} fails" }'));
    expect(lines).toEqual([expect.stringContaining("write {{ group['host.name'] }}")]);
  });

  test.each([
    '{"a": {"count": {{ count }}}}',
    '100% sure, 5 %',
    `a{3} {x} $HOME $\{HOME}`,
    '{% raw %}{{ x }}{% endraw %}',
    '%Y-%m',
  ])('and %s is a text', (text) => expect(linesOf(frequency(`message: { title: ${JSON.stringify(text)} }`))).toEqual([]));

  test.each([
    ['logstash-%Y.%m.%d', 'error', 'write logstash-*'],
    ['[metrics-*, "logs-%Y-%m"]', 'error', 'write logs-*'],
    ['"logs-%{+yyyy.MM.dd}"', 'error', 'write logs-*'],
    ['eu:logs-yyyy.MM.dd', 'error', 'write eu:logs-*'],
    ['"<logs-{now/d}>"', 'warning', 'write logs-*'],
    ['"<logs-{now/d{yyyy.MM}}-x>"', 'warning', 'write logs-*-x'],
  ])('an index such as %s is a pattern here', (index, severity, expected) => {
    const problems = compileText(frequency().replace('logs-*', index)).problems;
    expect(problems).toEqual([
      expect.objectContaining({ code: 'rule/index-date', severity, hint: expect.stringContaining(expected) }),
    ]);
  });

  test.each(['logs-2024.01.01', 'logs-*-2024', 'logs-mm', '"*"'])('and %s is an index', (index) => {
    expect(linesOf(frequency().replace('logs-*', index))).toEqual([]);
  });

  test.each([
    ['status=500', 'write status: 500'],
    ['level!=ERROR', 'write not level: ERROR'],
    ['a:1 & b:2', 'write and in place of &'],
    ['a:{1 TO 5}', 'a > 1 and a < 5'],
    ['a:[500 TO *}', 'a >= 500'],
    ['a:["x" TO "y"]', 'a >= "x" and a <= "y"'],
    ['a:1 -b:2', 'and not b: …'],
    ['a in (1, 2)', 'a: (1 or 2)'],
    ['a:[500, 501]', 'a: (500 or 501)'],
    ['a:/x.*/', 'query: { lucene:'],
    ['a=~"x.*"', 'query: { lucene: … }'],
    ['a is null', 'not a: *'],
    ['{"term":{"a":1}}', 'query: { dsl: { … } }'],
    ['a >= 1 and <= 5', 'name the field again'],
    ['FROM logs-* | WHERE a >= 1', 'type: esql'],
  ])('a query of another language, %s, says how KQL has it', (query, expected) => {
    expect(linesOf(frequency(`query: ${JSON.stringify(query)}`))).toEqual([expect.stringContaining(expected)]);
  });

  test.each([
    ['a:1 && b:2', 'write and in place of &&'],
    ['a:1 || b:2', 'write or in place of ||'],
    ['status="500"', 'joined by a colon'],
    ['status = 500', 'warning: KQL searches for the word `=`'],
    ['a:1 and level == ERROR', 'warning: KQL searches for the word `==`'],
    ['status:[500 TO 599]', 'status >= 500 and status <= 599'],
    ['status:[500 TO *]', '(status >= 500)'],
    ['a:1 and !b:2', 'write not b: …'],
    ['_exists_:trace.id', 'trace.id: *'],
    ['a:(1,2)', 'write a: (1 or 2)'],
    ['a: 1, 2, 3', 'write a: (1 or 2 or 3)'],
    ['a:(error, warn)', 'write a: (error or warn)'],
    ['level:error|warn', 'write level: (error or warn)'],
    ['b: 1 and not level: (error|warn)', 'write level: (error or warn)'],
    ['a:x~', 'query: { lucene:'],
    ['a:x~2', 'query: { lucene:'],
    ['a:x^3', 'query: { lucene:'],
    ['a between 1 and 5', 'write a >= 1 and a <= …'],
    ['a: between 1 and 5', 'write a >= 1 and a <= …'],
    ['b: 2 or a BETWEEN 1 and 5', 'write a >= 1 and a <= …'],
  ])('a query such as %s says how KQL has it', (query, expected) => {
    expect(linesOf(frequency(`query: '${query}'`))).toEqual([expect.stringContaining(expected)]);
  });

  test.each([
    'message: "a = b"',
    'message: "&&"',
    'url.path: /todos/ and a-b: c',
    'a: [1]',
    'a: "1,2"',
    'a: "x|y"',
    'user.name: ~root',
    'between and 5',
  ])('and %s is KQL', (query) => {
    expect(linesOf(frequency(`query: '${query}'`))).toEqual([]);
  });
});
