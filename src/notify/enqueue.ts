import { isEnd } from '../alerts/entry.ts';
import type { RuleId } from '../core/ids.ts';
import { readApart } from '../core/read-apart.ts';
import type { Versioned } from '../core/stored.ts';
import type { Instant } from '../core/time.ts';
import type { Target } from '../routing/route.ts';
import { lookAgain } from '../routing/time-intervals.ts';
import type { AlertGroupDocument } from './alert-group.ts';
import { alertGroupIds, newAlertGroup } from './alert-group-id.ts';
import { loadAlertGroups, saveAlertGroups } from './alert-group-session.ts';
import { append, hasTaken, type Incoming, type IncomingEntry } from './append.ts';
import { type ClaimContext, type Composed, compose } from './claim.ts';
import type { Claimed } from './claimed.ts';
import type { DeliveryPorts } from './delivery-ports.ts';
import { passOn } from './escalate.ts';
import { type NotifyContext, timeIn } from './notify-context.ts';
import { frozenAlso, withPresentRead } from './present.ts';
import { shrink } from './shrink.ts';
import { withMuted } from './suppression.ts';

/** What one rule document has to send, as it was acknowledged or read back. */
export interface RuleOutbox {
  readonly source: string;
  readonly rule: RuleId;
  readonly outbox: readonly (IncomingEntry & { readonly to: readonly Target[] })[];
}

/** Entries of one rule document that every target has confirmed: acknowledged, or read with `taken >= n`. */
export interface Confirmed {
  readonly rule: RuleId;
  readonly source: string;
  readonly numbers: readonly number[];
}

/** What was enqueued, and messages claimed in the same writes. */
export interface Enqueued {
  readonly confirmed: readonly Confirmed[];
  readonly claimed: readonly Claimed[];
  /** Alert groups that have not taken everything; the next sweep tries again. `problem`: the store's, undefined for a conflict or want of room. */
  readonly failed: readonly { readonly alertGroup: string; readonly problem: string | undefined }[];
  /** Alert groups whose document cannot be read, with the reason, by id: what is due there waits until someone fixes it. */
  readonly unreadable: ReadonlyMap<string, string>;
}

interface TargetBatch {
  readonly target: Target;
  /** The token of its claim, the same in each attempt: a claim of which no answer came is known again when it is read. */
  readonly token: string;
  readonly incoming: Map<string, { readonly rule: RuleId; readonly entries: IncomingEntry[] }>;
}

/** One entry with the alert groups it is for. */
interface Addressed {
  readonly n: number;
  readonly alertGroups: readonly string[];
}

const ATTEMPTS = 5;

/**
 * Gives each alert group the entries it has not taken yet: get, append those beyond `taken`, write fenced, all alert groups in one bulk
 * a round. What is due at once is claimed in the same write. An entry is confirmed when each of its targets acknowledged or already had it.
 */
export async function enqueue(outboxes: readonly RuleOutbox[], context: NotifyContext): Promise<Enqueued> {
  const { ports, signal } = context;
  const { batches, addressed } = sort(outboxes, ports);
  let open: ReadonlyMap<string, TargetBatch> = batches;
  const done = new Set<string>();
  const claimed: Claimed[] = [];
  const failed = new Map<string, string | undefined>();
  const unreadable = new Map<string, string>();
  for (let attempt = 0; attempt < ATTEMPTS && open.size > 0 && !signal.aborted; attempt++) {
    if (attempt > 0) await ports.pause(attempt, signal);
    const round = await enqueueRound(open, context);
    for (const id of round.done) done.add(id);
    for (const [id, problem] of round.failed) failed.set(id, problem);
    for (const [id, problem] of round.unreadable) unreadable.set(id, problem);
    claimed.push(...round.claimed);
    open = new Map([...open].filter(([id]) => !done.has(id) && !round.full.has(id) && !round.unreadable.has(id)));
  }
  return {
    confirmed: outboxes.map(({ rule, source }, index) => ({ rule, source, numbers: confirmedOf(addressed[index] ?? [], done) })),
    claimed,
    failed: [...batches.keys()]
      .filter((id) => !done.has(id) && !unreadable.has(id))
      .map((id) => ({ alertGroup: id, problem: failed.get(id) })),
    unreadable,
  };
}

