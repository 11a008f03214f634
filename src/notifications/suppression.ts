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
export function suppressedAlerts(document: ConversationDocument, suppression: Suppression): ReadonlyMap<string, string> {
  const verdicts = new Map<string, string | undefined>();
  for (const entry of [...document.untold, ...document.refused]) {
    if (verdicts.has(entry.alert) && verdicts.get(entry.alert) === undefined) continue;
    verdicts.set(entry.alert, suppression(entry.labels));
  }
  for (const [id, told] of Object.entries(document.alerts)) {
    if (!verdicts.has(id)) verdicts.set(id, suppression(told.labels));
  }
  const held = new Map<string, string>();
  for (const [id, why] of verdicts) if (why !== undefined) held.set(id, why);
  return held;
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
 * anything of it was ever frozen is dropped; what was ever frozen (told, being sent, refused) never is.
 */
export function settle(document: ConversationDocument, suppression: Suppression): Settled {
  const held = suppressedAlerts(document, suppression);
  const doomed = new Set<string>();
  for (const entry of document.untold) {
    if (isEnd(entry) && held.has(entry.alert) && !everFrozen(document, entry)) doomed.add(episodeKey(entry));
  }
  const dropped = document.untold.filter((entry) => doomed.has(episodeKey(entry)));
  const untold = document.untold
    .filter((entry) => !doomed.has(episodeKey(entry)))
    .map((entry) => withWhy(entry, held.get(entry.alert)));
  return { document: { ...document, untold }, held, dropped };
}

/** Says whether an entry ends its alert's episode in this conversation. */
export function isEnd(entry: Pick<HeldEntry, 'kind'>): boolean {
  return entry.kind === 'resolved' || entry.kind === 'moved';
}

function everFrozen(document: ConversationDocument, { alert, episode }: HeldEntry): boolean {
  const same = (other: HeldEntry) => other.alert === alert && other.episode === episode;
  return (
    document.alerts[alert]?.episode === episode ||
    (document.sending?.facts.entries.some(same) ?? false) ||
    document.refused.some(same)
  );
}

function episodeKey(entry: HeldEntry): string {
  return `${entry.alert}/${entry.episode}`;
}

function withWhy(entry: HeldEntry, why: string | undefined): HeldEntry {
  if (entry.why === why) return entry;
  const { why: _old, ...rest } = entry;
  return why === undefined ? rest : { ...rest, why };
}
