import { isObject } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import { truncate } from '../../core/truncate.ts';
import { type SearchProblem, type SearchProblemCode, searchProblem } from '../../search/search-problem.ts';
import type { WireReply } from './wire.ts';

/** One exception of an Elasticsearch error body. */
interface Cause {
  readonly type: string;
  readonly reason: string;
  readonly index: string | undefined;
}

/** What an exception means, by its type; statuses differ between versions (a timeout is 504 on 8.19 and 429 on 9.5). */
const CODE_OF_TYPE: Readonly<Record<string, SearchProblemCode>> = {
  search_timeout_exception: 'timeout',
  task_cancelled_exception: 'timeout',
  timeout_exception: 'timeout',
  process_cluster_event_timeout_exception: 'timeout',
  elasticsearch_timeout_exception: 'timeout',
  receive_timeout_transport_exception: 'timeout',
  es_rejected_execution_exception: 'overloaded',
  circuit_breaking_exception: 'overloaded',
  too_many_buckets_exception: 'too_many_buckets',
  index_not_found_exception: 'no_index',
  index_closed_exception: 'closed_index',
  security_exception: 'unauthorized',
  no_such_remote_cluster_exception: 'remote_cluster',
  connect_transport_exception: 'remote_cluster',
  parsing_exception: 'bad_query',
  parse_exception: 'bad_query',
  x_content_parse_exception: 'bad_query',
  named_object_not_found_exception: 'bad_query',
  json_parse_exception: 'bad_query',
  query_shard_exception: 'bad_query',
  verification_exception: 'bad_query',
  number_format_exception: 'bad_query',
  date_time_parse_exception: 'bad_query',
  action_request_validation_exception: 'bad_query',
  class_cast_exception: 'bad_mapping',
  too_complex_to_determinize_exception: 'bad_query',
  too_many_clauses: 'too_large',
  too_many_nested_clauses: 'too_large',
  no_shard_available_action_exception: 'partial',
  unavailable_shards_exception: 'partial',
  shard_not_found_exception: 'partial',
  node_disconnected_exception: 'partial',
  node_not_connected_exception: 'partial',
  node_closed_exception: 'partial',
  index_shard_closed_exception: 'partial',
};

