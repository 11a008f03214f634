import { type ManualClock, manualClock } from '../../../src/core/time.ts';
import { alertsReport } from '../../../src/engine/alert-list/read-alerts.ts';
import type { SignInStore } from '../../../src/engine/sign-in-store.ts';
import type { TurnPorts } from '../../../src/engine/turn-ports.ts';
import type { ReadyDestination } from '../../../src/notify/delivery-ports.ts';
import { newSilence } from '../../../src/notify/silence-changes.ts';
import type { InhibitRule, Routing } from '../../../src/routing/route.ts';
import { route } from '../../../src/routing/routing.ts';
import { routeTree } from '../../../src/routing/tree.ts';
import { compileRules } from '../../../src/rules/load-rules.ts';
import type { AccessRules } from '../../../src/server/api/access.ts';
import { createMetrics } from '../../../src/server/metrics.ts';
import { createServer, type Server } from '../../../src/server/server.ts';
import type { ServiceStatus } from '../../../src/server/status.ts';
import type { RuleFileFacts, SignInProvider } from '../../../src/server/web/ports.ts';
import { acknowledgeDesk } from '../../../src/service/acknowledge-desk.ts';
import { ruleStatus } from '../../../src/service/health/status-of.ts';
import { sessionDesk } from '../../../src/service/sign-in/session-desk.ts';
import { silenceDesk } from '../../../src/service/silence-desk.ts';
import { heardAcknowledgements } from '../../../src/service/web/acknowledging.ts';
import { type EventHub, eventHub } from '../../../src/service/web/event-hub.ts';
import { auditRecord } from '../../../src/service/web/heard-changes.ts';
import { ruleCosts } from '../../../src/service/web/rule-costs.ts';
import { webDesk } from '../../../src/service/web/web-desk.ts';
import type { FileSilence } from '../../../src/silence-files/file-silence.ts';
import { withFileSilences } from '../../../src/silence-files/with-files.ts';
import { channelWithOptions } from '../channel-options.ts';
import { MINUTE, NOON, play, type World, world } from '../engine/world.ts';

const HOUR = 60 * MINUTE;
/** When the pages are looked at. */
export const SHOWN_AT = NOON + 3 * HOUR;

const RULES = `
name: http-errors
type: frequency
description: A service answers with server errors.
index: logs-shop-*
query: http.response.status_code >= 500
group_by: [service.name]
delay: 0s
levels:
  - { severity: critical, condition: count >= 20 }
  - { severity: warning, condition: count >= 5 }
labels: { team: shop }
message: { title: "{{ group['service.name'] }} fails: {{ count }} server errors in {{ window }}" }
---
name: disk-nearly-full
type: threshold
index: metrics-host-*
group_by: [host.name]
delay: 0s
metrics: { used: { max: disk.used } }
condition: used > 0.9
labels: { severity: critical, team: platform }
message: { title: "{{ group['host.name'] }}: disk nearly full" }
---
name: queue-grows
type: threshold
index: metrics-queue-*
delay: 0s
metrics: { waiting: { max: queue.waiting } }
condition: waiting > 100
for: 10m
labels: { severity: warning, team: shop }
---
name: nightly-report
type: frequency
index: logs-report-*
query: "message:\\"failed\\""
condition: count >= 1
enabled: false
`;

/** What a shown service is like. */
export interface ShownServiceOptions {
  readonly access?: Partial<AccessRules>;
  /** What people sign in with beside tokens. */
  readonly provider?: SignInProvider;
  /** Sessions that another replica knows too. */
  readonly signIns?: SignInStore;
  readonly program?: string;
  /** Texts of rule files beside that of the shop. */
  readonly rules?: readonly string[];
  /** Beside those of the shop, by index. */
  readonly documents?: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  readonly inhibitRules?: readonly InhibitRule[];
  /** Silences of files. */
  readonly planned?: readonly FileSilence[];
  /** False: the shop has not begun, so that there are no alerts, and making it takes a tenth of the time. */
  readonly played?: boolean;
  /** False: history does not keep what was sent. */
  readonly keepsPayloads?: boolean;
  /** The list of alerts is read once, as a service reads it once in ten seconds. */
  readonly keepsAlerts?: boolean;
}

