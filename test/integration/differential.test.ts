import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ElasticsearchBackend, elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import { createDocuments } from '../../src/backends/embedded/documents.ts';
import { embeddedSearch } from '../../src/backends/embedded/search.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { askIncrease, type IncreaseQuestion, increasesOf } from '../../src/rule-types/increase.ts';
import type { Answer, Arrived } from '../../src/search/answer.ts';
import type { Query, Source } from '../../src/search/query.ts';
import type { Search } from '../../src/search/search.ts';
import { difference } from '../support/differential/compare.ts';
import { CORPUS_MAPPING, documents, HOUR_START } from '../support/differential/corpus.ts';
import { filters, leafFilters } from '../support/differential/filters.ts';
import { increases, questions } from '../support/differential/questions.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { testConfig } from '../support/elasticsearch-backend/config.ts';
import { SEED } from '../support/seed.ts';
import { runs } from '../support/thorough.ts';

/** How many questions of each kind are asked; TOCSIN_TEST_SEED asks others than usual. */
const SIZE = Number(process.env['TOCSIN_TEST_QUESTIONS'] ?? runs(1_000));
const DOCUMENTS = 600;

const prefix = uniquePrefix();
const hour = { from: HOUR_START - 3_600_000, to: HOUR_START + 7_200_000 };
const { signal } = new AbortController();

let backend: ElasticsearchBackend;
beforeAll(() => {
  backend = elasticsearchBackend(testConfig(elasticsearchUrl()), { namespace: 'differential' });
});
afterAll(async () => {
  await backend.close();
  await es(elasticsearchUrl()).removeIndices(prefix);
});

describe(`the same documents in memory and in Elasticsearch (TOCSIN_TEST_SEED=${SEED})`, () => {
  const source = sourceOf('corpus');
  const memory = createDocuments({ mapping: CORPUS_MAPPING });
  beforeAll(() => fill('corpus', memory, fc.sample(documents, { numRuns: DOCUMENTS, seed: SEED })));

  const bothAnswer = async (asked: readonly Query[]) => {
    const ours = await embeddedSearch(memory).ask(asked, signal);
    const theirs = await backend.search.ask(asked, signal);
    return { ours, theirs };
  };
  const differences = async (asked: readonly Query[]) => {
    const { ours, theirs } = await bothAnswer(asked);
    return asked.flatMap((query, at) => describeDifference(query, ours[at], theirs[at])).slice(0, 5);
  };
  const found = (filter: JsonObject): Query => ({
    kind: 'hits',
    name: 'main',
    source,
    window: hour,
    filter,
    fields: ['id'],
    limit: 1_000,
  });

  it(`are found by the same ${SIZE} single queries`, async () => {
    expect(await differences(fc.sample(leafFilters, { numRuns: SIZE, seed: SEED }).map(found))).toEqual([]);
  });

  it(`are found by the same ${SIZE} filters, KQL and Query DSL`, async () => {
    expect(await differences(fc.sample(filters, { numRuns: SIZE, seed: SEED }).map(found))).toEqual([]);
  });

  it(`give the same groups, metrics, buckets and hits to ${SIZE} questions`, async () => {
    expect(await differences(fc.sample(questions(source), { numRuns: SIZE, seed: SEED }))).toEqual([]);
  });

  it('give the same increases of counters', async () => {
    const asked = fc.sample(increases(source), { numRuns: Math.ceil(SIZE / 10), seed: SEED });
    const [ours, theirs] = await Promise.all([growth(embeddedSearch(memory), asked), growth(backend.search, asked)]);
    const rounded = (all: readonly GrowthRow[][]) =>
      all.map((rows) => rows.map(([key, value]) => [key, Number(value.toPrecision(12))]).sort());
    expect(rounded(ours)).toEqual(rounded(theirs));
    expect(ours.flat().filter(([, value]) => value > 0).length).toBeGreaterThan(asked.length);
  });

  it('differ where Elasticsearch leaves a wrong value unread because what stands beside it matches nothing', async () => {
    const wrong = { match: { ok: 'neither' } };
    const beside = { range: { started: { lt: '1990' } } };
    const { ours, theirs } = await bothAnswer([found(wrong), found({ bool: { filter: [beside, wrong] } })]);
    expect(ours.map(outcome)).toEqual(['bad_query', 'bad_query']);
    expect(theirs.map(outcome)).toEqual(['bad_query', 'complete']);
  });
});

