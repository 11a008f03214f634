import { isObject } from '../../core/json.ts';
import type { Source } from '../../search/query.ts';
import type { SearchProblem } from '../../search/search-problem.ts';
import { classifyReply } from './classify.ts';
import { sendSearches } from './msearch.ts';
import { searchBody } from './questions/body.ts';
import type { SearchRequest } from './questions/step.ts';
import { succeeded, type Wire } from './wire.ts';

/** Values as a field has them by how they were written, or why that cannot be found out now. */
export type ReadValues =
  | { readonly ok: true; readonly values: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly problem: SearchProblem };

const NONE: ReadValues = { ok: true, values: new Map() };
const LIMITS = { searchesARequest: 50, requestsAtOnce: 1 };

/**
 * What a `normalizer` makes of values of a keyword field. Only Elasticsearch knows it, so it is asked for each value and says in the profile of the
 * search which term it looked for. Fields without a normalizer, by far the most, cost one look at the mapping.
 */
export async function normalizedValues(
  wire: Wire,
  source: Source,
  { field, values }: { readonly field: string; readonly values: readonly string[] },
  signal: AbortSignal,
): Promise<ReadValues> {
  const path = `/${encodeURIComponent(source.indices.join(','))}/_mapping/field/${encodeURIComponent(field)}`;
  const query = { ignore_unavailable: true };
  const reply = await wire.send({ method: 'GET', path, query, timeout: wire.requestTimeout, signal, repeatable: true });
  if (!succeeded(reply)) {
    const problem = classifyReply(reply);
    // Other clusters do not show their mappings; there values are as they were written.
    return problem.transient ? { ok: false, problem } : NONE;
  }
  const name = normalizedField(reply.body, field);
  if (name === undefined) return NONE;
  const searches = values.map((value) => termSearch(source, field, value));
  const reads = await sendSearches(wire, searches, LIMITS, signal);
  const written = new Map<string, string>();
  for (const [at, value] of values.entries()) {
    const read = reads[at];
    if (read?.kind === 'problem' && read.problem.transient) return { ok: false, problem: read.problem };
    const term = read?.kind === 'found' ? termIn(read.found.body['profile'], `${name}:`) : undefined;
    if (term !== undefined) written.set(value, term);
  }
  return { ok: true, values: written };
}

/** The name under which a field with a normalizer is indexed; undefined for a field without one. */
function normalizedField(mappings: unknown, field: string): string | undefined {
  for (const index of Object.values(isObject(mappings) ? mappings : {})) {
    const fields = isObject(index) && isObject(index['mappings']) ? index['mappings'] : {};
    for (const { normalizer, type, path } of Object.values(fields).flatMap(definitions)) {
      if (typeof normalizer === 'string') return field;
      if (type === 'alias' && typeof path === 'string') return path;
    }
  }
  return undefined;
}

function definitions(entry: unknown): readonly Readonly<Record<string, unknown>>[] {
  const mapping = isObject(entry) ? entry['mapping'] : undefined;
  return isObject(mapping) ? Object.values(mapping).filter(isObject) : [];
}

function termSearch(source: Source, field: string, value: string): SearchRequest {
  const query = { bool: { filter: [{ term: { [field]: { value } } }] } };
  return { kind: 'search', source, body: searchBody(source, query, { profile: true, terminate_after: 1 }) };
}

/** The term of the first query that a profile describes as one over the field: `user.name:ann`. */
function termIn(profile: unknown, prefix: string): string | undefined {
  if (Array.isArray(profile)) {
    for (const inner of profile) {
      const term = termIn(inner, prefix);
      if (term !== undefined) return term;
    }
    return undefined;
  }
  if (!isObject(profile)) return undefined;
  const { type, description } = profile;
  if (type === 'TermQuery' && typeof description === 'string' && description.startsWith(prefix))
    return description.slice(prefix.length);
  return termIn(
    Object.values(profile).filter((inner) => typeof inner === 'object'),
    prefix,
  );
}
