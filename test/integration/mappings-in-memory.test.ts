import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl } from '../support/elasticsearch/urls.ts';
import { type BothBackends, bothBackends } from '../support/rule-tests-on-both.ts';

let both: BothBackends;
beforeAll(() => {
  both = bothBackends();
});
afterAll(() => both.close());

/** A test of documents in one minute, one every ten seconds. */
const tests = (properties: string, document: string, alerts: string) =>
  `index: w\ntests:\n  - name: t\n    mapping: { properties: { "@timestamp": { type: date }, ${properties} } }\n    documents:\n` +
  `      - { at: 0s, repeat: 6, every: 10s, document: { ${document} } }\n    checks:\n      - { at: 1m, exactly: true, alerts: ${alerts} }\n`;
const FIRES = '[{ values: { count: 6 } }]';
const frequency = (keys: string) => `name: r\nindex: w\ndelay: 0s\nwindow: 1m\ntype: frequency\ncondition: count >= 1\n${keys}\n`;

describe('a mapping means the same in memory and in Elasticsearch', () => {
  test.each<[string, string, string, string, string]>([
    ['copy_to', 'a: { type: keyword, copy_to: all }, all: { type: keyword }', 'a: root', 'query: all:root', FIRES],
    ['copy_to of a text', 'a: { type: keyword, copy_to: [all] }, all: { type: text }', 'a: "Ann Lee"', 'query: all:lee', FIRES],
    [
      'ignore_malformed',
      'a: { type: long, ignore_malformed: true }, b: { type: keyword }',
      'a: [x, "7"], b: y',
      'query: a:7 and b:y',
      FIRES,
    ],
    [
      'ignore_malformed, without a value',
      'a: { type: long, ignore_malformed: true }, b: { type: keyword }',
      'a: x, b: y',
      'query: b:y and not a:*',
      FIRES,
    ],
    ['null_value', 'a: { type: keyword, null_value: none }', 'a: null', 'query: a:none', FIRES],
    ['null_value in a list', 'a: { type: long, null_value: 7 }', 'a: [null, 3]', 'query: a:7 and a:3', FIRES],
    [
      'null_value of a multi-field, which has its own',
      'a: { type: keyword, null_value: none, fields: { raw: { type: keyword }, own: { type: keyword, null_value: mine } } }',
      'a: null',
      'query: a:none and a.own:mine and not a.raw:*',
      FIRES,
    ],
    [
      'null_value, which is not copied',
      'a: { type: keyword, null_value: none, copy_to: all }, all: { type: keyword }',
      'a: [null, x]',
      'query: all:x and not all:none',
      FIRES,
    ],
    ['an address with its interface', 'a: { type: ip }', 'a: "fe80::1%eth0"', 'group_by: [a]', '[{ group: { a: "fe80::1" } }]'],
    ['a field that is not searchable exists nowhere', 'a: { type: text, index: false }', 'a: x', 'query: not a:*', FIRES],
    ['zero and minus zero', 'a: { type: double }', 'a: "-0.0"', 'query: a >= "-0.0"\ngroup_by: [a]', '[{ group: { a: "-0" } }]'],
    ['flattened, as a whole', 'l: { type: flattened }', 'l: { x: canary, y: { z: 2 } }', 'query: l:canary and l:2', FIRES],
    ['flattened, by key', 'l: { type: flattened }', 'l: { x: canary, y: { z: 2 } }', 'query: "l.x:canary and l.y.z:2"', FIRES],
    [
      'groups of a flattened key',
      'l: { type: flattened }',
      'l: { x: canary }',
      'group_by: [l.x]',
      '[{ group: { l.x: canary } }]',
    ],
    ['groups of a flattened field', 'l: { type: flattened }', 'l: { x: canary }', 'group_by: [l]', '[{ group: { l: canary } }]'],
    ['ignore_above', 'a: { type: keyword, ignore_above: 3 }', 'a: long', 'query: a:*', 'none'],
    ['half_float', 'a: { type: half_float }', 'a: 0.1', 'group_by: [a]', '[{ group: { a: "0.0999755859375" } }]'],
    ['half_float in a query', 'a: { type: half_float }', 'a: 0.1', 'query: a:0.1', FIRES],
    ['float', 'a: { type: float }', 'a: 0.1', 'query: a <= 0.1', FIRES],
    [
      'a normalizer',
      'a: { type: keyword, normalizer: lowercase }',
      'a: BaR',
      'query: a:bAr\ngroup_by: [a]',
      '[{ group: { a: bar } }]',
    ],
    ['a pattern over a normalizer', 'a: { type: keyword, normalizer: lowercase }', 'a: BaR', 'query: a:B*', FIRES],
    ['doc_values: false in a query', 'a: { type: keyword, doc_values: false }', 'a: x', 'query: a:x', FIRES],
    ['index: false in a query', 'a: { type: long, index: false }', 'a: 5', 'query: a >= 5', FIRES],
    [
      'dynamic: false in an object',
      'o: { dynamic: false, properties: { a: { type: keyword } } }',
      'o: { a: x, b: y }',
      'query: o.b:y',
      'none',
    ],
    [
      'an alias',
      'a: { type: keyword }, b: { type: alias, path: a }',
      'a: x',
      'query: b:x\ngroup_by: [b]',
      '[{ group: { b: x } }]',
    ],
    ['lower case of İ', 'm: { type: text }', 'm: "İŞLEM BAŞARISIZ"', 'query: m:işlem', FIRES],
    ['lower case of a Σ at the end', 'm: { type: text }', 'm: "ΛΑΘΟΣ"', 'query: m:λαθος', 'none'],
    ['a pattern with a Σ at the end', 'm: { type: text }', 'm: "ΛΑΘΟΣ"', 'query: m:ΛΑΘΟΣ*', FIRES],
  ])('%s', async (_name, properties, document, keys, alerts) => {
    expect(await both.failures(frequency(keys), tests(properties, document, alerts))).toEqual({ memory: [], cluster: [] });
  });

  test.each<[string, string, string, string, string]>([
    ['doc_values: false', 'a: { type: keyword, doc_values: false }', 'a: x', 'group_by: [a]', 'bad_mapping'],
    ['no index and no doc values', 'a: { type: keyword, index: false, doc_values: false }', 'a: x', 'query: a:x', 'bad_mapping'],
    ['text that is not indexed', 'a: { type: text, index: false }', 'a: x', 'query: a:x', 'bad_mapping'],
    ['a number beyond its type', 'a: { type: integer }', 'a: 1', 'query: a < 3000000000', 'bad_query'],
    ['groups of ids', 'a: { type: keyword }', 'a: x', 'group_by: [_id]', 'bad_mapping'],
    ['a half-open range of a flattened key', 'l: { type: flattened }', 'l: { r: 1 }', 'query: l.r >= 1', 'bad_query'],
  ])('%s is refused by both', async (name, properties, document, keys, code) => {
    const { memory, cluster } = await both.failures(frequency(keys), tests(properties, document, 'none'));
    expect(memory.join('\n')).toContain(code);
    const { version } = await es(elasticsearchUrl()).json<{ version: { number: string } }>('GET', '/');
    // Elasticsearch 9 has learned to answer this one; memory answers as 8 does.
    if (name.startsWith('a half-open range') && !version.number.startsWith('8.')) return;
    expect(cluster.join('\n')).toContain(code);
  });

  test.each<[string, string, string]>([
    ['an analyzer', 'a: { type: text, analyzer: english }', 'text with `analyzer: \\"english\\"`'],
    ['a normalizer of its own', 'a: { type: keyword, normalizer: mine }', 'keyword with `normalizer: \\"mine\\"`'],
    ['coerce', 'a: { type: long, coerce: false }', 'long with `coerce: false`'],
    ['a date format', 'a: { type: date, format: "QQQ yyyy" }', 'date with `format: \\"QQQ yyyy\\"`'],
    ['a script', 'a: { type: keyword, script: "emit(1)" }', 'keyword with `script: \\"emit(1)\\"`'],
    ['a type', 'a: { type: ip_range }', 'of type ip_range'],
    ['nested', 'a: { type: nested, properties: { b: { type: keyword } } }', 'of type nested'],
  ])('%s that memory does not know is refused by name', async (_name, properties, words) => {
    const field = properties.includes('nested') ? 'a.b' : 'a';
    const { memory } = await both.failures(frequency(`query: ${field}:x`), tests(properties, 'a: { b: x }', 'none'));
    expect(memory.join('\n')).toContain(words.replaceAll('\\"', '"'));
  });
});

describe('time fields in a format of their own are tested in it', () => {
  test.each<[string]>([
    ['epoch_second'],
    ['epoch_millis'],
    ['"yyyy-MM-dd HH:mm:ss"'],
    ['"dd/MMM/yyyy:HH:mm:ss Z"'],
    ['"yyyy-MM-dd HH:mm:ss.SSS||epoch_second"'],
    ['strict_date_time'],
  ])('%s', async (format) => {
    const properties = `ts: { type: date, format: ${format} }`;
    const failures = await both.failures(frequency('time_field: ts'), tests(properties, 'a: 1', FIRES));
    expect(failures).toEqual({ memory: [], cluster: [] });
  });

  test('documents whose time cannot be read are counted and named', async () => {
    const document = 'ts: "01/Jan/2026:10:00:00 +0000"';
    const { memory } = await both.failures(frequency('time_field: ts'), tests('ts: { type: date }', document, 'none'));
    expect(memory.join('\n')).toContain('6 of 6 documents have a ts that is not a date, such as "01/Jan/2026:10:00:00 +0000"');
  });
});
