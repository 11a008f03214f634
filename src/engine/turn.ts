import type { RuleId } from '../core/ids.ts';
import { collectInternalErrors, type InternalError, type InternalErrors } from '../core/internal-errors.ts';
import { inParallel } from '../core/parallel.ts';
import type { Instant } from '../core/time.ts';
import { type EvaluationPorts, type EvaluationReport, evaluateBatch } from '../evaluation/evaluate-batch.ts';
import type { RuleDocument } from '../evaluation/rule-states.ts';
import type { Run } from '../evaluation/run.ts';
import type { Notified } from '../notify/delivery-ports.ts';
import { enqueue } from '../notify/enqueue.ts';
import { route } from '../routing/routing.ts';
import type { Rule } from '../rules/rule.ts';
import { readyToNotify } from './catching-up.ts';
import { type Deliveries, startDeliveries } from './deliveries.ts';
import { deliveryPorts } from './delivery.ts';
import { batchesApart, evaluateApart } from './evaluate-apart.ts';
import { historyOf } from './history/history-of.ts';
import { isolatedPorts } from './isolated-ports.ts';
import { readSuppression } from './known-suppression.ts';
import { invalidAlertGroups, type ReplacedGroup, replaceInvalidGroups } from './replace-alert-groups.ts';
import { evaluateHealth, type HealthFacts } from './self-monitoring/health.ts';
import { recoveredAlertGroups, unreadableFindings, unrecordedFindings } from './self-monitoring/health-of-alert-groups.ts';
import { replacedFindings } from './self-monitoring/health-of-replaced.ts';
import {
  brokenFindings,
  documentFindings,
  documentsAside,
  failingAlertGroups,
  type HealthFinding,
  type InvalidDocument,
  recoveredSteps,
  silenceFindings,
} from './self-monitoring/health-of-state.ts';
import { outboxDocuments, outboxOf, type RuleOutbox, settleConfirmed } from './sweep.ts';
import { alertGroupsToTryAgain } from './try-again.ts';
import type { TurnPorts } from './turn-ports.ts';
import { nextHeldUp, takeHeldUp } from './works-again.ts';

/** What is to be done in a turn: the rules to evaluate if they have windows due, and whether to look for what others left behind. */
export interface TurnInput {
  readonly now: Instant;
  readonly due: readonly Rule[];
  /** Search for outbox entries and due alert groups that this process does not know of. */
  readonly sweep: boolean;
  /**
   * Notified of each part of `due` once it is evaluated, saved and enqueued: it may be evaluated again, though messages about it are still on their way to
   * a receiver that takes its time.
   */
  readonly evaluated?: (part: EvaluatedPart) => void;
  /** Notified once all that is due was begun; what follows only waits for receivers. `nextWake` as in the report. */
  readonly begun?: (nextWake: Instant | undefined) => void;
}

/** Rules of a turn that are done with, and what came of them. */
export interface EvaluatedPart extends Pick<TurnReport, 'now' | 'runs' | 'unsaved' | 'invalid' | 'storeProblems'> {
  readonly rules: readonly Rule[];
}

/** What a turn did, and when the next one is due. */
export interface TurnReport {
  readonly now: Instant;
  readonly runs: readonly Run[];
  readonly saved: readonly RuleDocument[];
  readonly unsaved: EvaluationReport['unsaved'];
  readonly notified: readonly Notified[];
  /** Why a store did not answer, if one did not. */
  readonly storeProblems: readonly string[];
  /** What was thrown over one rule, one alert group or one step, and stopped nothing else. */
  readonly errors: readonly InternalError[];
  /** Stored documents that are invalid: they are put aside, and all others are worked on. */
  readonly invalid: readonly InvalidDocument[];
  /** The earliest moment at which something is to be done besides the next ticks; `now` while windows are due; undefined: nothing waits. */
  readonly nextWake: Instant | undefined;
}

/** Batches evaluated side by side: a batch that waits for a slow index must not hold up the others. */
const BATCHES_AT_ONCE = 8;
const ALERT_GROUPS_A_TURN = 500;
/** Added to the longest search timeout of a batch for what surrounds its searches, ms. */
const BATCH_ALLOWANCE = 15_000;
/** When a store did not answer, the next look, ms. */
const STORE_RETRY = 5_000;

/**
 * One pass of the engine: evaluate what is due, enqueue the outbox, group, claim, send, record. The one entry of run, test, dry-run and
 * demo. Turns of one process may overlap as long as no rule is being evaluated in two of them.
 */
