import type { Json } from '../../core/json.ts';
import type { Instant } from '../../core/time.ts';
import type { SuppressionKind } from '../../notify/suppression.ts';
import type { Rule } from '../../rules/rule.ts';

/** Who was notified of an alert, or is to be. Stored and printed names of states are older than the words for people. */
export interface AlertNotification {
  readonly receiver: string;
  readonly destination: string;
  /**
   * `notified`: it was notified of it as firing; `waiting`: a message is on its way or due; `held`: a silence, an alert
   * that inhibits it, or the message about its silent source, suppresses it; `dead`: delivery failed.
   */
  readonly state: 'notified' | 'waiting' | 'held' | 'dead';
  /** When the alert group was last notified of anything. */
  readonly at: Instant | undefined;
  /** Why it is suppressed or has failed; of one that was notified, what has begun to suppress it since. */
  readonly note?: string;
  /** A message was not delivered and is tried again. */
  readonly failing?: true;
}

/** What holds back an alert that fires. */
export type SuppressedBy = SuppressionKind;

/** One living alert, or one that flaps and does not fire at this moment. */
export interface ReportedAlert {
  readonly rule: string;
  readonly id: string;
  readonly status: string;
  readonly severity: string | undefined;
  readonly group: Readonly<Record<string, string | null>>;
  /** What its rule says of it in one line, else the rule's name and the group. */
  readonly title: string;
  readonly labels: Readonly<Record<string, string>>;
  /** As they were at its last change that receivers are notified of, or when it became pending; empty where that is not known. */
  readonly values: Readonly<Record<string, Json>>;
  /** What another system has sent with it; only of such alerts. */
  readonly annotations?: Readonly<Record<string, Json>>;
  /** The line of the rule that decided; empty where that is not known. */
  readonly condition: string;
  /** Firing and recovering: the tick at which it began to fire, or when another system says that it began; pending: that of its first breach. */
  readonly since: Instant;
  readonly episode: string | undefined;
  /** It flaps: receivers are notified when it is steady. */
  readonly flapping?: { readonly since: Instant; readonly episodes: number };
  /** It is about the rule's whole source, which is silent, and not about a group: what it says, in one line. */
  readonly about?: string;
  /** It is held back in favour of such a message, at most until then. */
  readonly heldUntil?: Instant;
  /** It fires, and is not notified now: what holds it back. */
  readonly suppressedBy?: SuppressedBy;
  /** The id of an alert that inhibits it. */
  readonly inhibitedBy?: string;
  /** Who works on it; `worse`: it has got worse since, so that this does not count any more. */
  readonly acknowledged?: { readonly by: string; readonly at: Instant; readonly comment: string; readonly worse?: true };
  readonly notified: readonly AlertNotification[];
}

/** Says whether an alert is a rule's: those of other systems have names of their own, which may be those of rules. */
export function isAlertOf(
  { rule, annotations }: Pick<ReportedAlert, 'rule' | 'annotations'>,
  of: Pick<Rule, 'name' | 'received'>,
): boolean {
  return of.received === true ? annotations !== undefined : annotations === undefined && rule === of.name;
}

/** The group as lists show it: the group of what another system has sent are all its labels, and lists show two of them already. */
export function listedGroup({ group, annotations }: Pick<ReportedAlert, 'group' | 'annotations'>): ReportedAlert['group'] {
  if (annotations === undefined) return group;
  const { alertname: _alertname, severity: _severity, ...parts } = group;
  return parts;
}

/** The alerts of a namespace at a moment. */
export interface AlertsReport {
  readonly now: Instant;
  readonly namespace: string;
  /** Rules of the rule files; where those are not known, rules that have been evaluated. */
  readonly rules: number;
  /** How many of them have not been evaluated. */
  readonly unevaluated?: number;
  /** Rules that have been evaluated and that no loaded file has: deleted ones, and those whose file does not load. */
  readonly withoutFile?: number;
  /** What its labels must match to be among `alerts`, as it was given; none: all alerts are. */
  readonly matchers: readonly string[];
  readonly alerts: readonly ReportedAlert[];
  /** Documents of the state that cannot be read, each with the reason: their alerts are not among these, or not who was notified. */
  readonly unreadable: readonly string[];
  /** Where matchers were given and nothing matches: what may have been intended. */
  readonly hint?: string;
}
