import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import { createMemory } from '../../src/backends/embedded/memory-stores.ts';
import type { Rule } from '../../src/rules/rule.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { testConfig } from '../support/elasticsearch-backend/config.ts';
import { readOptions, testRule } from '../support/engine/test-rule.ts';
import { MINUTE, NOON, turnAt, world } from '../support/engine/world.ts';
import { titleText } from '../support/messages/title-text.ts';

const prefix = uniquePrefix();
const cluster = es(elasticsearchUrl());
const backend = elasticsearchBackend(testConfig(elasticsearchUrl()), {
  namespace: prefix,
  indexPrefix: `${prefix}state-`,
  replicas: 0,
});
const at = new Date(NOON - MINUTE).toISOString();
const NASTY = [
  '\u001b[31mred',
  'a\nb',
  '\u202egnp',
  '<!channel>',
  '__proto__',
  'constructor',
  "');--",
  '"}',
  'a\\',
  '\u0000x',
  '*',
  '',
  ' ',
  '日本',
  '\u{1F600}',
];

const index = async (name: string, properties: object, documents: readonly object[], settings: object = {}) => {
  await cluster.json('PUT', `/${prefix}${name}`, {
    settings: { number_of_shards: 1, number_of_replicas: 0, ...settings },
    mappings: { properties: { '@timestamp': { type: 'date' }, ...properties } },
  });
  for (let start = 0; start < documents.length; start += 5_000)
    await cluster.bulk(
      `${prefix}${name}`,
      documents.slice(start, start + 5_000).map((document) => ({ '@timestamp': at, ...document })),
    );
};

beforeAll(async () => {
  const made = await backend.ensureIndices();
  if (!made.ok) throw new Error(made.message);
  await index(
    'many',
    { pod: { type: 'keyword' } },
    Array.from({ length: 20_000 }, (_, i) => ({ pod: `pod-${i}` })),
  );
  await index('typed-a', { value: { type: 'keyword' }, n: { type: 'long' } }, [
    { value: '7', n: 1 },
    { value: 'x', n: 2 },
  ]);
  await index('typed-b', { value: { type: 'long' }, n: { type: 'keyword' } }, [{ value: 7, n: 'seven' }]);
  await index('objects', { host: { properties: { name: { type: 'keyword' } } } }, [{ host: { name: 'h1' } }]);
  await index(
    'nasty',
    { user: { type: 'keyword' } },
    NASTY.map((user) => ({ user })),
  );
  const deep = JSON.parse(`${'{"a":'.repeat(900)}1${'}'.repeat(900)}`) as object;
  await index(
    'large',
    { kept: { type: 'object', enabled: false }, message: { type: 'text' }, host: { type: 'keyword', ignore_above: 100 } },
    [
      { message: 'x'.repeat(1_048_576), kept: deep, host: 'h1' },
      { message: ['a', null, 'b'], kept: [1, { b: null }], host: ['h1', 'h2', null] },
      { message: 'long host', host: 'y'.repeat(1_048_576) },
    ],
  );
});

afterAll(async () => {
  await backend.close();
  await cluster.removeIndices(prefix);
});

/** One turn of these rules beside a harmless one, over a real search. */
async function evaluated(...rules: readonly Rule[]) {
  const { engine, channel } = world();
  const neighbour = testRule({ name: 'neighbour', index: `${prefix}objects`, condition: 'count >= 1' });
  const stores = createMemory().stores('hostile');
  const ports = engine([neighbour, ...rules], { backend: { ...stores, search: backend.search } });
  const began = performance.now();
  const report = await turnAt(ports, NOON);
  return {
    took: performance.now() - began,
    run: (name: string) => report.runs.find(({ rule }) => rule === name),
    messages: channel.got.map(({ message }) => message),
    stores,
    notified: report.notified,
  };
}

const over = (name: string, given: Partial<Parameters<typeof testRule>[0]> = {}) =>
  testRule({ name, index: `${prefix}${name}`, condition: 'count >= 1', ...given });

describe('a cluster whose documents are not what a rule expects', () => {
  it('has more groups than max_groups: the first ones are evaluated, and health says so', async () => {
    const { run, messages, took } = await evaluated(over('many', { groupBy: ['pod'], maxGroups: 2_000 }));
    expect(run('many')).toMatchObject({ outcome: 'evaluated', truncated: true, groups: 2_000 });
    expect(run('neighbour')).toMatchObject({ outcome: 'evaluated' });
    expect(messages.map(({ title }) => titleText(title)).sort()).toEqual([
      '[FIRING:2000] many',
      '[FIRING] Tocsin: rule many is not fully evaluated',
      '[FIRING] neighbour',
    ]);
    expect(took).toBeLessThan(60_000);
  });

  it.each<[string, Rule, object]>([
    [
      'a number here and a text there is a problem with a name',
      over('typed', {
        index: `${prefix}typed-*`,
        type: 'threshold',
        options: readOptions('threshold', { metrics: { n: { sum: 'n' } } }),
        condition: 'n > 1',
      }),
      { outcome: 'failed', problem: { code: 'bad_mapping' } },
    ],
    [
      'a text here and a number there is one to group by, or a problem with a name',
      over('typed', { index: `${prefix}typed-*`, groupBy: ['value'] }),
      { rule: 'typed' },
    ],
    [
      'an object where a text was expected is a problem with a name',
      over('objects', { groupBy: ['host'] }),
      { outcome: 'failed', problem: { message: expect.stringContaining('host') } },
    ],
    [
      'a query for a range of words on a number is a problem with a name',
      over('typed-b', { kql: 'value >= abc' }),
      { outcome: 'failed' },
    ],
  ])('%s', async (_name, rule, expected) => {
    const { run } = await evaluated(rule);
    expect(run(rule.name)).toMatchObject(expected);
    expect(run('neighbour')).toMatchObject({ outcome: 'evaluated' });
  });

  it('has fields of megabytes, depths and lists: evidence is shown, and state stays small', async () => {
    const { run, messages, stores } = await evaluated(
      over('large', { groupBy: ['host'], evidence: { fields: ['message', 'kept', 'host'], samples: 3, top: ['host'] } }),
    );
    expect(run('large')).toMatchObject({ outcome: 'evaluated', groups: 2 });
    expect(messages.find(({ title }) => title.text.includes('large'))?.firing).toBe(2);
    const loaded = await stores.ruleStates.load(['large'], new Map());
    expect(JSON.stringify(loaded.ok && loaded.value.get('large')).length).toBeLessThan(40_000);
  });

  it('has texts of every kind in its groups: each is a group of its own and asked for by its own text', async () => {
    const { run, messages } = await evaluated(over('nasty', { groupBy: ['user'] }));
    expect(run('nasty')).toMatchObject({ outcome: 'evaluated', groups: NASTY.length });
    const message = messages.find(({ title }) => title.text.includes('nasty'));
    expect(message?.firing).toBe(NASTY.length);
    expect(message?.alerts.every(({ evidence }) => evidence?.documents.length === 1)).toBe(true);
  });
});
