import { Type } from 'typebox';
import { isObject } from '../../../core/json.ts';
import type { StoreAnswer } from '../../../core/stored.ts';
import { DAY, type Instant, type TimeRange } from '../../../core/time.ts';
import { parseMatchers } from '../../../routing/parse-matcher.ts';
import type { Matcher } from '../../../routing/route.ts';
import type { Rule } from '../../../rules/rule.ts';
import { hasFieldsOf } from '../../../search/group-key.ts';
import type { Group } from '../../../search/query.ts';
import { MOST_RECORDS } from '../../web/list-pages.ts';
import { momentOf } from '../../web/page-context.ts';
import type { Costly, WebPorts } from '../../web/ports.ts';
import type { Given } from './operation.ts';
import { ApiRefusal } from './problem.ts';

/** Items of a page, at most. */
export const MOST_ITEMS = 500;
/** Members that a schema does not name are errors. */
export const closedObject = { additionalProperties: false } as const;
/** Parameters of a list: which page of it. */
export const PAGE = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_ITEMS, default: 100, description: 'Items per page.' })),
  after: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 1_000_000,
      default: 0,
      description: 'How many items to skip: `next` of the previous page.',
    }),
  ),
};
/** Parameters of what is past: which range of time. */
export const RANGE = {
  from: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601; default: a week before `to`.' })),
  to: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601; default: now.' })),
};
/** The parameter with matchers. */
export const MATCHER = Type.Optional(
  Type.Array(Type.String({ maxLength: 1_000 }), {
    maxItems: 50,
    description: 'Matchers, as in `severity="critical"`; all must match.',
  }),
);
/** The parameter with a group. */
export const GROUP = Type.Optional(
  Type.String({
    maxLength: 20_000,
    description: 'The group as JSON: `{"service.name":"stub"}`; optional for a rule without `group_by`.',
  }),
);
/** The parameter with a rule. */
export const RULE_PARAMETER = Type.Optional(Type.String({ maxLength: 1_000, description: 'ID of a rule.' }));

interface PageOf<T> {
  readonly items: readonly T[];
  readonly next: number | null;
  readonly total: number | null;
}

/** A page of what is known whole. */
export function pageIn<T>(all: readonly T[], query: Given['query']): PageOf<T> {
  const { limit, skip } = pageOf(query);
  const end = skip + limit;
  return { items: all.slice(skip, end), next: end < all.length ? end : null, total: all.length };
}

function pageOf(query: Given['query']): { readonly limit: number; readonly skip: number } {
  return { limit: Number(query['limit'] ?? 100), skip: Number(query['after'] ?? 0) };
}

/** A page of what history recorded; how many there are altogether is not counted. A search finds the newest 10,000: what is older needs an earlier `to`. */
export async function recorded<T>(
  query: Given['query'],
  read: (page: { limit: number; skip: number }) => Promise<StoreAnswer<readonly T[]>>,
  answerOf: (one: T) => unknown,
): Promise<unknown> {
  const { limit, skip } = pageOf(query);
  const asked = Math.min(limit + 1, MOST_RECORDS - skip);
  const found = asked <= 0 ? [] : answered(await read({ limit: asked, skip }));
  const next = found.length > limit ? skip + limit : null;
  return { items: found.slice(0, limit).map(answerOf), next, total: null };
}

/** What a store answered; a refusal if it did not. */
export function answered<T>(answer: StoreAnswer<T>): T {
  if (answer.ok) return answer.value;
  throw unread(answer.message);
}

/** The refusal when the store does not answer. */
export function unread(message: string): ApiRefusal {
  return new ApiRefusal(503, `the state cannot be read or written: ${message}`, 'check that the cluster is up, and try again');
}

/** An answer that cost a search; a refusal if it failed. */
export function costly<T>(answer: Costly<T>): T {
  if (answer.kind === 'given') return answer.value;
  throw new ApiRefusal(
    503,
    answer.message,
    answer.kind === 'busy' ? 'try again in a few seconds' : 'check the rule with `tocsin explain`',
  );
}

/** The range of time that is asked for. */
export function rangeIn(query: Given['query'], ports: WebPorts, length = 7 * DAY): { readonly range: TimeRange } {
  const to = timeGiven(query, 'to') ?? ports.now() + 1;
  const from = timeGiven(query, 'from') ?? to - length;
  if (from >= to) throw new ApiRefusal(400, '`from` is not before `to`', 'choose an earlier `from` or a later `to`');
  return { range: { from, to } };
}

/** A time of the request; undefined if it is not given. */
export function timeGiven(fields: object, name: string): Instant | undefined {
  const text: unknown = Object.getOwnPropertyDescriptor(fields, name)?.value;
  if (text === undefined) return undefined;
  const at = typeof text === 'string' ? momentOf(text) : undefined;
  if (at === undefined) throw new ApiRefusal(400, `\`${name}\` is not a time`, 'write it in ISO 8601, such as 2026-01-31T10:00Z');
  return at;
}

/** A text of the request as a member of its name, or nothing. */
export function textIn<const N extends string>(query: Given['query'], name: N): { readonly [K in N]?: string } {
  const text: unknown = Object.getOwnPropertyDescriptor(query, name)?.value;
  return (typeof text === 'string' ? { [name]: text } : {}) as { readonly [K in N]?: string };
}

/** Matchers as Alertmanager writes them. */
export function matchersIn(texts: unknown): readonly Matcher[] {
  return (Array.isArray(texts) ? texts : []).flatMap((text: unknown) => {
    const parsed = parseMatchers(String(text));
    if (parsed.ok) return parsed.matchers;
    throw new ApiRefusal(
      400,
      `invalid matcher: ${parsed.message}, at character ${parsed.offset + 1}`,
      parsed.hint ?? 'such as severity="critical" or team=~"shop|web"',
    );
  });
}

/** The group that is asked for, one of the rule. */
export function groupIn(query: Given['query'], rule: Rule): Group {
  const text = query['group'];
  const group = text === undefined ? {} : parsedGroup(String(text));
  if (hasFieldsOf(rule.groupBy, group)) return group;
  const fields =
    rule.groupBy.length === 0 ? 'the rule has no group_by: omit `group`' : `give each of ${rule.groupBy.join(', ')} as JSON`;
  throw new ApiRefusal(400, '`group` is not a group of this rule', fields);
}

function parsedGroup(text: string): Group {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (isObject(value) && Object.values(value).every((one) => one === null || typeof one === 'string')) return value as Group;
  throw new ApiRefusal(400, '`group` is not a JSON object of strings', 'such as {"service.name":"stub"}');
}
