import { canonicalJson } from '../core/json.ts';
import { kqlToDsl } from '../kql/kql.ts';
import type { QueryDsl } from '../search/query.ts';
import type { Complaints } from '../yaml/complaints.ts';
import type { Path } from '../yaml/path.ts';
import type { CommonKeys } from './common-keys.ts';
import type { Rule } from './rule.ts';

/** A filter that matches no document: placeholder for an invalid query, in a rule that is refused anyway. */
const NOTHING: QueryDsl = { match_none: {} };

/** The key `query` as filter and as text for links; no query matches every document. */
export function readQuery(query: CommonKeys['query'], complaints: Complaints): Pick<Rule, 'filter' | 'query'> {
  if (query === undefined || typeof query === 'string') {
    const text = query ?? '';
    return { filter: readKql(text, ['query'], complaints), query: { language: 'kql', text } };
  }
  if ('lucene' in query) {
    const text = query.lucene;
    return { filter: { query_string: { query: text, analyze_wildcard: true } }, query: { language: 'lucene', text } };
  }
  return { filter: query.dsl, query: { language: 'dsl', text: canonicalJson(query.dsl) } };
}

/** KQL at a path as a filter; a text that does not parse is an error at its very character. */
export function readKql(text: string, path: Path, complaints: Complaints): QueryDsl {
  const compiled = kqlToDsl(text);
  if (compiled.ok) {
    if (compiled.foreign !== undefined) complaints.warning('rule/not-kql', path, compiled.foreign.message, compiled.foreign.hint);
    return compiled.dsl;
  }
  complaints.errorInText('rule/query', path, compiled.offset, compiled.message, compiled.hint);
  return NOTHING;
}
