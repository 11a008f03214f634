import { describe, expect, test } from 'vitest';
import { kqlToDsl } from '../../../src/kql/kql.ts';
import { fieldsOfDsl } from '../../../src/search/fields-of-dsl.ts';
import { explained } from '../../support/engine/explaining.ts';
import { readOptions, type TestRule, testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, world } from '../../support/engine/world.ts';

const HOUR = 60 * MINUTE;
const document = (ago: number, fields: object) => ({ '@timestamp': new Date(NOON - ago).toISOString(), ...fields });

async function cautions(rule: Omit<TestRule, 'name'>, ...documents: readonly Readonly<Record<string, unknown>>[]) {
  const scene = world();
  scene.add('logs-app', ...documents);
  const story = await explained(scene, testRule({ name: 'looking', window: MINUTE, ...rule }), { moment: NOON });
  return story.cautions
    .filter(({ code }) => code !== 'never-evaluated')
    .map(({ code, text, hint }) => `${code}: ${text}${hint === undefined ? '' : ` (${hint})`}`);
}

describe('a rule that looks at nothing', () => {
  test('is notified when a document matched within a day: nothing', async () => {
    expect(await cautions({ kql: 'level: error' }, document(2 * HOUR, { level: 'error' }))).toEqual([]);
  });

  test('has matched nothing for days', async () => {
    expect(await cautions({ kql: 'level: error' }, document(75 * HOUR, { level: 'error' }))).toEqual([
      'no-documents: no document has matched for 3d 3h',
    ]);
  });

  test('has matched nothing at all, though its fields are there', async () => {
    expect(await cautions({ kql: 'level: eror' }, document(HOUR, { level: 'error' }))).toEqual([
      expect.stringMatching(/^no-documents: no document has matched in the last 7 days/),
    ]);
  });

  test('asks for a field that no document has', async () => {
    const found = await cautions({ kql: 'levl: error and not host: *' }, document(HOUR, { level: 'error' }));
    expect(found.slice(1)).toEqual([
      'no-field: no document of the last 24 hours has the field levl (check its name against the documents)',
      'no-field: no document of the last 24 hours has the field host (check its name against the documents)',
    ]);
  });

  test('looks at indices in which nothing arrives', async () => {
    expect(await cautions({ kql: 'level: error' }, document(300 * HOUR, { level: 'error' }))).toEqual([
      expect.stringContaining('logs-* received no documents in the last 24 hours'),
    ]);
  });

  test('groups by, and measures, fields that no matching document has', async () => {
    const options = readOptions('threshold', { metrics: { used: { max: 'used' }, limit: { max: 'limt' } } }, ['pdo']);
    const rule = { type: 'threshold', options, groupBy: ['pdo'], condition: 'used > limit' } as const;
    const found = await cautions(rule, document(1, { pod: 'a', used: 1, limit: 2 }));
    expect(found).toEqual([
      'ungrouped: 1 of 1 documents lack a field of group_by (pdo) (such documents are in no group; `missing: include` puts them in a separate one)',
      'no-field: no document that matched in the last 7 days has the field pdo (check its name against the documents)',
      'no-field: no document that matched in the last 7 days has the field limt (check its name against the documents)',
    ]);
  });
});

describe('the fields of a query', () => {
  test.each([
    ['a: 1 and (b: "x y" or not c: *)', ['a', 'b', 'c']],
    ['a > 5 and a < 7', ['a']],
    ['a: foo* or b.*: bar', ['a']],
    ['just words', []],
    ['', []],
  ])('%s looks at %j', (kql, fields) => {
    const compiled = kqlToDsl(kql);
    if (!compiled.ok) throw new Error(compiled.message);
    expect(fieldsOfDsl(compiled.dsl)).toEqual(fields);
  });

  test('of Query DSL by hand: leaves of every kind, scripts and Lucene texts passed over', () => {
    const query = {
      bool: {
        filter: [{ terms: { a: ['1'], boost: 2 } }, { prefix: { b: { value: 'x' } } }, { query_string: { query: 'c:1' } }],
        must_not: [{ script: { script: 'true' } }, { exists: { field: 'd' } }, { term: { _index: 'x' } }],
      },
    };
    expect(fieldsOfDsl(query)).toEqual(['a', 'b', 'd']);
  });
});
