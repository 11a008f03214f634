import type { StoreAnswer } from '../../core/stored.ts';
import { type Clock, type Duration, type Instant, iso } from '../../core/time.ts';
import type { AlertsReport, ReportedAlert } from '../../engine/alert-list/alert-list.ts';
import { HEALTH_RULE_ID } from '../../engine/self-monitoring/health-rule.ts';
import { shownKind } from '../../engine/shown-kind.ts';
import type { TurnLog } from '../../engine/turn-log.ts';
import { headline } from '../../messages/title.ts';
import type { Silence } from '../../notify/silences.ts';
import type { AuditedChange } from '../../server/api/alertmanager.ts';
import type { PresentAlerts } from '../../server/status.ts';
import type { EventClient, EventFeed, FeedEvent } from '../../server/web/events.ts';

/** Clients that follow at once; each is an open connection. */
const MOST_CLIENTS = 250;
/** Events that a client which lost its connection can still catch up with. */
const KEPT = 500;
/** Events of one turn or one comparison; beyond them one event says to read everything again. */
const MOST_AT_ONCE = 50;
/** Proxies and browsers take a connection without a sign of life for a broken one, ms. */
const HEARTBEAT: Duration = 15_000;
/** How often the alerts of other replicas are looked at, ms, and how small a part of the time that may take. */
const LOOK: Duration = 10_000;
const SHARE_OF_TIME = 20;

/** What the hub of events is made of. */
export interface EventHubParts {
  readonly clock: Clock;
  /** Distinguishes this process: its numbers say nothing to another replica. */
  readonly replica: string;
  /** All alerts of the namespace; undefined: no other replica evaluates any, so that turns of this process say all. */
  readonly others: () => Promise<PresentAlerts> | undefined;
  /** The silences that matter now. */
  readonly silences: () => Promise<StoreAnswer<readonly Silence[]>>;
}

/** Passes on what changes to those who follow it. */
export interface EventHub extends EventFeed {
  /** Publishes what a turn of this process changed. */
  turn(log: TurnLog): void;
  /** Publishes that someone changed a silence. */
  silence(change: AuditedChange): void;
  /** Publishes that someone works on alerts, or does not any more. */
  acknowledged(alerts: readonly ReportedAlert[], change: 'acknowledged' | 'acknowledgement expired', by: string): void;
  /** To be called about once a second: signs of life, and what other replicas did. */
  poll(): void;
  clients(): number;
  close(): void;
}

/** Makes the hub. Nothing is read while there are no clients. */
export function eventHub({ clock, replica, others, silences }: EventHubParts): EventHub {
  const clients = new Set<EventClient>();
  const kept: { readonly n: number; readonly text: string }[] = [];
  const states = knownStates();
  let n = 0;
  let lastSign = clock.monotonic();
  let nextLook = 0;
  let looking = false;

  const broadcast = (text: string) => {
    for (const client of clients) if (!client.send(text)) clients.delete(client);
  };
  const publish = (events: readonly FeedEvent[]) => {
    const sent: readonly FeedEvent[] = events.length > MOST_AT_ONCE ? [{ kind: 'reload', data: {} }] : events;
    for (const { kind, data } of sent) {
      n += 1;
      const text = `id: ${replica}-${n}\nevent: ${kind}\ndata: ${JSON.stringify({ kind, ...data })}\n\n`;
      kept.push({ n, text });
      if (kept.length > KEPT) kept.shift();
      broadcast(text);
    }
  };
  const look = async (read: Promise<PresentAlerts>) => {
    looking = true;
    const began = clock.monotonic();
    const [{ report, problem }, held] = await Promise.all([read, silences()]);
    const took = clock.monotonic() - began;
    nextLook = clock.monotonic() + Math.max(LOOK, SHARE_OF_TIME * took);
    looking = false;
    if (problem === undefined) publish(states.changes(report));
    if (held.ok) publish(states.silences(held.value));
  };
  return {
    follow: (client, lastId) => {
      if (clients.size >= MOST_CLIENTS) return false;
      clients.add(client);
      // With a number of its own a client that loses its connection before anything happens is known to have missed what follows.
      client.send(`: tocsin\nretry: 5000\n${lastId === undefined ? `id: ${replica}-${n}\n` : ''}\n`);
      if (lastId === undefined) return true;
      const last = lastId.startsWith(`${replica}-`) ? Number(lastId.slice(replica.length + 1)) : Number.NaN;
      const first = kept[0]?.n ?? n + 1;
      if (Number.isSafeInteger(last) && last >= first - 1 && last <= n)
        for (const { n: of, text } of kept) {
          if (of > last) client.send(text);
        }
      else client.send(`id: ${replica}-${n}\nevent: reload\ndata: {"kind":"reload"}\n\n`);
      return true;
    },
    turn: (log) => {
      const events = eventsOf(log);
      for (const { data } of events.filter(({ kind }) => kind === 'alert')) states.note(data);
      if (events.length > 0) publish(events);
    },
    acknowledged: (alerts, change, by) => {
      const now = clock.now();
      publish(alerts.map((alert) => ({ kind: 'alert', data: { ...foundEvent(alert, now).data, change, by } })));
    },
    silence: ({ silence, done, by }) => publish([{ kind: 'silence', data: { id: silence, done, by } }]),
    poll: () => {
      const now = clock.monotonic();
      if (clients.size === 0) {
        states.forget();
        return;
      }
      if (now - lastSign >= HEARTBEAT) {
        lastSign = now;
        broadcast(': still there\n\n');
      }
      if (looking || now < nextLook) return;
      const read = others();
      if (read === undefined) states.forget();
      else void look(read);
    },
    clients: () => clients.size,
    close: () => {
      for (const client of clients) client.end();
      clients.clear();
    },
  };
}

