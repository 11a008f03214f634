import { isObject, type Json, type JsonObject } from '../core/json.ts';
import { own } from '../core/record.ts';
import { type Instant, iso } from '../core/time.ts';
import type { Metric, Query, QueryDsl } from './query.ts';

/**
 * The question with `now` in its queries as the tick it is asked for, and not as the wall clock of the server: a replay of the past and a
 * late evaluation ask what was so then. Rounding and arithmetic stay date math, of Elasticsearch's own kind: `2026-01-01T10:00:00.000Z||-1h/d`.
 */
export function atTick(query: Query, at: Instant): Query {
  const filter = filterAt(query.filter, at);
  switch (query.kind) {
    case 'esql': {
      const text = esqlAt(query.text, at);
      return filter === query.filter && text === query.text ? query : { ...query, filter, text };
    }
    case 'hits': {
      const first = query.first === undefined ? undefined : filterAt(query.first, at);
      return filter === query.filter && first === query.first
        ? query
        : { ...query, filter, ...(first !== undefined && { first }) };
    }
    case 'groups': {
      const metrics = metricsAt(query.metrics, at);
      return filter === query.filter && metrics === query.metrics ? query : { ...query, filter, metrics };
    }
  }
}

function metricsAt(metrics: Readonly<Record<string, Metric>>, at: Instant): Readonly<Record<string, Metric>> {
  const entries = Object.entries(metrics);
  if (!entries.some(([, { where }]) => where !== undefined && speaksOfNow(where))) return metrics;
  return Object.fromEntries(
    entries.map(([name, metric]) => [
      name,
      metric.where === undefined ? metric : { ...metric, where: filterAt(metric.where, at) },
    ]),
  );
}

/** Filters of rules are the same objects at every tick. */
const known = new WeakMap<QueryDsl, boolean>();

function speaksOfNow(filter: QueryDsl): boolean {
  const before = known.get(filter);
  if (before !== undefined) return before;
  const found = resolved(filter, 0) !== filter;
  known.set(filter, found);
  return found;
}

function filterAt(filter: QueryDsl, at: Instant): QueryDsl {
  return speaksOfNow(filter) ? (resolved(filter, at) as QueryDsl) : filter;
}

const MATH = String.raw`(?:[+-]\d+[yMwdhHms]|/[yMwdhHms])`;
const NOW = new RegExp(`^now${MATH}*$`);
/** Only a rounded moment has a length, so that a value can equal it; other texts of this kind are texts: `range.from: now-15m`. */
const ROUNDED = new RegExp(`^now${MATH}*/[yMwdhHms]${MATH}*$`);
const BOUNDS = ['gt', 'gte', 'lt', 'lte', 'from', 'to'];
/** The format of the dates that are put in. */
const FORMAT = 'strict_date_optional_time||epoch_millis';
/** A literal that this format reads as a field's own usual format does. Digits alone may be anything: a day, seconds, a year. */
const USUAL = /^\d{4}-\d{2}(?:-\d{2}(?:T[\d:.,]+(?:Z|[+-]\d{2}:?\d{2})?)?)?(?:\|\|.*)?$/;

function resolved(json: Json, at: Instant): Json {
  if (Array.isArray(json)) return mapped(json, (inner) => resolved(inner, at));
  if (!isObject(json)) return json;
  return mappedMembers(
    json as JsonObject,
    (kind, body) => {
      switch (kind) {
        case 'range':
          return undefined;
        case 'script':
          return body;
        default:
          return resolved(body, at);
      }
    },
    (kind, body) => own(REPLACED, kind)?.(kind, body, at),
  );
}

type Replace = (kind: string, body: Json, at: Instant) => JsonObject | undefined;

/** Queries in which `now` may be, and how they become others. */
const REPLACED: Readonly<Record<string, Replace>> = {
  range: (_kind, body, at) => (isObject(body) ? rangeAt(body as JsonObject, at) : undefined),
  terms: (_kind, body, at) => termsAt(body, at),
  term: termAt,
  match: termAt,
  match_phrase: termAt,
  query_string: (_kind, body, at) => queryStringAt(body, at),
};

