import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatProblem } from '../../../src/core/problems.ts';
import { printJson } from '../../../src/reports/json.ts';
import { readTestFile } from '../../../src/rule-tests/read-test-file.ts';
import { ruleTestSchema } from '../../../src/rule-tests/schema.ts';
import { HOSTILE_YAML } from '../yaml/hostile-yaml.ts';

const fixtures = join(import.meta.dirname, '..', '..', 'fixtures', 'rule-tests');

function bad(name: string): readonly string[] {
  const read = readTestFile({ file: name, text: readFileSync(join(fixtures, 'bad', name), 'utf8') });
  expect(read.ok).toBe(false);
  expect(read.problems.filter(({ code }) => !code.startsWith('rule-test/'))).toEqual([]);
  return read.problems.map(formatProblem);
}

const START = Date.parse('2026-01-01T00:00:00.000Z');
const MINUTE = 60_000;

function good(text: string) {
  const read = readTestFile({ file: 'rules/stub.test.yaml', text });
  if (!read.ok) throw new Error(read.problems.map(formatProblem).join('\n'));
  return read.value;
}

function one(text: string) {
  const [found] = good(text).tests;
  if (found === undefined) throw new Error('no test');
  return found;
}

const CHECKS = 'checks: [{ at: 1m, alerts: none }]';

describe('a rule test file', () => {
  test.each(readdirSync(join(fixtures, 'bad')))('%s is refused with every problem and its place', (name) => {
    expect(bad(name).join('\n')).toMatchSnapshot();
  });

  test('is about the rule file beside it, unless it names others', () => {
    expect(good(`tests: [{ name: a, ${CHECKS} }]`).rules).toEqual(['rules/stub.yaml']);
    expect(good(`rules: ../other.yaml\ntests: [{ name: a, ${CHECKS} }]`).rules).toEqual(['other.yaml']);
    expect(good(`rules: [a.yaml, /b.yaml]\ntests: [{ name: a, ${CHECKS} }]`).rules).toEqual(['rules/a.yaml', '/b.yaml']);
  });

  test('repeats documents in time, for every combination of values', () => {
    const { documents } = one(`
tests:
  - name: a
    start: 2026-01-01T00:00:00Z
    documents:
      - { at: [0s, -1h], repeat: 2, every: 30s, for_each: { a: [1, 2], b: [x, y] }, arrives_after: 2m, index: logs, document: { c: 3 } }
    ${CHECKS}`);
    expect(documents).toMatchObject([
      {
        kind: 'generated',
        index: 'logs',
        arrivesAfter: 2 * MINUTE,
        source: { c: 3 },
        times: [START, START + 30_000, START - 60 * MINUTE, START - 60 * MINUTE + 30_000],
        variants: [
          { a: 1, b: 'x' },
          { a: 1, b: 'y' },
          { a: 2, b: 'x' },
          { a: 2, b: 'y' },
        ],
      },
    ]);
  });

  test('gives fields a time after or before that of the document', () => {
    const { documents } = one(`
tests:
  - name: a
    documents: [{ times: { event.ingested: 20s, event.start: -3s }, document: { c: 3 } }]
    ${CHECKS}`);
    expect(documents).toMatchObject([{ source: { c: 3 }, offsets: { 'event.ingested': 20_000, 'event.start': -3_000 } }]);
  });

  test('shares documents, index, mapping, start and route among its tests, which may say otherwise', () => {
    const file = good(`
start: 2026-03-01T10:00:00Z
index: shared
documents: [{ document: { a: 1 } }]
tests:
  - { name: a, ${CHECKS} }
  - { name: b, start: 2026-01-01T00:00:00Z, index: own, documents: [{ document: { b: 1 } }], ${CHECKS} }`);
    expect(file.tests.map(({ start, documents }) => [start, documents.map(({ index }) => index)])).toEqual([
      [Date.parse('2026-03-01T10:00:00Z'), ['shared']],
      [START, ['own', 'own']],
    ]);
  });

  test.each([
    ['none', true, 0],
    ['[]', true, 0],
    ['[{ status: firing }]', false, 1],
  ])('%s is read as a list that is whole: %s', (alerts, exactly, items) => {
    const { checks } = one(`tests: [{ name: a, checks: [{ at: 1m, alerts: ${alerts} }] }]`);
    expect(checks[0]?.alerts).toMatchObject({ exactly, items: { length: items } });
  });

  test('reads a time of the calendar too', () => {
    const { checks } = one('tests: [{ name: a, checks: [{ at: 2026-01-01T00:05:00Z, alerts: none }] }]');
    expect(checks[0]?.at).toBe(START + 5 * MINUTE);
  });
});

describe('a hostile rule test file is refused in bounded time', () => {
  const MANY = (entry: string) => () => `tests: [{ name: a, checks: [${entry.repeat(5_000)}] }]`;

  test.each(HOSTILE_YAML)('%s', (_name, text, said) => {
    const { ok, problems } = readTestFile({ file: 'f', text: text() });
    expect(ok).toBe(false);
    expect(problems.map(formatProblem)[0]).toContain(said);
    expect(problems.filter(({ code }) => !code.startsWith('rule-test/'))).toEqual([]);
  });

  test.each([
    ['unknown keys', () => Array.from({ length: 5_000 }, (_, i) => `k${i}: 1`).join('\n')],
    ['checks that are none', MANY('[],')],
    ['checks with wrong keys', MANY('{ alert: none },')],
  ])('many %s give at most 100 problems', (_name, text) => {
    const { ok, problems } = readTestFile({ file: 'f', text: text() });
    expect(ok).toBe(false);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThanOrEqual(100);
  });
});

describe('the schema of rule tests', () => {
  test('stands in schema/rule-test.schema.json as it is here', () => {
    const file = join(import.meta.dirname, '..', '..', '..', 'schema', 'rule-test.schema.json');
    expect(readFileSync(file, 'utf8')).toBe(printJson(ruleTestSchema()));
  });

  test('explains every key', () => {
    const silent: string[] = [];
    const walk = (schema: unknown, path: string) => {
      if (typeof schema !== 'object' || schema === null) return;
      for (const [key, inner] of Object.entries(schema)) {
        if (key === 'properties') {
          for (const [name, property] of Object.entries(inner as Record<string, Record<string, unknown>>)) {
            if (typeof property['description'] !== 'string' && property['$ref'] === undefined) silent.push(`${path}.${name}`);
          }
        }
        walk(inner, `${path}.${key}`);
      }
    };
    walk(ruleTestSchema(), '');
    expect(silent).toEqual([]);
  });
});
