import type { Duration, Instant } from '../core/time.ts';
import { type Answer, NO_COST } from '../search/answer.ts';
import type { Query } from '../search/query.ts';
import type { Search } from '../search/search.ts';
import { searchProblem } from '../search/search-problem.ts';
import { answerOf, groupReader, type HeldAnswers, questionKey, takesDateForNumber } from './held-answers.ts';

/** A search port over answers that were recorded. */
export interface HeldSearch extends Search {
  /** A question came that was not asked when the answers were recorded: what was played from then on proves nothing. */
  readonly lacks: () => boolean;
}

type Places = ReadonlyMap<Instant, number | readonly number[]>;

/** Finds answers by their questions and windows. */
export type AnswerIndex = ReadonlyMap<string, Places>;

/** Reads the index of recorded answers; it serves any number of searches. */
export function indexOf({ questions }: HeldAnswers): AnswerIndex {
  return new Map(
    questions.map(({ key, length, begins, answers }) => {
      let begin = 0;
      const places = begins.map((distance, index): readonly [Instant, number | readonly number[]] => {
        begin += distance;
        return [begin, answers[index] ?? 0];
      });
      return [nameOf(key, length), new Map(places)];
    }),
  );
}

/** Answers as they were recorded; a window that was asked several times, and answered otherwise, has its answers in their order. */
export function heldSearch(held: HeldAnswers, index: AnswerIndex): HeldSearch {
  let lacks = false;
  const groupOf = groupReader(held.groups);
  const asked = new Map<readonly number[], number>();
  const placesOf = (query: Query): number | readonly number[] | undefined => {
    const { from, to } = query.window;
    return index.get(nameOf(questionKey(query), to - from))?.get(from);
  };
  const placeNow = (places: readonly number[]): number => {
    const time = asked.get(places) ?? 0;
    asked.set(places, time + 1);
    return places[Math.min(time, places.length - 1)] ?? 0;
  };
  const answerAt = (query: Query, place: number): Answer | undefined => {
    const answer = held.answers[place];
    if (answer === undefined || takesDateForNumber(query, answer)) return undefined;
    return answerOf(answer, query, groupOf, query.window.from);
  };
  return {
    lacks: () => lacks,
    ask: async (queries) =>
      queries.map((query) => {
        const places = placesOf(query);
        const place = typeof places === 'object' ? placeNow(places) : places;
        const answer = place === undefined ? undefined : answerAt(query, place);
        if (answer !== undefined) return answer;
        lacks = true;
        return {
          kind: 'failed',
          problem: searchProblem('unsupported', 'the recording contains no result for this search'),
          cost: NO_COST,
        };
      }),
    // What is answered otherwise when it is asked again, or not at all, is for `ask`: looking changes nothing.
    known: (queries) => {
      const answers: Answer[] = [];
      for (const query of queries) {
        const place = placesOf(query);
        const answer = typeof place === 'number' ? answerAt(query, place) : undefined;
        if (answer === undefined) return undefined;
        answers.push(answer);
      }
      return answers;
    },
  };
}

function nameOf(key: string, length: Duration): string {
  return `${length} ${key}`;
}
