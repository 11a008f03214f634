import type { OutageFacts } from '../alerts/outage.ts';
import type { Json } from '../core/json.ts';
import type { Instant } from '../core/time.ts';
import type { Labels, Target } from '../routing/route.ts';
import type { Rule } from '../rules/rule.ts';
import type { OwedEntry, RuleDocument } from './rule-states.ts';
import type { Run } from './run.ts';

/** An alert that is held back. Stored names. */
export interface HeldAlert {
  readonly alert: string;
  readonly until: Instant;
  readonly values: Readonly<Record<string, Json>>;
  readonly condition: string;
  /** Its end, where that is what is held back: its receivers know it as firing, and the rule's document does not hold it any more. */
  readonly end?: OwedEntry;
  /** Documents arrive again and this one is still silent: it is reported at `until` if nothing changes. */
  readonly released?: true;
}

/** What one receiver was told of an outage: an alert of its own beside those of the groups. Stored names. */
export interface ToldOutage {
  readonly receiver: string;
  readonly alert: string;
  readonly episode: string;
  readonly started: Instant;
  /** The worst severity of the alerts that are held back from this receiver. */
  readonly level: string;
  /** The labels that they share. */
  readonly labels: Labels;
  readonly held_by: readonly Target[];
  readonly facts: OutageFacts;
}

/** A rule whose groups went quiet together because their source has no document at all. Stored names. */
export interface Outage {
  readonly source: string;
  readonly since: Instant;
  /** Tick at which documents arrived again; absent while there are none. */
  readonly over?: Instant;
  readonly held: readonly HeldAlert[];
  /** Who was told, one of each receiver; empty before the first alert would have fired, and once it is over. */
  readonly told: readonly ToldOutage[];
}

/** What is known of a rule's source in a window, whatever the rule's query. */
export type SourceSight = 'silent' | 'speaking' | 'unknown';

/** One judged window of a rule: its document before and after, and what is known of the source. */
export interface OutageWindow {
  readonly namespace: string;
  readonly rule: Rule;
  readonly before: RuleDocument;
  readonly after: RuleDocument;
  readonly run: Pick<Run, 'at' | 'window' | 'purpose' | 'changes'>;
  readonly source: SourceSight;
  /** Name of the source, for people. */
  readonly sourceName: string;
  /** The time of the turn, from which holding back is counted. */
  readonly now: Instant;
  /** Where an alert of the rule with these labels would go. */
  readonly route: (labels: Labels, receivers: readonly string[] | undefined) => readonly Target[];
  /** Keys of the groups that are never held back. */
  readonly expected: ReadonlySet<string>;
}

/** What changes while a window is folded. */
export interface OutageDraft {
  n: number;
  owed: OwedEntry[];
  held: Map<string, HeldAlert>;
  told: Map<string, ToldOutage>;
}

/** Appends an entry with the next number. */
export function push(draft: OutageDraft, entry: Omit<OwedEntry, 'n'>): void {
  draft.owed.push({ ...entry, n: ++draft.n });
}
