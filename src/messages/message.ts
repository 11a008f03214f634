import type { Json } from '../core/json.ts';
import type { ReaderSettings } from '../core/locale.ts';
import type { Duration, Instant, TimeRange } from '../core/time.ts';
import type { Markup } from '../templates/markup.ts';

/** Why messages are sent. */
export const MESSAGE_REASONS = [
  ...(['first', 'more_alerts', 'flapping', 'worse', 'better', 'steady', 'reminder', 'resolved', 'moved', 'update'] as const),
  'event',
] as const;

/** One of them. */
export type MessageReason = (typeof MESSAGE_REASONS)[number];

/** A link a person can follow. */
export interface Link {
  readonly label: string;
  readonly url: string;
}

/** A named value to show. */
export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** What was measured, against its limit: `249 MiB of 256 MiB, 97 %` and `limit 95 %`. */
export interface MeasuredText {
  readonly value: string;
  readonly limit?: string;
}

/** What was found in the documents behind an alert. Texts are raw: every channel escapes them for its target. */
export interface Evidence {
  /** Sample documents, newest first: field name to text. */
  readonly documents: readonly { readonly at: Instant; readonly fields: Readonly<Record<string, string>> }[];
  readonly top: readonly {
    readonly field: string;
    readonly values: readonly { readonly value: string; readonly count: number }[];
  }[];
  readonly traceIds: readonly string[];
  /** What the traces left in the logs, oldest first. */
  readonly logs: readonly LogLine[];
}

/** A line of a log that belongs to one of an alert's traces. `level` and `service` may be empty; a text may have several lines. */
export interface LogLine {
  readonly at: Instant;
  readonly level: string;
  readonly service: string;
  readonly text: string;
  readonly traceId: string;
  /** How many lines said the same. */
  readonly count: number;
}

/** Episodes of one alert that follow each other too fast for a message each: how many began since when, and how long it has to be steady. */
export interface MessageFlapping {
  readonly since: Instant;
  readonly episodes: number;
  readonly steady: Duration;
}

/** How the alerts of a message spread over the values of one field of their groups, the most frequent first. */
export interface GroupCounts {
  readonly field: string;
  readonly values: readonly { readonly value: string; readonly count: number }[];
  /** Values that are not named. */
  readonly others: number;
}

/** How an alert ends without a recovery because of its rule: what it was about is no longer evaluated. */
export const UNWATCHED = ['rule_removed', 'rule_changed', 'state_lost'] as const;

/** One alert within a message. */
export interface MessageAlert {
  readonly id: string;
  readonly episode: string;
  readonly rule: string;
  /**
   * `no_data`: over because there is no data any more, and not known to have recovered, like those of `UNWATCHED`; `ended`: fired and resolved before a notification was sent;
   * `moved`: still firing, and sent to others from now on; `event`: documents that are notified once, and never resolved.
   */
  readonly status: 'firing' | 'resolved' | 'no_data' | (typeof UNWATCHED)[number] | 'ended' | 'moved' | 'event';
  /** What happened to it in this message; `still` for those notified before and unchanged. */
  readonly change: 'firing' | 'flapping' | 'worse' | 'better' | 'steady' | 'resolved' | 'moved' | 'still' | 'event';
  readonly severity: string;
  readonly title: string;
  readonly text?: string;
  /** The text with its formatting; absent: it has none. */
  readonly markup?: Markup;
  /** The rule's description, where `text` says something else. */
  readonly description?: string;
  /** Group field to value; `(none)` stands for null, `(empty)` for an empty text. */
  readonly group: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** It flaps, or, when `change` says that it is steady or over, did until now. */
  readonly flapping?: MessageFlapping;
  readonly values: Readonly<Record<string, Json>>;
  /** The numbers that decided, against their limits, in words; absent where the condition compares no numbers. */
  readonly measured?: MeasuredText;
  /** What else is news, in few words each. */
  readonly facts: readonly Fact[];
  /** For those who look closer: raw values, the condition, the window and exact times. */
  readonly details?: readonly Fact[];
  readonly evidence?: Evidence;
  readonly links: readonly Link[];
  readonly startedAt: Instant;
  readonly endedAt?: Instant;
  /** Of a resolved one: why it has ended, in a few words: `recovered, now count 0`. */
  readonly ending?: string;
  /** Who works on it, since when, and what they say; `worse`: it has got worse since. */
  readonly acknowledged?: { readonly by: string; readonly at: Instant; readonly comment: string; readonly worse?: true };
  /** Of a moved one: the receivers that it goes to now; none: no receiver is routed to. Absent: they are not known. */
  readonly movedTo?: readonly string[];
  readonly window: TimeRange;
  /** Evaluated later than it should have been, after a downtime. */
  readonly late: boolean;
  /** Earlier episodes of this alert that the message covers as well; absent: none. */
  readonly earlierEpisodes?: number;
}