/** What a turn changed: alerts, messages, and rules that fail or work again. */
function eventsOf({ runs, notified, health }: TurnLog): readonly FeedEvent[] {
  const alerts = runs.flatMap(({ rule, at, changes, late = [] }) =>
    [...changes, ...late].flatMap((change): readonly FeedEvent[] => {
      const kind = shownKind(change.transition);
      if (kind === undefined) return [];
      const { alert, severity, transition } = change;
      return [{ kind: 'alert', data: { id: alert, rule, change: kind, status: transition.to, severity, at: iso(at) } }];
    }),
  );
  const messages = notified.map(({ receiver, channel, outcome, title, id, at }): FeedEvent => {
    return { kind: 'notification', data: { id, receiver, channel, outcome, title: headline(title), at: iso(at) } };
  });
  const failed = runs.flatMap(({ rule, at, problem }): readonly FeedEvent[] =>
    problem === undefined ? [] : [{ kind: 'rule', data: { id: rule, outcome: 'failed', problem: problem.code, at: iso(at) } }],
  );
  const own = health.length === 0 ? [] : [{ kind: 'rule', data: { id: HEALTH_RULE_ID, outcome: 'changed' } } as const];
  return [...alerts, ...messages, ...failed, ...own];
}

/** The states of alerts as followers know them; what a turn of this process has published is not published again when it is found. */
function knownStates() {
  let known: Map<string, string> | undefined;
  let work: ReadonlyMap<string, string> = new Map();
  let held: string | undefined;
  const stateOf = (status: unknown, severity: unknown) => `${String(status)} ${String(severity)}`;
  return {
    note: ({ id, status, severity }: FeedEvent['data']) => {
      if (known === undefined || typeof id !== 'string') return;
      if (status === 'inactive') known.delete(id);
      else known.set(id, stateOf(status, severity));
    },
    changes: ({ alerts, now }: Pick<AlertsReport, 'alerts' | 'now'>): readonly FeedEvent[] => {
      const present = new Map(alerts.map((alert) => [alert.id, alert]));
      const before = known;
      known = new Map(alerts.map(({ id, status, severity }) => [id, stateOf(status, severity)]));
      const worked = work;
      work = new Map(
        alerts.flatMap(({ id, acknowledged: of }) => (of === undefined ? [] : [[id, `${of.at} ${of.by}`] as const])),
      );
      if (before === undefined) return [];
      const changed = alerts.filter(
        ({ id, status, severity }) => before.get(id) !== stateOf(status, severity) || worked.get(id) !== work.get(id),
      );
      const over = [...before.keys()].filter((id) => !present.has(id));
      return [
        ...changed.map((alert) => foundEvent(alert, now)),
        ...over.map((id): FeedEvent => ({ kind: 'alert', data: { id, status: 'inactive', at: iso(now) } })),
      ];
    },
    silences: (silences: readonly Silence[]): readonly FeedEvent[] => {
      const before = held;
      held = silences
        .map(({ id, ends_at }) => `${id} ${ends_at}`)
        .sort()
        .join();
      return before === undefined || before === held ? [] : [{ kind: 'silence', data: {} }];
    },
    forget: () => {
      known = undefined;
      work = new Map();
      held = undefined;
    },
  };
}

function foundEvent({ id, rule, status, severity }: ReportedAlert, now: Instant): FeedEvent {
  return { kind: 'alert', data: { id, rule, status, severity: severity ?? null, at: iso(now) } };
}
