import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { own } from '../../core/record.ts';
import type { StoreAnswer } from '../../core/stored.ts';
import type { Duration, Instant } from '../../core/time.ts';
import { matchesAll } from '../../routing/matches.ts';
import { parseMatchers } from '../../routing/parse-matcher.ts';
import { compileRegex } from '../../routing/regex.ts';
import type { Matcher, Routing } from '../../routing/route.ts';
import type { Silence } from '../../state/silence.ts';
import type { PresentAlerts, ServiceStatus } from '../status.ts';
import { type AccessRules, CHANGES, callerOf, mayChange } from './access.ts';
import {
  alertmanagerStatus,
  groupsJson,
  type MatcherJson,
  matcherOf,
  type ServedAlert,
  servedAlerts,
  silenceJson,
  type TargetsOf,
} from './alertmanager-json.ts';
import { type ReceivedDesk, receivedAlertsApi } from './received-alerts.ts';

/** A silence and where it is in its life. */
export interface ServedSilence {
  /** `origin`: file and line where it is planned, and where alone it is changed. */
  readonly silence: Silence & { readonly origin?: string };
  readonly state: 'active' | 'pending' | 'expired';
}

/** What a client asks a silence to be. */
export type WantedSilence = Pick<Silence, 'matchers' | 'starts_at' | 'ends_at' | 'created_by' | 'comment' | 'link'>;

/** The outcome of a change: `invalid` is the client's fault, `unknown` means that there is no such silence. */
export type SilenceSaved =
  | { readonly kind: 'saved'; readonly id: string }
  | { readonly kind: 'invalid' | 'unknown' | 'failed'; readonly message: string };

/** The silences as the API reads and changes them. */
export interface SilenceDesk {
  /** All that are stored, those that have expired included. */
  list(): Promise<StoreAnswer<readonly ServedSilence[]>>;
  get(id: string): Promise<StoreAnswer<ServedSilence | undefined>>;
  /** Saves a new silence, or a change of the one with this ID. */
  save(wanted: WantedSilence, id: string | undefined): Promise<SilenceSaved>;
  expire(id: string): Promise<SilenceSaved>;
  /** Moves its end so far ahead of now, ms, or of its start where that is to come. */
  extend(id: string, by: Duration): Promise<SilenceSaved>;
}

/** A change of a silence, for the log and the history. */
export interface AuditedChange {
  readonly silence: string;
  readonly done: 'saved' | 'extended' | 'expired';
  readonly by: string;
}

/** What Alertmanager's API is served from. */
export interface AlertmanagerPorts {
  readonly status: () => ServiceStatus;
  readonly alerts: () => Promise<PresentAlerts>;
  readonly silences: SilenceDesk;
  /** Alerts of other systems; without it none are taken. */
  readonly received?: ReceivedDesk;
  readonly routing: () => Routing;
  readonly targetsOf: () => TargetsOf;
  readonly access: () => AccessRules;
  /** Notes who changed what. */
  readonly audit: (change: AuditedChange) => void;
}

const MOST_FILTERS = 50;
const LONGEST_BODY = 256 * 1_024;

/** Alertmanager's HTTP API v2, below the prefix that the app is registered with: alerts, groups, receivers, status and silences. */
export function alertmanagerApi(app: FastifyInstance, ports: AlertmanagerPorts): void {
  // A form of another page can send text without asking first, and must not be read as a change.
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler((error, _request, reply) => {
    const status = statusOf(error);
    return refuse(reply, status, problemOf(status));
  });
  app.get('/status', async (_request, reply) => reply.send(alertmanagerStatus(ports.status(), ports.routing())));
  app.get('/receivers', async (_request, reply) =>
    reply.send(Object.keys(ports.routing().destinations).map((name) => ({ name }))),
  );
  app.get('/alerts', async (request, reply) => {
    const alerts = await wantedAlerts(request, reply, ports);
    return alerts && reply.send(alerts.map(({ json }) => json));
  });
  app.get('/alerts/groups', async (request, reply) => {
    const alerts = await wantedAlerts(request, reply, ports);
    return alerts && reply.send(groupsJson(alerts, ports.targetsOf()));
  });
  receivedAlertsApi(app, ports, refuse);
  silenceRoutes(app, ports);
}