/** Alerts of a message that have escalated to its receiver, and what was done for them before. */
export interface MessageEscalation {
  /** The receiver that was notified first. */
  readonly from: string;
  /** How long ago that was, of the first of them. */
  readonly ago: Duration;
  /** Receivers that they escalated to before, in their order. */
  readonly before: readonly string[];
  readonly alerts: number;
}

/** How many alerts of a message have one status; of events: how many there are. */
export interface TitleMark {
  readonly status: MessageAlert['status'];
  readonly count: number;
  /** Of what fires: `still` in a reminder, `flapping` of an alert that does, `escalated` where all of it has escalated to this receiver. */
  readonly remarks?: readonly ('still' | 'escalated' | 'flapping')[];
}

/** The title of a message by its parts. `headline` and `bareTitle` write it. */
export interface Title {
  /** What the message is about, what matters most first; empty where that is not known. */
  readonly marks: readonly TitleMark[];
  /** One line: of one alert its own title, of several what they have in common. */
  readonly text: string;
  /** The text begins with the marks already. */
  readonly marked?: true;
}

/** A picture of what was measured around an incident. */
export interface MessageChart {
  /** PNG, as base64; twice as wide and high as it is shown. */
  readonly png: string;
  /** What it shows, for those who cannot see it. */
  readonly text: string;
  /** Pixels of a page. */
  readonly width: number;
  readonly height: number;
}

/** One notification as every channel gets it; channels only choose its form. */
export interface Message extends ReaderSettings {
  /** Stable over retries: what receivers may deduplicate by. */
  readonly id: string;
  /** Stable over the alert group: what threads are made by. */
  readonly alertGroup: string;
  /** Present incident of the alert group: changes after everything resolved. */
  readonly incident: string;
  /**
   * The key of the incident that a destination keeps for it: the same over the alert group, so that a repeat or an end meets the incident that was
   * opened, even where another message was given up in between. Events end by themselves: each message about them has a key of its own.
   */
  readonly dedupKey: string;
  readonly receiver: string;
  readonly title: Title;
  readonly text?: string;
  /** The text with its formatting; absent: it has none. */
  readonly markup?: Markup;
  /** `event`: nothing fires here, and there are events; `moved`: all of its alerts moved. */
  readonly status: 'firing' | 'resolved' | 'event' | 'moved';
  /** The worst severity among its alerts. */
  readonly severity: string;
  readonly reason: MessageReason;
  /** What has escalated to this receiver with this message; absent: nothing. */
  readonly escalated?: readonly MessageEscalation[];
  /** Number of firing alerts, those beyond the listed included. */
  readonly firing: number;
  /** Of a message about several: how many of the firing alerts have which severity, worst first. */
  readonly levels?: readonly { readonly severity: string; readonly count: number }[];
  /** Number of alerts that have ended, those beyond the listed included. */
  readonly resolved: number;
  /** At most 20 items, changed ones first. */
  readonly alerts: readonly MessageAlert[];
  /** Alerts left out of `alerts`. */
  readonly more: number;
  /** Of a message about more alerts than it lists: how all of them spread over the fields of their groups. */
  readonly summary?: readonly GroupCounts[];
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly links: readonly Link[];
  /** Drawn when the message is sent, for channels that show it; it is not stored. */
  readonly chart?: MessageChart;
  /** Remarks of the engine: a template that failed, a catch-up. */
  readonly notes: readonly string[];
  /** The `now` at which its facts were frozen. */
  readonly at: Instant;
}
