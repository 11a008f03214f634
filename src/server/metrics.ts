import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Duration } from '../core/time.ts';
import { shownKind } from '../engine/shown-kind.ts';
import type { TurnLog } from '../engine/turn-log.ts';
import type { TurnPorts } from '../engine/turn-ports.ts';
import type { ServiceStatus } from './status.ts';

/** The metrics of one service, in a registry of their own. Labels are bounded: none is a rule, a group or a text. */
export interface ServiceMetrics {
  readonly contentType: string;
  /** All metrics in Prometheus' text format; gauges are read from the status at this moment. */
  text(): Promise<string>;
  /** Counts a finished turn that took `took` ms. */
  turn(log: TurnLog, took: Duration, ports: Pick<TurnPorts, 'rules'>): void;
  gaps(count: number): void;
  skipped(rules: number): void;
  brokenTurn(): void;
  /** Counts a probe that found the store away or unwritable. */
  storeProblem(): void;
  /** Counts a heartbeat that was due by its outcome. */
  heartbeat(outcome: 'delivered' | 'failed' | 'held'): void;
  /** Counts what someone asked for in Slack, by kind and by its outcome. */
  slack(kind: string, outcome: string): void;
  /** Counts alerts that another system has sent, by their outcome. */
  received(outcome: 'firing' | 'resolved' | 'invalid' | 'refused' | 'failed', count: number): void;
}

/** How often the event loop is looked at, ms: at the library's default of 10 that alone took a quarter of a second of CPU a minute. */
const LOOP_LOOKS = 200;
const LAG_BUCKETS = [0.5, 1, 2, 3, 4, 5, 7.5, 10, 15, 30, 60, 120, 300, 900, 3_600];
const SEARCH_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const TURN_BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Makes the metrics; `status` is asked at each scrape. Process metrics of prom-client are among them. */
export function createMetrics(status: () => ServiceStatus): ServiceMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_LOOKS });
  const counters = countersIn(registry);
  let waiting = 0;
  gaugesIn(registry, status, () => waiting);
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    turn: (log, took, ports) => {
      countTurn(log, took, ports, counters);
      waiting = waitingIn(log, ports) ?? waiting;
    },
    gaps: (count) => counters.gaps.inc(count),
    skipped: (rules) => counters.skipped.inc(rules),
    brokenTurn: () => counters.broken.inc(),
    storeProblem: () => counters.storeProblems.inc(),
    heartbeat: (outcome) => counters.heartbeat.inc({ outcome }),
    slack: (kind, outcome) => counters.slack.inc({ kind, outcome }),
    received: (outcome, count) => counters.received.inc({ outcome }, count),
  };
}

type Counters = ReturnType<typeof countersIn>;

function countersIn(registry: Registry) {
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Counter({ name, help, labelNames, registers });
  const histogram = (name: string, help: string, buckets: number[]) => new Histogram({ name, help, buckets, registers });
  return {
    evaluations: counter('tocsin_evaluations_total', 'Evaluations of one window of one rule.', ['type', 'outcome']),
    transitions: counter(
      'tocsin_transitions_total',
      'Alert transitions by kind; each document of a match rule counts as an event.',
      ['kind'],
    ),
    problems: counter('tocsin_search_problems_total', 'Evaluations that failed, by the problem of the search.', ['code']),
    notifications: counter('tocsin_notifications_total', 'Attempts to deliver a notification.', [
      'receiver',
      'channel',
      'outcome',
    ]),
    unsaved: counter('tocsin_unsaved_total', 'Writes of rule states that were not acknowledged.', ['why']),
    storeProblems: counter('tocsin_store_problems_total', 'Turns and probes that found the store unavailable or not writable.'),
    gaps: counter('tocsin_gaps_total', 'Gaps: ranges of windows that were too old to be evaluated.'),
    skipped: counter(
      'tocsin_skipped_ticks_total',
      'Evaluations that became due while the previous one was still running; they run later.',
    ),
    broken: counter('tocsin_broken_turns_total', 'Turns aborted by an internal error.'),
    errors: counter('tocsin_internal_errors_total', 'Internal errors by what they affected.', ['kind']),
    invalid: counter('tocsin_invalid_documents_total', 'Invalid stored documents met by turns, by kind.', ['kind']),
    heartbeat: counter('tocsin_heartbeat_total', 'Heartbeats by outcome.', ['outcome']),
    slack: counter('tocsin_slack_interactions_total', 'Buttons and commands used in Slack, by kind and outcome.', [
      'kind',
      'outcome',
    ]),
    received: counter(
      'tocsin_received_alerts_total',
      'Alerts sent by other systems: stored as firing or resolved, invalid, refused because too many fire, or failed to be stored.',
      ['outcome'],
    ),
    lag: histogram('tocsin_evaluation_lag_seconds', 'From the tick to the turn that evaluated it.', LAG_BUCKETS),
    search: histogram('tocsin_search_seconds', 'Time spent by the cluster on the searches of one evaluation.', SEARCH_BUCKETS),
    turns: histogram('tocsin_turn_seconds', 'Duration of turns.', TURN_BUCKETS),
  };
}

