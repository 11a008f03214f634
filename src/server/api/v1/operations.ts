import { type Static, type TSchema, Type } from 'typebox';
import { parseDuration } from '../../../core/duration.ts';
import { isObject } from '../../../core/json.ts';
import type { StoreAnswer } from '../../../core/stored.ts';
import { DAY, type Instant, type TimeRange } from '../../../core/time.ts';
import { matchesAll } from '../../../routing/matches.ts';
import { parseMatchers } from '../../../routing/parse-matcher.ts';
import type { Matcher } from '../../../routing/route.ts';
import type { Rule } from '../../../rules/rule.ts';
import type { Group } from '../../../search/query.ts';
import type { SilenceSaved } from '../alertmanager.ts';
import { ALERT_STATES, foundAlerts } from '../../web/alert-search.ts';
import { matchedBy } from '../../web/change-routes.ts';
import { receiversOf } from '../../web/list-pages.ts';
import type { Costly, WebPorts } from '../../web/ports.ts';
import { MOST_RECORDS, momentOf } from '../../web/routes.ts';
import { foundRules } from '../../web/rule-pages.ts';
import { alertAnswer, episodeAnswer, evaluationAnswer, messageAnswer, ruleAnswer, seriesAnswer, silenceAnswer } from './answers.ts';
import { ApiRefusal } from './problem.ts';
import type { ANSWERS } from './shapes.ts';

/** What a request gives beside its path. */
interface Given {
  readonly id: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  /** Who asks, for what they change. */
  readonly by: string | undefined;
}

