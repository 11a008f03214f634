import { describe, expect, test } from 'vitest';
import { linesOf, ruleOf } from './rule-files.ts';

const threshold = (metrics: string, condition = 'm > 1') =>
  `name: r\ntype: threshold\nindex: a\nmetrics: { m: ${metrics} }\ncondition: ${condition}\n`;

describe('how the values of a rule are shown', () => {
  test.each([
    ['{ max: kubernetes.container.memory.usage.bytes }', { unit: 'bytes' }],
    ['{ max: kubernetes.container.memory.usage.bytes, unit: mebibytes, label: memory }', { unit: 'mebibytes', label: 'memory' }],
    ['{ p95: took, unit: ms }', { unit: 'milliseconds' }],
    ['{ sum: orders, unit: orders/min }', { unit: 'orders/min' }],
    ['{ avg: load }', { field: 'load' }],
    ['{ count: "*" }', { counts: true }],
    ['{ cardinality: user.bytes }', { counts: true }],
    ['{ increase: network.in.bytes, by: host }', { unit: 'bytes' }],
  ])('threshold %s', (metric, shown) => {
    expect(ruleOf(threshold(metric)).measures).toEqual({ m: shown });
  });

  test('the columns of ES|QL', () => {
    const text = `name: r\ntype: esql\nindex: a\nesql: "| STATS x = AVG(y), p95_ms = MAX(z), s = COUNT(*)"
variables: { x: { unit: bytes, label: heap }, p95_ms: number, s: { type: string } }\ncondition: x > 1 && p95_ms > 1 && s == "a"\n`;
    expect(ruleOf(text).measures).toEqual({ x: { unit: 'bytes', label: 'heap' }, p95_ms: { unit: 'milliseconds' }, s: {} });
  });

  test.each([
    ['| STATS n = COUNT(*) BY host', true],
    ['| STATS a = MAX(b), n = count_distinct(user.id, 100) BY host', true],
    ['| STATS n = COUNT(*) WHERE x == "n = 1", a = MAX(b) BY host // n = 2', true],
    ['| STATS n = COUNT(*)\n| WHERE n >= 20', true],
    ['| STATS n = COUNT(*) / 5 BY host', false],
    ['| STATS n = COUNT(*) BY host | EVAL n = n * 100', false],
    ['| STATS a = COUNT(*) BY host | EVAL n = a / 2', false],
    ['| STATS n = MAX(x) BY host /* n = COUNT(*) */', false],
    ['| STATS other.n = COUNT(*), xn = COUNT(*) BY host', false],
  ])('a column of esql that only ever holds a count is one: %s', (commands, counts) => {
    const text = `name: r\ntype: esql\nindex: a\nesql: ${JSON.stringify(commands)}\nvariables: { n: number }\ncondition: n > 1\n`;
    expect(ruleOf(text).measures).toEqual({ n: counts ? { counts } : {} });
  });

  test('a spike, by its metric', () => {
    const text =
      'name: r\ntype: spike\nindex: a\nmetrics: { sent: { sum: network.bytes } }\ncondition: current > 3 * reference\n';
    expect(ruleOf(text).measures).toEqual({
      current: { unit: 'bytes', label: 'sent' },
      reference: { unit: 'bytes', label: 'sent before' },
    });
  });

  test.each([
    ['{ max: x, unit: "" }', 'metrics.m.unit'],
    ['{ max: x, unit: 7 }', 'metrics.m.unit'],
    [`{ max: x, label: ${'x'.repeat(61)} }`, 'metrics.m.label'],
    ['{ unit: bytes }', 'metrics.m'],
  ])('%s is a problem', (metric, place) => {
    expect(linesOf(threshold(metric)).join('\n')).toContain(place);
  });

  test('say nothing about when it is bad: the rule is the same without them', () => {
    const definitions = [threshold('{ max: x }'), threshold('{ max: x, unit: bytes, label: y }')].map(
      (text) => ruleOf(text).definition,
    );
    expect(new Set(definitions).size).toBe(1);
    expect(ruleOf(threshold('{ min: x }')).definition).not.toBe(definitions[0]);
  });
});

describe('what a message may have', () => {
  const rule = (message: string) =>
    `name: r\ntype: frequency\nindex: a\ngroup_by: [host.name]\ncondition: count > 1\nmessage: ${message}\n`;

  test('links, by their labels and in their order', () => {
    const { links } = ruleOf(rule(`{ links: { B: "https://b/{{ group['host.name'] }}", A: "https://a" } }`)).message;
    expect(links?.map(({ label, url }) => [label, url.render({ group: { 'host.name': 'x' } })])).toEqual([
      ['B', { ok: true, text: 'https://b/x' }],
      ['A', { ok: true, text: 'https://a' }],
    ]);
  });

  test('a time zone; without one, that of its schedule', () => {
    expect(ruleOf(rule('{ timezone: Asia/Tokyo }')).timezone).toBe('Asia/Tokyo');
    expect(
      ruleOf('name: r\ntype: frequency\nindex: a\ncondition: count > 1\nschedule: "0 8 * * *"\ntimezone: Asia/Tokyo\n').timezone,
    ).toBe('Asia/Tokyo');
  });

  test.each([
    ['{ links: { A: "ftp://a" } }', 'message.links.A: expected a URL'],
    ['{ links: { A: "https://{{ nothing }}" } }', 'message.links.A: unknown variable `nothing`'],
    ['{ links: {} }', 'message.links'],
    ['{ timezone: Mars }', 'message.timezone: unknown time zone `Mars`'],
    ['{ text: "{{ document.user }}, {{ mention.x }}, {{ documents }}" }', 'unknown variable `documents`'],
  ])('%s is a problem', (message, problem) => {
    expect(linesOf(rule(message)).join('\n')).toContain(problem);
  });

  test('fields of the newest document, and mentions, under any name', () => {
    expect(linesOf(rule(`{ text: '{{ document["user.name"] }} {{ document.message }} {{ mention.oncall }}' }`))).toEqual([]);
  });
});
