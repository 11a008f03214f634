import { isEnd } from '../alerts/entry.ts';
import { labelsOfHeld } from '../alerts/outage.ts';
import type { RuleId } from '../core/ids.ts';
import type { Instant } from '../core/time.ts';
import { matchesAll } from '../routing/matches.ts';
import type { Labels } from '../routing/route.ts';
import type { AlertGroupDocument, QueuedEntry } from './alert-group.ts';
import { INHIBITING } from './inhibition.ts';
import type { Silence } from './silences.ts';

/** An alert as suppression looks at it: by its labels and by the id of its rule, which may have been renamed since it fired. */
export interface SuppressionSubject {
  readonly rule: RuleId;
  readonly labels: Labels;
}

/** Why an alert is not notified, or undefined when nothing holds it back. */
export type Suppression = (alert: SuppressionSubject) => string | undefined;

/** Why alerts of a rule are not notified by a route at this time. */
export type Muted = (rule: RuleId) => string | undefined;

/** What is suppressed in an alert group: by silences, and by the time intervals of its route and of the alert's rule. */
export function withMuted(suppression: Suppression, muted: Muted): Suppression {
  return (alert) => suppression(alert) ?? muted(alert.rule);
}

/** What silences suppress at `now`. */
export function silencedAt(silences: readonly Silence[], now: Instant): Suppression {
  const active = silences.filter((silence) => silence.starts_at <= now && now < silence.ends_at);
  if (active.length === 0) return () => undefined;
  return ({ labels }) => {
    const silence = active.find(({ matchers }) => matchesAll(matchers, labels));
    return silence === undefined ? undefined : `${SILENCED}${silence.id}`;
  };
}

const SILENCED = 'silence ';

/** The reason why nothing of a paused rule is notified. */
export const PAUSED = 'the rule is paused';

/** What held back alerts are counted by. */
export type SuppressionKind = 'silence' | 'inhibition' | 'pause' | 'outage';

/** What kind of reason it is why something is held back. */
export function suppressionKind(why: string): SuppressionKind {
  if (why.startsWith(SILENCED)) return 'silence';
  if (why.startsWith(INHIBITING)) return 'inhibition';
  return why === PAUSED ? 'pause' : 'outage';
}

/** The silence that is the reason why something is held back, of those given; undefined where the reason is another, or it is not among them. */
export function silenceOf(why: string, silences: readonly Silence[]): Silence | undefined {
  return why.startsWith(SILENCED) ? silences.find(({ id }) => id === why.slice(SILENCED.length)) : undefined;
}

/**
 * The alerts that are held back, with the reason. Decided per alert, never per entry: an alert is suppressed when each of its entries in
 * `queued` and `failed` matches; one that has none there, when the labels last notified match.
 */
export function suppressedAlerts(
  document: AlertGroupDocument,
  suppression: Suppression,
  now: Instant,
): ReadonlyMap<string, string> {
  const verdicts = new Map<string, string | undefined>();
  for (const entry of [...document.queued, ...document.failed]) {
    if (verdicts.has(entry.alert) && verdicts.get(entry.alert) === undefined) continue;
    verdicts.set(entry.alert, heldFor(entry, now) ?? silencedWith(entry, suppression));
  }
  for (const [id, notified] of Object.entries(document.alerts)) {
    if (!verdicts.has(id)) verdicts.set(id, silencedWith(notified, suppression));
  }
  const suppressedBy = new Map<string, string>();
  for (const [id, why] of verdicts) if (why !== undefined) suppressedBy.set(id, why);
  return suppressedBy;
}

/** An entry is suppressed by itself until its time has come: one message about its source is sent in its place. */
function heldFor({ hold }: Pick<QueuedEntry, 'hold'>, now: Instant): string | undefined {
  return hold !== undefined && now < hold.until ? hold.why : undefined;
}

