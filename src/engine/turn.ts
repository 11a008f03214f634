import type { RuleId } from '../core/ids.ts';
import type { Instant } from '../core/time.ts';
import { type CyclePorts, type CycleReport, cycle } from '../cycle/cycle.ts';
import { sourceOf } from '../cycle/rule-document.ts';
import type { RuleDocument } from '../cycle/rule-states.ts';
import type { Run } from '../cycle/run.ts';
import { claim, deliver } from '../notifications/deliver.ts';
import type { Claimed, DeliveryPorts, KnownSuppression, Notified } from '../notifications/delivery-ports.ts';
import { handOn } from '../notifications/hand-on.ts';
import { silencedAt } from '../notifications/suppression.ts';
import { route } from '../routing/routing.ts';
import type { Rule } from '../rules/rule.ts';
import { batches, inParallel } from './batches.ts';
import { deliveryPorts } from './delivery.ts';
import { judgeHealth } from './health.ts';
import { projectionsOf } from './projections-of.ts';
import { type Owed, owedDocuments, settleConfirmed } from './sweep.ts';
import type { TurnPorts } from './turn-ports.ts';

/** What is to be done in a turn: the rules to judge if they owe windows, and whether to look for what others left behind. */
export interface TurnInput {
  readonly now: Instant;
  readonly due: readonly Rule[];
  /** Search for owed entries and due conversations that this process does not know of. */
  readonly sweep: boolean;
}

/** What a turn did, and when the next one is due. */
export interface TurnReport {
  readonly now: Instant;
  readonly runs: readonly Run[];
  readonly saved: readonly RuleDocument[];
  readonly unsaved: CycleReport['unsaved'];
  readonly notified: readonly Notified[];
  /** Why a store did not answer, if one did not. */
  readonly storeProblems: readonly string[];
  /** The earliest moment at which something is to be done besides the next ticks; `now` while windows are owed; undefined: nothing waits. */
  readonly nextWake: Instant | undefined;
}

/** Batches judged side by side: a batch that waits for a slow index must not hold up the others. */
const BATCHES_AT_ONCE = 8;
const SENDS_AT_ONCE = 16;
const CONVERSATIONS_A_TURN = 500;
/** Added to the longest search timeout of a batch for what surrounds its searches, ms. */
const BATCH_ALLOWANCE = 15_000;
/** When a store did not answer, the next look, ms. */
const STORE_RETRY = 5_000;

/**
 * One pass of the engine: judge what is due, hand on what is owed, group, claim, send, record. The one entry of run, test, dry-run and
 * demo. Turns of one process may overlap as long as no rule is due in two of them.
 */
export async function turn(input: TurnInput, ports: TurnPorts, signal: AbortSignal): Promise<TurnReport> {
  const { now } = input;
  const suppression = await readSuppression(now, ports);
  const delivery = deliveryPorts(ports);
  const storeProblems: string[] = suppression === undefined ? ['the silences could not be read'] : [];
  const claimed: Claimed[] = [];

  const pass = async (owed: readonly Owed[]): Promise<void> => {
    const handed = await handOn(owed, now, suppression, delivery, signal);
    settleConfirmed(ports.session, handed.confirmed);
    claimed.push(...handed.claimed);
    storeProblems.push(...handed.failed.map(({ message }) => `a conversation could not be written: ${message}`));
  };
  const reports = await inParallel(batches(input.due), BATCHES_AT_ONCE, async (batch) => {
    const report = await cycle(batch, now, cyclePorts(ports), batchDeadline(batch, ports, signal));
    await pass(report.saved.flatMap(owedOf));
    return report;
  });
  const runs = reports.flatMap((report) => report.runs);
  storeProblems.push(...reports.flatMap((report) => report.storeProblem ?? []));
  if (input.sweep) {
    const found = await owedDocuments(ports);
    if (found.ok) await pass(found.value);
    else storeProblems.push(found.message);
  }
  await pass(await judgeHealth({ now, runs, notified: [] }, ports, storeProblems));

  const notified = await deliverAll(input, claimed, suppression, delivery, ports, storeProblems, signal);
  if (notified.length > 0) {
    claimed.length = 0;
    await pass(await judgeHealth({ now, runs: [], notified }, ports, storeProblems));
    notified.push(
      ...(await deliverAll({ ...input, sweep: false }, claimed, suppression, delivery, ports, storeProblems, signal)),
    );
  }

  const saved = reports.flatMap((report) => report.saved);
  await ports.projections.write(projectionsOf(runs, notified, saved, ports));
  const more = reports.some((report) => report.more);
  return {
    now,
    runs,
    saved,
    unsaved: reports.flatMap((report) => report.unsaved),
    notified,
    storeProblems,
    nextWake: more ? now : nextWake(now, ports, storeProblems.length > 0),
  };
}

