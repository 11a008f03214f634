import type { RuleId } from '../../core/ids.ts';
import { redact, type Secret } from '../../core/secret.ts';
import type { Clock, Duration, Instant } from '../../core/time.ts';
import { alertsOf, heldBack, isActive } from '../../engine/alert-list/alerts-of.ts';
import { labelsOfAlert } from '../../engine/alert-list/what-is-known.ts';
import { HEALTH_RULE_ID } from '../../engine/self-monitoring/health-rule.ts';
import { suppressedCounts } from '../../engine/suppression-now.ts';
import type { TurnPorts } from '../../engine/turn-ports.ts';
import type { RuleDocument } from '../../evaluation/rule-states.ts';
import { isAcknowledged } from '../../notify/acknowledgements.ts';
import { type SilenceState, silenceState } from '../../notify/silence-changes.ts';
import type { Silence } from '../../notify/silences.ts';
import { RECEIVED_RULE_ID } from '../../received/received-rule.ts';
import type { AlertCount, HealthAlert, HealthCheck, ServiceStatus } from '../../server/status.ts';
import type { ConfigReload } from '../reload/reload.ts';
import { STALLED_AFTER } from '../scheduler/ticker.ts';
import type { LeaseKeeper } from '../sharding/lease-keeper.ts';
import type { Task } from '../tasks.ts';
import type { StoreWatch } from './store-watch.ts';

/** What a status is read from, at each call again. */
export interface StatusParts {
  readonly version: string;
  readonly clock: Clock;
  readonly ports: () => TurnPorts;
  /** What this replica evaluates. */
  readonly leases: Pick<LeaseKeeper, 'evaluates' | 'share'>;
  readonly store: Pick<StoreWatch, 'isUp' | 'problem' | 'history'>;
  readonly tasks: () => ReadonlyMap<Task, string>;
  readonly configReload: () => ConfigReload;
  readonly oldestUndelivered: () => Instant | undefined;
  /** How long the ticker has been silent, ms. */
  readonly silentFor: () => Duration;
  readonly stopping: () => boolean;
  readonly secrets: () => readonly Secret[];
  /** What does not work of signing in. */
  readonly signIn: () => readonly string[];
}

/** Makes the reader of a service's status; the service counts as started now. */
export function statusReader(parts: StatusParts): () => ServiceStatus {
  const startedAt = parts.clock.now();
  return () => {
    const ports = parts.ports();
    const shown = (text: string) => redact(text, parts.secrets());
    const problem = parts.store.problem();
    const store = { up: parts.store.isUp(), ...(problem !== undefined && { problem: shown(problem) }) };
    const configReload = parts.configReload();
    const now = parts.clock.now();
    const oldest = parts.oldestUndelivered();
    return {
      version: parts.version,
      namespace: ports.namespace,
      startedAt,
      now,
      healthy: liveness(parts.silentFor()),
      ready: readiness(ports.rules.size, store, parts.tasks().get('turns'), parts.stopping()),
      ...ruleStatus(ports, parts.leases.evaluates, now, shown),
      shards: parts.leases.share(),
      store,
      history: [...parts.store.history()].map(([index, message]) => ({ index, problem: shown(message) })),
      config: { loaded: configReload.failure === undefined, loadedAt: configReload.succeededAt },
      tasks: [...parts.tasks()].map(([task, message]) => ({ task, problem: shown(message) })),
      signIn: parts.signIn(),
      oldestUndelivered: oldest === undefined ? 0 : Math.max(0, now - oldest),
    };
  };
}

/** Whether the process lives: its ticker polls. Looks at no data, so that no data can make an orchestrator restart it. */
export function liveness(silent: Duration): HealthCheck {
  return silent < STALLED_AFTER ? { ok: true } : { ok: false, why: `no poll for ${Math.round(silent / 1_000)} s` };
}

/** What the rules that this process has evaluated say of themselves. */
export type RuleStatus = Pick<
  ServiceStatus,
  | 'rules'
  | 'failingRules'
  | 'alerts'
  | 'received'
  | 'suppressed'
  | 'acknowledged'
  | 'silences'
  | 'healthAlerts'
  | 'flapping'
  | 'outages'
  | 'muted'
  | 'badFiles'
>;