/** A list of values, of which those that are moments become alternatives of their own. */
function termsAt(body: Json, at: Instant): JsonObject | undefined {
  const entries = isObject(body) ? Object.entries(body as JsonObject).filter(([key]) => key !== 'boost' && key !== '_name') : [];
  const [[field, given] = []] = entries;
  if (field === undefined || entries.length > 1 || !Array.isArray(given)) return undefined;
  const values: readonly Json[] = given;
  const moments = values.filter((value) => typeof value === 'string' && ROUNDED.test(value));
  if (moments.length === 0) return undefined;
  const others = values.filter((value) => !moments.includes(value));
  const should = [
    ...(others.length > 0 ? [{ terms: { [field]: others } }] : []),
    ...moments.map((value) => wholeOf(field, String(value), at)),
  ];
  return { bool: { should, minimum_should_match: 1 } };
}

/** All of a rounded moment: the day of `now/d`. */
function wholeOf(field: string, now: string, at: Instant): JsonObject {
  const moment = momentAt(now, at);
  return { range: { [field]: { gte: moment, lte: moment, format: FORMAT } } };
}

/** A query over one field that has another kind once it is about a date; undefined where it does not. */
function termAt(kind: string, body: Json, at: Instant): JsonObject | undefined {
  const entries = isObject(body) ? Object.entries(body as JsonObject) : [];
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) return undefined;
  const [field, given] = entry;
  const value = isObject(given) ? given[kind === 'term' ? 'value' : 'query'] : given;
  return typeof value === 'string' && ROUNDED.test(value) ? wholeOf(field, value, at) : undefined;
}

/** A range with `now` in it; undefined for one without. */
function rangeAt(body: JsonObject, at: Instant): JsonObject | undefined {
  const entries = Object.entries(body).filter(([key]) => key !== 'boost' && key !== '_name');
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) return undefined;
  const [field, given] = entry;
  if (!isObject(given)) return undefined;
  const members = Object.entries(given as JsonObject);
  const isNow = ([key, value]: readonly [string, Json]) => BOUNDS.includes(key) && typeof value === 'string' && NOW.test(value);
  const moments = members.filter(isNow).map(([key, value]) => [key, momentAt(String(value), at)] as const);
  if (moments.length === 0) return undefined;
  const literals = members.filter(([key, value]) => BOUNDS.includes(key) && value !== null && !isNow([key, value]));
  const rest = members.filter(([key]) => !BOUNDS.includes(key));
  const usual = given['format'] === undefined && literals.every(([, value]) => USUAL.test(String(value)));
  const others = rest.filter(([key]) => key !== 'format');
  if (usual || literals.length === 0)
    return { range: { [field]: Object.fromEntries([...literals, ...moments, ...others, ['format', FORMAT]]) } };
  // What is written in the field's own format must go on being read in it.
  return {
    bool: {
      filter: [
        { range: { [field]: Object.fromEntries([...literals, ...rest]) } },
        { range: { [field]: Object.fromEntries([...moments, ...others, ['format', FORMAT]]) } },
      ],
    },
  };
}

function momentAt(now: string, at: Instant): string {
  const math = now.slice('now'.length);
  return math === '' ? iso(at) : `${iso(at)}||${math}`;
}

const BOUND = String.raw`"(?:\\.|[^"\\])*"|[^\s\]}"]+`;
const LUCENE_MATH = String.raw`(?:[+-]\d+[yMwdhHms]|\\?/[yMwdhHms])*`;
/** Where a value begins: behind the name of its field, or in a group of values. */
const BEGINS = String.raw`(?<=^|[:(\s+\-!])`;
const ENDS = String.raw`(?=[\s)^]|$)`;
const LUCENE = new RegExp(
  [
    `${BEGINS}(?<operator>[<>]=?)(?<compared>now${LUCENE_MATH}|"now${LUCENE_MATH}")${ENDS}`,
    String.raw`(?<open>[[{]\s*)(?<from>${BOUND})(?<between>\s+TO\s+)(?<to>${BOUND})(?<close>\s*[\]}])`,
    `${BEGINS}(?<equal>now${LUCENE_MATH}|"now${LUCENE_MATH}")${ENDS}`,
    String.raw`\\.|"(?:\\.|[^"\\])*"`,
  ].join('|'),
  'gs',
);

