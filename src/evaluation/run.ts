import type { Finding } from '../alerts/finding.ts';
import type { RuleId } from '../core/ids.ts';
import type { Json } from '../core/json.ts';
import type { Instant, TimeRange } from '../core/time.ts';
import type { Cost } from '../search/answer.ts';
import type { Group } from '../search/query.ts';
import type { SearchProblem } from '../search/search-problem.ts';
import type { GroupFinding } from './group-findings.ts';
import type { FlappingChange } from './outbox/flaps.ts';
import type { Change } from './outbox/outbox-entry.ts';

/** The record of one rule's evaluation of one window. */
export interface Run {
  readonly rule: RuleId;
  readonly at: Instant;
  readonly window: TimeRange;
  readonly purpose: 'live' | 'catch-up';
  readonly outcome: 'evaluated' | 'failed';
  readonly problem?: SearchProblem;
  readonly matched: number;
  readonly ungrouped: number;
  readonly groups: number;
  readonly truncated: boolean;
  /** Groups that are left for the evaluations that follow; absent: none. */
  readonly waiting?: number;
  readonly counts: Readonly<Record<Finding['kind'], number>>;
  readonly unknown: readonly { readonly group: Group; readonly because: string }[];
  readonly changes: readonly Change[];
  /** Ticks before this one that were too old to evaluate, `(from, to]`: notified once. */
  readonly gap?: TimeRange;
  /** Alerts that began to flap, or are steady again. */
  readonly flapping?: readonly FlappingChange[];
  /** What was found of each group that was measured; only with `keepFindings`. */
  readonly findings?: readonly GroupFinding[];
  /** What late documents changed in a window that was evaluated again. */
  readonly late?: readonly Change[];
  /** Why a part of the evidence of its changes could not be fetched; they are notified without it. */
  readonly evidenceProblem?: SearchProblem;
  /** The questions as they were sent. */
  readonly sent: readonly Json[];
  readonly cost: Cost;
}