export async function turn(input: TurnInput, given: TurnPorts, signal: AbortSignal): Promise<TurnReport> {
  const { now } = input;
  const errors = collectInternalErrors();
  const ports = isolatedPorts(given, errors);
  const { suppression, problem, invalid: silences } = await readSuppression(now, ports);
  const storeProblems: string[] = problem === undefined ? [] : [problem];
  const delivery = deliveryPorts(ports, errors);
  const deliveries = () => startDeliveries({ now, suppression, ports: delivery, session: ports.session, signal });
  let unfinished = false;
  const unreadable = new Map<string, string>();
  const pass = async (outboxes: readonly RuleOutbox[], sends: Deliveries): Promise<void> => {
    const incoming = await enqueue(outboxes, now, suppression, delivery, signal);
    settleConfirmed(ports.session, incoming.confirmed);
    sends.send(incoming.claimed);
    for (const [id, problem] of incoming.unreadable) unreadable.set(id, problem);
    unfinished ||= incoming.failed.length > 0;
    storeProblems.push(...incoming.failed.flatMap((one) => one.problem ?? []));
  };

  const replacePorts = { ...ports, alertGroups: delivery.alertGroups };
  const replaced = new Map<string, string>();
  /** Replaces alert groups that turned out to be invalid; what cannot be replaced stays in `bad`. */
  const replaceInvalid = async (bad: Map<string, string>, sends: Deliveries): Promise<readonly ReplacedGroup[]> => {
    const answer = await replaceInvalidGroups([...bad.keys()], now, replacePorts);
    if (!answer.ok) {
      storeProblems.push(answer.message);
      return [];
    }
    for (const id of answer.value.over) bad.delete(id);
    for (const { id, problem } of answer.value.begun) replaced.set(id, problem);
    sends.claimAndSend(answer.value.begun.map(({ id }) => id));
    return answer.value.begun;
  };

  const first = deliveries();
  const evaluateRules = async (batch: readonly Rule[]): Promise<EvaluationReport> => {
    const report = await evaluateBatch(batch, now, evaluationPorts(ports, errors), batchDeadline(batch, ports, signal));
    await pass(readyToNotify(report, ports.session, now).flatMap(outboxOf), first);
    // Before the rules are let go: written later, it could replace what the next turn writes of them.
    await ports.history.write(historyOf(report.runs, [], report.saved, ports, errors));
    input.evaluated?.(evaluatedPart(batch, now, report));
    return report;
  };
  const parts = await inParallel(batchesApart(input.due, ports.session), BATCHES_AT_ONCE, (batch) =>
    evaluateApart(batch, ports.session, errors, evaluateRules),
  );
  const reports = parts.flat();
  const runs = reports.flatMap((report) => report.runs);
  storeProblems.push(...reports.flatMap((report) => report.storeProblem ?? refusedByIndex(report)));
  if (input.sweep) {
    const found = await outboxDocuments(ports, now);
    if (found.ok) await pass(found.value, first);
    else storeProblems.push(found.message);
    const looked = await invalidAlertGroups(now, replacePorts);
    if (looked.ok) for (const [id, problem] of looked.value) unreadable.set(id, problem);
    else storeProblems.push(looked.message);
  }
  const begun = await replaceInvalid(unreadable, first);
  const refused = refusedOf(reports);
  const ahead = reports.flatMap((report) => report.ahead);
  const fixed = input.sweep
    ? await recoveredAlertGroups(
        ports,
        new Set([...unreadable.keys(), ...failingAlertGroups(errors), ...delivery.unrecorded.keys()]),
      )
    : [];
  const alertGroups = [...unreadableFindings(unreadable), ...unrecordedFindings(delivery.unrecorded), ...fixed];
  const state = [
    ...brokenFindings(errors.all),
    ...replacedFindings(begun, input.sweep ? ports.session : undefined),
    ...(silences === undefined ? [] : silenceFindings(silences, ports.session)),
    ...documentFindings(ports.session),
    ...(input.sweep ? recoveredSteps(ports.session, errors.all) : []),
  ];
  const known = errors.all.length;
  await pass(
    await evaluateHealth({ now, runs, notified: [], refused, ahead, alertGroups, state }, ports, storeProblems, errors),
    first,
  );
  if (input.sweep && suppression !== undefined) {
    // Without an answer the next turn asks again.
    const again = await alertGroupsToTryAgain(now, { ...ports, alertGroups: delivery.alertGroups });
    if (again.ok) first.claimAndSend(again.value, 'anew');
    else storeProblems.push(again.message);
  }
  if (looksForDue(input)) first.claimAndSend(takeHeldUp(now, ports.session), 'early');
  first.claimAndSend(await dueAlertGroups(input, ports, storeProblems));
  input.begun?.(nextWake(input, ports, unfinished || storeProblems.length > 0));
  const { notified, problems, ...met } = await first.finished();

  // The outcome of messages is reported separately, to the watch over receivers.
  const second = deliveries();
  const later = new Map(met.unreadable);
  const begunLater = await replaceInvalid(later, second);
  const broken = [...brokenFindings(errors.all.slice(known)), ...replacedFindings(begunLater)];
  await pass(
    notified.length + later.size + broken.length === 0
      ? []
      : await evaluateHealth(afterSending(now, notified, later, broken), ports, storeProblems, errors),
    second,
  );
  const last = await second.finished();
  storeProblems.push(...problems, ...last.problems);

  const saved = reports.flatMap((report) => report.saved);
  const all = [...notified, ...last.notified];
  await ports.history.write(historyOf([], all, [], ports, errors));
  const more = reports.some((report) => report.behind.length > 0);
  return {
    now,
    runs,
    saved,
    unsaved: reports.flatMap((report) => report.unsaved),
    notified: all,
    storeProblems,
    errors: errors.all,
    invalid: [
      ...invalidDocuments(reports, new Map([...unreadable, ...later, ...last.unreadable, ...replaced]), silences),
      ...(input.sweep ? documentsAside(ports.session) : []),
    ],
    nextWake: more ? now : nextWake(input, ports, unfinished || storeProblems.length > 0),
  };
}

