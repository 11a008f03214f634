import type { Duration, Instant } from '../../core/time.ts';
import type { Labels, Target } from '../../routing/route.ts';
import type { Rule } from '../../rules/rule.ts';
import type { HeldAlert, NotifiedOutage } from '../../state/rule-document.ts';
import type { AlertPast, OutboxEntry, RuleDocument } from '../rule-states.ts';
import type { Run } from '../run.ts';

export type { FlappingOutage, HeldAlert, NotifiedOutage, Outage } from '../../state/rule-document.ts';

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
