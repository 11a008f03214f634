import type { Json, JsonObject } from '../../../core/json.ts';
import type { Duration } from '../../../core/time.ts';
import type { Arrived } from '../../../search/answer.ts';
import type { Source } from '../../../search/query.ts';
import type { SearchProblem } from '../../../search/search-problem.ts';

/** One search to send. `search` goes into an `_msearch`; `esql` is a request of its own. */
export interface SearchRequest {
  readonly kind: 'search' | 'esql';
  readonly source: Source;
  readonly body: JsonObject;
}

/** What a whole and healthy answer to one search holds. */
export interface Found {
  readonly took: Duration;
  readonly shards: number;
  readonly aggregations: Readonly<Record<string, unknown>>;
  readonly hits: readonly unknown[];
  /** The whole body, for answers of other requests than searches. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** An answer without the data of its sending: the body sent and the cost. */
export type Finished = Omit<Arrived, 'sent' | 'cost'> | { readonly kind: 'failed'; readonly problem: SearchProblem };

/** The progress of a question: a search to send next and what to make of its answer, or its answers, one for each of its queries. */
export type Step =
  | { readonly kind: 'ask'; readonly search: SearchRequest; readonly read: (found: Found) => Step }
  | { readonly kind: 'done'; readonly answers: readonly Finished[] };

/** Ends a question with the answer to its only query. */
export function done(answer: Finished): Step {
  return { kind: 'done', answers: [answer] };
}

/** Ends a question with a problem. */
export function failed(problem: SearchProblem): Step {
  return done({ kind: 'failed', problem });
}

/** The parts of an answer that are empty unless the query is of their kind. */
export const NO_PARTS = { groups: [], hits: [], table: [] } as const;

/** The search as people can send it themselves: its index and its body. */
export function asSent(search: SearchRequest): Json {
  return search.kind === 'esql' ? search.body : { index: [...search.source.indices], ...search.body };
}
