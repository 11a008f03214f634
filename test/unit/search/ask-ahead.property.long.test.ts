import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDocuments } from '../../../src/backends/embedded/documents.ts';
import { embeddedRanges } from '../../../src/backends/embedded/ranges.ts';
import { embeddedSearch } from '../../../src/backends/embedded/search.ts';
import type { Source } from '../../../src/search/query.ts';
import type { Search } from '../../../src/search/search.ts';
import { CORPUS_MAPPING, documents, HOUR_START } from '../../support/differential/corpus.ts';
import { questions } from '../../support/differential/questions.ts';
import { answersOf, answersTogether, plainQuestions, recurring } from '../../support/differential/series.ts';
import { SEED } from '../../support/seed.ts';

const SOURCE: Source = {
  indices: ['corpus'],
  timeField: '@timestamp',
  ignoreMissingIndex: false,
  timeout: 60_000,
  frozen: false,
};
/** How many questions are asked; TOCSIN_TEST_SEED asks others than usual. */
const RUNS = Number(process.env['TOCSIN_TEST_QUESTIONS'] ?? 100);

const memory = createDocuments({ mapping: CORPUS_MAPPING });
memory.add(fc.sample(documents, { numRuns: 400, seed: SEED }).map((source) => ({ source, index: 'corpus' })));
const search = embeddedSearch(memory);
const ranges = embeddedRanges(memory, search);

describe('a question that is asked ahead', () => {
  it('has the answers that asking tick by tick gives', { timeout: 120_000 }, async () => {
    let alone = 0;
    const counting: Search = {
      ask: (queries, signal) => {
        alone += queries.length;
        return search.ask(queries, signal);
      },
    };
    let ticks = 0;
    await fc.assert(
      fc.asyncProperty(recurring(fc.oneof(questions(SOURCE), plainQuestions(SOURCE))), async (one) => {
        ticks += one.ticks;
        expect(await answersOf(one, counting, ranges)).toEqual(await answersOf(one, search));
      }),
      { numRuns: RUNS, seed: SEED },
    );
    // Most questions of rules add up; what is drawn here is mostly more difficult.
    expect(alone).toBeLessThan(ticks * 0.6);
  });

  it('has the answers that asking tick by tick gives, of documents that had arrived by then', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(recurring(fc.oneof(questions(SOURCE), plainQuestions(SOURCE))), async (one) => {
        expect(await answersOf(one, search, ranges, 'started')).toEqual(await answersOf(one, search, undefined, 'started'));
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });

  it('is asked tick by tick only where documents came late', async () => {
    const late = [30, 31].map((minute) => ({ minute, by: 90_000 }));
    const onTime = Array.from({ length: 60 }, (_, minute) => ({ minute, by: 2_000 }));
    const times = createDocuments({ mapping: CORPUS_MAPPING });
    times.add(
      [...onTime, ...late].map(({ minute, by }) => {
        const at = HOUR_START + minute * 60_000;
        return {
          source: { '@timestamp': new Date(at).toISOString(), started: new Date(at + by).toISOString() },
          index: 'corpus',
        };
      }),
    );
    const asked: number[] = [];
    const all = embeddedSearch(times);
    const counting: Search = {
      ask: (queries, signal) => {
        asked.push(queries.length);
        return all.ask(queries, signal);
      },
    };
    const [query] = fc.sample(plainQuestions(SOURCE), { numRuns: 1, seed: SEED });
    if (query === undefined) throw new Error('no question was drawn');
    const plain = { ...query, groupBy: [], metrics: {}, filter: { match_all: {} } };
    const one = { query: plain, schedule: { kind: 'every', every: 60_000 }, window: 60_000, delay: 30_000, ticks: 60 } as const;
    const ahead = await answersOf(one, counting, embeddedRanges(times, all), 'started');
    expect(ahead).toEqual(await answersOf(one, all, undefined, 'started'));
    // The first tick, and the two windows with documents that were late.
    expect(asked).toHaveLength(3);
  });

  it('has the answers that asking window by window gives, together in one turn', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(recurring(fc.oneof(questions(SOURCE), plainQuestions(SOURCE))), async (one) => {
        expect(await answersTogether(one, search, ranges)).toEqual(await answersTogether(one, search));
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });
});
