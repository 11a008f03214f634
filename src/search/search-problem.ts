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
  timeout: { transient: true, hint: 'narrow the query or the window, raise `timeout`, or check the load of the cluster' },
  partial: { transient: true, hint: 'some shards did not respond: check the cluster health and the shard failures above' },
  no_index: {
    transient: false,
    hint: 'check `index` for a typo, or set `ignore_missing_index: true` if the data is intermittent',
  },
  closed_index: {
    transient: false,
    hint: 'the index is closed: open it (POST INDEX/_open), or list only open indices in `index`',
  },
  license: {
    transient: false,
    hint: 'the cluster’s licence does not allow this (ES|QL across clusters needs Enterprise): use another rule type',
  },
  no_field: { transient: false, hint: 'check the field name against the mapping of the index' },
  bad_mapping: {
    transient: false,
    hint: 'the field has the wrong type, or different types in different indices: `tocsin check --cluster` shows which',
  },
  bad_query: { transient: false, hint: 'Elasticsearch cannot parse the query: test it in Kibana’s Dev Tools' },
  too_many_buckets: { transient: false, hint: 'use fewer `group_by` fields, a lower `max_groups`, or a shorter window' },
  overloaded: { transient: true, hint: 'the cluster rejects requests (429): use fewer or cheaper rules, or add search capacity' },
  too_large: { transient: false, hint: 'the response or the request exceeds a limit: use fewer fields or groups' },
  unauthorized: {
    transient: false,
    hint: 'check the credentials and that they may `read` and `view_index_metadata` these indices',
  },
  unreachable: { transient: true, hint: 'no node responded: check the URL, the network, and that the cluster is up' },
  remote_cluster: { transient: true, hint: 'a remote cluster was skipped or returned a partial result: see GET _remote/info' },
  internal: { transient: true, hint: 'an internal error: please report it with the stack trace in the log' },
  bad_answer: { transient: true, hint: 'the server sent an invalid search response: check for a proxy in between' },
  unsupported: {
    transient: false,
    hint: 'this backend does not support the query: use Elasticsearch (`test --elasticsearch URL`)',
  },
  server: { transient: true, hint: 'Elasticsearch failed internally: see its log' },
} as const satisfies Record<string, { readonly transient: boolean; readonly hint: string }>;

/** Makes a problem of a code and what was said. */
export function searchProblem(code: SearchProblemCode, message: string): SearchProblem {
  return { code, message: truncate(message, 2_000), ...SEARCH_PROBLEMS[code] };
}
