import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDocuments } from '../../../src/backends/embedded/documents.ts';
import { embeddedRanges } from '../../../src/backends/embedded/ranges.ts';
import { embeddedSearch } from '../../../src/backends/embedded/search.ts';
import type { Source } from '../../../src/search/query.ts';
import type { Search } from '../../../src/search/search.ts';
import { CORPUS_MAPPING, documents } from '../../support/differential/corpus.ts';
import { questions } from '../../support/differential/questions.ts';
import { answersOf, answersTogether, plainQuestions, recurring } from '../../support/differential/series.ts';

const SOURCE: Source = {
  indices: ['corpus'],
  timeField: '@timestamp',
  ignoreMissingIndex: false,
  timeout: 60_000,
  frozen: false,
};
/** How many questions are asked; TOCSIN_TEST_SEED asks others than usual. */
const RUNS = Number(process.env['TOCSIN_TEST_QUESTIONS'] ?? 100);
const SEED = Number(process.env['TOCSIN_TEST_SEED'] ?? 20_260_301);

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

  it('has the answers that asking window by window gives, together in one turn', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(recurring(fc.oneof(questions(SOURCE), plainQuestions(SOURCE))), async (one) => {
        expect(await answersTogether(one, search, ranges)).toEqual(await answersTogether(one, search));
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });
});
