import { isObject, type Json, type JsonObject } from '../core/json.ts';
import { type Instant, iso } from '../core/time.ts';
import type { Metric, Query, QueryDsl } from './query.ts';

/**
 * The question with `now` in its queries as the tick it is asked for, and not as the wall clock of whoever answers: a replay of the past and a
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
const NOW_WITH_MATH = new RegExp(`^now${MATH}+$`);
const BOUNDS = ['gt', 'gte', 'lt', 'lte', 'from', 'to'];
/** The format of the dates that are put in. */
const FORMAT = 'strict_date_optional_time||epoch_millis';
/** A literal that this format reads as a field's own usual format does. */
const USUAL = /^(?:-?\d+|\d{4}(?:-\d{2}(?:-\d{2}(?:T[\d:.,]+(?:Z|[+-]\d{2}:?\d{2})?)?)?)?(?:\|\|.*)?)$/;

function resolved(json: Json, at: Instant): Json {
  if (Array.isArray(json)) return mapped(json, (inner) => resolved(inner, at));
  if (!isObject(json)) return json;
  return mappedMembers(
    json as JsonObject,
    (kind, body) => {
      switch (kind) {
        case 'range':
          return undefined;
        case 'query_string':
          return queryStringAt(body, at);
        case 'script':
          return body;
        default:
          return resolved(body, at);
      }
    },
    (kind, body) =>
      kind === 'range' && isObject(body) ? rangeAt(body as JsonObject, at) : TERMS.has(kind) ? termAt(kind, body, at) : undefined,
  );
}

const TERMS = new Set(['term', 'match', 'match_phrase']);

/** A query over one field that has another kind once it speaks of a date; undefined where it does not. */
function termAt(kind: string, body: Json, at: Instant): JsonObject | undefined {
  const entries = isObject(body) ? Object.entries(body as JsonObject) : [];
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) return undefined;
  const [field, given] = entry;
  const value = isObject(given) ? given[kind === 'term' ? 'value' : 'query'] : given;
  // The word `now` alone is a word; with date math behind it, it is a moment.
  if (typeof value !== 'string' || !NOW_WITH_MATH.test(value)) return undefined;
  const moment = momentAt(value, at);
  return { range: { [field]: { gte: moment, lte: moment, format: FORMAT } } };
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
const LUCENE = new RegExp(
  String.raw`\\.|(:\s*[<>]=?\s*)("now(?:[^"\\]|\\.)*"|now(?:[+-]\d+[yMwdhHms]|\\?/[yMwdhHms])*)(?=[\s)]|$)` +
    String.raw`|([[{]\s*)(${BOUND})(\s+TO\s+)(${BOUND})(\s*[\]}])|"(?:\\.|[^"\\])*"`,
  'gs',
);

function queryStringAt(body: Json, at: Instant): Json {
  if (!isObject(body) || typeof body['query'] !== 'string') return body;
  const { query } = body;
  const text = query.replace(
    LUCENE,
    (
      whole: string,
      operator?: string,
      compared?: string,
      open?: string,
      from?: string,
      to_?: string,
      to?: string,
      close?: string,
    ) => {
      if (operator !== undefined && compared !== undefined) return operator + luceneBound(compared, at);
      if (open === undefined || from === undefined || to === undefined) return whole;
      return `${open}${luceneBound(from, at)}${to_ ?? ' TO '}${luceneBound(to, at)}${close ?? ''}`;
    },
  );
  return text === query ? body : ({ ...body, query: text } as JsonObject);
}

function luceneBound(bound: string, at: Instant): string {
  const plain = bound.replace(/^"|"$/g, '').replaceAll('\\', '');
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