function afterSending(
  now: Instant,
  notified: readonly Notified[],
  unreadable: ReadonlyMap<string, string>,
  state: readonly HealthFinding[],
): HealthFacts {
  const alertGroups = unreadableFindings(unreadable);
  return { now, runs: [], notified, refused: [], ahead: [], alertGroups, state };
}

/** The invalid documents that a turn met. */
function invalidDocuments(
  reports: readonly EvaluationReport[],
  alertGroups: ReadonlyMap<string, string>,
  silences: ReadonlyMap<string, string> | undefined,
): readonly InvalidDocument[] {
  const named = (kind: InvalidDocument['kind'], all: ReadonlyMap<string, string>) =>
    [...all].map(([id, problem]) => ({ kind, id, problem }));
  return [
    ...reports.flatMap(({ invalid }) => named('rule', invalid)),
    ...named('alert_group', alertGroups),
    ...named('silence', silences ?? new Map()),
  ];
}

function evaluatedPart(rules: readonly Rule[], now: Instant, report: EvaluationReport): EvaluatedPart {
  const { runs, unsaved, storeProblem } = report;
  const invalid = invalidDocuments([report], new Map(), undefined);
  return { rules, now, runs, unsaved, invalid, storeProblems: storeProblem === undefined ? [] : [storeProblem] };
}

function evaluationPorts(ports: TurnPorts, errors: InternalErrors): EvaluationPorts {
  const { namespace, search, traceLogs, states, session, typeNamed } = ports;
  return {
    namespace,
    search,
    traceLogs,
    states,
    session,
    typeNamed,
    errors,
    route: (labels, receivers) => route(labels, ports.routing, receivers),
    isConfigured: (destination) => ports.destination(destination) !== undefined,
  };
}

function batchDeadline(batch: readonly Rule[], ports: TurnPorts, signal: AbortSignal): AbortSignal {
  const longest = batch.reduce((most, rule) => Math.max(most, rule.source.timeout), 0);
  return ports.deadline(longest + BATCH_ALLOWANCE, signal);
}

/** A turn that only evaluates leaves what is due to the next one that wakes for it: its rules must not wait for the receivers of others. */
function looksForDue({ due, sweep }: TurnInput): boolean {
  return sweep || due.length === 0;
}

/** Rules whose document the store will not take or cannot give; a conflict or a lost answer is not a problem, the next turn reads again. */
function refusedOf(reports: readonly EvaluationReport[]) {
  return reports.flatMap(({ unsaved, invalid }) => [
    ...unsaved.flatMap(({ rule, why, message, of }) =>
      why === 'refused' && of !== 'index' ? [{ rule, message: message ?? '' }] : [],
    ),
    ...[...invalid].map(([rule, message]) => ({ rule, message })),
  ]);
}

/** An index that takes no writes is a problem of the store, once, and not of each rule. */
function refusedByIndex({ unsaved }: EvaluationReport): readonly string[] {
  const [first] = unsaved.filter(({ of }) => of === 'index');
  return first === undefined ? [] : [first.message ?? 'the index of rules takes no writes'];
}

async function dueAlertGroups(input: TurnInput, ports: TurnPorts, storeProblems: string[]): Promise<readonly string[]> {
  const { now, sweep } = input;
  if (!looksForDue(input)) return [];
  const known = [...ports.session.dues].filter(([, at]) => at <= now).map(([id]) => id);
  if (!sweep) return known;
  const found = await ports.alertGroups.due(now, ALERT_GROUPS_A_TURN);
  if (!found.ok) {
    storeProblems.push(found.message);
    return known;
  }
  ports.session.next = found.value.next;
  return [...new Set([...known, ...found.value.ids])];
}

function nextWake(input: TurnInput, ports: TurnPorts, failing: boolean): Instant | undefined {
  const { now } = input;
  // What is still due after a turn that looked for it could not be done: a store is away, or another replica is at it.
  const late = now + (looksForDue(input) ? STORE_RETRY : 1);
  let wake = failing ? now + STORE_RETRY : Number.POSITIVE_INFINITY;
  const { dues, next } = ports.session;
  for (const time of dues.values()) wake = Math.min(wake, time > now ? time : late);
  const early = nextHeldUp(ports.session);
  if (early !== undefined) wake = Math.min(wake, early > now || !failing ? Math.max(early, now) : now + STORE_RETRY);
  if (next !== undefined) wake = Math.min(wake, next > now ? next : late);
  return wake === Number.POSITIVE_INFINITY ? undefined : wake;
}

/** The ids of all rules a turn could evaluate: enabled ones. */
export function evaluable(rules: ReadonlyMap<RuleId, Rule>): readonly Rule[] {
  return [...rules.values()].filter((rule) => rule.enabled);
}
