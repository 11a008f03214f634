import { describe, expect, it, test } from 'vitest';
import { compileRules } from '../../../src/rules/load-rules.ts';
import { lateness } from '../../bench/engines/lateness.ts';
import { isNewEnough } from '../../bench/engines/python.ts';
import { elastalertRule, type Question, tocsinRule } from '../../bench/engines/question.ts';
import { peakOfStatus, ticksOfStat } from '../../bench/process/proc.ts';
import { histogramQuantile, readMetrics, total } from '../../bench/report/metrics-text.ts';
import { cpu, mean, median, quantile, ratio } from '../../bench/report/numbers.ts';
import { refreshed } from '../../bench/report/page.ts';
import { markdownTable } from '../../bench/report/table.ts';

describe('what the system says of a process', () => {
  it('CPU time is its own and that of its ended children, whatever its name', () => {
    const stat = '42 (a b) (c)) S 1 42 42 0 -1 4194304 100 200 0 0 7 5 3 2 20 0 11 0 100 1000 50';
    expect(ticksOfStat(stat)).toBe(7 + 5 + 3 + 2);
  });

  it('peak memory is the line VmHWM', () => {
    expect(peakOfStatus('Name:\tnode\nVmHWM:\t    2048 kB\nVmRSS:\t 1024 kB\n')).toBe(2 * 2 ** 20);
  });

  it.each([
    ['a stat', () => ticksOfStat('nothing')],
    ['a status', () => peakOfStatus('Name: node')],
  ])('what is not %s is refused', (_name, read) => {
    expect(read).toThrow('this is no /proc/PID/');
  });
});

describe('a text of metrics', () => {
  const text = (fast: number, slow: number) => `# HELP x y
x_total{type="a b",outcome="evaluated"} 3
x_total{type="c",outcome="failed"} 4
lag_bucket{le="1"} ${fast}
lag_bucket{le="5"} ${fast + slow}
lag_bucket{le="+Inf"} ${fast + slow}
`;

  it('gives counters by their labels, or all of them', () => {
    const samples = readMetrics(text(0, 0));
    expect([total(samples, 'x_total'), total(samples, 'x_total', { outcome: 'evaluated' })]).toEqual([7, 3]);
  });

  it.each([
    ['the bucket that holds it', 60, 40, 0.5, 1],
    ['the next when it lies beyond', 40, 60, 0.5, 5],
    ['the last one with anything', 0, 100, 0.99, 5],
    ['nothing when nothing came', 0, 0, 0.5, Number.NaN],
  ])('gives of a quantile %s', (_name, fast, slow, q, expected) => {
    expect(histogramQuantile(readMetrics(text(7, 3)), readMetrics(text(7 + fast, 3 + slow)), 'lag', q)).toBe(expected);
  });
});

test('an evaluation is late by what lies beyond the interval since the one before of its rule, if that was in time to count', () => {
  const evaluations = [
    { rule: 'a', at: 0 },
    { rule: 'b', at: 1_000 },
    { rule: 'a', at: 62_000 },
    { rule: 'b', at: 60_000 },
    { rule: 'a', at: 200_000 },
  ];
  expect(lateness(evaluations, 60, 50_000, 100_000)).toEqual([2, 0]);
});

test.each([
  ['3.12.1', true],
  ['3.13.0', true],
  ['4.0.0', true],
  ['3.11.9', false],
  ['2.7.18', false],
])('Python %s is new enough: %s', (version, expected) => {
  expect(isNewEnough(version)).toBe(expected);
});

test('numbers for people', () => {
  expect([median([3, 1, 2]), median([4, 1]), quantile([1, 2, 3, 4], 0.99), median([])]).toEqual([2, 4, 4, Number.NaN]);
  expect([mean([3, 1, 5]), mean([])]).toEqual([3, Number.NaN]);
  expect([ratio(10, 4), ratio(100, 4), ratio(1, 0), ratio(Number.NaN, 1)]).toEqual(['2.5×', '25×', '–', '–']);
  expect([cpu(12.4), cpu(999.6), cpu(1_234), cpu(Number.NaN)]).toEqual(['12 ms', '1.00 s', '1.23 s', '–']);
});

test('a table stands in columns, the numbers to the right', () => {
  expect(markdownTable(['what', 'n'], [['a', '10']])).toBe('| what |   n |\n|------|----:|\n| a    |  10 |');
});

describe('a page', () => {
  const page = 'a\n<!-- bench x -->\nold\n<!-- end -->\nb\n<!-- bench y -->\nkept\n<!-- end -->\n';

  it('gets a new table in its place, and only there', () => {
    expect(refreshed(page, 'x', 'new')).toBe(page.replace('old', 'new'));
  });

  it('without the place is refused', () => {
    expect(() => refreshed(page, 'z', 'new')).toThrow('no place for the table “z”');
  });
});

test.each<Question>([
  { kind: 'errors', name: 'a', service: 's', atLeast: 5 },
  { kind: 'by pod', name: 'b', status: 200, atLeast: 5 },
  { kind: 'p95', name: 'c', service: 's', above: 5 },
])('the question $kind is a rule that loads without a warning, and the other engine gets the same', (question) => {
  const setting = { index: 'logs', every: 60, hook: 'http://127.0.0.1/' };
  const { rules, problems } = compileRules([{ file: 'rule.yaml', text: tocsinRule(question, setting) }]);
  expect([problems, rules.map(({ name }) => name)]).toEqual([[], [question.name]]);
  expect(elastalertRule(question, setting)).toContain(`name: ${question.name}\n`);
});
