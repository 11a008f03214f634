import { hashId } from '../core/ids.ts';
import { type JsonObject, jsonText } from '../core/json.ts';
import { type Instant, iso, type TimeRange } from '../core/time.ts';

/** Where Kibana lives: its base URL without a slash at the end, and its space. */
export interface KibanaPlace {
  readonly url: string;
  readonly space?: string;
}

/** What a Discover link shows: the documents of a query and a group in a window. */
export interface DiscoverQuestion {
  readonly indices: readonly string[];
  readonly timeField: string;
  readonly query: { readonly language: 'kql' | 'lucene' | 'dsl'; readonly text: string };
  readonly group: Readonly<Record<string, string | null>>;
  readonly window: TimeRange;
}

/** Link to Discover with the exact query, group and window; undefined for a query in DSL, which Discover's bar cannot hold. */
export function discoverLink(kibana: KibanaPlace, question: DiscoverQuestion): string | undefined {
  if (question.query.language === 'dsl') return undefined;
  const language = question.query.language === 'kql' ? 'kuery' : 'lucene';
  return discoverAt(kibana, { ...question, query: { language, query: queryText(question) } });
}

/** The logs of some traces: where they are, and which fields hold the ids of traces there. */
export interface TraceLogsQuestion {
  readonly indices: readonly string[];
  readonly fields: readonly string[];
  readonly traceIds: readonly string[];
  readonly from: Instant;
  readonly to: Instant;
}

/** Link to Discover with the logs of traces. */
export function traceLogsLink(kibana: KibanaPlace, { indices, fields, traceIds, from, to }: TraceLogsQuestion): string {
  const ids = traceIds.map(quoted).join(' or ');
  const query = fields.map((field) => `${field}:(${ids})`).join(' or ');
  return discoverAt(kibana, { indices, timeField: '@timestamp', window: { from, to }, query: { language: 'kuery', query } });
}

interface DiscoverPlace {
  readonly indices: readonly string[];
  readonly timeField: string;
  readonly window: TimeRange;
  readonly query: JsonObject;
}

/** The version whose parameters these links speak; a newer Kibana brings them up to date by itself. */
const SINCE = '8.9.0';

/**
 * Goes through Kibana's redirect with Discover's locator: it takes the indices themselves, where `/app/discover#/?_a=(index:…)` takes the
 * id of a data view that someone must have saved, and shows another one otherwise.
 */
function discoverAt(kibana: KibanaPlace, { indices, timeField, window, query }: DiscoverPlace): string {
  const title = indices.join(',');
  const parameters = {
    dataViewSpec: { id: `tocsin-${hashId('data-view', title)}`, title, timeFieldName: timeField, allowNoIndex: true },
    timeRange: { from: iso(window.from), to: iso(window.to) },
    query,
  };
  return `${base(kibana)}/app/r?l=DISCOVER_APP_LOCATOR&v=${SINCE}&p=${encoded(jsonText(parameters))}`;
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
    return `${field}:${quoted(value)}`;
  });
  const own =
    query.text.trim() === '' || query.text.trim() === '*' ? [] : [narrowed.length === 0 ? query.text : `(${query.text})`];
  return [...own, ...narrowed].join(lucene ? ' AND ' : ' and ');
}

/** A value in quotes, as KQL and Lucene both read it. */
function quoted(value: string): string {
  return `"${whole(value).replace(/["\\]/g, '\\$&')}"`;
}

function encoded(text: string): string {
  return encodeURIComponent(whole(text));
}

/** Half of a character, which a cut text may end with, has no place in a URL and would make the encoding throw. */
function whole(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD');
}
