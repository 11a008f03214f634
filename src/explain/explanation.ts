import type { Status, Transition } from '../alerts/alert-state.ts';
import type { Finding } from '../alerts/finding.ts';
import type { RuleId } from '../core/ids.ts';
import type { Json } from '../core/json.ts';
import type { Instant, TimeRange } from '../core/time.ts';
import type { RecordedChange, RecordedMessage, RecordedRun } from '../engine/history/run-history.ts';
import type { Evidence, Link } from '../messages/message.ts';
import type { Labels } from '../routing/route.ts';
import type { Cost } from '../search/answer.ts';
import type { Group } from '../search/query.ts';

/** The story of a rule's alerts at one tick: what was asked, what came back, which line decided, who was notified and who was not. */
export interface Explanation {
  readonly now: Instant;
  readonly rule: ExplainedRule;
  /** The tick, and the window that it evaluates. */
  readonly at: Instant;
  readonly window: TimeRange;
  /** The run of this tick as it was recorded; undefined: there is no record. */
  readonly recorded: RecordedRun | undefined;
  /** The same question asked again at `now`: late documents may have changed the answer. */
  readonly asked: AskedAgain;
  /** Link to the documents of the window; undefined without a configured Kibana, or for a query that Discover cannot hold. */
  readonly discover: string | undefined;
  readonly groups: readonly ExplainedGroup[];
  /** Groups that came back or live and are not shown. */
  readonly more: number;
  /** The group that was asked about, if it neither came back nor lives. */
  readonly missing: MissingGroup | undefined;
  readonly cautions: readonly Caution[];
}

/** What is said of the rule itself. */
export interface ExplainedRule {
  readonly id: RuleId;
  readonly name: string;
  readonly type: string;
  readonly indices: readonly string[];
  readonly query: { readonly language: 'kql' | 'lucene' | 'dsl'; readonly text: string };
  readonly groupBy: readonly string[];
  /** The newest tick whose evaluation is saved; windows since then may be evaluated and not saved yet. */
  readonly evaluatedThrough: Instant | undefined;
  /** The tick since which its evaluations fail; undefined: the last one succeeded. */
  readonly failingSince: Instant | undefined;
}

/** What came of asking again, or why nothing did. `sent`: the questions as they were sent. */
export type AskedAgain = { readonly sent: readonly Json[]; readonly cost: Cost } & (
  | {
      readonly kind: 'answered';
      readonly matched: number;
      readonly ungrouped: number;
      readonly truncated: boolean;
      readonly groups: number;
      /** Documents that are reported one by one, without those that were reported before; undefined for types that measure groups. */
      readonly events: number | undefined;
      readonly findings: Readonly<Record<Finding['kind'], number>>;
    }
  | { readonly kind: 'failed'; readonly problem: { readonly code: string; readonly message: string; readonly hint: string } }
);

/** One group: its reading, what each line of the rule says of it, the outcome of its alert, and who was notified. */
export interface ExplainedGroup {
  readonly group: Group;
  /** The alert's id. */
  readonly alert: string;
  readonly severity: string;
  readonly labels: Labels;
  /** Undefined: no result for this group. */
  readonly reading: ExplainedReading | undefined;
  readonly lines: readonly EvaluatedLine[];
  /** From where and when another system has sent it, in words; undefined: the rule searches itself. */
  readonly received?: string;
  readonly finding: Finding;
  /** The finding in words. */
  readonly because: string;
  readonly life: ExplainedLife;
  readonly notification: ExplainedNotification;
  /** What the traces of its documents left in the logs, asked for now; undefined for groups that are fine, or without traces. */
  readonly traces: ExplainedTraces | undefined;
  /** Link to this group's documents of the window; undefined where it would be the rule's. */
  readonly discover: string | undefined;
}

/** The values that a group was evaluated by. */
export interface ExplainedReading {
  /** Where they come from: the record of the run, or the question asked again. */
  readonly from: 'recorded' | 'asked';
  readonly present: boolean;
  readonly values: Readonly<Record<string, Json>>;
  /** What came when it was asked again, where that differs from the record. */
  readonly now?: Readonly<Record<string, Json>>;
  readonly note?: string;
}

/** A line of the rule and what it says of a reading. */
export interface EvaluatedLine {
  readonly key: 'condition' | 'level' | 'recover';
  /** The severity of a level. */
  readonly severity?: string;
  readonly text: string;
  /** `skipped`: the group had no document, or a line before this one had decided. */
  readonly verdict: 'true' | 'false' | 'unknown' | 'skipped';
  readonly because?: string;
  /** This line decided the finding. */
  readonly decided: boolean;
}