/** The field that a value in a Lucene text belongs to, by the text before it: `end:` or `end:(>now-1d AND `. */
const FIELD = /(?<![\w.@\\-])[-+!]?((?:[\w@]|\\.)(?:[\w.@-]|\\.)*):\s*(?:\([^()]*)?$/;

function queryStringAt(body: Json, at: Instant): JsonObject | undefined {
  if (!isObject(body) || typeof body['query'] !== 'string') return undefined;
  const { query } = body;
  const fields = new Set<string>();
  const text = query.replace(LUCENE, (whole: string, ...rest: unknown[]) => {
    const replaced = luceneAt(whole, rest.at(-1) as Readonly<Record<string, string | undefined>>, at);
    const field = replaced === whole ? undefined : FIELD.exec(query.slice(0, Number(rest.at(-3))))?.[1];
    if (field !== undefined) fields.add(field.replaceAll('\\', ''));
    return replaced;
  });
  if (text === query) return undefined;
  const asked = { query_string: { ...body, query: text } } as JsonObject;
  return fields.size === 0 ? asked : { bool: { filter: [asked, ...[...fields].map((field) => readsDates(field, at))] } };
}

/**
 * Matches everything. A Lucene text can name no format, and where a field cannot read the moments in it, Elasticsearch would let it match nothing,
 * silently: of this query it says so.
 */
function readsDates(field: string, at: Instant): JsonObject {
  return { bool: { should: [{ match_all: {} }, { range: { [field]: { gte: iso(at) } } }] } };
}

/** A part of a Lucene text. Behind `<` and `>` a quoted date would not be read, so that these become ranges too. */
function luceneAt(whole: string, part: Readonly<Record<string, string | undefined>>, at: Instant): string {
  const { operator, compared, open, from, between = ' TO ', to, close = '', equal } = part;
  if (operator !== undefined && compared !== undefined) {
    const moment = luceneBound(compared, at);
    const [begin, end] = [operator === '>' ? '{' : '[', operator === '<' ? '}' : ']'];
    return operator.startsWith('>') ? `${begin}${moment} TO *]` : `[* TO ${moment}${end}`;
  }
  if (open !== undefined && from !== undefined && to !== undefined)
    return `${open}${luceneBound(from, at)}${between}${luceneBound(to, at)}${close}`;
  if (equal === undefined || !ROUNDED.test(unquoted(equal))) return whole;
  const moment = luceneBound(equal, at);
  return `[${moment} TO ${moment}]`;
}

function unquoted(bound: string): string {
  return bound.replace(/^"|"$/g, '').replaceAll('\\', '');
}

function luceneBound(bound: string, at: Instant): string {
  const plain = unquoted(bound);
  return NOW.test(plain) ? `"${momentAt(plain, at)}"` : bound;
}

/** Strings, comments and quoted names, which hold no function of ES|QL; then the function. */
const ESQL = /"""[\s\S]*?"""|"(?:\\.|[^"\\])*"|`(?:[^`]|``)*`|\/\/[^\n]*|\/\*[\s\S]*?\*\/|\bNOW\s*\(\s*\)/gi;

function esqlAt(text: string, at: Instant): string {
  return text.replace(ESQL, (found) => (/^now/i.test(found) ? `TO_DATETIME("${iso(at)}")` : found));
}

/** The same list where nothing in it changed. */
function mapped(list: readonly Json[], change: (inner: Json) => Json): readonly Json[] {
  const next = list.map(change);
  return next.some((inner, place) => inner !== list[place]) ? next : list;
}

/** The same object where nothing in it changed; `replace` may put another query in the place of a member. */
function mappedMembers(
  object: JsonObject,
  change: (key: string, inner: Json) => Json | undefined,
  replace: (key: string, inner: Json) => JsonObject | undefined,
): JsonObject {
  let changed = false;
  const members = Object.entries(object).flatMap(([key, inner]) => {
    const other = replace(key, inner);
    if (other !== undefined) {
      changed = true;
      return Object.entries(other);
    }
    const next = change(key, inner) ?? inner;
    changed ||= next !== inner;
    return [[key, next] as const];
  });
  return changed ? Object.fromEntries(members) : object;
}
