import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Config } from '../config/config.ts';
import { storeUse } from '../config/received-alerts.ts';
import { redact } from '../core/secret.ts';
import { type Clock, type Duration, iso, timeLimit } from '../core/time.ts';
import type { Parts } from '../engine/assemble.ts';
import { chartsDrawnBy } from '../engine/charts.ts';
import { pauseInMemory } from '../engine/retention/pause-rules.ts';
import { HEALTH_RULE_ID } from '../engine/self-monitoring/health.ts';
import type { TurnPorts } from '../engine/turn-ports.ts';
import { evaluable } from '../engine/turn-ports.ts';
import { checkpoint } from '../evaluation/evaluate-batch.ts';
import { remember } from '../evaluation/session.ts';
import type { HistoryRecord } from '../notify/history.ts';
import { route } from '../routing/routing.ts';
import type { RuleSet } from '../rules/load-rules.ts';
import type { TargetsOf } from '../server/api/alertmanager-json.ts';
import { createMetrics, type ServiceMetrics } from '../server/metrics.ts';
import { createServer } from '../server/server.ts';
import type { ServiceStatus } from '../server/status.ts';
import { type FileSilences, NO_FILE_SILENCES } from '../silence-files/file-silence.ts';
import { withFileSilences } from '../silence-files/with-files.ts';
import { acknowledgeDesk } from './acknowledge-desk.ts';
import { pngDrawer } from './draw-png.ts';
import { watchPresentAlerts } from './health/alert-watch.ts';
import { watchClocks } from './health/clock-watch.ts';
import { startEvaluationWatch } from './health/evaluation-watch.ts';
import { readHealthSignals, whyNotWell } from './health/health-signals.ts';
import { startHeartbeat } from './health/heartbeat.ts';
import { liveness, statusReader } from './health/status-of.ts';
import { type StoreWatch, watchStore } from './health/store-watch.ts';
import { type TurnWatch, watchTurnWatch } from './health/turn-watch.ts';
import { watchAlertGroups } from './health/undelivered.ts';
import { startWorkWatch } from './health/work-watch.ts';
import { startHousekeeping } from './housekeeping.ts';
import { type Journal, newGaps, startJournal } from './journal.ts';
import type { Log } from './log.ts';
import { type Fixtures, servicePorts } from './ports.ts';
import { receivedDesk } from './received-desk.ts';
import { startFileWatch } from './reload/file-watch.ts';
import { logMoves } from './reload/log-moves.ts';
import { changedDestinations, createReloader, type FileSources } from './reload/reload.ts';
import { keepSilences } from './reload/silence-files.ts';
import { createScheduler, type Listener, type Scheduler } from './scheduler/scheduler.ts';
import type { Ticker } from './scheduler/ticker.ts';
import { keepLeases } from './sharding/lease-keeper.ts';
import { loadedNow } from './sharding/loaded-rules.ts';
import { processIdentity } from './sharding/process-identity.ts';
import { startSignIn } from './sign-in/start-sign-in.ts';
import { silenceDesk } from './silence-desk.ts';
import { slackDesk } from './slack/slack-desk.ts';
import { startSlack } from './slack/start-slack.ts';
import { openStore, type ServiceBackend } from './store.ts';
import { watchTasks } from './tasks.ts';
import { heardAcknowledgements } from './web/acknowledging.ts';
import { type EventHub, eventHub } from './web/event-hub.ts';
import { heardChanges } from './web/heard-changes.ts';
import { type RuleCosts, ruleCosts } from './web/rule-costs.ts';
import { type WebDeskParts, webDesk } from './web/web-desk.ts';
import { track, within } from './within.ts';

/** What a service is started with. */
export interface ServiceParts {
  readonly version: string;
  readonly config: Config;
  readonly ruleSet: RuleSet;
  /** The silences of files as they were loaded at the start. */
  readonly silences?: FileSilences;
  readonly sources: FileSources;
  readonly backend: ServiceBackend;
  readonly clock: Clock;
  readonly log: Log;
  readonly io: Parts['io'];
  readonly ticker: (poll: () => void, clock: Clock) => Ticker;
  /** What runs in the pages, as a text of JavaScript; pages work without it. */
  readonly program?: string;
  /** What is known of the files of rules, for pages. */
  readonly ruleFiles?: WebDeskParts['ruleFiles'];
}