function countTurn(log: TurnLog, took: Duration, { rules }: Pick<TurnPorts, 'rules'>, counters: Counters): void {
  counters.turns.observe(took / 1_000);
  for (const outcome of ['evaluated', 'failed'] as const) {
    const runs = log.runs.filter((run) => run.outcome === outcome);
    for (const [type, count] of countByType(runs, rules)) counters.evaluations.inc({ type, outcome }, count);
  }
  // What was refused will happen again; it is counted once, when it is saved.
  const refused = new Set(log.unsaved.flatMap(({ rule, why }) => (why === 'unclear' ? [] : [rule])));
  for (const run of log.runs) {
    counters.lag.observe(Math.max(0, log.now - run.at) / 1_000);
    counters.search.observe(run.cost.took / 1_000);
    if (run.problem !== undefined) counters.problems.inc({ code: run.problem.code });
    if (!refused.has(run.rule))
      for (const { transition } of [...run.changes, ...(run.late ?? [])]) countTransition(transition, counters);
  }
  for (const { receiver, channel, outcome } of log.notified) counters.notifications.inc({ receiver, channel, outcome });
  for (const { why } of log.unsaved) counters.unsaved.inc({ why });
  for (const { kind } of log.errors) counters.errors.inc({ kind });
  for (const { kind } of log.invalid) counters.invalid.inc({ kind });
  if (log.storeProblems.length > 0) counters.storeProblems.inc();
}

/** How many received alerts the last evaluation left for later ones; undefined: they were not evaluated in this turn. */
function waitingIn({ runs }: TurnLog, { rules }: Pick<TurnPorts, 'rules'>): number | undefined {
  const last = runs.findLast(({ rule, outcome }) => outcome === 'evaluated' && rules.get(rule)?.received === true);
  return last && (last.waiting ?? 0);
}

function countTransition(transition: Parameters<typeof shownKind>[0], counters: Pick<Counters, 'transitions'>): void {
  const kind = shownKind(transition);
  if (kind !== undefined) counters.transitions.inc({ kind });
}

/** Counted first, since the library puts the labels of every call in order again. */
function countByType(runs: TurnLog['runs'], rules: TurnPorts['rules']): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { rule } of runs) {
    const type = rules.get(rule)?.type ?? 'gone';
    counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return counts;
}

