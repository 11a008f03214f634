import { expect, test } from 'vitest';
import { createDocuments } from '../../../../src/backends/embedded/documents.ts';
import { embeddedSearch } from '../../../../src/backends/embedded/search.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import type { Answer } from '../../../../src/search/answer.ts';

const T = '2026-01-01T10:00:00.000Z';
const window = { from: Date.parse(T) - 60_000, to: Date.parse(T) + 60_000 };

async function found(mapping: JsonObject, document: JsonObject, filter: JsonObject, timeField = '@timestamp'): Promise<Answer> {
  const documents = createDocuments({ mapping });
  documents.add([{ source: document, index: 'i' }]);
  const source = { indices: ['i'], timeField, ignoreMissingIndex: false, timeout: 1_000, frozen: false };
  const query = { kind: 'hits', name: 'main', source, window, filter, fields: ['id'], limit: 10 } as const;
  const [answer] = await embeddedSearch(documents).ask([query], new AbortController().signal);
  if (answer === undefined) throw new Error('no answer');
  return answer;
}

const all = { match_all: {} };
const typed = (properties: JsonObject, more: JsonObject = {}) => ({
  properties: { '@timestamp': { type: 'date' }, ...properties },
  ...more,
});

test.each<[string, JsonObject, JsonObject, JsonObject, string]>([
  [
    'whether a nested object has a value',
    typed({ n: { type: 'nested', properties: { a: { type: 'keyword' } } } }),
    { n: { a: 'x' } },
    { exists: { field: 'n.a' } },
    'of type nested',
  ],
  [
    'whether a runtime field has a value',
    typed({}, { runtime: { r: { type: 'keyword', script: "emit('x')" } } }),
    {},
    { exists: { field: 'r' } },
    'of type a runtime field',
  ],
  ['what was ignored', typed({}), { a: 'x' }, { exists: { field: '_ignored' } }, 'queries on _ignored'],
  [
    'a text that a field of an unknown type may match',
    typed({ v: { type: 'ip_range' } }),
    { v: '10.0.0.0/8' },
    { multi_match: { query: '10.1.2.3', lenient: true } },
    'of type ip_range',
  ],
])('documents in memory refuse by name: %s', async (_name, mapping, document, filter, words) => {
  const answer = await found(mapping, { '@timestamp': T, ...document }, filter);
  expect(answer).toMatchObject({ kind: 'failed', problem: { code: 'unsupported', message: expect.stringContaining(words) } });
});

test('places on a map have no texts, and hold up no search for a text', async () => {
  const mapping = typed({ where: { type: 'geo_point' }, host: { type: 'keyword' } });
  const answer = await found(
    mapping,
    { '@timestamp': T, where: '1,2', host: 'a' },
    { multi_match: { query: 'a', lenient: true } },
  );
  expect(answer).toMatchObject({ kind: 'complete', matched: 1 });
});

test.each<[string, JsonObject, JsonObject, string]>([
  [
    'an alias of a date in seconds',
    { seconds: { type: 'date', format: 'epoch_second' }, when: { type: 'alias', path: 'seconds' } },
    { seconds: Date.parse(T) / 1_000 },
    'when',
  ],
  ['a multi-field', { text: { type: 'keyword', fields: { date: { type: 'date' } } } }, { text: T }, 'text.date'],
  ['a copy', { text: { type: 'keyword', copy_to: 'when' }, when: { type: 'date' } }, { text: T }, 'when'],
])('the time field may be %s', async (_name, properties, document, timeField) => {
  expect(await found(typed(properties), document, all, timeField)).toMatchObject({ kind: 'complete', matched: 1 });
});

test.each<[string, JsonObject, JsonObject, string]>([
  [
    'several values',
    { when: { type: 'date' } },
    { when: ['2026-01-01T08:00:00Z', T] },
    'several values of their time field when',
  ],
  ['no doc values', { when: { type: 'date', doc_values: false } }, { when: T }, 'a time field when with `doc_values: false`'],
])('a time field with %s is refused by name', async (_name, properties, document, words) => {
  const answer = await found(typed(properties), document, all, 'when');
  expect(answer).toMatchObject({ kind: 'failed', problem: { code: 'unsupported', message: expect.stringContaining(words) } });
});
