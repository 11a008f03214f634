import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BothBackends, bothBackends } from '../support/rule-tests-on-both.ts';

let both: BothBackends;
beforeAll(() => {
  both = bothBackends();
});
afterAll(() => both.close());

const MAPPING =
  '{ properties: { "@timestamp": { type: date }, host: { type: keyword }, end: { type: date }, day: { type: date, format: yyyyMMdd }, labels: { type: flattened }, port: { type: long } } }';
const DOCUMENT = '{ host: a, end: "2026-03-01T00:00:00Z", day: "20260301", port: 80, labels: { app: x, zone: y } }';
const tests = (check: string) =>
  `index: w\ntests:\n  - name: t\n    mapping: ${MAPPING}\n    documents:\n      - { at: 0s, repeat: 6, every: 5s, document: ${DOCUMENT} }\n    checks:\n      - ${check}\n`;
const rule = (keys: string) => `name: r\nindex: w\ndelay: 0s\nwindow: 1m\n${keys}\n`;

async function problemsOf(keys: string): Promise<{ memory: string; cluster: string }> {
  const { memory, cluster } = await both.failures(rule(keys), tests('{ at: 1m, alerts: none }'));
  return { memory: memory.join('\n'), cluster: cluster.join('\n') };
}

describe('a date that a condition takes for a number', () => {
  test.each([
    ['end', 'type: threshold\nmetrics: { e: { last: end } }\ncondition: e < 5'],
    ['day', 'type: threshold\nmetrics: { e: { last: day }, n: { count: "*" } }\ncondition: n > 0\nrecover: e > 5'],
    ['end', 'type: spike\nreference: { offset: 1m }\nmetrics: { e: { last: end } }\ncondition: current > reference'],
  ])('is a named problem: last of %s', async (field, keys) => {
    const words = `is the last value of ${field}, which is a date, not a number`;
    const { memory, cluster } = await problemsOf(keys);
    expect(memory).toContain(words);
    expect(cluster).toContain(words);
  });

  test.each(['e != ""', 'n > 0'])('is none where it is declared as text, or shown alone: %s', async (condition) => {
    const as = condition.startsWith('e') ? ', as: string' : '';
    const keys = `type: threshold\nmetrics: { e: { last: end${as} }, n: { count: "*" } }\ncondition: ${condition}`;
    const check = '{ at: 1m, alerts: [{ values: { n: 6 } }] }';
    expect(await both.failures(rule(keys), tests(check))).toEqual({ memory: [], cluster: [] });
  });
});

test.each(['end', 'day'])('the greatest %s is computed with as a number, and read as a date', async (field) => {
  const keys = `type: threshold\nmetrics: { e: { max: ${field} }, p: { max: port } }\ncondition: e > 0 && p > 0`;
  const check = '{ at: 1m, exactly: true, alerts: [{ values: { e: "2026-03-01T00:00:00.000Z", p: 80 } }] }';
  expect(await both.failures(rule(keys), tests(check))).toEqual({ memory: [], cluster: [] });
});

describe('a key of a flattened object', () => {
  test.each([['beside another field', 'type: frequency\ngroup_by: [host, labels.app]\ncondition: count >= 1']])(
    '%s is a named problem, as Elasticsearch counts it for each of its keys',
    async (_name, keys) => {
      const words = 'labels.app is a key of labels, which is flattened';
      const { memory, cluster } = await problemsOf(keys);
      expect(memory).toContain(words);
      expect(cluster).toContain(words);
    },
  );

  test('alone is counted right', async () => {
    const keys = 'type: frequency\ngroup_by: [labels.app]\ncondition: count >= 1';
    const check = '{ at: 1m, exactly: true, alerts: [{ group: { labels.app: x }, values: { count: 6 } }] }';
    expect(await both.failures(rule(keys), tests(check))).toEqual({ memory: [], cluster: [] });
  });
});