/** What each alert group is to be given, and where each entry goes; many entries go to few alert groups, so ids are made once. */
function sort(
  outboxes: readonly RuleOutbox[],
  { namespace, newToken, errors }: Pick<DeliveryPorts, 'namespace' | 'newToken' | 'errors'>,
) {
  const batches = new Map<string, TargetBatch>();
  const idOf = alertGroupIds(namespace);
  const address = ({ source, rule }: RuleOutbox, { to, ...entry }: RuleOutbox['outbox'][number]): Addressed => {
    const all = to.map(idOf);
    const alertGroups = to.map((target, index) => {
      const id = all[index] ?? idOf(target);
      const batch = batches.get(id) ?? { target, token: newToken(), incoming: new Map() };
      const incoming = batch.incoming.get(source) ?? { rule, entries: [] };
      incoming.entries.push(all.length > 1 && isEnd(entry) ? { ...entry, beside: all.filter((other) => other !== id) } : entry);
      batch.incoming.set(source, incoming);
      batches.set(id, batch);
      return id;
    });
    return { n: entry.n, alertGroups };
  };
  const all = (one: RuleOutbox): readonly Addressed[] => {
    try {
      return one.outbox.map((entry) => address(one, entry));
    } catch (thrown) {
      errors.note('rule', one.rule, 'finding out what is outstanding', thrown);
      return [];
    }
  };
  return { addressed: outboxes.map(all), batches };
}

function confirmedOf(entries: readonly Addressed[], done: ReadonlySet<string>): readonly number[] {
  return entries.filter(({ alertGroups }) => alertGroups.every((id) => done.has(id))).map(({ n }) => n);
}

interface Round {
  readonly done: readonly string[];
  readonly claimed: readonly Claimed[];
  readonly failed: ReadonlyMap<string, string | undefined>;
  readonly unreadable: ReadonlyMap<string, string>;
  /** Alert groups without room for more, which another attempt would not change. */
  readonly full: ReadonlySet<string>;
}

async function enqueueRound(open: ReadonlyMap<string, TargetBatch>, context: NotifyContext): Promise<Round> {
  const { ports } = context;
  const loaded = await readApart([...open.keys()], (ids) => loadAlertGroups(ids, ports));
  if (!loaded.ok) return notRead([...open.keys()], loaded.message);
  const { found, unreadable } = loaded.value;
  const broken = new Set<string>();
  const planned = [...open].flatMap(([id, batch]) => {
    if (unreadable.has(id)) return [];
    try {
      return [plan(id, batch, found.get(id), context)];
    } catch (thrown) {
      // What is due there stays with the rules: the next sweep tries again.
      ports.errors.note('alert_group', id, 'enqueuing its outbox entries', thrown);
      broken.add(id);
      return [];
    }
  });
  const reads = (one: Plan) => one.write && Object.keys(frozenAlso(one)).length > 0;
  const read = async (one: Plan): Promise<Plan> =>
    reads(one) ? { ...one, ...(await withPresentRead(one.id, one, timeIn(context), ports)) } : one;
  const plans = planned.some(reads) ? await Promise.all(planned.map(read)) : planned;
  const writes = plans.filter((one) => one.write);
  const results =
    writes.length === 0
      ? []
      : await saveAlertGroups(
          writes.map(({ id, document, version }) => ({ id, document, version })),
          ports,
        );
  const failed = new Map<string, string | undefined>();
  const claimed: Claimed[] = [];
  for (const [index, one] of writes.entries()) {
    const result = results[index] ?? { kind: 'unclear', message: 'the store returned no result for this write' };
    if (result.kind !== 'saved') failed.set(one.id, result.kind === 'conflict' ? undefined : result.message);
  }
  for (const { id, document, token, ...one } of plans) if (one.claimed && !failed.has(id)) claimed.push({ id, document, token });
  const written = plans.filter((one) => !failed.has(one.id));
  return {
    done: written.filter((one) => one.complete).map((one) => one.id),
    claimed,
    failed,
    unreadable,
    full: new Set([...broken, ...written.filter((one) => !one.complete).map((one) => one.id)]),
  };
}

