import { beginsWith, type Flapping, type FlappingRule } from '../../alerts/flapping.ts';
import type { Duration, Instant } from '../../core/time.ts';
import type { Group } from '../../search/query.ts';
import type { AlertPast, NotifiedFlapping, RuleDocument } from '../rule-states.ts';

/** What flapping changed in what is notified: an alert began to flap, is steady and fires on, or is steady and over. */
export interface FlappingChange {
  readonly alert: string;
  readonly group: Group;
  readonly kind: 'flapping' | 'steady' | 'over';
  /** The tick. */
  readonly at: Instant;
  /** Tick at which the first of its episodes began. */
  readonly since: Instant;
  readonly episodes: number;
}

/** Alerts that do not flap and whose past is remembered at most; of a rule with more, those go that began to fire the longest ago. */
const PASTS_KEPT = 2_000;

/** The past of an alert with an episode that begins at `at`. */
export function withBegin(past: AlertPast | undefined, at: Instant, rule: FlappingRule): AlertPast {
  return { ...past, begins: beginsWith(past?.begins ?? [], at, rule) };
}

/** Says whether an alert with this past begins to flap. */
export function beginsToFlap({ begins, notified }: AlertPast, { episodes }: FlappingRule): boolean {
  return notified === undefined && begins.length >= episodes;
}

/** What an entry about an alert that flaps says of it; `rule` as it is now, which may have stopped to look for flapping. */
export function flappingOf(
  notified: Pick<NotifiedFlapping, 'since' | 'episodes' | 'changed'>,
  rule: FlappingRule | undefined,
): Flapping {
  const { since, episodes, changed } = notified;
  return { since, episodes, changed, within: rule?.within ?? 0, steady: rule?.steady ?? 0 };
}

/** The pasts with time that no evaluation covered (ms) noted: it proves no alert steady. */
export function pastsWithUncovered(pasts: RuleDocument['past'], lost: Duration): Readonly<Record<string, AlertPast>> {
  if (lost === 0) return { ...pasts };
  const noted = Object.entries(pasts ?? {}).map(([id, past]): [string, AlertPast] => {
    const { notified } = past;
    return [
      id,
      notified === undefined ? past : { ...past, notified: { ...notified, uncovered: (notified.uncovered ?? 0) + lost } },
    ];
  });
  return Object.fromEntries(noted);
}

/** What is notified of an alert that flaps after an episode began or ended at `at`. */
export function changedAt({ uncovered: _lost, ...notified }: NotifiedFlapping, at: Instant): NotifiedFlapping {
  return { ...notified, changed: at };
}

/** Says whether nothing was seen to begin or end for long enough at `at`. */
export function isSteady(
  { changed, uncovered: lost = 0 }: Pick<NotifiedFlapping, 'changed' | 'uncovered'>,
  at: Instant,
  rule: FlappingRule | undefined,
): boolean {
  return at - changed - lost >= steadyAfter(rule);
}

/** How long nothing may begin or end until an alert is steady; at once, when its rule looks for flapping no more. */
function steadyAfter(rule: FlappingRule | undefined): Duration {
  return rule?.steady ?? 0;
}

/** The pasts that still matter at `at`: of alerts that flap, and of those whose episodes began within the time that counts. */
export function keptPasts(
  pasts: Readonly<Record<string, AlertPast>>,
  at: Instant,
  rule: FlappingRule | undefined,
): RuleDocument['past'] {
  const within = rule?.within ?? 0;
  const kept = Object.entries(pasts).filter(
    ([, { begins, notified }]) => notified !== undefined || at - (begins.at(-1) ?? 0) < within,
  );
  if (kept.length === 0) return undefined;
  const flapping = kept.filter(([, { notified }]) => notified !== undefined);
  const others = kept.filter(([, { notified }]) => notified === undefined);
  if (others.length <= PASTS_KEPT) return Object.fromEntries(kept);
  const newest = others.sort(([, a], [, b]) => (b.begins.at(-1) ?? 0) - (a.begins.at(-1) ?? 0)).slice(0, PASTS_KEPT);
  return Object.fromEntries([...flapping, ...newest]);
}
