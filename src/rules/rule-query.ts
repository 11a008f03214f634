import { canonicalJson } from '../core/json.ts';
import { kqlToDsl } from '../kql/kql.ts';
import type { QueryDsl } from '../search/query.ts';
import type { Complaints } from '../yaml/complaints.ts';
import type { Path } from '../yaml/path.ts';
import type { CommonKeys } from './common-keys.ts';
import type { Rule } from './rule.ts';

/** A filter that no document passes: what stands in for a query that does not parse, in a rule that is refused anyway. */
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

/** The words of Lucene that KQL takes for names of fields. */
export const LUCENE_WORDS: ReadonlySet<string> = new Set(['_exists_', '_missing_']);

/** KQL at a path as a filter; a text that does not parse is an error at its very character. */
export function readKql(text: string, path: Path, complaints: Complaints): QueryDsl {
  const compiled = kqlToDsl(text);
  if (compiled.ok) {
    if (compiled.fields.some((field) => LUCENE_WORDS.has(field))) {
      const message = '`_exists_` is a word of Lucene: KQL takes it for the name of a field, which no document has';
      complaints.warning(
        'rule/lucene-in-kql',
        path,
        message,
        'trace.id: * where a document must have trace.id; or query: { lucene: … }',
      );
    }
    return compiled.dsl;
  }
  complaints.errorInText('rule/query', path, compiled.offset, compiled.message, compiled.hint);
  return NOTHING;
}