/** Counts rules, and living alerts of those that are evaluated here, as far as this process has read or written their documents. */
export function ruleStatus(
  ports: Pick<TurnPorts, 'rules' | 'session' | 'failures' | 'otherFailures' | 'routing'>,
  evaluates: (rule: RuleId) => boolean,
  now: Instant,
  shown: (text: string) => string = (text) => text,
): RuleStatus {
  const { rules, session, failures } = ports;
  const known = [...session.rules.values()].flatMap(({ current }) => current ?? []);
  // What is remembered of a rule that another replica evaluates grows old.
  const documents = known.filter(({ rule }) => rule === HEALTH_RULE_ID || evaluates(rule));
  const enabled = [...rules.values()].filter((rule) => rule.enabled);
  const failing = documents.filter(({ rule, health }) => health.failures > 0 && rules.get(rule)?.enabled === true);
  return {
    rules: { loaded: rules.size, enabled: enabled.length, failing: failing.length },
    failingRules: failingRules(failing, shown),
    alerts: alertCounts(documents, rules),
    ...receivedCount(documents.find(({ rule }) => rule === RECEIVED_RULE_ID)),
    suppressed: suppressedCounts(documents, now, ports),
    acknowledged: acknowledgedCount(documents, ports),
    silences: silenceCounts(session.silences ?? [], now),
    healthAlerts: healthAlerts(documents.find(({ rule }) => rule === HEALTH_RULE_ID)),
    flapping: documents.flatMap(({ past = {} }) => Object.values(past)).filter(({ notified }) => notified !== undefined).length,
    outages: outagesOf(documents),
    muted: [...session.muted.values()].reduce((sum, count) => sum + count, 0),
    badFiles: [...failures, ...(ports.otherFailures?.() ?? [])],
  };
}

function acknowledgedCount(documents: readonly RuleDocument[], { rules, session }: Pick<TurnPorts, 'rules' | 'session'>): number {
  if (session.acknowledged.size === 0) return 0;
  const isOne = (document: RuleDocument) =>
    alertsOf(document).filter(({ id, alert }) => {
      if (alert.status !== 'firing' && alert.status !== 'recovering') return false;
      const level = labelsOfAlert(alert, document, rules.get(document.rule))['severity'] ?? '';
      return isAcknowledged(session.acknowledged.get(id), { episode: alert.episode ?? '', level });
    });
  return documents.reduce((sum, document) => sum + isOne(document).length, 0);
}

function receivedCount(document: RuleDocument | undefined): Pick<ServiceStatus, 'received'> {
  const firing = document === undefined ? undefined : alertsOf(document).filter(({ alert }) => alert.status === 'firing');
  return firing === undefined ? {} : { received: firing.length };
}

function silenceCounts(silences: readonly Silence[], now: Instant): ServiceStatus['silences'] {
  const states = silences.map((silence) => silenceState(silence, now));
  const count = (state: SilenceState) => states.filter((one) => one === state).length;
  return { active: count('active'), pending: count('pending'), expired: count('expired') };
}

function failingRules(failing: readonly RuleDocument[], shown: (text: string) => string): ServiceStatus['failingRules'] {
  return failing
    .map(({ rule, health: { failing_since: since, failures, problem } }) => ({
      ...{ rule, since, failures },
      reason: shown(problem === undefined ? 'no reason was recorded' : `${problem.code}: ${problem.message}`),
      hint: shown(problem?.hint ?? ''),
    }))
    .sort((a, b) => (a.since ?? 0) - (b.since ?? 0));
}

function outagesOf(documents: readonly RuleDocument[]): ServiceStatus['outages'] {
  const silent = documents.flatMap(({ outage }) => outage ?? []);
  return {
    rules: silent.filter(({ over, notified }) => over === undefined && notified.length > 0).length,
    held: documents.reduce((sum, document) => sum + heldBack(document).length, 0),
  };
}

function healthAlerts(document: RuleDocument | undefined): readonly HealthAlert[] {
  const firing = Object.values(document?.alerts ?? {}).filter(({ status }) => status === 'firing');
  return firing
    .map(({ group, since }) => ({ kind: group['kind'] ?? '', subject: group['subject'] ?? '', since }))
    .sort((a, b) => a.since - b.since);
}

function alertCounts(documents: readonly RuleDocument[], rules: TurnPorts['rules']): readonly AlertCount[] {
  const counts = new Map<string, AlertCount>();
  for (const document of documents) {
    for (const { alert } of alertsOf(document).filter(isActive)) {
      const { status } = alert;
      const severity = labelsOfAlert(alert, document, rules.get(document.rule))['severity'] ?? 'warning';
      const key = `${status} ${severity}`;
      counts.set(key, { status, severity, count: (counts.get(key)?.count ?? 0) + 1 });
    }
  }
  return [...counts.values()];
}

/** Ready: there are rules, the store can be used, and turns work. */
function readiness(loaded: number, store: ServiceStatus['store'], idle: string | undefined, stopping: boolean): HealthCheck {
  if (stopping) return { ok: false, why: 'the service is stopping' };
  if (!store.up) return { ok: false, why: store.problem ?? 'the store has not been reached yet' };
  if (idle !== undefined) return { ok: false, why: idle };
  return loaded === 0 ? { ok: false, why: 'no rule is loaded' } : { ok: true };
}
