import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ElasticsearchBackend, elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import type { GroupsQuery, Source } from '../../src/search/query.ts';
import type { Search } from '../../src/search/search.ts';
import { CORPUS_MAPPING, documents, HOUR_START } from '../support/differential/corpus.ts';
import { questions } from '../support/differential/questions.ts';
import { answersOf, answersTogether, plainQuestions, recurring } from '../support/differential/series.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { testConfig } from '../support/elasticsearch-backend/config.ts';
import { SEED } from '../support/seed.ts';
import { runs, tried } from '../support/thorough.ts';

/** How many questions are asked; TOCSIN_TEST_SEED asks others than usual. */
const RUNS = Number(process.env['TOCSIN_TEST_QUESTIONS'] ?? runs(60));
const MINUTE = 60_000;
const TIES_FROM = HOUR_START - 10 * MINUTE;
const prefix = uniquePrefix();

let backend: ElasticsearchBackend;
beforeAll(() => {
  backend = elasticsearchBackend(testConfig(elasticsearchUrl()), { namespace: 'ask-ahead' });
});
afterAll(async () => {
  await backend.close();
  await es(elasticsearchUrl()).removeIndices(prefix);
});

describe(`a question that is asked ahead, of Elasticsearch (TOCSIN_TEST_SEED=${SEED})`, () => {
  it.each(tried([3, 1]))(
    'has the answers that asking tick by tick gives, over %i shards',
    { timeout: 600_000 },
    async (shards) => {
      const source = sourceOf(`corpus-${shards}`);
      const settings = { number_of_shards: shards, number_of_replicas: 0 };
      await es(elasticsearchUrl()).json('PUT', `/${source.indices[0]}`, { settings, mappings: CORPUS_MAPPING });
      await es(elasticsearchUrl()).bulk(String(source.indices[0]), fc.sample(documents, { numRuns: 600, seed: SEED }));
      let alone = 0;
      let ticks = 0;
      const counting: Search = {
        ask: (queries, signal) => {
          alone += queries.length;
          return backend.search.ask(queries, signal);
        },
      };
      await fc.assert(
        fc.asyncProperty(recurring(fc.oneof(questions(source), plainQuestions(source))), async (one) => {
          ticks += one.ticks;
          expect(await answersOf(one, counting, backend.ranges)).toEqual(await answersOf(one, backend.search));
          const arrived = await answersOf(one, backend.search, backend.ranges, 'started');
          expect(arrived).toEqual(await answersOf(one, backend.search, undefined, 'started'));
          expect(await answersTogether(one, backend.search, backend.ranges)).toEqual(await answersTogether(one, backend.search));
        }),
        { numRuns: RUNS, seed: SEED, endOnFailure: true },
      );
      expect(alone).toBeLessThan(ticks * 0.8);
      // More than 64 slices are asked group by group, unless groups come and go too fast.
      const grouped = plainQuestions(source).map(
        (query): GroupsQuery => ({ ...query, groupBy: query.groupBy.length === 0 ? ['code'] : query.groupBy }),
      );
      const many = recurring(grouped).chain((one) =>
        fc
          .constantFrom(20_000, 100_000)
          .map((window) => ({ ...one, schedule: { kind: 'every', every: 20_000 } as const, window, delay: 0, ticks: 110 })),
      );
      await fc.assert(
        fc.asyncProperty(many, async (one) => {
          expect(await answersOf(one, backend.search, backend.ranges)).toEqual(await answersOf(one, backend.search));
        }),
        { numRuns: Math.ceil(RUNS / 5), seed: SEED, endOnFailure: true },
      );
    },
  );

  it.each([1, 5])('says the same of documents of one time on several shards, in windows of %i minutes', async (minutes) => {
    const source = sourceOf(`ties-${minutes}`);
    const index = String(source.indices[0]);
    const settings = { number_of_shards: 3, number_of_replicas: 0 };
    await es(elasticsearchUrl()).json('PUT', `/${index}`, { settings, mappings: CORPUS_MAPPING });
    // Twelve documents at the end of each minute: any of them may be the last.
    const ties = Array.from({ length: 30 * 12 }, (_, place) => ({
      '@timestamp': new Date(TIES_FROM + (Math.floor(place / 12) + 1) * MINUTE - 1).toISOString(),
      code: place,
    }));
    await es(elasticsearchUrl()).bulk(index, ties);
    const metrics = {
      last: { of: 'last', field: 'code' },
      middle: { of: 'percentile', field: 'code', percent: 50 },
    } as const;
    const asked = { ...plainQuestion(source), metrics, window: { from: TIES_FROM, to: TIES_FROM + MINUTE } };
    const one = {
      query: asked,
      schedule: { kind: 'every', every: MINUTE },
      window: minutes * MINUTE,
      delay: 0,
      ticks: 25,
    } as const;
    let alone = 0;
    const counting: Search = {
      ask: (queries, signal) => {
        alone += queries.length;
        return backend.search.ask(queries, signal);
      },
    };
    expect(await answersOf(one, counting, backend.ranges)).toEqual(await answersOf(one, backend.search));
    expect(alone).toBeLessThan(10);
  });
});

function plainQuestion(source: Source): GroupsQuery {
  const window = { from: TIES_FROM, to: TIES_FROM + MINUTE };
  return {
    ...{ kind: 'groups', name: 'main', source, window, filter: { match_all: {} } },
    ...{ groupBy: [], missing: 'exclude', metrics: {}, maxGroups: 10 },
  };
}

function sourceOf(name: string): Source {
  return { indices: [prefix + name], timeField: '@timestamp', ignoreMissingIndex: false, timeout: 60_000, frozen: false };
}
