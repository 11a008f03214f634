import { iso, type TimeRange } from '../core/time.ts';

/** Where Kibana lives: its base URL without a slash at the end, and its space. */
export interface KibanaPlace {
  readonly url: string;
  readonly space?: string;
}

/** What a Discover link shows: the documents of a query and a group in a window. */
export interface DiscoverQuestion {
  readonly indices: readonly string[];
  readonly query: { readonly language: 'kql' | 'lucene' | 'dsl'; readonly text: string };
  readonly group: Readonly<Record<string, string | null>>;
  readonly window: TimeRange;
}

/** Link to Discover with the exact query, group and window; undefined for a query in DSL, which Discover's bar cannot hold. */
export function discoverLink(kibana: KibanaPlace, question: DiscoverQuestion): string | undefined {
  if (question.query.language === 'dsl') return undefined;
  const language = question.query.language === 'kql' ? 'kuery' : 'lucene';
  const time = `(time:(from:${rison(iso(question.window.from))},to:${rison(iso(question.window.to))}))`;
  const query = `(language:${language},query:${rison(queryText(question))})`;
  const state = `(index:${rison(question.indices.join(','))},query:${query})`;
  return `${base(kibana)}/app/discover#/?_g=${encoded(time)}&_a=${encoded(state)}`;
}

/** Link to a trace in Kibana's APM app, around its window. */
export function traceLink(kibana: KibanaPlace, traceId: string, window: TimeRange): string {
  const range = `rangeFrom=${encoded(iso(window.from))}&rangeTo=${encoded(iso(window.to))}`;
  return `${base(kibana)}/app/apm/link-to/trace/${encoded(traceId)}?${range}`;
}

function base({ url, space }: KibanaPlace): string {
  const root = url.replace(/\/+$/, '');
  return space === undefined || space === 'default' ? root : `${root}/s/${encoded(space)}`;
}

function queryText({ query, group }: DiscoverQuestion): string {
  const lucene = query.language === 'lucene';
  const narrowed = Object.entries(group).map(([field, value]) => {
    if (value === null) return lucene ? `NOT _exists_:${field}` : `not ${field}:*`;
    return `${field}:"${value.replace(/["\\]/g, '\\$&')}"`;
  });
  const own =
    query.text.trim() === '' || query.text.trim() === '*' ? [] : [narrowed.length === 0 ? query.text : `(${query.text})`];
  return [...own, ...narrowed].join(lucene ? ' AND ' : ' and ');
}

/** A string in Rison, the notation of Kibana's URLs. */
function rison(text: string): string {
  return `'${text.replace(/[!']/g, '!$&')}'`;
}

/** Half of a character, which a cut text may end with, has no place in a URL and would make the encoding throw. */
function encoded(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\uFFFD'));
}
