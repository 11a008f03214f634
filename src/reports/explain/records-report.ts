import type { Instant, TimeRange } from '../../core/time.ts';
import type { RecordedChange, RecordedMessage } from '../../engine/history/run-history.ts';

/** A change of an alert with its time. */
type DatedChange = RecordedChange & { readonly at: Instant };

/** Something that has not been sent, or was given up, as a receiver's state has it now. */
export interface Unsent {
  readonly destination: string;
  readonly rule: string;
  readonly group: Readonly<Record<string, string | null>>;
  /** What would be said of the alert: firing, worse, resolved, … */
  readonly kind: string;
  readonly at: Instant;
  readonly why: string;
}

/** What was recorded about a receiver, or about a rule that no file has any more, or whose file does not load. */
export interface RecordsReport {
  readonly about: { readonly receiver: string } | { readonly removedRule: string } | { readonly brokenRule: string };
  readonly range: TimeRange;
  /** Sentences about the present, with their next steps. */
  readonly said: readonly string[];
  /** Oldest first. */
  readonly changes: readonly DatedChange[];
  readonly messages: readonly RecordedMessage[];
  readonly unsent: readonly Unsent[];
  /** There may be more messages or changes than these. */
  readonly cut: boolean;
}
