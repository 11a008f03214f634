import { groupedBy } from '../../core/grouped-by.ts';
import { own } from '../../core/record.ts';
import { iso } from '../../core/time.ts';
import type { LivingAlert, OutboxEntry, RuleDocument } from '../../evaluation/rule-states.ts';
import type { AlertGroupDocument, QueuedEntry } from '../../notify/alert-group.ts';
import type { Target } from '../../routing/route.ts';
import { distinctTargets, sameTarget } from '../../routing/targets.ts';
import type { AlertNotification } from './alert-list.ts';

/** The entries of a rule's document, or of an alert group, by alert: thousands of alerts may be in one. */
export type ByAlert<T> = ReadonlyMap<string, readonly T[]>;

/** Sorts entries by their alert. */
export function byAlert<T extends { readonly alert: string }>(entries: readonly T[]): ByAlert<T> {
  return groupedBy(entries, ({ alert }) => alert);
}

/** An alert group with its entries by alert. */
export interface IndexedGroup {
  readonly document: AlertGroupDocument;
  readonly queued: ByAlert<QueuedEntry>;
  readonly inflight: ByAlert<QueuedEntry>;
  readonly failed: ByAlert<QueuedEntry>;
}

/** Sorts what an alert group holds by alert. */
export function indexedGroup(document: AlertGroupDocument): IndexedGroup {
  const { queued, inflight, failed } = document;
  return { document, queued: byAlert(queued), inflight: byAlert(inflight?.facts.entries ?? []), failed: byAlert(failed) };
}

/** An alert of a rule's document with what the rule has still to pass on about it. */
export interface QueuedAlert {
  readonly id: string;
  readonly alert: LivingAlert;
  readonly document: RuleDocument;
  readonly outbox: readonly OutboxEntry[];
}

/** Who holds an alert, and who is still to be notified of its last change. */
export function holdersOf({ id, alert, document, outbox }: QueuedAlert): readonly Target[] {
  const holders = alert.held_by ?? own(document.past, id)?.notified?.held_by ?? [];
  return distinctTargets([...holders, ...outbox.flatMap(({ to }) => to)]);
}

/** State of one destination for an alert; undefined if it has moved away and nothing waits there. */
export function notifiedOf(
  waitingAlert: QueuedAlert,
  target: Target,
  group: IndexedGroup | undefined,
): AlertNotification | undefined {
  const { id } = waitingAlert;
  const { receiver, destination } = target;
  const base = { receiver, destination, at: group?.document.notified_at ?? undefined };
  if (group === undefined) return isQueued(waitingAlert, target, undefined) ? { ...base, state: 'waiting' } : undefined;
  const { document } = group;
  const waits = [...(group.queued.get(id) ?? []), ...(group.inflight.get(id) ?? [])];
  const held = waits.find((entry) => entry.why !== undefined);
  if (held?.why !== undefined) return { ...base, state: 'held', note: held.why };
  if (waits.length > 0) {
    const failure = document.inflight?.last_failure?.text;
    const left = waits.at(-1)?.kind === 'moved' ? 'that it has moved to other receivers' : undefined;
    return { ...base, state: 'waiting', ...noteOf(failure ?? left), ...(failure !== undefined && { failing: true }) };
  }
  if (group.failed.has(id)) return { ...base, state: 'dead', ...noteOf(withNextTry(document)) };
  if (isQueued(waitingAlert, target, document)) return { ...base, state: 'waiting' };
  return Object.hasOwn(document.alerts, id) ? { ...base, state: 'notified' } : undefined;
}

/** The rule's document keeps an entry for a moment after an alert group has taken it over. */
function isQueued({ document, outbox }: QueuedAlert, target: Target, group: AlertGroupDocument | undefined): boolean {
  const taken = own(group?.taken, `${document.rule}#${document.incarnation}`) ?? 0;
  return outbox.some((entry) => entry.n > taken && entry.to.some((to) => sameTarget(to, target)));
}

function withNextTry({ dead, retry }: AlertGroupDocument): string {
  const next = retry?.next_at ?? null;
  return `${dead?.reason ?? 'refused'}${next === null ? '' : `; next attempt ${iso(next)}`}`;
}

function noteOf(note: string | undefined): { readonly note?: string } {
  return note === undefined ? {} : { note };
}
