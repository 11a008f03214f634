import { labelsOfHeld } from '../alerts/outage.ts';
import type { Instant } from '../core/time.ts';
import { matchesAll } from '../routing/matches.ts';
import type { Labels } from '../routing/route.ts';
import type { ConversationDocument, HeldEntry } from './conversation.ts';
import type { Silence } from './silences.ts';

/** Why an alert with these labels is not told now (the silence's id), or undefined when nothing holds it back. */
export type Suppression = (labels: Labels) => string | undefined;

/** What silences suppress at `now`. */
export function silencedAt(silences: readonly Silence[], now: Instant): Suppression {
  const active = silences.filter((silence) => silence.starts_at <= now && now < silence.ends_at);
  if (active.length === 0) return () => undefined;
  return (labels) => {
    const silence = active.find(({ matchers }) => matchesAll(matchers, labels));
    return silence === undefined ? undefined : `silence ${silence.id}`;
  };
}

/**
 * The alerts that are held back, with the reason. Decided per alert, never per entry: an alert is suppressed when each of its entries in
 * `untold` and `refused` matches; one that has none there, when the labels last told match.
 */
export function suppressedAlerts(
  document: ConversationDocument,
  suppression: Suppression,
  now: Instant,
): ReadonlyMap<string, string> {
  const verdicts = new Map<string, string | undefined>();
  for (const entry of [...document.untold, ...document.refused]) {
    if (verdicts.has(entry.alert) && verdicts.get(entry.alert) === undefined) continue;
    verdicts.set(entry.alert, heldFor(entry, now) ?? silencedWith(entry, suppression));
  }
  for (const [id, told] of Object.entries(document.alerts)) {
    if (!verdicts.has(id)) verdicts.set(id, silencedWith(told, suppression));
  }
  const held = new Map<string, string>();
  for (const [id, why] of verdicts) if (why !== undefined) held.set(id, why);
  return held;
}

/** An entry is held back by itself until its time has come: one message about its source is sent in its place. */
function heldFor({ hold }: Pick<HeldEntry, 'hold'>, now: Instant): string | undefined {
  return hold !== undefined && now < hold.until ? hold.why : undefined;
}

/** A message about a silent source is suppressed by what suppresses its own labels, or each of the alerts that it stands for. */
function silencedWith({ labels, outage }: Pick<HeldEntry, 'labels' | 'outage'>, suppression: Suppression): string | undefined {
  const why = suppression(labels);
  if (why !== undefined || outage === undefined) return why;
  const reasons = labelsOfHeld(outage, labels)?.map(suppression) ?? [];
  return reasons.every((reason) => reason !== undefined) ? reasons[0] : undefined;
}

/** A conversation after suppression was decided: what is held back says why, and episodes that nobody will ever hear of are gone. */
export interface Settled {
  readonly document: ConversationDocument;
  readonly held: ReadonlyMap<string, string>;
  /** Entries removed for good: recorded as suppressed. */
  readonly dropped: readonly HeldEntry[];
}

/**
 * Decides suppression anew; every write of a conversation but a take-over does. An episode of a suppressed alert that ended before
 * anything of it was ever frozen is dropped, and counted; what was ever frozen (told, being sent, refused) never is. Gives the same
 * document when nothing changes.
 */
export function settle(document: ConversationDocument, suppression: Suppression, now: Instant): Settled {
  const held = suppressedAlerts(document, suppression, now);
  const dropped = doomed(document, held);
  const gone = new Set(dropped);
  const left = dropped.length === 0 ? document.untold : document.untold.filter((entry) => !gone.has(entry));
  const withReason = (entry: HeldEntry) => withWhy(entry, held.get(entry.alert));
  const untold = left.map(withReason);
  const refused = document.refused.map(withReason);
  const last = dropped.at(-1);
  if (last === undefined) {
    const same = isSame(untold, document.untold) && isSame(refused, document.refused);
    return { document: same ? document : { ...document, untold, refused }, held, dropped };
  }
  const count = (document.suppressed?.count ?? 0) + dropped.length;
  const suppressed = { count, last_at: now, why: held.get(last.alert) ?? '' };
  return { document: { ...document, untold, refused, suppressed }, held, dropped };
}

function isSame(a: readonly HeldEntry[], b: readonly HeldEntry[]): boolean {
  return a.every((entry, index) => entry === b[index]);
}

/** Entries up to the end of episodes that nobody will hear of. What follows an end by `moved` is the alert's return: it is still to be told. */
function doomed(document: ConversationDocument, held: ReadonlyMap<string, string>): readonly HeldEntry[] {
  const frozen = frozenEpisodes(document);
  const ends = new Map<string, number>();
  for (const [index, entry] of document.untold.entries()) {
    if (isEnd(entry) && held.has(entry.alert) && !frozen.has(episodeKey(entry))) ends.set(episodeKey(entry), index);
  }
  return ends.size === 0 ? [] : document.untold.filter((entry, index) => index <= (ends.get(episodeKey(entry)) ?? -1));
}

/** Says whether an entry ends its alert's episode in this conversation. */
export function isEnd(entry: Pick<HeldEntry, 'kind'>): boolean {
  return entry.kind === 'resolved' || entry.kind === 'moved';
}

/** Episodes of which something was told, here or by a destination that is gone, is being sent or was refused. */
function frozenEpisodes({ alerts, sending, refused, untold }: ConversationDocument): ReadonlySet<string> {
  const told = Object.entries(alerts).map(([alert, { episode }]) => episodeKey({ alert, episode }));
  const elsewhere = untold.filter((entry) => entry.handed_over?.told === true);
  return new Set([...told, ...[...(sending?.facts.entries ?? []), ...refused, ...elsewhere].map(episodeKey)]);
}

function episodeKey({ alert, episode }: Pick<HeldEntry, 'alert' | 'episode'>): string {
  return `${alert}/${episode}`;
}

function withWhy(entry: HeldEntry, why: string | undefined): HeldEntry {
  if (entry.why === why) return entry;
  const { why: _old, ...rest } = entry;
  return why === undefined ? rest : { ...rest, why };
}
