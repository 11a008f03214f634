import type { Channel, ChannelIo, DestinationTerms, Payload, RecipientOutcomes } from '../channels/channel.ts';
import type { RuleId } from '../core/ids.ts';
import type { InternalErrors } from '../core/internal-errors.ts';
import type { Duration, Instant, TimeLimit } from '../core/time.ts';
import type { ViewContext } from '../messages/alert-view.ts';
import type { Message, MessageChart } from '../messages/message.ts';
import type { RuleTexts } from '../messages/message-of.ts';
import type { Labels, Target } from '../routing/route.ts';
import type { Measurement } from '../state/rule-document.ts';
import type { NotifiedAlert } from './alert-group.ts';
import type { AlertGroupSession } from './alert-group-session.ts';
import type { AlertGroups } from './alert-groups.ts';
import type { ChartSubject } from './chart-subject.ts';
import type { RuleIntervals, Timing } from './due.ts';
import type { EscalationPlan } from './escalate.ts';
import type { Orphan } from './orphans.ts';
import type { Suppression } from './suppression.ts';

/** What is known of notified alerts beyond what their receivers were notified of. */
export interface NotifiedStanding {
  /** Those that no rule document can end any more: theirs is lost, and a newer one does not contain them. */
  readonly orphans: readonly Orphan[];
  /** What the last evaluation measured that found the problem, by alert. */
  readonly present: ReadonlyMap<string, Measurement>;
}

/** A configured destination, ready to send. */
export interface ReadyDestination extends DestinationTerms {
  readonly channel: Channel<unknown>;
  readonly options: unknown;
}

/** What enqueuing and delivering need of the world. */
export interface DeliveryPorts {
  readonly namespace: string;
  readonly alertGroups: AlertGroups;
  /** Undefined for a destination that is no longer configured. */
  readonly destination: (id: string) => ReadyDestination | undefined;
  /** Where an alert of a rule goes by the present configuration. */
  readonly routeOf: (rule: RuleId, labels: Labels) => readonly Target[];
  readonly timing: (routeKey: string) => Timing;
  readonly timingOf: (rule: RuleId) => RuleIntervals;
  /** How alerts of a rule escalate in an alert group. */
  readonly escalationOf: (alertGroup: Pick<Target, 'route' | 'group_labels'>, rule: RuleId) => EscalationPlan;
  /** Why a route does not notify alerts of a rule at a time: by its time intervals, or the rule's. */
  readonly mutedBy: (routeKey: string, rule: RuleId, at: Instant) => string | undefined;
  readonly view: ViewContext;
  /** Draws the chart of a message; never rejects, and does not keep the message waiting for long. Undefined: there are no charts here. */
  readonly chartOf?: (subject: ChartSubject, signal: AbortSignal) => Promise<MessageChart | undefined>;
  /** What was sent is reported with each attempt, for the history. */
  readonly reportsPayloads?: boolean;
  /** Finds out the units of the values of these rules, where neither the rule nor a name says them. Never rejects, and does not take long. */
  readonly learnUnits?: (rules: readonly RuleId[], signal: AbortSignal) => Promise<void>;
  /** What the documents of their rules say of the notified alerts of an alert group. */
  readonly standingOf: (
    alertGroup: string,
    notified: Readonly<Record<string, NotifiedAlert>>,
    now: Instant,
  ) => Promise<NotifiedStanding>;
  /** What this process knows of alert groups; it lives as long as the process. */
  readonly session: AlertGroupSession;
  /** Where what is thrown over one alert group or one rule is noted. */
  readonly errors: InternalErrors;
  readonly io: Omit<ChannelIo, 'now'>;
  /** A fresh claim's token: unguessable is not needed, unique is. */
  readonly newToken: () => string;
  /** Milliseconds since the turn began, by a clock that does not jump. */
  readonly elapsed: () => Duration;
  /** Waits before an attempt to read or write again; returns at once when the signal aborts. */
  readonly pause: (attempt: number, signal: AbortSignal) => Promise<void>;
  /** A limit of `ms` that also ends with its parent. */
  readonly deadline: (ms: Duration, parent: AbortSignal) => TimeLimit;
  readonly lease: Duration;
  readonly sendTimeout: Duration;
  readonly giveUpAfter: Duration;
}

/** One finished attempt, for timelines, metrics and the history. */
export interface Notified
  extends Pick<Message, 'alertGroup' | 'id' | 'at' | 'receiver' | 'reason' | 'title' | 'firing' | 'resolved' | 'severity'> {
  readonly destination: string;
  readonly channel: string;
  /** The first line that people read. */
  readonly firstLine: string;
  /** `partial`: delivered, but some recipients were refused. */
  readonly outcome: 'delivered' | 'partial' | 'retry' | 'unknown' | 'rejected' | 'given_up';
  readonly alerts: number;
  /** Ids of the rules whose alerts the message was about. */
  readonly rules: readonly string[];
  /** The labels that all its alerts share. */
  readonly labels: Readonly<Record<string, string>>;
  /** Alert ids the message was about. */
  readonly about: readonly string[];
  readonly attempt: number;
  /** When a message that was not delivered is tried again. */
  readonly retryAt?: Instant;
  /** The outcome of each recipient, of a channel that addresses several. */
  readonly recipients?: RecipientOutcomes;
  /** The message was sent to these recipients alone: it had not reached them before. */
  readonly only?: readonly string[];
  /** How the own texts of its rules did. */
  readonly texts: readonly RuleTexts[];
  readonly problem?: { readonly kind: string; readonly text: string };
  /** What was sent, where the history keeps it. */
  readonly payload?: Payload;
}

/** What decides in this turn what is held back; undefined: the silences were never read, nothing new is claimed. */
export type KnownSuppression = Suppression | undefined;