/** A message about a silent source is suppressed by what suppresses its own labels, or each of the alerts that it stands for. */
function silencedWith(
  { rule, labels, outage }: Pick<QueuedEntry, 'rule' | 'labels' | 'outage'>,
  suppression: Suppression,
): string | undefined {
  const why = suppression({ rule, labels });
  if (why !== undefined || outage === undefined) return why;
  const reasons = labelsOfHeld(outage, labels)?.map((held) => suppression({ rule, labels: held })) ?? [];
  return reasons.every((reason) => reason !== undefined) ? reasons[0] : undefined;
}

/** An alert group after suppression was decided: what is held back says why, and episodes that will never be notified are removed. */
export interface Settled {
  readonly document: AlertGroupDocument;
  readonly suppressedBy: ReadonlyMap<string, string>;
  /** Entries removed permanently: recorded as suppressed. */
  readonly dropped: readonly QueuedEntry[];
}

/**
 * Decides suppression again; every write of an alert group but a take-over does. An episode of a suppressed alert that ended before
 * anything of it was ever frozen is dropped, and counted; what was ever frozen (notified, being sent, refused) never is. Gives the same
 * document when nothing changes.
 */
export function settle(document: AlertGroupDocument, suppression: Suppression, now: Instant): Settled {
  const suppressedBy = suppressedAlerts(document, suppression, now);
  const dropped = doomed(document, suppressedBy);
  const gone = new Set(dropped);
  const left = dropped.length === 0 ? document.queued : document.queued.filter((entry) => !gone.has(entry));
  const withReason = (entry: QueuedEntry) => withWhy(entry, suppressedBy.get(entry.alert));
  const queued = left.map(withReason);
  const failed = document.failed.map(withReason);
  const last = dropped.at(-1);
  if (last === undefined) {
    const same = isSame(queued, document.queued) && isSame(failed, document.failed);
    return { document: same ? document : { ...document, queued, failed }, suppressedBy, dropped };
  }
  const count = (document.suppressed?.count ?? 0) + dropped.length;
  const suppressed = { count, last_at: now, why: suppressedBy.get(last.alert) ?? '' };
  return { document: { ...document, queued, failed, suppressed }, suppressedBy, dropped };
}

function isSame(a: readonly QueuedEntry[], b: readonly QueuedEntry[]): boolean {
  return a.every((entry, index) => entry === b[index]);
}

/** Entries up to the end of episodes that will not be notified. What follows an end by `moved` is the alert's return: it is still to be notified. */
function doomed(document: AlertGroupDocument, suppressedBy: ReadonlyMap<string, string>): readonly QueuedEntry[] {
  const frozen = frozenEpisodes(document);
  const ends = new Map<string, number>();
  for (const [index, entry] of document.queued.entries()) {
    if (isEnd(entry) && suppressedBy.has(entry.alert) && !frozen.has(episodeKey(entry))) ends.set(episodeKey(entry), index);
  }
  return ends.size === 0 ? [] : document.queued.filter((entry, index) => index <= (ends.get(episodeKey(entry)) ?? -1));
}

/** Episodes of which something was notified, here or by a destination that no longer exists, is being sent or was refused. */
function frozenEpisodes({ alerts, inflight, failed, queued }: AlertGroupDocument): ReadonlySet<string> {
  const notified = Object.entries(alerts).map(([alert, { episode }]) => episodeKey({ alert, episode }));
  const elsewhere = queued.filter((entry) => entry.handed_over?.notified === true || isFromRemoved(entry));
  return new Set([...notified, ...[...(inflight?.facts.entries ?? []), ...failed, ...elsewhere].map(episodeKey)]);
}

/**
 * Says whether an alert came from a destination that was removed while it fired. Its rule does not know whether people were notified there: an
 * end too many is less harm than one that they wait for.
 */
function isFromRemoved({ kind, reason }: QueuedEntry): boolean {
  return kind === 'firing' && reason === 'receiver_removed';
}

function episodeKey({ alert, episode }: Pick<QueuedEntry, 'alert' | 'episode'>): string {
  return `${alert}/${episode}`;
}

function withWhy(entry: QueuedEntry, why: string | undefined): QueuedEntry {
  if (entry.why === why) return entry;
  const { why: _old, ...rest } = entry;
  return why === undefined ? rest : { ...rest, why };
}
