import { collectInternalErrors, type InternalErrors } from '../core/internal-errors.ts';
import { own } from '../core/record.ts';
import type { Duration, Instant } from '../core/time.ts';
import { KNOWN_NOISE_RULE, NOISE_RULE_ID } from '../messages/noise-texts.ts';
import type { DeliveryPorts } from '../notify/delivery-ports.ts';
import { RECEIVED_RULE, RECEIVED_RULE_ID } from '../received/received-rule.ts';
import { findRoute, route } from '../routing/routing.ts';
import { startDeliveries } from './deliveries.ts';
import { escalationOf } from './escalation-of.ts';
import { learnUnits, withKnownUnits } from './field-units.ts';
import { isolatedPorts } from './isolated-ports.ts';
import { mutedAt } from './muted-at.ts';
import { HEALTH_RULE_ID, KNOWN_HEALTH_RULE } from './self-monitoring/health-rule.ts';
import { healthTargets } from './self-monitoring/health-targets.ts';
import { standingOf } from './standing-of.ts';
import type { TurnContext, TurnInput } from './turn-context.ts';
import { openTurnLog } from './turn-log.ts';
import type { TurnPorts } from './turn-ports.ts';

/** Makes the context of one turn: its log, its ports behind walls, and the stopwatch of its deliveries, which begins now. */
export function openTurn(input: TurnInput, given: TurnPorts, signal: AbortSignal): TurnContext {
  return turnOpener(given, signal)(input);
}

/**
 * Makes the contexts of turns that follow each other, no two of which overlap: what is around the ports of one serves the next as well, until something
 * was thrown, which belongs to its turn alone. Of a week of ticks, a third of the time would go into making it.
 */
export function turnOpener(given: TurnPorts, signal: AbortSignal): (input: TurnInput) => TurnContext {
  const { session } = given;
  let walls: Walls | undefined;
  return (input) => {
    if (walls === undefined || walls.errors.all.length > 0) walls = wallsOf(given, signal);
    const { ports, notify, deliveries, errors, stopwatch } = walls;
    notify.began = input.now;
    notify.suppression = undefined;
    notify.ended = [];
    stopwatch.began = ports.clock.monotonic();
    // What is spread comes last: each member that follows a spread costs V8 hundreds of bytes.
    return { ports, session, notify, deliveries, log: openTurnLog(input.now, errors), signal, ...input };
  };
}

/** What is between a turn and its ports. */
interface Walls extends Pick<TurnContext, 'ports' | 'deliveries'> {
  readonly errors: InternalErrors;
  readonly notify: Omit<TurnContext['notify'], 'began'> & { began: Instant };
  readonly stopwatch: Stopwatch;
}

interface Stopwatch {
  began: number;
}

function wallsOf(given: TurnPorts, signal: AbortSignal): Walls {
  const errors = collectInternalErrors();
  const ports = isolatedPorts(given, errors);
  const stopwatch = { began: 0 };
  const notify: Walls['notify'] = {
    began: 0,
    suppression: undefined,
    ended: [],
    ports: deliveryPorts(ports, errors, stopwatch),
    signal,
  };
  return { errors, ports, notify, deliveries: startDeliveries(notify, given.session), stopwatch };
}

function chartsOf(charts: NonNullable<TurnPorts['charts']>, ports: TurnPorts): Pick<DeliveryPorts, 'chartOf'> {
  return { chartOf: (subject, signal) => charts(subject, ports, signal) };
}

/** Rules that no file has. */
const BUILT_IN = { [HEALTH_RULE_ID]: KNOWN_HEALTH_RULE, [NOISE_RULE_ID]: KNOWN_NOISE_RULE };

function knownRule(id: string, { rules, session }: TurnPorts) {
  // Its alerts may end after the configuration that took them.
  const rule = rules.get(id) ?? (id === RECEIVED_RULE_ID ? RECEIVED_RULE : undefined);
  return rule && withKnownUnits(rule, session);
}

/** Waits before reading or writing again, ms: short at first, for a conflict; long for a store that is down. */
const PAUSES: readonly Duration[] = [0, 20, 100, 500, 1_000, 2_000];

/** The ports of enqueuing and delivering for a turn, with its stopwatch. */
function deliveryPorts(ports: TurnPorts, errors: InternalErrors, stopwatch: Stopwatch): DeliveryPorts {
  return {
    namespace: ports.namespace,
    alertGroups: ports.alertGroups,
    session: ports.session,
    destination: ports.destination,
    routeOf: (rule, labels) =>
      rule === HEALTH_RULE_ID ? healthTargets(labels, ports) : route(labels, ports.routing, ports.rules.get(rule)?.receivers),
    timing: (key) => findRoute(ports.routing, key) ?? ports.routing.root,
    timingOf: (rule) => ports.rules.get(rule) ?? {},
    escalationOf: (alertGroup, rule) => escalationOf(ports, alertGroup, rule),
    mutedBy: (key, rule, at) => mutedAt(ports, key, rule, at),
    standingOf: (alertGroup, notified, now) => standingOf(alertGroup, notified, now, ports),
    ...(ports.charts !== undefined && chartsOf(ports.charts, ports)),
    reportsPayloads: ports.keepsPayloads === true && ports.history.kept !== false,
    learnUnits: (rules, stop) => learnUnits(rules, ports, stop),
    view: {
      ruleOf: (rule) => own(BUILT_IN, rule) ?? knownRule(rule, ports),
      isUnloaded: (rule) => own(BUILT_IN, rule) === undefined && !ports.rules.has(rule),
      kibana: ports.kibana,
      externalUrl: ports.externalUrl,
      silence: (id) => ports.session.silences?.find((silence) => silence.id === id),
      readers: (receiver, key) => ({
        ...findRoute(ports.routing, key)?.reader,
        ...own(ports.routing.readers, receiver),
      }),
    },
    errors,
    io: { ...ports.io, pause: ports.clock.sleep },
    newToken: ports.newToken,
    elapsed: () => Math.ceil(ports.clock.monotonic() - stopwatch.began),
    pause: (attempt, signal) => ports.clock.sleep(PAUSES[Math.min(attempt, PAUSES.length - 1)] ?? 0, signal),
    deadline: ports.deadline,
    ...ports.delivery,
  };
}