/** One request of the API: routes and the OpenAPI document are made of these. */
export interface Operation {
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/api/v1`, as OpenAPI writes it. */
  readonly path: string;
  readonly summary: string;
  readonly query?: TSchema;
  readonly body?: TSchema;
  readonly answer: keyof typeof ANSWERS;
  /** `cluster`: it searches the cluster, which anonymous callers from other machines may not; `silence`: it changes silences. */
  readonly needs?: 'cluster' | 'silence';
  readonly run: (ports: WebPorts, given: Given) => Promise<unknown>;
}

const MOST_ITEMS = 500;
const closed = { additionalProperties: false } as const;
const PAGE = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_ITEMS, default: 100, description: 'Items of a page.' })),
  after: Type.Optional(
    Type.Integer({ minimum: 0, maximum: MOST_RECORDS, default: 0, description: 'How many are left out: `next` of the page before.' }),
  ),
};
const RANGE = {
  from: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601; default: a week before `to`.' })),
  to: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601; default: now.' })),
};
const MATCHER = Type.Optional(
  Type.Array(Type.String({ maxLength: 1_000 }), { maxItems: 50, description: 'Matchers, as in `severity="critical"`; all have to match.' }),
);
const GROUP = Type.Optional(
  Type.String({ maxLength: 20_000, description: 'The group as JSON: `{"service.name":"stub"}`; for a rule without `group_by` it may be left out.' }),
);
const RULE = Type.Optional(Type.String({ maxLength: 1_000, description: 'ID of a rule.' }));

const WANTED = Type.Object(
  {
    matchers: Type.Array(Type.String({ maxLength: 2_000 }), { minItems: 1, maxItems: 100 }),
    duration: Type.Optional(Type.String({ maxLength: 64, description: 'Such as `2h`; instead of `ends_at`.' })),
    starts_at: Type.Optional(Type.String({ maxLength: 40 })),
    ends_at: Type.Optional(Type.String({ maxLength: 40 })),
    comment: Type.String({ minLength: 1, maxLength: 2_000 }),
    created_by: Type.Optional(Type.String({ maxLength: 200, description: 'Only without a login; otherwise it is who signed in.' })),
    link: Type.Optional(Type.String({ maxLength: 2_000 })),
  },
  { ...closed, title: 'WantedSilence', description: 'A new silence.' },
);
const PREVIEW = Type.Object(
  { matchers: Type.Array(Type.String({ maxLength: 2_000 }), { minItems: 1, maxItems: 100 }) },
  { ...closed, title: 'WantedPreview' },
);

/** All requests of the API. */
export const OPERATIONS: readonly Operation[] = [
  {
    ...{ id: 'listRules', method: 'GET', path: '/rules', answer: 'rules', summary: 'Loaded rules with health and cost' },
    query: Type.Object({ q: Type.Optional(Type.String({ maxLength: 1_000, description: 'Words in name, type, labels or indices.' })), ...PAGE }, closed),
    run: async (ports, { query }) => {
      const found = foundRules(ports.rules(), String(query['q'] ?? ''));
      const { items, ...page } = pageIn(found, query);
      return { items: await shownRules(items, ports), ...page };
    },
  },
  {
    ...{ id: 'getRule', method: 'GET', path: '/rules/{id}', answer: 'rule', summary: 'One rule' },
    run: async (ports, { id }) => (await shownRules([ruleOf(id, ports)], ports))[0],
  },
  {
    ...{ id: 'listEvaluations', method: 'GET', path: '/rules/{id}/evaluations', answer: 'evaluations', summary: 'Recorded evaluations of a rule, the newest first' },
    query: Type.Object({ changed: Type.Optional(Type.Boolean({ description: 'Only those that changed an alert.' })), ...RANGE, ...PAGE }, closed),
    run: (ports, { id, query }) =>
      recorded(query, (page) => ports.history.runs({ ...page, ...rangeIn(query, ports), rule: id, ...(query['changed'] === true && { changed: true }) }), evaluationAnswer),
  },
  {
    ...{ id: 'getSeries', method: 'GET', path: '/rules/{id}/series', answer: 'series', needs: 'cluster', summary: 'What a rule measured of one group' },
    query: Type.Object({ group: GROUP, ...RANGE }, closed),
    run: async (ports, { id, query }) => {
      const rule = ruleOf(id, ports);
      const series = costly(await ports.series(rule, groupIn(query, rule), rangeIn(query, ports, DAY).range));
      if (series === undefined) throw new ApiRefusal(404, 'the rule has no series in this time', 'rules of type esql have none; else choose another range');
      return seriesAnswer(rule.id, series);
    },
  },
  {
    ...{ id: 'explain', method: 'GET', path: '/rules/{id}/explain', answer: 'explanation', needs: 'cluster', summary: 'Why a rule fires or does not, and who is notified' },
    query: Type.Object({ group: GROUP, at: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601; default: now.' })) }, closed),
    run: async (ports, { id, query }) => {
      const rule = ruleOf(id, ports);
      const group = query['group'] === undefined ? undefined : groupIn(query, rule);
      const explanation = costly(await ports.explain(rule, group, timeIn(query, 'at') ?? ports.status().now));
      return JSON.parse(ports.explanationJson(explanation, rule)) as unknown;
    },
  },
  {
    ...{ id: 'listAlerts', method: 'GET', path: '/alerts', answer: 'alerts', summary: 'Living alerts, the worst first' },
    query: Type.Object(
      { matcher: MATCHER, state: Type.Optional(Type.Union(ALERT_STATES.map((state) => Type.Literal(state)))), ...PAGE },
      closed,
    ),
    run: async (ports, { query }) => {
      const { report, problem } = await ports.alerts();
      if (problem !== undefined) throw unread(problem);
      const search = { ok: true, matchers: matchersIn(query['matcher']), words: [] } as const;
      const { items, ...page } = pageIn(foundAlerts(report.alerts, search, query['state'] as string | undefined), query);
      return { items: items.map(alertAnswer), ...page };
    },
  },
  {
    ...{ id: 'getAlert', method: 'GET', path: '/alerts/{id}', answer: 'alert', summary: 'One living alert' },
    run: async (ports, { id }) => {
      const { report, problem } = await ports.alerts();
      if (problem !== undefined) throw unread(problem);
      const alert = report.alerts.find((one) => one.id === id);
      if (alert === undefined) throw new ApiRefusal(404, 'no living alert has this ID', 'look for its episodes: /api/v1/episodes?alert=ID');
      return alertAnswer(alert);
    },
  },
  {
    ...{ id: 'listEpisodes', method: 'GET', path: '/episodes', answer: 'episodes', summary: 'Episodes that fired in a range of time, the newest first' },
    query: Type.Object({ rule: RULE, alert: Type.Optional(Type.String({ maxLength: 1_000 })), matcher: MATCHER, ...RANGE, ...PAGE }, closed),
    run: async (ports, { query }) => {
      const wanted = { ...rangeIn(query, ports), ...textIn(query, 'rule'), ...textIn(query, 'alert') };
      const matchers = matchersIn(query['matcher']);
      if (matchers.length === 0) return recorded(query, (page) => ports.history.episodes({ ...page, ...wanted }), episodeAnswer);
      // Which labels match is decided here: matchers have the regular expressions of Alertmanager.
      const read = answered(await ports.history.episodes({ ...wanted, limit: MOST_RECORDS }));
      const { items, ...page } = pageIn(read.filter(({ labels }) => matchesAll(matchers, labels)), query);
      return { items: items.map(episodeAnswer), ...page };
    },
  },
  {
    ...{ id: 'listNotifications', method: 'GET', path: '/notifications', answer: 'notifications', summary: 'Messages, the newest first' },
    query: Type.Object(
      { rule: RULE, alert: Type.Optional(Type.String({ maxLength: 1_000 })), receiver: Type.Optional(Type.String({ maxLength: 1_000 })), ...RANGE, ...PAGE },
      closed,
    ),
    run: (ports, { query }) => {
      const wanted = { ...rangeIn(query, ports), ...textIn(query, 'rule'), ...textIn(query, 'alert'), ...textIn(query, 'receiver') };
      return recorded(query, (page) => ports.history.messages({ ...page, ...wanted }), messageAnswer);
    },
  },
  {
    ...{ id: 'listSilences', method: 'GET', path: '/silences', answer: 'silences', summary: 'Silences' },
    query: Type.Object({ expired: Type.Optional(Type.Boolean({ description: 'Also those that have expired.' })), ...PAGE }, closed),
    run: async (ports, { query }) => {
      const all = answered(await ports.silences.list());
      const { items, ...page } = pageIn(all.filter(({ state }) => query['expired'] === true || state !== 'expired'), query);
      return { items: items.map(silenceAnswer), ...page };
    },
  },
  {
    ...{ id: 'getSilence', method: 'GET', path: '/silences/{id}', answer: 'silence', summary: 'One silence' },
    run: async (ports, { id }) => {
      const found = answered(await ports.silences.get(id));
      if (found === undefined) throw NO_SILENCE();
      return silenceAnswer(found);
    },
  },
  {
    ...{ id: 'previewSilence', method: 'POST', path: '/silences/preview', answer: 'preview', body: PREVIEW, summary: 'What a silence would suppress, and would have' },
    run: async (ports, { body }) => {
      const { matchers } = body as Static<typeof PREVIEW>;
      const found = await matchedBy(matchersIn(matchers), ports);
      if (found.problem !== undefined) throw unread(found.problem);
      return {
        alerts: found.alerts.slice(0, MOST_ITEMS).map(alertAnswer),
        alerts_total: found.alerts.length,
        episodes: found.episodes.slice(0, MOST_ITEMS).map(episodeAnswer),
        episodes_total: found.episodes.length,
        more: found.more,
      };
    },
  },
  {
    ...{ id: 'addSilence', method: 'POST', path: '/silences', answer: 'saved', needs: 'silence', body: WANTED, summary: 'Adds a silence' },
    run: (ports, { body, by }) => addSilence(body as Static<typeof WANTED>, by, ports),
  },
  {
    ...{ id: 'expireSilence', method: 'DELETE', path: '/silences/{id}', answer: 'saved', needs: 'silence', summary: 'Ends a silence now' },
    run: async (ports, { id, by }) => {
      const done = savedId(await ports.silences.expire(id));
      ports.audit({ silence: done, done: 'expired', by: by ?? 'localhost' });
      return { id: done };
    },
  },
  {
    ...{ id: 'listReceivers', method: 'GET', path: '/receivers', answer: 'receivers', summary: 'Receivers, and whether they take messages' },
    query: Type.Object(PAGE, closed),
    run: async (ports, { query }) => {
      const { items, ...page } = pageIn(receiversOf(ports.routing(), await ports.alerts()), query);
      return {
        items: items.map(({ name, destinations }) => ({
          name,
          destinations: destinations.map(({ id, channel, problem, waiting }) => ({ id, channel, problem: problem ?? null, alerts_waiting: waiting })),
        })),
        ...page,
      };
    },
  },
];

const NO_SILENCE = () => new ApiRefusal(404, 'there is no such silence', 'list them with GET /api/v1/silences?expired=true');

async function addSilence(wanted: Static<typeof WANTED>, by: string | undefined, ports: WebPorts): Promise<unknown> {
  const { now } = ports.status();
  const starts_at = Math.max(now, timeIn(wanted, 'starts_at') ?? now);
  const length = wanted.duration === undefined ? undefined : parseDuration(wanted.duration);
  const ends_at = length === undefined ? timeIn(wanted, 'ends_at') : starts_at + length;
  if (ends_at === undefined) throw new ApiRefusal(400, 'it is not said when the silence ends', 'give `duration` such as 2h, or `ends_at`');
  const saved = await ports.silences.save(
    {
      ...{ matchers: matchersIn(wanted.matchers), starts_at, ends_at, comment: wanted.comment, created_by: by ?? wanted.created_by ?? '' },
      ...(wanted.link !== undefined && { link: wanted.link }),
    },
    undefined,
  );
  const id = savedId(saved);
  ports.audit({ silence: id, done: 'saved', by: by ?? 'localhost' });
  return { id };
}

function savedId(saved: SilenceSaved): string {
  if (saved.kind === 'saved') return saved.id;
  if (saved.kind === 'unknown') throw NO_SILENCE();
  if (saved.kind === 'failed') throw unread(saved.message);
  const [detail = '', next = 'correct it'] = saved.message.split('; ');
  throw new ApiRefusal(400, detail, next);
}

async function shownRules(rules: readonly Rule[], ports: WebPorts) {
  const [documents, { report }] = await Promise.all([ports.documents(rules.map(({ id }) => id)), ports.alerts()]);
  const found = answered(documents);
  return rules.map((rule) =>
    ruleAnswer({
      rule,
      document: found.get(rule.id),
      cost: ports.costOf(rule.id),
      alerts: report.alerts.filter((alert) => alert.rule === rule.name),
    }),
  );
}

function ruleOf(id: string, ports: WebPorts): Rule {
  const rule = ports.ruleWithId(id);
  if (rule === undefined) throw new ApiRefusal(404, 'no loaded rule has this ID', 'list them with GET /api/v1/rules');
  return rule;
}

interface PageOf<T> {
  readonly items: readonly T[];
  readonly next: number | null;
  readonly total: number | null;
}

function pageIn<T>(all: readonly T[], query: Given['query']): PageOf<T> {
  const { limit, skip } = pageOf(query);
  const end = skip + limit;
  return { items: all.slice(skip, end), next: end < all.length && end <= MOST_RECORDS ? end : null, total: all.length };
}

function pageOf(query: Given['query']): { readonly limit: number; readonly skip: number } {
  return { limit: Number(query['limit'] ?? 100), skip: Number(query['after'] ?? 0) };
}

/** A page of what history recorded; how many there are altogether is not counted. A search finds the newest 10,000: what is older needs an earlier `to`. */
async function recorded<T>(
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

function answered<T>(answer: StoreAnswer<T>): T {
  if (answer.ok) return answer.value;
  throw unread(answer.message);
}

function unread(message: string): ApiRefusal {
  return new ApiRefusal(503, `the state cannot be read or written: ${message}`, 'check that the cluster is up, and try again');
}

function costly<T>(answer: Costly<T>): T {
  if (answer.kind === 'given') return answer.value;
  throw new ApiRefusal(503, answer.message, answer.kind === 'busy' ? 'try again in a few seconds' : 'check the rule with `tocsin explain`');
}

function rangeIn(query: Given['query'], ports: WebPorts, length = 7 * DAY): { readonly range: TimeRange } {
  const to = timeIn(query, 'to') ?? ports.status().now + 1;
  const from = timeIn(query, 'from') ?? to - length;
  if (from >= to) throw new ApiRefusal(400, '`from` is not before `to`', 'choose an earlier `from` or a later `to`');
  return { range: { from, to } };
}

function timeIn(fields: object, name: string): Instant | undefined {
  const text: unknown = Object.getOwnPropertyDescriptor(fields, name)?.value;
  if (text === undefined) return undefined;
  const at = typeof text === 'string' ? momentOf(text) : undefined;
  if (at === undefined) throw new ApiRefusal(400, `\`${name}\` is not a time`, 'write it in ISO 8601, such as 2026-01-31T10:00Z');
  return at;
}