/** A server with pages over an engine that has seen three hours of a small shop: alerts, episodes, messages, a silence. */
export interface ShownService {
  readonly server: Server;
  readonly world: World;
  readonly engine: TurnPorts;
  readonly events: EventHub;
  readonly audited: readonly string[];
  /** Sign-ins and ends of sessions. */
  readonly signedIn: readonly string[];
  readonly clock: ManualClock;
  /** Plays the shop's time on, and lets the server know. */
  playOn(minutes: number): Promise<void>;
}

/** Plays the shop's time and makes its server; it listens to nothing yet. */
export async function shownService(options: ShownServiceOptions = {}): Promise<ShownService> {
  const one = world();
  const played = options.played ?? true;
  if (played) addDocuments(one);
  for (const [index, documents] of Object.entries(options.documents ?? {})) one.add(index, ...documents);
  const texts = [RULES, ...(options.rules ?? [])];
  const files = texts.map((text, place) => ({ file: `rules/shop${place === 0 ? '' : place}.yaml`, text }));
  const set = compileRules(files, {});
  if (set.problems.some(({ severity }) => severity === 'error')) throw new Error(JSON.stringify(set.problems));
  const routing: Routing = { ...shopRouting(), ...(options.inhibitRules && { inhibitRules: options.inhibitRules }) };
  const engine = one.engine(set.rules, {
    routing,
    destination: (id) => rendered(id),
    keepsPayloads: options.keepsPayloads ?? true,
  });
  const costs = ruleCosts();
  for (const log of await play(engine, played ? NOON : SHOWN_AT, SHOWN_AT)) costs.note(log);
  const clock = manualClock(SHOWN_AT);
  let ids = 0;
  const newId = () => `7c1e9a52-0000-4000-8000-${String(++ids).padStart(12, '0')}`;
  const made = newSilence(
    newId(),
    {
      matchers: [{ label: 'alertname', op: '=', value: 'queue-grows' }],
      ...{ starts_at: SHOWN_AT - HOUR, ends_at: SHOWN_AT + HOUR, created_by: 'kim', comment: 'Workers are being replaced' },
    },
    SHOWN_AT - HOUR,
  );
  if (made.ok) await one.backend.silences.put(made.silence);
  const silences = withFileSilences(one.backend.silences, () => options.planned ?? [], clock.now);
  const read = async () => ({
    report: await alertsReport(
      { ...one.backend, silences },
      { namespace: 'default', all: false, now: clock.now(), rules: set.rules, routing },
    ),
  });
  let kept: ReturnType<typeof read> | undefined;
  const alerts = () => {
    if (options.keepsAlerts !== true) return read();
    kept ??= read();
    return kept;
  };
  const events = eventHub({ clock, replica: 'shop', others: () => undefined, silences: () => silences.list(clock.now()) });
  const audited: string[] = [];
  const signedIn: string[] = [];
  const status = (): ServiceStatus => ({
    ...{ version: '1.2.3', namespace: 'default', startedAt: NOON, now: clock.now(), healthy: { ok: true }, ready: { ok: true } },
    ...ruleStatus(engine, () => true, clock.now()),
    ...{ shards: { held: 32, of: 32, replicas: 1 }, store: { up: true }, history: [], config: { loaded: true, loadedAt: NOON } },
    ...{ tasks: [], oldestUndelivered: 0 },
  });
  const desk = () => acknowledgeDesk({ stores: one.backend, namespace: 'default', rules: set.rules, clock });
  const access: AccessRules = { host: '127.0.0.1', tokens: [], ...options.access };
  const server = createServer({
    ...{ status, alerts, healthy: () => ({ ok: true }), metrics: createMetrics(status) },
    alertmanager: {
      silences: silenceDesk({ silences, clock, newId }),
      routing: () => routing,
      targetsOf: () => (labels) => route(labels, routing),
      access: () => access,
      audit: (change) => {
        audited.push(`${change.done} by ${change.by}`);
        events.silence(change);
        void one.backend.history.write([auditRecord(change, 'default', clock.now(), newId())]);
      },
    },
    web: webDesk({
      ruleFiles: async (file) => shopFile(file),
      acknowledgements: heardAcknowledgements(desk, (change, of, by) => {
        audited.push(`${change} by ${by}`);
        kept = undefined;
        events.acknowledged(of, change, by);
      }),
      signIn: {
        sessions: sessionDesk({
          store: options.signIns ?? one.backend.signIns,
          clock,
          longest: 43_200_000,
          shown: (text) => text,
        }),
        provider: () => options.provider,
        auditSession: ({ done, name, by }) => void signedIn.push(`${name} ${done} by ${by}`),
      },
      ...{ backend: one.backend, clock, costs, events, program: options.program, ports: () => engine },
      ...{ signal: new AbortController().signal, shown: (text: string) => text },
    }),
  });
  return {
    ...{ server, world: one, engine, events, audited, signedIn, clock },
    playOn: async (minutes) => {
      const from = clock.now();
      clock.set(from + minutes * MINUTE);
      for (const log of await play(engine, from, clock.now())) events.turn(log);
    },
  };
}