/** A running service. */
export interface Service {
  /** Where its server listens; undefined when it is switched off. */
  readonly address: string | undefined;
  readonly status: () => ServiceStatus;
  /** Reads configuration and rules again; the turns to come use them. */
  reload(): Promise<void>;
  /** Ends in order within 10 s: lets running turns finish, writes checkpoints, closes what is open. A second call joins the first. */
  stop(): Promise<void>;
}

/** Bounds of an orderly stop, ms; together below 10 s. */
const FINISH: Duration = 4_000;
const CALL_OFF: Duration = 1_000;
const CHECKPOINT: Duration = 1_500;
const RELEASE: Duration = 1_000;
const CLOSE: Duration = 1_000;

/**
 * Starts the service: evaluates, notifies and serves until it is stopped. It starts without the store and says so. Rejects only when its server
 * cannot listen.
 */
export async function startService(parts: ServiceParts): Promise<Service> {
  const { version, clock, log } = parts;
  const silences = keepSilences({ first: parts.silences ?? NO_FILE_SILENCES, source: parts.sources.silences, log });
  const backend = { ...parts.backend, silences: withFileSilences(parts.backend.silences, silences.silences, clock.now) };
  const life = new AbortController();
  const reloader = createReloader(parts.config, parts.ruleSet, { sources: parts.sources, log, clock });
  const watched = watchAlertGroups(backend.alertGroups);
  const outside = () => store.findings();
  const fixtures: Fixtures = {
    ...{ backend: { ...backend, alertGroups: watched.alertGroups }, clock, io: parts.io, outside },
    ...{ otherFailures: silences.failures, runHistory: backend.runHistory },
    charts: chartsDrawnBy(pngDrawer(log)),
  };
  let ports: TurnPorts = servicePorts(reloader.current(), fixtures);
  const use = () => storeUse(reloader.current().config);
  const open = async () => {
    const opened = await openStore(backend, { use: use(), signal: life.signal });
    if (opened.ok) await recallHealth(ports);
    return opened;
  };
  const watching = { clock, log, ports: () => ports, signal: life.signal };
  const store: StoreWatch = watchStore({
    ...watching,
    open,
    probe: () => backend.probe(clock.now(), use()),
    failed: () => metrics.storeProblem(),
  });
  const tasks = watchTasks(watching);
  const identity = processIdentity();
  const me = { holder: hostname(), token: randomUUID(), ...(identity.me !== undefined && { process: identity.me }) };
  const loaded = loadedNow();
  const leases = keepLeases({ leases: backend.leases, me, clock, log, isOver: identity.isOver, loaded: () => loaded(ports) });
  const pending = new Set<Promise<void>>();
  const shown = (text: string) => redact(text, reloader.current().config.secrets);
  const record = (one: HistoryRecord) => track(backend.history.write([one]).then(noop, noop), pending);
  const signIn = startSignIn({
    ...{ store: backend.signIns, clock, log, fetch: parts.io.fetch, shown, record },
    config: () => reloader.current().config,
  });
  let ticker: Ticker | undefined;
  const status = statusReader({
    version,
    clock,
    ports: () => ports,
    store,
    leases,
    oldestUndelivered: watched.oldest,
    silentFor: () => ticker?.silentFor() ?? 0,
    tasks: tasks.problems,
    configReload: reloader.configReload,
    stopping: () => life.signal.aborted,
    secrets: () => reloader.current().config.secrets,
    signIn: signIn.problems,
  });
  const metrics: ServiceMetrics = createMetrics(status);
  const turnWatch = watchTurnWatch(clock);
  const costs = ruleCosts();
  const events: EventHub = eventHub({
    clock,
    replica: me.token.slice(0, 8),
    others: () => (leases.share().replicas > 1 ? alerts(true) : undefined),
    silences: () => backend.silences.list(clock.now()),
  });
  const listener = listenerOf({ metrics, journal: startJournal(log), store, turnWatch, costs, events, log });
  const scheduler = createScheduler(ports, clock, listener, leases.evaluates);
  const heard = heardChanges({ log, events, record, namespace: parts.config.namespace, now: clock.now });
  const alerts = watchPresentAlerts({ ...{ clock, shown, stores: backend }, changes: heard.count, ports: () => ports });
  const acknowledgements = heardAcknowledgements(
    () => acknowledgeDesk({ stores: backend, namespace: ports.namespace, rules: [...ports.rules.values()], clock }),
    heard.acknowledged,
  );
  const received = receivedDesk({
    ...{ received: backend.received, namespace: parts.config.namespace, clock, shown, count: metrics.received },
    config: () => reloader.current().config.receivedAlerts,
  });
  const web = webDesk({
    acknowledgements,
    ...{ backend, clock, costs, events, program: parts.program, ruleFiles: parts.ruleFiles, signal: life.signal, shown },
    signIn: signIn.web,
    ports: () => ports,
  });
  const slack = startSlack({
    ...{ clock, log, io: parts.io, count: metrics.slack, signal: life.signal },
    config: () => reloader.current().config.slackApp,
    desk: slackDesk({
      stores: backend,
      clock,
      ports: () => ports,
      alerts,
      explain: web.explain,
      shown,
      audit: heard.silence,
      acknowledgements,
    }),
    report: (problem, from) => tasks.report('slack', problem, from),
  });
  const server = createServer({
    ...{ status, alerts, metrics, web },
    healthy: () => liveness(ticker?.silentFor() ?? 0),
    alertmanager: {
      silences: silenceDesk({ silences: backend.silences, clock, newId: randomUUID }),
      received,
      routing: () => ports.routing,
      targetsOf: () => targetsOf(ports),
      access: () => {
        const { server: rules, externalUrl } = reloader.current().config;
        return { ...rules, ...(externalUrl !== undefined && { externalUrl }), host: parts.config.server.host };
      },
      audit: heard.silence,
    },
  });
  const { enabled, host, port } = parts.config.server;
  const address = enabled ? await server.listen(host, port) : undefined;
  log.info({ version, namespace: parts.config.namespace, rules: ports.rules.size, address }, 'tocsin is starting');

  const reload = async () => {
    const before = reloader.current();
    const loaded = await reloader.reload();
    await silences.reload(loaded.config);
    if (life.signal.aborted || loaded === before) return;
    // Keys are replaced and certificates run out while it runs.
    if (loaded.config.elasticsearch !== before.config.elasticsearch) backend.renew(loaded.config.elasticsearch);
    ports = servicePorts(loaded, fixtures, ports.session);
    for (const id of changedDestinations(before.config, loaded.config)) ports.session.again.add(id);
    logMoves(before.config, ports, log);
    pauseInMemory(clock.now(), ports);
    costs.keep(ports.rules);
    scheduler.use(ports);
  };
  const housekeeping = startHousekeeping({
    clock,
    log,
    keep: () => {
      const { runs, history } = reloader.current().config;
      return { runs: runs.keep, history: history.keep };
    },
    evaluates: leases.evaluates,
    report: (problem, from) => tasks.report('housekeeping', problem, from),
    removal: () => ({ whereLoaded: leases.whereLoaded, after: reloader.current().config.removedAfter }),
  });
  const signals = () =>
    readHealthSignals({
      ports,
      store,
      turnWatch,
      evaluates: leases.evaluates,
      tasks: tasks.problems(),
      stopping: life.signal.aborted,
      now: clock.now(),
    });
  const heartbeat = startHeartbeat({
    clock,
    log,
    fetch: parts.io.fetch,
    config: () => reloader.current().config.heartbeat,
    unwell: () => whyNotWell(signals()),
    body: () => heartbeatBody(version, ports, clock),
    count: metrics.heartbeat,
    deadline: timeLimit,
    signal: life.signal,
  });
  const looks = startFileWatch({ clock, interval: () => reloader.current().config.reloadInterval, look: reload });
  const watchWork = startWorkWatch({
    clock,
    tasks,
    store,
    looks,
    leases,
    signals,
    healthProblem: () => ports.session.healthProblem,
  });
  const watchEvaluations = startEvaluationWatch({ clock, store, tasks, ports: () => ports });
  const compareClocks = watchClocks({ clock, store, tasks, ahead: backend.clockAhead });
  const evaluate = () => {
    if (!life.signal.aborted) scheduler.poll();
  };
  const poll = () => {
    store.poll();
    looks.poll();
    watchWork();
    compareClocks();
    watchEvaluations();
    tasks.poll();
    events.poll();
    slack.poll();
    signIn.poll();
    void heartbeat.poll();
    if (!store.isOpen()) return;
    const round = leases.poll();
    // What was taken over is evaluated at once.
    if (round !== undefined) track(round.then(evaluate), pending);
    evaluate();
    const chores = store.isUp() ? housekeeping.poll(ports, watched.waiting()) : undefined;
    if (chores !== undefined) track(chores, pending);
  };
  ticker = parts.ticker(poll, clock);
  poll();

  let stopped: Promise<void> | undefined;
  const stop = async () => {
    log.info('stopping: running turns may finish');
    ticker?.stop();
    life.abort();
    events.close();
    slack.end();
    await finish(scheduler, pending, clock, log);
    // What is evaluated is saved before another replica may go on with it; a store that does not answer will not release anything either.
    const saved = store.isOpen() && (await within(CHECKPOINT, checkpoint(ports), clock));
    if (saved) await within(RELEASE, leases.release(), clock);
    await within(CLOSE, Promise.all([server.close(), backend.close()]), clock);
    log.info('stopped');
  };
  return {
    address,
    status,
    reload,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** Where alerts go by their labels: the route's receivers, or those of their rule. */
function targetsOf({ rules, routing }: TurnPorts): TargetsOf {
  const receivers = new Map([...rules.values()].map((rule) => [rule.name, rule.receivers]));
  return (labels) => route(labels, routing, receivers.get(labels['alertname'] ?? ''));
}

/** Health alerts of an earlier process are only seen to be over by one that knows of them. */
async function recallHealth({ states, session }: TurnPorts): Promise<void> {
  const loaded = await states.load([HEALTH_RULE_ID], new Map());
  if (loaded.ok) remember(session, [HEALTH_RULE_ID], loaded.value);
}

function heartbeatBody(version: string, { namespace, rules }: TurnPorts, clock: Clock) {
  return { namespace, version, rules: evaluable(rules).length, at: iso(clock.now()) };
}

/** Who is notified of finished turns. */
interface Listening {
  readonly metrics: ServiceMetrics;
  readonly journal: Journal;
  readonly store: StoreWatch;
  readonly turnWatch: TurnWatch;
  readonly costs: RuleCosts;
  readonly events: EventHub;
  readonly log: Log;
}

function listenerOf({ metrics, journal, store, turnWatch, costs, events, log }: Listening): Listener {
  return {
    evaluated: (part, ports) => {
      metrics.gaps(newGaps(part, ports).length);
      journal.evaluated(part, ports);
    },
    finished: (turn) => {
      const { input, report, took, ports } = turn;
      turnWatch.finished(turn);
      metrics.turn(report, took, ports);
      journal.ended(report);
      costs.note(report);
      events.turn(report);
      // Only a turn that looked for work has surely asked the store; a conflict in one rule's turn is not an outage.
      if (input.sweep) store.saw(report.storeProblems);
      store.wrote(report);
    },
    broke: (error, input) => {
      metrics.brokenTurn();
      log[turnWatch.broke(input, error) ? 'error' : 'debug'](
        { err: error, rules: input.due.map(({ id }) => id) },
        'a turn failed: please report this; its work is retried',
      );
    },
    skipped: (rules) => {
      metrics.skipped(rules.length);
      for (const { id } of rules)
        log.debug({ rule: id }, 'the evaluation was still running at the next tick, which is evaluated afterwards');
    },
  };
}

function noop(): void {}

/** Lets what runs finish, then calls it off: what is not acknowledged stays outstanding. */
async function finish(scheduler: Scheduler, pending: ReadonlySet<Promise<void>>, clock: Clock, log: Log): Promise<void> {
  const quiet = () => Promise.all([scheduler.quiet(), ...pending]);
  if (await within(FINISH, quiet(), clock)) {
    scheduler.abort();
    return;
  }
  log.warn('some turns did not finish in time and were cancelled; their work is retried');
  scheduler.abort();
  await within(CALL_OFF, quiet(), clock);
}
