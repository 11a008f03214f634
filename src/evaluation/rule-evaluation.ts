import type { Json } from '../core/json.ts';
import type { Instant, TimeRange } from '../core/time.ts';
import type { RuleType } from '../rule-types/rule-type.ts';
import type { Rule } from '../rules/rule.ts';
import type { Group } from '../search/query.ts';
import type { SearchProblem } from '../search/search-problem.ts';
import { afterPause, type DueWindow, dueWindows, everyOf } from './due-windows.ts';
import { adoptDocument, type EndedAlert, newRuleDocument } from './rule-document.ts';
import type { RuleDocument, RuleHealth } from './rule-states.ts';
import type { Run } from './run.ts';
import type { RuleSession } from './session.ts';

/** One rule on its way through a turn: its document so far and the windows still to evaluate. */
export interface RuleEvaluation {
  readonly rule: Rule;
  readonly type: RuleType<unknown, Json>;
  readonly session: RuleSession;
  readonly windows: readonly DueWindow[];
  readonly more: boolean;
  /** The time of the turn. */
  readonly now: Instant;
  /** Ticks that are too old to evaluate. */
  readonly gap: TimeRange | undefined;
  /** The document before it was fitted to the rule as it is now. */
  readonly unfitted: RuleDocument;
  document: RuleDocument;
  /** Alerts that ended because the rule changed; notified with the first window that can be evaluated. */
  ended: readonly EndedAlert[];
  readonly runs: Run[];
  /** The groups of the newest window that its rule knows by name. */
  expected: readonly Group[];
  failed: boolean;
}

const GAPS_KEPT = 10;

/** Opens a rule evaluation for a rule, or undefined when it has no window due at `now`. */
export function openEvaluation(
  rule: Rule,
  type: RuleType<unknown, Json>,
  session: RuleSession,
  now: Instant,
): RuleEvaluation | undefined {
  const stored = loadedAgain(session.current);
  // A failing rule asks once a turn until an answer comes: its backlog must not multiply the load of a cluster in problem.
  const limit = stored !== undefined && stored.health.failures > 0 ? 1 : undefined;
  const all = dueWindows(rule, stored?.evaluated_through, now, limit);
  const onlyNewest = stored !== undefined && (stored.paused !== undefined || rule.received === true);
  const dueWindow = onlyNewest ? afterPause(rule, stored.evaluated_through, now) : all;
  const first = dueWindow.windows[0];
  if (first === undefined) return undefined;
  const fresh = stored ?? newRuleDocument(rule, { at: first.at, now, every: everyOf(rule, first.at) }, type.memoryVersion);
  const { document, ended } = adoptDocument(rule, fresh, first.at, type.memoryVersion);
  const gaps = withGap(document.health.gaps, dueWindow.gap);
  return {
    rule,
    type,
    session,
    windows: dueWindow.windows,
    more: dueWindow.more,
    now,
    gap: dueWindow.gap,
    unfitted: fresh,
    document: gaps === undefined ? document : { ...document, health: { ...document.health, gaps } },
    ended,
    runs: [],
    expected: [],
    failed: false,
  };
}

/** Who evaluates a rule has it loaded: it is not removed, or not any more. */
function loadedAgain(document: RuleDocument | undefined): RuleDocument | undefined {
  if (document === undefined || !isUnloaded(document)) return document;
  const { unloaded: _unloaded, removed: _removed, ...rest } = document;
  return rest;
}

/** Whether a stored document says that its rule is not loaded. */
export function isUnloaded({ unloaded, removed }: RuleDocument): boolean {
  return unloaded !== undefined || removed === true;
}

/** The gaps with one more; while evaluations fail, the gap that is open only grows. */
function withGap(gaps: RuleHealth['gaps'], gap: TimeRange | undefined): RuleHealth['gaps'] {
  if (gap === undefined) return gaps;
  return [...(gaps ?? []).filter((other) => other.from !== gap.from), gap].slice(-GAPS_KEPT);
}

/** The rule's health after a failed evaluation. */
export function healthAfterFailure(health: RuleHealth, problem: SearchProblem, at: Instant, now: Instant): RuleHealth {
  const { code, message, hint } = problem;
  return {
    ...health,
    failures: health.failures + 1,
    failing_since: health.failing_since ?? at,
    tried_at: now,
    problem: { code, message, hint },
  };
}

/** The rule's health after an evaluated window. */
export function healthAfterRun(health: RuleHealth, run: Run): RuleHealth {
  const {
    failing_since: _since,
    tried_at: _tried,
    problem: _problem,
    ungrouped: _ungrouped,
    unknown: _unknown,
    because: _because,
    truncated: _truncated,
    ...kept
  } = health;
  const onlyUngrouped = run.groups === 0 && run.ungrouped > 0;
  const evaluated = run.counts.breach + run.counts.between + run.counts.clear;
  const onlyUnknown = run.counts.unknown > 0 && evaluated === 0;
  return {
    ...kept,
    failures: 0,
    ...(onlyUngrouped && { ungrouped: (health.ungrouped ?? 0) + 1 }),
    ...(onlyUnknown && { unknown: (health.unknown ?? 0) + 1 }),
    ...(onlyUnknown && run.unknown[0] !== undefined && { because: run.unknown[0].because }),
    ...(run.truncated && { truncated: true }),
  };
}
