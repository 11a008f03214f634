import { isObject } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import { type SearchProblem, searchProblem } from '../../search/search-problem.ts';
import { classifyError } from './classify.ts';
import type { Found } from './questions/step.ts';

/** A search that was answered wholly, or why not; `none`: no shard was there to be asked. */
export type Read =
  | { readonly kind: 'found'; readonly found: Found }
  | { readonly kind: 'none' }
  | { readonly kind: 'problem'; readonly problem: SearchProblem };

/** Reads one answer of an `_msearch`. Anything short of an answer of all shards of all clusters is a problem. */
export function readSearch(entry: unknown): Read {
  if (!isObject(entry)) return problem('bad_answer', 'the response is not a JSON object');
  if (entry['error'] !== undefined) return { kind: 'problem', problem: classifyError(entry, statusOf(entry)) };
  if (entry['timed_out'] === true) return problem('timeout', 'the search timed out');
  if (entry['timed_out'] !== false) return problem('bad_answer', 'the response does not say whether the search timed out');
  const remote = remoteFailure(entry['_clusters']);
  if (remote !== undefined) return problem('remote_cluster', remote);

  const shards = entry['_shards'];
  const hits = isObject(entry['hits']) ? entry['hits']['hits'] : undefined;
  if (!isObject(shards) || !isCount(shards['total']) || !isCount(shards['failed']) || !Array.isArray(hits))
    return problem('bad_answer', 'the response has no shards or hits');
  if (shards['failed'] !== 0) return { kind: 'problem', problem: failedShards(shards) };
  if (shards['total'] === 0) return { kind: 'none' };
  const aggregations = isObject(entry['aggregations']) ? entry['aggregations'] : {};
  return { kind: 'found', found: { took: tookOf(entry), shards: shards['total'], aggregations, hits, body: entry } };
}

/** Reads the answer of ES|QL, which has rows in place of hits and says `is_partial`. */
export function readEsql(body: unknown): Read {
  if (!isObject(body)) return problem('bad_answer', 'the response is not a JSON object');
  if (body['is_partial'] === true) return problem('partial', 'ES|QL returned a partial result');
  const remote = remoteFailure(body['_clusters']);
  if (remote !== undefined) return problem('remote_cluster', remote);
  return { kind: 'found', found: { took: tookOf(body), shards: 0, aggregations: {}, hits: [], body } };
}

function problem(code: Parameters<typeof searchProblem>[0], message: string): Read {
  return { kind: 'problem', problem: searchProblem(code, message) };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function remoteFailure(clusters: unknown): string | undefined {
  if (clusters === undefined) return undefined;
  if (!isObject(clusters)) return 'the response does not contain the status of its clusters';
  const counts = ['skipped', 'partial', 'failed', 'running'].map((state) => [state, Number(own(clusters, state) ?? 0)] as const);
  const bad = counts.filter(([, count]) => count > 0);
  if (bad.length === 0) return undefined;
  const details = isObject(clusters['details']) ? Object.entries(clusters['details']) : [];
  const names = details
    .filter(([, detail]) => isObject(detail) && detail['status'] !== 'successful')
    .map(([name]) => name || '(local)');
  const what = bad.map(([state, count]) => `${count} ${state}`).join(', ');
  return `of ${Number(clusters['total'] ?? 0)} clusters ${what}${names.length > 0 ? `: ${names.join(', ')}` : ''}`;
}

function failedShards(shards: Readonly<Record<string, unknown>>): SearchProblem {
  const classified = classifyError(
    { error: { type: 'search_phase_execution_exception', failed_shards: shards['failures'] } },
    503,
  );
  const message = `${String(shards['failed'])} of ${String(shards['total'])} shards failed: ${classified.message}`;
  return searchProblem(classified.code === 'server' ? 'partial' : classified.code, message);
}

function statusOf(entry: Readonly<Record<string, unknown>>): number {
  return typeof entry['status'] === 'number' ? entry['status'] : 500;
}

function tookOf(entry: Readonly<Record<string, unknown>>): number {
  return typeof entry['took'] === 'number' ? entry['took'] : 0;
}
