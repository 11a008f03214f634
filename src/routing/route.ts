import type { ReaderSettings } from '../core/locale.ts';
import type { Schedule } from '../core/schedule.ts';
import type { Duration } from '../core/time.ts';
import type { TimeIntervals, UsedIntervals } from './time-intervals.ts';

/** Labels of an alert. */
export type Labels = Readonly<Record<string, string>>;

/** One matcher, in Alertmanager's words; a missing label reads as the empty text; regular expressions are anchored. */
export interface Matcher {
  readonly label: string;
  readonly op: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

/** How the time between reminders grows: each is `factor` times as long as the one before, up to `max` ms. */
export interface RepeatGrowth {
  readonly factor: number;
  readonly max: Duration;
}

/** A step of an escalation as a route or a rule has it. */
export interface Escalate {
  readonly after: Duration;
  readonly receiver: string;
}

/** One node of the routing tree with what it inherits already filled in; durations in ms. */
export interface Route extends UsedIntervals {
  /** Path of matchers from the root: `{}` is the root, `{}/{severity="critical"}` a child; stable over reloads that do not touch it. */
  readonly key: string;
  readonly receiver: string;
  readonly matchers: readonly Matcher[];
  readonly continue: boolean;
  /** Labels that divide alert groups; `['...']` means all of them. */
  readonly groupBy: readonly string[];
  readonly groupWait: Duration;
  readonly groupInterval: Duration;
  /** Of the first reminder, where it grows. */
  readonly repeatInterval: Duration;
  readonly repeatGrowth?: RepeatGrowth;
  /** Messages about news and reminders wait for its next time; `off`: they do not. */
  readonly schedule?: Schedule | 'off';
  /** False: no one is notified by it of the end of alerts. */
  readonly sendResolved?: boolean;
  /** Who is notified too while no one acknowledges an alert, earliest first. */
  readonly escalate?: readonly Escalate[];
  /** How those who are notified by it know numbers and times, where it says so. */
  readonly reader?: ReaderSettings;
  readonly routes: readonly Route[];
}

/** A destination of a receiver: ID `receiver/channel/name-or-position`, never a URL or a secret. */
export interface Destination {
  readonly id: string;
  readonly receiver: string;
  readonly channel: string;
}

/** One of Alertmanager's inhibit rules: while an alert fires that fits the source matchers, alerts that fit the target matchers are not notified. */
export interface InhibitRule {
  /** For people: its `name`, else its place in the list, such as `#2`. */
  readonly name: string;
  readonly sourceMatchers: readonly Matcher[];
  readonly targetMatchers: readonly Matcher[];
  /** Labels that both alerts have to have alike; one that neither has is alike. */
  readonly equal: readonly string[];
}

/** The routing of one configuration: the tree, the destinations of each receiver, and what inhibits what. */
export interface Routing {
  readonly root: Route;
  readonly inhibitRules?: readonly InhibitRule[];
  readonly destinations: Readonly<Record<string, readonly Destination[]>>;
  /** How the readers of each receiver know numbers and times, where it says so. */
  readonly readers?: Readonly<Record<string, ReaderSettings>>;
  /** The time intervals that routes and rules may name. */
  readonly intervals?: TimeIntervals;
}

/** Where an alert goes: a receiver's destination within one route and the route's group labels. Stored with the transition. */
export interface Target {
  readonly receiver: string;
  readonly destination: string;
  readonly route: string;
  readonly group_labels: Labels;
}

/** The channel, and the name or position within its receiver. */
export function suffixOf({ destination }: Pick<Target, 'destination'>): string {
  return destination.split('/').slice(-2).join('/');
}
