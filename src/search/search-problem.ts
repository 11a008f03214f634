import { truncate } from '../core/truncate.ts';
/** Why a question was not answered; each has its next step in `SEARCH_PROBLEMS`. */
export type SearchProblemCode = keyof typeof SEARCH_PROBLEMS;

/** A failed search: its code, what the server said (without secrets), and the next step. */
export interface SearchProblem {
  readonly code: SearchProblemCode;
  readonly message: string;
  readonly hint: string;
  /** True when asking the same again may work (overload, timeout, no connection); false when a person must change something. */
  readonly transient: boolean;
}

/** Every kind of failed search, whether asking again may help, and what a person can do. */
export const SEARCH_PROBLEMS = {
  timeout: { transient: true, hint: 'narrow the query or the window, raise `timeout`, or look at the load of the cluster' },
  partial: { transient: true, hint: 'some shards did not answer: see the cluster health and the shard failures above' },
  no_index: { transient: false, hint: 'check `index` for a typo, or set `ignore_missing_index: true` where data comes and goes' },
  closed_index: { transient: false, hint: 'the index is closed: open it (POST INDEX/_open), or name the open ones in `index`' },
  license: {
    transient: false,
    hint: 'the licence of the cluster does not allow it (ES|QL over other clusters needs Enterprise): ask with another rule type',
  },
  no_field: { transient: false, hint: 'check the field name against the mapping of the index' },
  bad_mapping: {
    transient: false,
    hint: 'the field has the wrong type for this, or not the same type in all indices: `tocsin check --cluster` names it',
  },
  bad_query: { transient: false, hint: 'Elasticsearch does not understand the query: test it in Kibana’s Dev Tools' },
  too_many_buckets: { transient: false, hint: 'fewer `group_by` fields, a lower `max_groups`, or a shorter window' },
  overloaded: { transient: true, hint: 'the cluster refuses work (429): fewer or cheaper rules, or more search capacity' },
  too_large: { transient: false, hint: 'the answer or the request is over a limit: ask for fewer fields or groups' },
  unauthorized: {
    transient: false,
    hint: 'check the credentials and that they may `read` and `view_index_metadata` these indices',
  },
  unreachable: { transient: true, hint: 'no node answered: check the URL, the network and that the cluster is up' },
  remote_cluster: { transient: true, hint: 'a remote cluster was skipped or answered in part: see GET _remote/info' },
  internal: { transient: true, hint: 'an error of Tocsin itself: please report it with the stack that is in its log' },
  bad_answer: { transient: true, hint: 'the server sent an invalid search response: check for a proxy in between' },
  unsupported: {
    transient: false,
    hint: 'this backend cannot answer such a query: use Elasticsearch (`test --elasticsearch URL`)',
  },
  server: { transient: true, hint: 'Elasticsearch failed internally: see its log' },
} as const satisfies Record<string, { readonly transient: boolean; readonly hint: string }>;

/** Makes a problem of a code and what was said. */
export function searchProblem(code: SearchProblemCode, message: string): SearchProblem {
  return { code, message: truncate(message, 2_000), ...SEARCH_PROBLEMS[code] };
}
