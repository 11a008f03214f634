import { isEnd } from '../alerts/entry.ts';
import { groupedBy } from '../core/grouped-by.ts';
import { own } from '../core/record.ts';
import type { Duration, Instant } from '../core/time.ts';
import { suffixOf, type Target } from '../routing/route.ts';
import type { AlertGroupDocument, Leaving, QueuedEntry } from './alert-group.ts';
import { withNotified } from './endings.ts';
import type { RuleOutbox } from './enqueue.ts';

/**
 * How long something has to be due before a replica without its destination acts, ms. Replicas do not all reload at once: one that has the
 * destination would have sent it by then.
 */
export const LEAVE_AFTER: Duration = 60_000;
/** How long entries of alerts that still fire wait at most for the next look, ms: their rule moves them when it is evaluated. */
const NEXT_LOOK: Duration = 60_000;

/** Where the end of an alert is to be notified; `id` of the target's alert group. */
interface Successor {
  readonly id: string;
  readonly target: Target;
}

/** What leaving a destination needs to know. */
export interface LeaveContext {
  /** Where an alert goes by the present configuration. */
  readonly successorsOf: (entry: QueuedEntry) => readonly Successor[];
  /** Who is notified in addition in the place of the one that an alert had escalated to. */
  readonly escalatedTo: (entry: QueuedEntry) => readonly Target[];
}

/** An alert group without the entries that its destination can no longer send. */
export interface Left {
  readonly document: AlertGroupDocument;
  /** Ends, and alerts that still fire, that no receiver is notified of any more. */
  readonly undeliverable: readonly QueuedEntry[];
}

/**
 * Takes apart an alert group whose destination is no longer configured, in one write: ends go to where their labels lead now (`leaving`), under
 * numbers that their new alert groups take over once; alerts that moved are dropped, because their receivers were notified of that by
 * the rule; what still fires waits for its rule, which moves it or ends it. A message in flight without a lease returns to the failed entries.
 * Pure.
 */
export function leave(document: AlertGroupDocument, id: string, now: Instant, context: LeaveContext): Left {
  const { inflight, retry: _retry, remainders: _remainders, ...rest } = document;
  const flying = inflight?.repeats === undefined ? (inflight?.facts.entries ?? []) : [];
  const waiting = [...document.failed, ...flying, ...document.queued];
  const leaving: QueuedEntry[] = [];
  const undeliverable: QueuedEntry[] = [];
  const alerts = { ...document.alerts };
  const staying: QueuedEntry[] = [];
  const to = new Map<string, readonly Target[]>();
  for (const [alert, story] of groupedBy(waiting, (entry) => entry.alert)) {
    const last = story.at(-1);
    if (last === undefined || !isEnd(last)) {
      staying.push(...story);
      continue;
    }
    const notified = own(document.alerts, alert)?.episode === last.episode;
    delete alerts[alert];
    if (last.escalated !== undefined) {
      // While it fires, who has taken its place is notified from where it escalated; its end was passed on before.
      const known = notified || last.handed_over?.notified === true;
      const beside = new Set(last.escalated.beside);
      const others = known
        ? namesakesOf(
            document,
            context.escalatedTo(last).filter(({ destination }) => !beside.has(destination)),
          )
        : [];
      if (others.length > 0)
        leaving.push({
          ...withNotified(last, own(document.alerts, alert)),
          handed_over: { from: document.destination, notified: true },
        });
      to.set(alert, others);
      continue;
    }
    if (last.kind === 'moved') {
      if (last.reason === 'no_receiver') undeliverable.push(last);
      continue;
    }
    const targets = targetsOf(last, id, document.destination, context);
    to.set(alert, targets);
    if (targets.length > 0)
      leaving.push(
        ...story.map((entry) => ({
          ...withNotified(entry, own(document.alerts, alert)),
          handed_over: { from: document.destination, notified },
        })),
      );
    else if (last.beside === undefined) undeliverable.push(last);
  }
  const next = withLeaving({ ...rest, alerts, inflight: null, failed: [], queued: staying }, leaving, to, now);
  const due = hasLeaving(next) ? now : staying.length > 0 ? now + NEXT_LOOK : null;
  const last = undeliverable.at(-1);
  const reason = `the destination ${document.destination} is no longer configured, and no other is routed to`;
  const count = (document.dead?.count ?? 0) + 1;
  return {
    document: { ...next, due, ...(last !== undefined && { dead: { count, last_at: now, reason } }) },
    undeliverable,
  };
}

/**
 * Of several destinations that were due an end, each hands it to its namesake in another receiver, so that no receiver is notified twice; whichever
 * is due it anyway is left out.
 */
function targetsOf(end: QueuedEntry, id: string, destination: string, { successorsOf }: LeaveContext): readonly Target[] {
  const beside = new Set(end.beside);
  const others = successorsOf(end).filter((one) => one.id !== id && !beside.has(one.id));
  const namesakes = beside.size === 0 ? [] : others.filter(({ target }) => suffixOf(target) === suffixOf({ destination }));
  return (namesakes.length > 0 ? namesakes : others).map(({ target }) => target);
}

/** Those of a receiver who take the place of a destination: its namesake, or all where it has none. */
function namesakesOf(gone: Pick<Target, 'destination'>, targets: readonly Target[]): readonly Target[] {
  const others = targets.filter(({ destination }) => destination !== gone.destination);
  const namesakes = others.filter((one) => suffixOf(one) === suffixOf(gone));
  return namesakes.length > 0 ? namesakes : others;
}

function withLeaving(
  document: AlertGroupDocument,
  entries: readonly QueuedEntry[],
  to: ReadonlyMap<string, readonly Target[]>,
  now: Instant,
): AlertGroupDocument {
  if (entries.length === 0) return document;
  const before: Leaving = document.leaving ?? { since: now, n: 0, entries: [] };
  const numbered = entries.map((entry, index) => ({ ...entry, n: before.n + index + 1, to: to.get(entry.alert) ?? [] }));
  return {
    ...document,
    leaving: { since: before.since, n: before.n + entries.length, entries: [...before.entries, ...numbered] },
  };
}

/** Says whether an alert group still has something to hand over. */
export function hasLeaving({ leaving }: AlertGroupDocument): boolean {
  return (leaving?.entries.length ?? 0) > 0;
}

/** What an alert group has to hand over, as if each rule had it in its outbox: the numbers belong to the alert group, `since` then. */
export function outboxOfLeaving(id: string, { since, entries }: Leaving): readonly RuleOutbox[] {
  return [...new Set(entries.map(({ rule }) => rule))].map((rule) => ({
    rule,
    source: `alert group/${id}/${rule}#${since}`,
    outbox: entries.filter((entry) => entry.rule === rule).map(asOutbox),
  }));
}

function asOutbox({
  source: _source,
  rule: _rule,
  queued_at: _incoming,
  why: _why,
  beside: _beside,
  passed_on: _passed,
  ...entry
}: Leaving['entries'][number]) {
  return entry;
}

/** The alert group without what others have taken over; its numbers go on. */
export function withoutTaken(document: AlertGroupDocument, numbers: ReadonlySet<number>): AlertGroupDocument {
  const { leaving } = document;
  if (leaving === undefined) return document;
  return { ...document, leaving: { ...leaving, entries: leaving.entries.filter(({ n }) => !numbers.has(n)) } };
}
