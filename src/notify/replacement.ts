import { isEnd } from '../alerts/entry.ts';
import { jsonText } from '../core/json.ts';
import { own, put } from '../core/record.ts';
import type { Instant } from '../core/time.ts';
import { truncate } from '../core/truncate.ts';
import type { Target } from '../routing/route.ts';
import { validParts } from '../state/alert-group-versions.ts';
import type { AlertGroupDocument, NotifiedAlert, QueuedEntry } from './alert-group.ts';
import { newAlertGroup } from './alert-group-id.ts';
import { append, hasTaken, type Incoming } from './append.ts';

/** A document that is invalid, and what is wrong with it. */
export interface InvalidGroup {
  readonly body: unknown;
  readonly problem: string;
}

/** What one rule document says of an alert group: what is still in its outbox for it, and what fires and is held by it. */
export interface SaidOfGroup {
  readonly incoming: Incoming;
  /** The last number of the document: everything up to it is in `incoming` or `firing`, or has ended. */
  readonly n: number;
  readonly firing: readonly QueuedEntry[];
}

/** What the documents of the rules say of an alert group that is replaced. */
interface SaidByRules {
  readonly said: readonly SaidOfGroup[];
  /** Rules of which nothing is known. */
  readonly isUnread: (rule: string) => boolean;
}

/** Characters of the invalid document that are kept. */
const KEPT = 32_000;

/**
 * Begins an alert group in place of one whose document is invalid. What was in the outboxes of the rules, and everything that fires, is queued
 * again: its receiver may be notified twice, but no alert is lost. Alerts that the old document knew as firing, and their rules do not
 * any more, end. Pure.
 */
export function replacementOf(
  target: Target,
  { body, problem }: InvalidGroup,
  { said, isUnread }: SaidByRules,
  now: Instant,
): AlertGroupDocument {
  const { alerts: known, escalations } = validParts(body);
  const set_aside = { at: now, problem, body: truncate(jsonText(body), KEPT) };
  const fresh: AlertGroupDocument = {
    ...newAlertGroup(target),
    alerts: known,
    due: now,
    set_aside,
    ...(escalations && { escalations }),
  };
  const appended = append(
    fresh,
    said.map(({ incoming }) => incoming),
    now,
  );
  const taken = { ...appended.taken };
  for (const { incoming, n } of said) if (hasTaken(appended, incoming)) put(taken, incoming.source, n);
  const last = new Map(appended.queued.map((entry) => [entry.alert, entry]));
  const firing = said
    .flatMap((one) => one.firing)
    .filter(({ alert }) => {
      const entry = last.get(alert);
      return entry === undefined || isEnd(entry);
    })
    .map((entry) => asKnown(entry, own(known, entry.alert)));
  const standing = new Set([...last.keys(), ...firing.map(({ alert }) => alert)]);
  const ends = Object.entries(known).flatMap(([alert, notified]) =>
    standing.has(alert) || notified.escalated !== undefined || isUnread(notified.rule)
      ? []
      : [endOf(alert, notified, taken, now)],
  );
  return { ...appended, taken, queued: [...appended.queued, ...firing, ...ends] };
}

/** With the values that its receiver has read: the rule's document does not keep them. */
function asKnown(entry: QueuedEntry, notified: NotifiedAlert | undefined): QueuedEntry {
  if (notified?.episode !== entry.episode || entry.condition !== '' || entry.outage !== undefined) return entry;
  const { values, condition, window } = notified;
  return { ...entry, values, condition, window };
}

function endOf(alert: string, notified: NotifiedAlert, taken: AlertGroupDocument['taken'], now: Instant): QueuedEntry {
  const { since, title: _title, source, escalated: _escalated, worse_at: _worse, ...rest } = notified;
  const n = own(taken, source) ?? 0;
  return {
    ...rest,
    n,
    source,
    alert,
    kind: 'resolved',
    reason: 'state_lost',
    at: now,
    started: since,
    late: false,
    queued_at: now,
  };
}