async function readSuppression(now: Instant, ports: TurnPorts): Promise<KnownSuppression> {
  const silences = await ports.silences.list(now);
  return silences.ok ? silencedAt(silences.value, now) : undefined;
}

function cyclePorts(ports: TurnPorts): CyclePorts {
  const { namespace, search, states, session, typeNamed } = ports;
  return { namespace, search, states, session, typeNamed, route: (labels, receivers) => route(labels, ports.routing, receivers) };
}

function batchDeadline(batch: readonly Rule[], ports: TurnPorts, signal: AbortSignal): AbortSignal {
  const longest = batch.reduce((most, rule) => Math.max(most, rule.source.timeout), 0);
  return ports.deadline(longest + BATCH_ALLOWANCE, signal);
}

function owedOf(document: RuleDocument): readonly Owed[] {
  return document.owed.length === 0 ? [] : [{ source: sourceOf(document), rule: document.rule, owed: document.owed }];
}

/** Sends what was claimed already and whatever else is due; conversations that another turn works on are left to it. */
async function deliverAll(
  input: TurnInput,
  claimed: readonly Claimed[],
  suppression: KnownSuppression,
  delivery: DeliveryPorts,
  ports: TurnPorts,
  storeProblems: string[],
  signal: AbortSignal,
): Promise<Notified[]> {
  const { now } = input;
  const { busy } = ports.session;
  const ready = new Map(claimed.map((one) => [one.id, one]));
  const due = await dueConversations(input, ports, storeProblems);
  // A message claimed by this turn is sent by it whoever else works on the conversation: its lease would only run out.
  const ids = [...new Set([...ready.keys(), ...due])].filter((id) => ready.has(id) || !busy.has(id));
  for (const id of ids) busy.add(id);
  const notified = await inParallel(ids, SENDS_AT_ONCE, async (id): Promise<readonly Notified[]> => {
    try {
      const mine = ready.get(id) ?? (await claim(id, now, suppression, delivery, signal));
      return mine === undefined ? [] : await deliver(mine, now, suppression, delivery, signal);
    } finally {
      busy.delete(id);
    }
  });
  return notified.flat();
}

async function dueConversations(
  { now, sweep }: TurnInput,
  ports: TurnPorts,
  storeProblems: string[],
): Promise<readonly string[]> {
  const known = [...ports.session.dues].filter(([, due]) => due <= now).map(([id]) => id);
  if (!sweep) return known;
  const found = await ports.conversations.due(now, CONVERSATIONS_A_TURN);
  if (!found.ok) {
    storeProblems.push(found.message);
    return known;
  }
  ports.session.next = found.value.next;
  return [...known, ...found.value.ids];
}

function nextWake(now: Instant, ports: TurnPorts, troubled: boolean): Instant | undefined {
  const known = [...ports.session.dues.values(), ...(ports.session.next === undefined ? [] : [ports.session.next])];
  const late = known.some((time) => time <= now);
  const times = known.filter((time) => time > now);
  // What is still due after the turn could not be done: a store is away, or another replica is at it.
  if (troubled || late) times.push(now + STORE_RETRY);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** The ids of all rules a turn could judge: enabled ones. */
export function judgeable(rules: ReadonlyMap<RuleId, Rule>): readonly Rule[] {
  return [...rules.values()].filter((rule) => rule.enabled);
}