function notRead(ids: readonly string[], problem: string): Round {
  return { done: [], claimed: [], failed: new Map(ids.map((id) => [id, problem])), unreadable: new Map(), full: new Set() };
}

/** What is to be written of one alert group. */
interface Plan extends Composed {
  readonly id: string;
  readonly version: Versioned<AlertGroupDocument>['version'] | undefined;
  readonly write: boolean;
  /** It has taken all that is due there. */
  readonly complete: boolean;
  readonly token: string;
}

function plan(id: string, batch: TargetBatch, found: Versioned<AlertGroupDocument> | undefined, context: NotifyContext): Plan {
  const before = found?.document ?? newAlertGroup(batch.target);
  // Known by the entries themselves, as it is of rules without a recovery: an alert ends as it was announced.
  const { ports } = context;
  const quiet =
    ports.destination(before.destination)?.sendResolved === false || ports.timing(before.route).sendResolved === false;
  const incoming = [...batch.incoming].map(
    ([source, { rule, entries }]): Incoming => ({
      source,
      rule,
      entries: quiet ? entries.map((entry) => ({ ...entry, no_recovery: true as const })) : entries,
    }),
  );
  const appended = append(before, incoming, context.began);
  const complete = incoming.every((each) => hasTaken(appended, each));
  const { token } = batch;
  const version = found?.version;
  if (appended === before) {
    // An earlier attempt was applied although its answer was lost: its message would otherwise wait until the lease has ended.
    const claimed = before.inflight?.token === token;
    return { id, version, write: false, document: before, claimed, dropped: [], complete, token };
  }
  // A message whose lease ran out is left to the sweep: an enqueue appends, and claims only what it can freeze again.
  const mayClaim = appended.inflight === null && context.ports.destination(appended.destination) !== undefined;
  const mine = claimContext({ id, document: appended, token, mayClaim }, context);
  // Those who are notified in addition get everything, before any of it is folded.
  const composed = compose(shrink(passOn(appended, timeIn(context), mine)), timeIn(context), mine);
  return { id, version, write: true, ...composed, complete, token };
}

/** What a claim of this alert group by this process needs. */
export function claimContext(
  { id, document, token, mayClaim }: Claimed & Pick<ClaimContext, 'mayClaim'>,
  context: Pick<NotifyContext, 'began' | 'suppression' | 'ended' | 'ports'>,
): ClaimContext {
  const { suppression, ended, ports } = context;
  const now = timeIn(context);
  const mutedBy = byRule((rule) => ports.mutedBy(document.route, rule, now));
  const isMuted = (rule: RuleId) => (at: Instant) => ports.mutedBy(document.route, rule, at) !== undefined;
  return {
    alertGroup: id,
    suppression: suppression && withMuted(suppression, mutedBy),
    mutedUntil: (rule) => (mutedBy(rule) === undefined ? undefined : lookAgain(isMuted(rule), now)),
    ended,
    mayClaim,
    token,
    lease: ports.lease,
    timing: ports.timing(document.route),
    timingOf: ports.timingOf,
    acknowledged: ports.session.acknowledged,
    escalationOf: byRule((rule) => ports.escalationOf(document, rule)),
  };
}

/** Answers each question about a rule once: thousands of alerts of one write ask the same. */
function byRule<V>(of: (rule: RuleId) => V): (rule: RuleId) => V {
  const known = new Map<RuleId, V>();
  return (rule) => {
    const found = known.get(rule);
    if (found !== undefined || known.has(rule)) return found as V;
    const made = of(rule);
    known.set(rule, made);
    return made;
  };
}