function gaugesIn(registry: Registry, status: () => ServiceStatus, waiting: () => number): void {
  const gauge = (name: string, help: string, read: (now: ServiceStatus) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read(status()));
      },
    });
  gauge('tocsin_rules', 'Rules that are loaded and enabled.', ({ rules }) => rules.enabled);
  gauge('tocsin_rules_failing', 'Rules whose last evaluation failed.', ({ rules }) => rules.failing);
  gauge(
    'tocsin_rule_files_bad',
    'Rule files and files of silences that do not load.',
    ({ badFiles, config }) => badFiles.length - (config.loaded ? 0 : 1),
  );
  gauge('tocsin_config_last_reload_successful', 'Whether the last reload of the configuration succeeded.', ({ config }) =>
    config.loaded ? 1 : 0,
  );
  gauge(
    'tocsin_config_last_reload_success_timestamp_seconds',
    'When the configuration was last read successfully.',
    ({ config }) => config.loadedAt / 1_000,
  );
  gauge('tocsin_history_unwritable', 'Indices of the history that cannot be written.', ({ history }) => history.length);
  gauge('tocsin_alerts_flapping', 'Flapping alerts; receivers are notified when they are steady.', ({ flapping }) => flapping);
  gauge(
    'tocsin_sources_silent',
    'Rules whose groups stopped together because their source is silent.',
    ({ outages }) => outages.rules,
  );
  gauge(
    'tocsin_alerts_held',
    'Alerts held back in favour of one message about their silent source.',
    ({ outages }) => outages.held,
  );
  gauge('tocsin_alerts_muted', 'Alerts muted by time intervals, of those that this replica notifies.', ({ muted }) => muted);
  gauge('tocsin_alerts_acknowledged', 'Firing alerts that are acknowledged.', ({ acknowledged }) => acknowledged);
  gauge(
    'tocsin_received_alerts',
    'Alerts of other systems that fire, on the replica that evaluates them.',
    ({ received = 0 }) => received,
  );
  gauge(
    'tocsin_received_alerts_waiting',
    'Alerts of other systems that are stored and do not fire yet, since those that fire leave no room; on the replica that evaluates them.',
    // Another replica may evaluate them by now.
    ({ received }) => (received === undefined ? 0 : waiting()),
  );
  gauge('tocsin_shards_held', 'Number of the 32 shards that this replica evaluates.', ({ shards }) => shards.held);
  gauge('tocsin_store_up', 'Whether the store can be read and written.', ({ store }) => (store.up ? 1 : 0));
  gauge(
    'tocsin_oldest_undelivered_seconds',
    'How long the oldest notification has been pending.',
    (now) => now.oldestUndelivered / 1_000,
  );
  new Gauge({
    name: 'tocsin_alerts',
    help: 'Alerts that are pending, firing or recovering, as `tocsin alerts` counts them.',
    labelNames: ['status', 'severity'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { status: state, severity, count } of status().alerts) this.set({ status: state, severity }, count);
    },
  });
  new Gauge({
    name: 'tocsin_alerts_suppressed',
    help: 'Firing alerts that are suppressed, by the cause: silence, inhibition, pause (of their rule), outage (of their source).',
    labelNames: ['by'],
    registers: [registry],
    collect() {
      for (const [by, count] of Object.entries(status().suppressed)) this.set({ by }, count);
    },
  });
  new Gauge({
    name: 'tocsin_silences',
    help: 'Silences by state, those of files included: active, pending (planned to begin later), or expired (in the last half hour).',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      for (const [state, count] of Object.entries(status().silences)) this.set({ state }, count);
    },
  });
  new Gauge({
    name: 'tocsin_health_alerts',
    help: 'Health alerts of Tocsin itself that are firing.',
    labelNames: ['kind'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { kind } of status().healthAlerts) this.inc({ kind });
    },
  });
  new Gauge({
    name: 'tocsin_task_failing',
    help: 'Whether a task of this process fails: turns, evaluation, health, housekeeping, reload, leases, clock, slack.',
    labelNames: ['task'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { task } of status().tasks) this.set({ task }, 1);
    },
  });
  const { version, namespace } = status();
  new Gauge({
    name: 'tocsin_build_info',
    help: 'Version and namespace; always 1.',
    labelNames: ['version', 'namespace', 'node'],
    registers: [registry],
  }).set({ version, namespace, node: process.version }, 1);
}