/** The traces behind a group, the lines they left in the logs (oldest first), and where to see them. */
export interface ExplainedTraces extends Pick<Evidence, 'traceIds' | 'logs'> {
  readonly links: readonly Link[];
  /** Why nothing could be fetched. */
  readonly problem?: string;
}

/** What the life of the alert did. */
export interface ExplainedLife {
  /** What happened to the alert at this tick, in words. */
  readonly happened: string;
  /** The status after this tick; undefined: unknown. */
  readonly status: Status | undefined;
  /** The alert in its saved document; undefined: it is not active. */
  readonly present: PresentAlert | undefined;
  /** Undefined: it does not flap. */
  readonly flapping: PresentFlapping | undefined;
  /** Its recorded changes up to the tick and shortly after, oldest first. */
  readonly changes: readonly ExplainedChange[];
}

/** A living alert as its rule's document has it. */
export interface PresentAlert {
  readonly status: Status;
  readonly level: string | undefined;
  readonly since: Instant;
  readonly started: Instant | undefined;
  readonly episode: string | undefined;
  /** What it waits for, as `held for 1m of 2m`. */
  readonly waits: string | undefined;
}

/** An alert that flaps: since when, how many episodes, and what it waits for. */
export interface PresentFlapping {
  readonly since: Instant;
  readonly episodes: number;
  /** In words: quiet until when, and why. */
  readonly words: string;
}

/** A recorded change, in words too. */
export interface ExplainedChange
  extends Pick<RecordedChange, 'kind' | 'from' | 'to' | 'reason' | 'severity' | 'values' | 'quiet'> {
  readonly at: Instant;
  readonly kind: Transition['kind'];
  readonly words: string;
}

/** Who is notified of an alert, who was not, and why. */
export interface ExplainedNotification {
  /** The ways that the alert's labels take through the routing tree: the keys of the nodes; the rule's own receivers have none. */
  readonly paths: readonly (readonly string[])[];
  /** The last node of each way as people read it, in the same order. */
  readonly routeNames: readonly string[];
  /** True: the rule names its receivers, and the tree is not asked. */
  readonly byRule: boolean;
  /** The configuration has errors, so that only what is recorded is known. */
  readonly routingUnknown?: true;
  /** Of a rule with levels, where each of them leads, worst first: the keys of the routes, and the destinations; empty where the rule decides. */
  readonly levels: readonly LevelRoute[];
  readonly receivers: readonly ExplainedReceiver[];
  /** Messages about the alert, oldest first. */
  readonly messages: readonly RecordedMessage[];
  /** Why the messages are not known, if the store did not say. */
  readonly messagesProblem?: string;
}

/** Where alerts of one level go. */
interface LevelRoute {
  readonly severity: string;
  readonly routes: readonly string[];
  /** The same as people read them. */
  readonly routeNames: readonly string[];
  readonly destinations: readonly string[];
}

/** State of one destination for one alert. */
export interface ExplainedReceiver {
  readonly receiver: string;
  readonly destination: string;
  readonly route: string;
  readonly groupLabels: Labels;
  /**
   * notified: it was notified of it as firing; over: nothing is pending; waiting: a message is due; inflight: one is on its way or retried; held:
   * suppressed; dead: delivery failed; outbox: not enqueued yet; would: it would be notified if the alert fired; gone: no longer configured.
   */
  readonly state: 'notified' | 'over' | 'waiting' | 'inflight' | 'held' | 'dead' | 'outbox' | 'would' | 'gone';
  /** In words, with the reason. */
  readonly why: string;
}

/** A requested group that is unknown, with the known ones. */
export interface MissingGroup {
  readonly group: Group;
  /** Groups with a living alert; at most 20. */
  readonly living: readonly Group[];
  /** Groups that came back in this window; at most 20. */
  readonly came: readonly Group[];
}

/** A caution about the rule for the reader. */
export interface Caution {
  readonly code:
    | 'paused'
    | 'never-evaluated'
    | 'not-evaluated-yet'
    | 'outside-schedule'
    | 'gap'
    | 'failing'
    | 'source-silent'
    | 'no-documents'
    | 'no-field'
    | 'ungrouped'
    | 'truncated'
    | 'no-history'
    | 'no-routing'
    | 'not-looked';
  readonly text: string;
  readonly hint?: string;
}