describe('where Elasticsearch approximates', () => {
  const memory = createDocuments({ mapping: CORPUS_MAPPING });
  const many = Array.from({ length: 20_000 }, (_, at) => ({
    '@timestamp': new Date(HOUR_START + at).toISOString(),
    id: `d${at}`,
    load: ((at * 7_919) % 20_000) / 7,
  }));
  beforeAll(() => fill('many', memory, many));

  it('cardinality differs by at most 5 %, percentiles by at most 1 % of the range', async () => {
    const percents = [1, 5, 50, 95, 99];
    const load = percents.map((percent) => [`p${percent}`, { of: 'percentile', field: 'load', percent }] as const);
    const metrics = { distinct: { of: 'cardinality', field: 'id' }, ...Object.fromEntries(load) } as const;
    const common = { name: 'main', source: sourceOf('many'), window: hour, filter: { match_all: {} }, metrics };
    const query: Query = { ...common, kind: 'groups', groupBy: [], missing: 'exclude', maxGroups: 1 };
    const [ours, theirs] = [await embeddedSearch(memory).ask([query], signal), await backend.search.ask([query], signal)].map(
      ([answer]) => (answer?.kind === 'complete' ? answer.groups[0]?.values : undefined),
    );
    expect(ours?.['distinct']).toBe(20_000);
    expect(Math.abs(Number(theirs?.['distinct']) - 20_000)).toBeLessThanOrEqual(1_000);
    const range = 20_000 / 7;
    for (const [name] of load) expect(Math.abs(Number(ours?.[name]) - Number(theirs?.[name]))).toBeLessThanOrEqual(range / 100);
  });
});

type GrowthRow = [group: string, increase: number];

/** The increases of each question, asked in as many rounds as it takes. */
function growth(search: Search, asked: readonly IncreaseQuestion[]): Promise<GrowthRow[][]> {
  return Promise.all(
    asked.map(async (question) => {
      const answers = new Map<string, Arrived>();
      for (let queries = askIncrease(question, answers); queries.length > 0; queries = askIncrease(question, answers)) {
        const replies = await search.ask(queries, signal);
        for (const [place, reply] of replies.entries()) {
          if (reply.kind === 'failed') throw new Error(reply.problem.message);
          answers.set(queries[place]?.name ?? '', reply);
        }
      }
      return [...increasesOf(question, answers)];
    }),
  );
}

function sourceOf(name: string): Source {
  return { indices: [prefix + name], timeField: '@timestamp', ignoreMissingIndex: false, timeout: 60_000, frozen: false };
}

async function fill(name: string, memory: ReturnType<typeof createDocuments>, corpus: readonly JsonObject[]): Promise<void> {
  const index = prefix + name;
  const settings = { number_of_shards: 1, number_of_replicas: 0 };
  await es(elasticsearchUrl()).json('PUT', `/${index}`, { settings, mappings: CORPUS_MAPPING });
  await es(elasticsearchUrl()).bulk(index, corpus);
  memory.add(corpus.map((source) => ({ source, index })));
}

function outcome(answer: Answer): string {
  return answer.kind === 'failed' ? answer.problem.code : answer.kind;
}

function describeDifference(query: Query, ours: Answer | undefined, theirs: Answer | undefined): readonly string[] {
  const { name: _name, source: _source, ...question } = query;
  const differs = ours === undefined || theirs === undefined ? 'not answered' : difference(query, ours, theirs);
  return differs === undefined ? [] : [`${differs}\n  ${JSON.stringify(question)}`];
}