/** The file of the shop's rules has tests and was committed; of others nothing is known. */
function shopFile(file: string): RuleFileFacts {
  if (file !== 'rules/shop.yaml')
    return { tests: 'none', change: { kind: 'unknown', why: 'this folder is not in a git repository' } };
  const names = ['fires at five errors', 'gets worse at twenty errors', 'is over when the errors stop'];
  const hash = '4f9d1c27a0b35e6d8c1f2a3b4c5d6e7f8091a2b3';
  const commit = { hash, author: 'kim', at: NOON - 20 * HOUR, subject: 'Warn at five errors, page at twenty', differs: false };
  return {
    tests: { file: 'rules/shop.test.yaml', names, more: 0 },
    change: { kind: 'commit', ...commit, url: `https://github.com/shop/rules/commit/${hash}` },
  };
}

/** Messages as Slack and a mail server would get them; all of them arrive. */
function rendered(id: string): ReadyDestination {
  const { channel, options } = channelWithOptions(id.startsWith('platform') ? 'email' : 'slack');
  return { channel: { ...channel, send: async () => ({ kind: 'delivered' }) }, options };
}

function shopRouting(): Routing {
  const platform = { receiver: 'platform', matchers: [{ label: 'team', op: '=', value: 'platform' }] } as const;
  const root = routeTree({ receiver: 'shop', groupBy: ['alertname'], groupWait: 0, groupInterval: MINUTE, routes: [platform] });
  const destination = (receiver: string) => [{ id: `${receiver}/test/0`, receiver, channel: 'test' }];
  return { root, destinations: { shop: destination('shop'), platform: destination('platform') } };
}

/** Errors of three services that come and go, a disk that fills, and a queue that grows at the end. */
function addDocuments({ add }: World): void {
  for (let minute = 0; minute < 180; minute++) {
    const time = new Date(NOON + minute * MINUTE - 1_000).toISOString();
    const errors = {
      checkout: minute > 150 ? 6 : 0,
      search: Math.floor(minute / 30) % 2 === 1 ? 2 : 0,
      payments: minute % 40 < 3 ? 3 : 0,
    };
    for (const [service, count] of Object.entries(errors)) {
      const document = { '@timestamp': time, service: { name: service }, http: { response: { status_code: 503 } } };
      add('logs-shop-app', ...Array.from({ length: count }, () => document));
    }
    add('metrics-host-a', { '@timestamp': time, host: { name: 'node-1' }, disk: { used: 0.7 + minute / 600 } });
    add('metrics-host-a', { '@timestamp': time, host: { name: 'node-2' }, disk: { used: 0.4 } });
    add('metrics-queue-a', { '@timestamp': time, queue: { waiting: minute < 165 ? 20 + (minute % 7) : 120 + minute } });
  }
}
