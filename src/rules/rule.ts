import type { FlappingRule } from '../alerts/flapping.ts';
import type { Lifecycle } from '../alerts/lifecycle.ts';
import type { Condition } from '../conditions/condition.ts';
import type { Position } from '../core/problems.ts';
import type { Schedule } from '../core/schedule.ts';
import type { Duration } from '../core/time.ts';
import type { Measures } from '../core/units.ts';
import type { Spec } from '../rule-types/rule-type.ts';
import type { QueryDsl } from '../search/query.ts';
import type { Template } from '../templates/template.ts';
import type { NamedField } from './named-fields.ts';

/** One level of a rule: its severity and when it is bad. A rule with `condition` has one level with the severity of its labels. */
export interface Level {
  readonly severity: string;
  readonly condition: Condition;
}

/** What to fetch for an alert that changes: fields to show, how many sample documents, fields whose top values are counted. */
interface EvidenceSpec {
  readonly fields: readonly string[];
  readonly samples: number;
  readonly top: readonly string[];
  /** Which of the group's documents to show; without it those that the breached condition is about. */
  readonly filter?: QueryDsl;
  /** Lines of logs that the samples' traces left: whether, where and how many; without it as `tocsin.yaml` has it. */
  readonly logs?: boolean | { readonly indices?: readonly string[]; readonly lines?: number };
}

/** One YAML definition, loaded, checked and deep-frozen. Durations in ms. */
export interface Rule<O = unknown> extends Spec<O> {
  readonly name: string;
  readonly description?: string;
  /** Name of the rule type in the registry. */
  readonly type: string;
  /** Other systems have sent its alerts, with their own labels, which are their groups: what it reads is the present, and it misses no window. */
  readonly received?: true;
  readonly schedule: Schedule;
  readonly delay: Duration;
  /** Worst first, never empty. */
  readonly levels: readonly Level[];
  /** True when the rule gave `levels`: findings then carry a level. */
  readonly leveled: boolean;
  /** When it is good again; undefined: when no level's condition holds. */
  readonly recover?: Condition;
  readonly lifecycle: Lifecycle;
  /** When its alerts flap; undefined: each episode is notified, however fast they follow each other. */
  readonly flapping?: FlappingRule;
  /** How long alerts are held back while the whole source is silent, ms; 0: not at all; an hour by default. */
  readonly outageHold?: Duration;
  readonly catchUp: Duration;
  readonly revisit?: Duration;
  readonly errorAfter: number;
  /** The rule's own labels, `severity` among them. */
  readonly labels: Readonly<Record<string, string>>;
  /** Names of receivers that replace the routing tree's. */
  readonly receivers?: readonly string[];
  readonly groupWait?: Duration;
  readonly groupInterval?: Duration;
  /** Of the first reminder, where it grows. */
  readonly repeatInterval?: Duration;
  readonly repeatGrowth?: { readonly factor: number; readonly max: Duration };
  /** Receivers that are notified too while no one acknowledges an alert; undefined: as its route has it. */
  readonly escalate?: readonly { readonly after: Duration; readonly receiver: string }[];
  /** Names of time intervals of `tocsin.yaml` in which its alerts are not notified. */
  readonly muteTimeIntervals?: readonly string[];
  /** Names of those outside of which they are not notified. */
  readonly activeTimeIntervals?: readonly string[];
  /** False: receivers are not notified of the end of its alerts; true by default. */
  readonly sendResolved?: boolean;
  readonly message: {
    readonly title?: Template;
    readonly text?: Template;
    readonly runbook?: Template;
    readonly resolvedTitle?: Template;
    readonly resolvedText?: Template;
    /** Of a message about several of its alerts. */
    readonly groupTitle?: Template;
    readonly groupText?: Template;
    /** Links beside the usual ones, in order. */
    readonly links?: readonly { readonly label: string; readonly url: Template }[];
    /** No chart is drawn. */
    readonly chart?: false;
  };
  /** The IANA time zone of its messages, where neither receiver nor route has one. */
  readonly timezone?: string;
  /** How its values are shown to people, by their names; plain numbers without it. */
  readonly measures?: Measures;
  readonly evidence: EvidenceSpec;
  readonly enabled: boolean;
  /** The query as the rule has it, for links and `explain`. */
  readonly query: { readonly language: 'kql' | 'lucene' | 'dsl'; readonly text: string };
  /** Hash of the keys that decide when it is bad: not of its texts, labels and receivers. */
  readonly definition?: string;
  /** Hash of group_by, type and memory version: what changes it resets alerts or memory. */
  readonly shape: string;
  /** The fields that the rule names, with their places in its file; none of a rule that no file holds. */
  readonly namedFields?: readonly NamedField[];
  /** Position of the rule. */
  readonly position: Position;
  /** Positions of its keys, by key; none for a rule without a file. */
  readonly places?: Readonly<Record<string, Position>>;
}