function silenceRoutes(app: FastifyInstance, ports: AlertmanagerPorts): void {
  const { silences } = ports;
  app.get('/silences', async (request, reply) => {
    const filter = filterOf(request, reply);
    if (filter === undefined) return reply;
    const found = await silences.list();
    if (!found.ok) return refuse(reply, 503, 'the silences cannot be read');
    const wanted = found.value.filter(
      ({ silence, state }) => flag(request, state) && matchesAll(filter, labelsOfMatchers(silence.matchers)),
    );
    return reply.send(wanted.map(({ silence, state }) => silenceJson(silence, state)));
  });
  app.get<{ Params: { id: string } }>('/silence/:id', async ({ params }, reply) => {
    const found = await silences.get(params.id);
    if (!found.ok) return refuse(reply, 503, 'the silence cannot be read');
    if (found.value === undefined) return refuse(reply, 404, 'there is no silence with this ID');
    return reply.send(silenceJson(found.value.silence, found.value.state));
  });
  app.post<{ Body: PostedSilence }>(
    '/silences',
    { ...CHANGES, bodyLimit: LONGEST_BODY, schema: { body: POSTED }, attachValidation: true },
    async (request, reply) => {
      const by = changer(request, reply, ports);
      if (by === undefined) return reply;
      if (request.validationError !== undefined) return refuse(reply, 400, request.validationError.message);
      const wanted = wantedOf(request.body);
      if (typeof wanted === 'string') return refuse(reply, 400, wanted);
      const id = request.body.id === '' ? undefined : request.body.id;
      // Clients of tokens are programs that say for whom they act; the proxy says who it is.
      const caller = callerOf({ headers: request.headers, remoteAddress: request.socket.remoteAddress }, ports.access());
      const saved = await silences.save(caller.kind === 'proxy' ? { ...wanted, created_by: by } : wanted, id);
      if (saved.kind !== 'saved') return refused(reply, saved);
      ports.audit({ silence: saved.id, done: 'saved', by });
      return reply.send({ silenceID: saved.id });
    },
  );
  app.delete<{ Params: { id: string } }>('/silence/:id', CHANGES, async (request, reply) => {
    const by = changer(request, reply, ports);
    if (by === undefined) return reply;
    const saved = await silences.expire(request.params.id);
    if (saved.kind !== 'saved') return refused(reply, saved);
    ports.audit({ silence: saved.id, done: 'expired', by });
    return reply.send();
  });
}

async function wantedAlerts(
  request: FastifyRequest,
  reply: FastifyReply,
  { alerts, silences, received, status }: AlertmanagerPorts,
): Promise<readonly ServedAlert[] | undefined> {
  const filter = filterOf(request, reply);
  if (filter === undefined) return undefined;
  const receiver = receiverOf(request, reply);
  if (receiver === undefined) return undefined;
  const [present, found, sent] = await Promise.all([alerts(), silences.list(), received?.byAlert()]);
  if (present.problem !== undefined || !found.ok) {
    refuse(reply, 503, present.problem ?? 'the silences cannot be read');
    return undefined;
  }
  const { now } = status();
  const active = found.value.flatMap(({ silence, state }) => (state === 'active' && silence.ends_at > now ? [silence] : []));
  return servedAlerts(present.report, active, sent).filter(
    ({ labels, json }) =>
      matchesAll(filter, labels) &&
      flag(request, json.status.state === 'active' ? 'active' : 'silenced') &&
      (json.receivers.length === 0 ? receiver('') : json.receivers.some(({ name }) => receiver(name))),
  );
}

/** The matchers of all `filter` parameters; undefined after a refusal. */
function filterOf(request: FastifyRequest, reply: FastifyReply): readonly Matcher[] | undefined {
  const texts = parameters(request, 'filter');
  if (texts.length > MOST_FILTERS) {
    refuse(reply, 400, `at most ${MOST_FILTERS} filters`);
    return undefined;
  }
  const matchers: Matcher[] = [];
  for (const text of texts) {
    const parsed = parseMatchers(text);
    if (!parsed.ok) {
      refuse(reply, 400, `invalid filter: ${parsed.message}, at character ${parsed.offset + 1}${withHint(parsed)}`);
      return undefined;
    }
    matchers.push(...parsed.matchers);
  }
  return matchers;
}

function withHint({ hint }: { readonly hint?: string }): string {
  return hint === undefined ? '' : ` (${hint})`;
}

