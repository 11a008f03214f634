import { describe, expect, test } from 'vitest';
import { shareAnswers } from '../../../src/cli/dry-run/shared-answers.ts';
import { sideBySide } from '../../../src/cli/dry-run/side-by-side.ts';
import type { Answer } from '../../../src/search/answer.ts';
import type { Query } from '../../../src/search/query.ts';
import type { Search } from '../../../src/search/search.ts';

const signal = new AbortController().signal;
const SOURCE = { indices: ['a'], timeField: '@timestamp', ignoreMissingIndex: false, timeout: 1, frozen: false };
const query = (name: string, from: number, field: string): Query => ({
  kind: 'groups',
  name,
  source: SOURCE,
  window: { from, to: from + 1 },
  filter: { exists: { field } },
  groupBy: [],
  missing: 'exclude',
  metrics: {},
  maxGroups: 1,
});
const answer = (matched: number): Answer => ({
  kind: 'complete',
  groups: [],
  hits: [],
  table: [],
  matched,
  ungrouped: 0,
  atLeast: 0,
  sent: null,
  cost: { took: 0, shards: 1, merged: 1 },
});

/** A search that numbers its answers. */
function numbering(): { readonly search: Search; readonly asked: string[][] } {
  const asked: string[][] = [];
  let n = 0;
  const search: Search = {
    ask: async (queries) => {
      asked.push(queries.map(({ name }) => name));
      return queries.map(() => answer(n++));
    },
  };
  return { search, asked };
}

describe('answers that runs share', () => {
  test('what one run asked at a moment another is answered from, also while it is asked', async () => {
    const { search, asked } = numbering();
    const shared = shareAnswers();
    const [one, other] = [shared.over(search), shared.over(search)];
    const [first, second] = await Promise.all([
      one.ask([query('a', 0, 'x'), query('b', 0, 'y')], signal),
      other.ask([query('c', 0, 'y'), query('d', 1, 'x'), query('e', 0, 'x')], signal),
    ]);
    expect(asked).toEqual([['a', 'b'], ['d']]);
    expect(second).toEqual([first[1], answer(2), first[0]]);
    expect(shared.questions).toEqual({ all: 5, asked: 3 });
  });

  test('at the next moment all is asked again', async () => {
    const { search, asked } = numbering();
    const shared = shareAnswers();
    await shared.over(search).ask([query('a', 0, 'x')], signal);
    shared.nextMoment();
    await shared.over(search).ask([query('a', 0, 'x')], signal);
    expect(asked).toHaveLength(2);
  });

  test('a search that throws throws in every run that waits for it', async () => {
    const shared = shareAnswers();
    const failing: Search = { ask: async () => Promise.reject(new Error('lost')) };
    const results = await Promise.allSettled([failing, failing].map((one) => shared.over(one).ask([query('a', 0, 'x')], signal)));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});

test('runs side by side go through the moments of all of them in order, however far apart these are', async () => {
  const moments = [[1, 4, 9], [2, 4, 5, 6], [7]];
  const seen: number[] = [];
  let begun = 0;
  const together = sideBySide(moments.length, () => begun++);
  await Promise.all(
    moments.map(async (own) => {
      for (const now of own) {
        await together.arrive(now);
        seen.push(now);
      }
      together.leave();
    }),
  );
  expect(seen).toEqual([1, 2, 4, 4, 5, 6, 7, 9]);
  expect(begun).toBe(7);
});
