import { own } from '../core/record.ts';
import { compareSeverities } from '../core/severity.ts';
import type { StoreAnswer } from '../core/stored.ts';
import { DAY, type Duration, type Instant } from '../core/time.ts';
import { ACKNOWLEDGEMENT, type Acknowledgement } from '../state/acknowledgement.ts';
import type { Facts, NotifiedAlert, QueuedEntry } from './alert-group.ts';

export type { Acknowledgement } from '../state/acknowledgement.ts';

/** How long an acknowledgement holds, ms: what fires for longer is news again. */
export const ACKNOWLEDGED_FOR: Duration = 30 * DAY;

/** Port to `tocsin-acknowledgements`. */
export interface Acknowledgements {
  /** Those made after `from`, newest first. Invalid ones are left out and named in `unreadable`: they stop nothing. */
  list(from: Instant): Promise<StoreAnswer<readonly Acknowledgement[]>>;
  /**
   * Writes each whole in place of an earlier one of its alert, and none where a newer Tocsin wrote one of these. The next `list` has them. After any other
   * failure some may be written.
   */
  put(acknowledgements: readonly Acknowledgement[]): Promise<StoreAnswer<void>>;
  /** Removes those made before an instant, some thousands at a time; gives how many. */
  prune(before: Instant): Promise<number>;
}

/** Acknowledgements by alert. */
export type AcknowledgedAlerts = ReadonlyMap<string, Acknowledgement>;

/** One stored acknowledgement: its alert and its body as it was read. */
interface StoredAcknowledgement {
  readonly id: string;
  readonly body: unknown;
}

/** Reads acknowledgements, each by itself. `place` says where one is stored. */
export function acknowledgementsRead(
  all: Iterable<StoredAcknowledgement>,
  place: (id: string) => string,
): StoreAnswer<readonly Acknowledgement[]> {
  const value: Acknowledgement[] = [];
  const unreadable = new Map<string, string>();
  for (const { id, body } of all) {
    const read = ACKNOWLEDGEMENT.read(body);
    if (read.ok) value.push(read.document);
    else unreadable.set(id, `${place(id)} ${read.message}`);
  }
  return unreadable.size === 0 ? { ok: true, value } : { ok: true, value, unreadable };
}

/** What an acknowledgement is held against: an alert as its receiver knows it, or as its rule does. */
export type Acknowledged = Pick<NotifiedAlert, 'episode' | 'level' | 'worse_at'>;

/** Says whether an acknowledgement is about this episode of its alert, and was not taken back. */
export function isAbout(acknowledgement: Acknowledgement | undefined, { episode }: Pick<Acknowledged, 'episode'>): boolean {
  return acknowledgement?.episode === episode && acknowledgement.expired_at === undefined;
}

/** Says whether an alert has got worse than it was when it was acknowledged. */
export function gotWorse({ at, level }: Acknowledgement, alert: Acknowledged): boolean {
  return compareSeverities(alert.level, level) < 0 || (alert.worse_at ?? at) > at;
}

/** Says whether someone works on an alert as it is, so that neither a reminder nor an escalation is due. */
export function isAcknowledged(acknowledgement: Acknowledgement | undefined, alert: Acknowledged): boolean {
  return acknowledgement !== undefined && isAbout(acknowledgement, alert) && !gotWorse(acknowledgement, alert);
}

/** When an alert last got worse, as a receiver knows it after this entry; `before`: as it was known. */
export function worseAt(
  { kind, at, episode, escalated }: Pick<QueuedEntry, 'kind' | 'at' | 'episode' | 'escalated'>,
  before: Acknowledged | undefined,
): Instant | undefined {
  if (kind === 'worse') return at;
  return (before?.episode === episode ? before.worse_at : undefined) ?? escalated?.worse_at;
}

/** What a message says of who works on its alerts, by alert; a member only where there is something to say. */
export function acknowledgedIn(
  entries: readonly QueuedEntry[],
  also: Readonly<Record<string, NotifiedAlert>>,
  known: Readonly<Record<string, NotifiedAlert>>,
  acknowledged: AcknowledgedAlerts,
): Pick<Facts, 'acknowledged'> {
  if (acknowledged.size === 0) return {};
  const alerts = new Map<string, Acknowledged>(Object.entries(also));
  for (const entry of entries) {
    const { alert, episode, level } = entry;
    const worse_at = worseAt(entry, alerts.get(alert) ?? own(known, alert));
    // What has ended has the level that it had: its end says nothing about how bad it is.
    alerts.set(alert, { episode, level, ...(worse_at !== undefined && { worse_at }) });
  }
  const said = [...alerts].flatMap(([alert, one]) => {
    const acknowledgement = acknowledged.get(alert);
    if (acknowledgement === undefined || !isAbout(acknowledgement, one)) return [];
    const { by, at, comment } = acknowledgement;
    return [[alert, { by, at, comment, ...(gotWorse(acknowledgement, one) && { worse: true as const }) }] as const];
  });
  return said.length === 0 ? {} : { acknowledged: Object.fromEntries(said) };
}
