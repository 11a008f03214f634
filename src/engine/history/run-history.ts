import type { Status, Transition } from '../../alerts/alert-state.ts';
import type { Finding } from '../../alerts/finding.ts';
import type { RuleId } from '../../core/ids.ts';
import type { Json } from '../../core/json.ts';
import type { StoreAnswer } from '../../core/stored.ts';
import type { Instant, TimeRange } from '../../core/time.ts';
import type { Cost } from '../../search/answer.ts';

/** One change of an alert as its run recorded it. */
export interface RecordedChange {
  readonly alert: string;
  readonly group: Readonly<Record<string, string | null>>;
  readonly kind: Transition['kind'];
  readonly from: Status;
  readonly to: Status;
  readonly reason: Transition['reason'];
  readonly severity: string;
  readonly values: Readonly<Record<string, Json>>;
  /** Not notified, because the alert flapped. */
  readonly quiet?: true;
}

/** The record of one rule's evaluation of one window, as `tocsin-runs-…` keeps it. */
export interface RecordedRun {
  readonly at: Instant;
  readonly window: TimeRange;
  readonly purpose: string;
  readonly outcome: 'evaluated' | 'failed';
  readonly problem?: { readonly code: string; readonly message: string; readonly hint: string };
  readonly matched: number;
  readonly ungrouped: number;
  readonly groups: number;
  readonly truncated: boolean;
  readonly findings: Readonly<Record<Finding['kind'], number>>;
  readonly changes: readonly RecordedChange[];
  /** The questions as they were sent. */
  readonly sent: readonly Json[];
  readonly cost: Cost;
}

/** One message as `tocsin-notifications` keeps it: the outcome of its last attempt. */
export interface RecordedMessage {
  /** Undefined: it was recorded by a version that did not say so. */
  readonly id: string | undefined;
  /** When it was composed. */
  readonly at: Instant;
  readonly receiver: string;
  readonly destination: string;
  readonly channel: string;
  readonly outcome: string;
  readonly reason: string;
  /** In one line, with the status in front. */
  readonly title: string;
  /** The title by its parts; undefined: it was recorded by a version that did not say them. */
  readonly parts?: { readonly text: string; readonly status: readonly string[] };
  /** Names of the rules that it was about, and the worst severity among its alerts. */
  readonly rules: readonly string[];
  /** Its alerts, as far as they were recorded. */
  readonly about: readonly string[];
  readonly severity: string;
  readonly attempt: number;
  readonly problem?: string;
}

/** One message with what was sent. */
export interface RecordedPayload {
  readonly message: RecordedMessage;
  /** JSON text; undefined: it was not kept. */
  readonly payload: string | undefined;
  /** Parts of it were too long to be kept. */
  readonly cut: boolean;
}

/** One episode of an alert as `tocsin-alerts` keeps it: its last change that receivers were to be notified of. */
export interface RecordedEpisode {
  readonly rule: string;
  readonly alert: string;
  readonly group: Readonly<Record<string, string | null>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly severity: string;
  readonly start: Instant;
  /** Undefined: it was not over when it was last recorded. */
  readonly end: Instant | undefined;
}

/** One acknowledgement as `tocsin-alerts` keeps it beside the episodes: who said that they work on an alert, and when. */
export interface RecordedAcknowledgement {
  readonly at: Instant;
  readonly alert: string;
  readonly by: string;
  readonly comment: string;
}

/** Which acknowledgements are wanted: those made in `[from, to)`, of one alert if it is given. */
interface AcknowledgementsWanted {
  readonly range: TimeRange;
  readonly limit: number;
  readonly alert?: string;
}

/** Which episodes are wanted: those that fired at some time in `[from, to)`, of one rule or one alert if it is given. `skip`: so many newest ones are left out. */
interface EpisodesWanted {
  readonly range: TimeRange;
  readonly limit: number;
  readonly skip?: number;
  readonly rule?: RuleId;
  readonly alert?: string;
}

/** Which runs are wanted: those of a rule with ticks in `[from, to)`; with `alert`, only those that changed it, with `changed` any alert. */
interface RunsWanted {
  readonly rule: RuleId;
  readonly range: TimeRange;
  readonly limit: number;
  readonly skip?: number;
  readonly alert?: string;
  readonly changed?: true;
}

/** Which messages are wanted: those composed in `[from, to)`, about an alert or a rule, or for a receiver, if these are given. */
interface MessagesWanted {
  readonly skip?: number;
  readonly alert?: string;
  readonly rule?: RuleId;
  readonly receiver?: string;
  readonly range: TimeRange;
  readonly limit: number;
}

/**
 * Port to the records that history left, newest first. They are searched, so they lag behind; a record may be missing, and one that
 * cannot be read is left out: `explain` then runs the query again.
 */
export interface RunHistory {
  runs(wanted: RunsWanted): Promise<StoreAnswer<readonly RecordedRun[]>>;
  messages(wanted: MessagesWanted): Promise<StoreAnswer<readonly RecordedMessage[]>>;
  /** One message with what was sent; undefined: none has this ID. */
  payload(id: string): Promise<StoreAnswer<RecordedPayload | undefined>>;
  /** By the times at which they began. */
  episodes(wanted: EpisodesWanted): Promise<StoreAnswer<readonly RecordedEpisode[]>>;
  /** Those that were taken back are among them: someone had looked. */
  acknowledgements(wanted: AcknowledgementsWanted): Promise<StoreAnswer<readonly RecordedAcknowledgement[]>>;
}