/** The test of `receiver`, a regular expression that the whole name fits; undefined after a refusal. */
function receiverOf(request: FastifyRequest, reply: FastifyReply): ((name: string) => boolean) | undefined {
  const [text] = parameters(request, 'receiver');
  if (text === undefined || text === '') return () => true;
  const compiled = compileRegex(text);
  if (compiled.ok) return (name) => compiled.regex.matches(name) === true;
  refuse(reply, 400, `bad receiver: ${compiled.message}${withHint(compiled)}`);
  return undefined;
}

/** Booleans of the query count as true unless they say false, as in Alertmanager. */
function flag(request: FastifyRequest, name: string): boolean {
  return parameters(request, name)[0] !== 'false';
}

function parameters({ query }: FastifyRequest, name: string): readonly string[] {
  const value = own(query as Readonly<Record<string, unknown>>, name);
  return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');
}

/** Alertmanager filters silences by their matchers as if these were labels. */
function labelsOfMatchers(matchers: readonly Matcher[]): Readonly<Record<string, string>> {
  return Object.fromEntries(matchers.map(({ label, value }) => [label, value]));
}

/** Who makes a change; undefined after a refusal. */
function changer(request: FastifyRequest, reply: FastifyReply, { access }: AlertmanagerPorts): string | undefined {
  const allowed = mayChange({ headers: request.headers, remoteAddress: request.socket.remoteAddress }, access());
  if (allowed.ok) return allowed.by ?? 'localhost';
  if (allowed.status === 401) reply.header('www-authenticate', 'Bearer');
  refuse(reply, allowed.status, allowed.message);
  return undefined;
}

interface PostedSilence {
  readonly id?: string;
  readonly matchers: readonly MatcherJson[];
  readonly startsAt: string;
  readonly endsAt: string;
  readonly createdBy: string;
  readonly comment: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

const short = { type: 'string', maxLength: 2_000 };
const POSTED = {
  type: 'object',
  required: ['matchers', 'startsAt', 'endsAt', 'createdBy', 'comment'],
  properties: {
    id: { type: 'string', maxLength: 100 },
    matchers: {
      type: 'array',
      minItems: 1,
      maxItems: 100,
      items: {
        type: 'object',
        required: ['name', 'value', 'isRegex'],
        properties: {
          name: { ...short, minLength: 1 },
          value: short,
          isRegex: { type: 'boolean' },
          isEqual: { type: 'boolean' },
        },
      },
    },
    startsAt: { type: 'string', maxLength: 100 },
    endsAt: { type: 'string', maxLength: 100 },
    createdBy: short,
    comment: short,
    annotations: { type: 'object', additionalProperties: short, maxProperties: 100 },
  },
};

/** Reads what was posted; a text says what is wrong with it. */
function wantedOf({ matchers, startsAt, endsAt, createdBy, comment, annotations }: PostedSilence): WantedSilence | string {
  const [starts_at, ends_at] = [instantOf(startsAt), instantOf(endsAt)];
  if (starts_at === undefined) return `startsAt is not a time: ${JSON.stringify(startsAt)}`;
  if (ends_at === undefined) return `endsAt is not a time: ${JSON.stringify(endsAt)}`;
  const link = annotations?.['link'];
  return {
    ...{ matchers: matchers.map(matcherOf), starts_at, ends_at, created_by: createdBy, comment },
    ...(link !== undefined && { link }),
  };
}

function instantOf(text: string): Instant | undefined {
  const at = /^\d{4}-\d\d-\d\d[Tt ]/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

const STATUS = { invalid: 400, unknown: 404, failed: 503 } as const;

function refused(reply: FastifyReply, { kind, message }: Exclude<SilenceSaved, { kind: 'saved' }>): FastifyReply {
  return refuse(reply, STATUS[kind], message);
}

/** Alertmanager's errors are a JSON text. */
function refuse(reply: FastifyReply, status: number, message: string): FastifyReply {
  return reply.code(status).type('application/json').send(JSON.stringify(message));
}

function problemOf(status: number): string {
  if (status === 429) return 'too many requests: try again in a minute';
  if (status >= 500) return 'internal error: see Tocsin’s log, and please report it';
  if (status === 413) return 'the request is too large';
  return status === 415 ? 'send JSON, with the header Content-Type: application/json' : 'invalid request';
}

function statusOf(error: unknown): number {
  const code = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
  return typeof code === 'number' && code >= 400 && code < 600 ? code : 500;
}