function textIn<const N extends string>(query: Given['query'], name: N): { readonly [K in N]?: string } {
  const text: unknown = Object.getOwnPropertyDescriptor(query, name)?.value;
  return (typeof text === 'string' ? { [name]: text } : {}) as { readonly [K in N]?: string };
}

function matchersIn(texts: unknown): readonly Matcher[] {
  return (Array.isArray(texts) ? texts : []).flatMap((text: unknown) => {
    const parsed = parseMatchers(String(text));
    if (parsed.ok) return parsed.matchers;
    throw new ApiRefusal(400, `invalid matcher: ${parsed.message}, at character ${parsed.offset + 1}`, 'such as severity="critical" or team=~"shop|web"');
  });
}

function groupIn(query: Given['query'], rule: Rule): Group {
  const text = query['group'];
  const group = text === undefined ? {} : parsedGroup(String(text));
  const missing = rule.groupBy.filter((field) => !Object.hasOwn(group, field));
  const strange = Object.keys(group).filter((field) => !rule.groupBy.includes(field));
  if (missing.length === 0 && strange.length === 0) return group;
  const fields = rule.groupBy.length === 0 ? 'the rule has no group_by: leave `group` out' : `give each of ${rule.groupBy.join(', ')} as JSON`;
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
  throw new ApiRefusal(400, '`group` is not a JSON object of texts', 'such as {"service.name":"stub"}');
}
