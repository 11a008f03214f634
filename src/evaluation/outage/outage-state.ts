import { beginsWith, type FlappingRule } from '../../alerts/flapping.ts';
import { own, put } from '../../core/record.ts';
import type { Duration, Instant } from '../../core/time.ts';
import type { Labels, Target } from '../../routing/route.ts';
import type { Rule } from '../../rules/rule.ts';
import type { FlappingOutage, HeldAlert, NotifiedOutage } from '../../state/rule-document.ts';
import type { AlertPast, OutboxEntry, RuleDocument } from '../rule-states.ts';
import type { Run } from '../run.ts';

export type { HeldAlert, NotifiedOutage, Outage } from '../../state/rule-document.ts';

/** What is known of a rule's source in a window, whatever the rule's query. */
export type SourceInput = 'silent' | 'speaking' | 'unknown';

/** One evaluated window of a rule: its document before and after, and what is known of the source. */
export interface OutageWindow {
  readonly namespace: string;
  readonly rule: Rule;
  readonly before: RuleDocument;
  readonly after: RuleDocument;
  readonly run: Pick<Run, 'at' | 'window' | 'purpose' | 'changes'>;
  readonly source: SourceInput;
  /** Name of the source, for people. */
  readonly sourceName: string;
  /** The time of the turn, from which holding back is counted. */
  readonly now: Instant;
  /** Where an alert of the rule with these labels would go. */
  readonly route: (labels: Labels, receivers: readonly string[] | undefined) => readonly Target[];
  /** How much of the time since the tick before no evaluation covered, ms. */
  readonly lost: Duration;
  /** Keys of the groups that are never held back. */
  readonly expected: ReadonlySet<string>;
}

/** What changes while a window is folded. */
export interface OutageDraft {
  n: number;
  outbox: OutboxEntry[];
  held: Map<string, HeldAlert>;
  notified: Map<string, NotifiedOutage>;
  /** When alerts, and messages about the source, began before, by alert id. */
  past: Record<string, AlertPast>;
}

/** Appends an entry with the next number. */
export function push(draft: OutageDraft, entry: Omit<OutboxEntry, 'n'>): void {
  draft.outbox.push({ ...entry, n: ++draft.n });
}

/** The message about a silent source of one receiver, and what is known of its flapping. */
interface KnownOutage {
  readonly alert: string;
  readonly known: FlappingOutage | undefined;
}

/** Notes that an outage begins at `at`, and gives what flapping makes of it; undefined: it does not flap. */
export function flappingWithBegin(
  { past }: OutageDraft,
  { alert, known }: KnownOutage,
  at: Instant,
  rule: FlappingRule | undefined,
): FlappingOutage | undefined {
  if (rule === undefined) return undefined;
  const begins = beginsWith(own(past, alert)?.begins ?? [], at, rule);
  put(past, alert, { begins });
  if (known !== undefined) return { ...outageChangedAt(known, at), episodes: known.episodes + 1 };
  return begins.length < rule.episodes ? undefined : { since: begins[0] ?? at, episodes: begins.length, changed: at };
}

/** The same after an outage began or ended at `at`. */
export function outageChangedAt({ since, episodes }: FlappingOutage, at: Instant): FlappingOutage {
  return { since, episodes, changed: at };
}

/** The same with time that no evaluation covered (ms): it proves no source steady. */
export function withLost(flapping: FlappingOutage, lost: Duration): FlappingOutage {
  return lost === 0 ? flapping : { ...flapping, uncovered: (flapping.uncovered ?? 0) + lost };
}