/** Exceptions of these types are distinguished by their text, as Elasticsearch uses them for very different problems. */
const CODE_OF_WORDS: readonly (readonly [RegExp, SearchProblemCode])[] = [
  [/\blicense (?:is |was )?(?:required|non-compliant|expired)|requires? an? [\w ]*license/i, 'license'],
  [/Unknown index \[/, 'no_index'],
  [
    /Fielddata is (disabled|not supported)|Can't load fielddata|Fielddata access on the _id field|since it is not indexed|doc values|docvalue_fields|without doc_values/i,
    'bad_mapping',
  ],
  [/is not supported for aggregation|Expected numeric type on field|different types|but found .*type/i, 'bad_mapping'],
  [/type mismatch|incompatible|\[unsupported\] type|Cannot use field \[.*ambiguities/i, 'bad_mapping'],
  [
    /Result window is too large|too_many_clauses|maxClauseCount|Too many (clauses|terms)|number of (terms|documents)/i,
    'too_large',
  ],
  [/content length|exceeds? the (maximum|limit)|too large/i, 'too_large'],
  [/Time exceeded/, 'timeout'],
];

const BY_WORDS = new Set([
  'illegal_argument_exception',
  'aggregation_execution_exception',
  'verification_exception',
  'query_shard_exception',
  'illegal_state_exception',
  'status_exception',
  'security_exception',
]);

/** Names what went wrong with a whole request that was not answered, or not well. */
export function classifyReply(reply: WireReply): SearchProblem {
  switch (reply.kind) {
    case 'timeout':
      return searchProblem('timeout', reply.message);
    case 'unreachable':
      return searchProblem('unreachable', reply.message);
    case 'oversized':
      return searchProblem('too_large', reply.message);
    case 'garbled':
      return searchProblem('bad_answer', reply.message);
    case 'answered':
      return classifyError(reply.body, reply.status);
  }
}

/** Names what went wrong from an error body `{error, status}`; the status decides only where the body says nothing. */
export function classifyError(body: unknown, status: number): SearchProblem {
  const error = isObject(body) ? body['error'] : undefined;
  if (isObject(error)) {
    const causes = causesOf(error);
    return searchProblem(codeOfCauses(causes, status), describe(causes, status));
  }
  if (typeof error === 'string') return searchProblem(codeOfWords(error, status), `HTTP ${status}: ${error}`);
  const text = typeof body === 'string' ? body.replaceAll(/\s+/g, ' ').trim().slice(0, 200) : '';
  return searchProblem(codeOfStatus(status), `HTTP ${status} without an Elasticsearch error${text === '' ? '' : `: ${text}`}`);
}

/** All exceptions of a body, the most specific first: what shards said, then causes, then the wrapper. */
function causesOf(error: Readonly<Record<string, unknown>>): readonly Cause[] {
  const shards = listOf(error['failed_shards']).flatMap((shard) =>
    isObject(shard['reason']) ? chain(shard['reason'], shard['index']) : [],
  );
  const inner = isObject(error['caused_by']) ? chain(error['caused_by'], error['index']) : [];
  const roots = listOf(error['root_cause']).flatMap((root) => chain(root, root['index']));
  return [...shards, ...inner, ...roots, causeOf(error, error['index'])];
}

function chain(error: Readonly<Record<string, unknown>>, index: unknown, depth = 0): readonly Cause[] {
  const own = causeOf(error, error['index'] ?? index);
  return depth < 8 && isObject(error['caused_by']) ? [own, ...chain(error['caused_by'], index, depth + 1)] : [own];
}

function causeOf(error: Readonly<Record<string, unknown>>, index: unknown): Cause {
  return {
    type: typeof error['type'] === 'string' ? error['type'] : 'unknown',
    reason: reasonOf(error),
    index: typeof index === 'string' ? index : undefined,
  };
}

/** What the server said; where it is about classes of Java, what that means. */
function reasonOf({ type, reason }: Readonly<Record<string, unknown>>): string {
  if (type === 'class_cast_exception')
    return 'values of different types cannot be compared: a group_by field is a number in one index and a keyword in another';
  return typeof reason === 'string' ? reason : '';
}

function codeOfCauses(causes: readonly Cause[], status: number): SearchProblemCode {
  for (const cause of causes) {
    const code = codeOfCause(cause);
    if (code !== undefined) return code;
  }
  if (status === 400) return 'bad_query';
  // Shards that could not be asked at all give no reason: their copies are missing.
  const unexplained = causes.every((cause) => cause.type === 'search_phase_execution_exception');
  return unexplained ? 'partial' : status === 429 ? 'overloaded' : 'server';
}

function codeOfCause({ type, reason }: Cause): SearchProblemCode | undefined {
  const byWords = BY_WORDS.has(type) ? CODE_OF_WORDS.find(([words]) => words.test(reason))?.[1] : undefined;
  const byType = own(CODE_OF_TYPE, type);
  return byWords ?? byType ?? (type === 'illegal_argument_exception' && reason !== '' ? 'bad_query' : undefined);
}

function codeOfWords(text: string, status: number): SearchProblemCode {
  return /Incorrect HTTP method|no handler found/i.test(text) ? 'unsupported' : codeOfStatus(status);
}

function codeOfStatus(status: number): SearchProblemCode {
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 413) return 'too_large';
  if (status === 429) return 'overloaded';
  return status === 502 || status === 503 || status === 504 ? 'unreachable' : 'bad_answer';
}

/** What the server said, without duplicates: the specific causes, without the server's lists of all it would rather have had. */
function describe(causes: readonly Cause[], status: number): string {
  const specific = causes.filter((cause) => cause.reason !== '' && cause.type !== 'search_phase_execution_exception');
  const reasons = new Map<string, { readonly type: string; readonly indices: Set<string> }>();
  for (const { type, reason, index } of specific) {
    const { words, indices } = saidOnce(reason, index);
    const known = [...reasons].find(([other]) => other.includes(words))?.[1];
    if (known === undefined) reasons.set(words, { type: PLAIN.test(words) ? '' : type, indices: new Set(indices) });
    else for (const one of indices) known.indices.add(one);
  }
  const lines = [...reasons].slice(0, 3).map(([words, { type, indices }]) => {
    const where = indices.size === 0 ? '' : bounded([...indices]);
    if (type === '') return where === '' || words.includes(where) ? words : `${words}, in ${where}`;
    return `${type}${where === '' ? '' : ` [${where}]`}: ${words}`;
  });
  return lines.join('; ') || `HTTP ${status}: ${causes.map((cause) => cause.type).join(', ')}`;
}

const FIELDDATA = /^Fielddata is (?:disabled|not supported) on (?:field )?\[([^\]]+)\](?: in \[([^\]]+)\])?/;
const NO_INDEX = /^no such index \[([^\]]+)\]/;
/** What is said here and not by the server. */
const PLAIN = /^(?:the text field |there is no index |values of different types )/;

/** A reason without the name of the index in it, so that the same of many indices is said once; and the indices. */
function saidOnce(reason: string, index: string | undefined): { readonly words: string; readonly indices: readonly string[] } {
  const indices = index === undefined ? [] : [index];
  const fielddata = FIELDDATA.exec(reason);
  if (fielddata !== null) {
    const [, field, where = index] = fielddata;
    return {
      words: `the text field ${field} cannot be grouped by, sorted or measured`,
      indices: where === undefined ? [] : [where],
    };
  }
  const missing = NO_INDEX.exec(reason)?.[1];
  if (missing !== undefined) return { words: `there is no index ${missing}`, indices: [] };
  return { words: brief(index === undefined ? reason : reason.replaceAll(` in [${index}]`, '')), indices };
}

/** `a, b, c and 4 more` */
function bounded(names: readonly string[], most = 3): string {
  const shown = names.toSorted().slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

function brief(reason: string): string {
  const [words = ''] = reason.split(/Was expecting one of/);
  const line = words.replaceAll(/\s+/g, ' ').trim();
  return truncate(line, 600);
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
