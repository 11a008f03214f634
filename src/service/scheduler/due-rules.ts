import type { RuleId } from '../../core/ids.ts';
import { canonicalJson } from '../../core/json.ts';
import { newestTick, nextTick, type Schedule } from '../../core/schedule.ts';
import type { Duration, Instant } from '../../core/time.ts';
import type { EvaluatedPart } from '../../engine/turn-context.ts';
import type { Rule } from '../../rules/rule.ts';

/** When a rule is to be put into a turn next; never `at` itself, only when someone looks. */
export interface RuleTiming {
  readonly schedule: Schedule;
  /** When that was worked out: an earlier `now` means that the clock went back. */
  readonly since: Instant;
  readonly due: Instant;
}

/** The rules to evaluate now, and those that are due while an earlier turn still evaluates them. */
export interface DueRules {
  readonly due: readonly Rule[];
  readonly busy: readonly Rule[];
}

/** A rule whose write was not acknowledged is read again soon, ms. */
const AGAIN_AFTER_CONFLICT = 1_000;
const AGAIN_WITHOUT_STORE = 5_000;
/** A failed evaluation of a rare rule does not wait for its next tick, ms. */
const AGAIN_AFTER_FAILURE = 60_000;

/** Which of the enabled `rules` are due at `now`: a rule without a timing, one whose poll has come, and every rule when the clock went back. */
export function dueRules(
  rules: readonly Rule[],
  timings: ReadonlyMap<RuleId, RuleTiming>,
  evaluating: ReadonlySet<RuleId>,
  now: Instant,
): DueRules {
  const due = rules.filter((rule) => {
    const timing = timings.get(rule.id);
    return timing === undefined || timing.due <= now || now < timing.since;
  });
  return { due: due.filter((rule) => !evaluating.has(rule.id)), busy: due.filter((rule) => evaluating.has(rule.id)) };
}

/** A time in which nothing is due: of thousands of rules none need be looked at. */
export interface Calm {
  readonly from: Instant;
  readonly until: Instant;
}

/** The calm that begins at `now`, when no poll has come. */
export function calmAfter(now: Instant, timings: Iterable<RuleTiming>): Calm {
  let until = Number.POSITIVE_INFINITY;
  for (const { due } of timings) until = Math.min(until, due);
  return { from: now, until };
}

/** Whether the calm lasts; not when the clock went back before it. */
export function isCalm({ from, until }: Calm, now: Instant): boolean {
  return from <= now && now < until;
}

/** The poll after one that was taken at `now`: the next tick and the rule's spread, ms. A schedule without another tick is never due again. */
export function nextTiming({ schedule }: Pick<Rule, 'schedule'>, now: Instant, spread: Duration): RuleTiming {
  const tick = nextTick(schedule, now);
  return { schedule, since: now, due: tick === undefined ? Number.POSITIVE_INFINITY : tick + spread };
}

/** The polls of a set of rules: what is new or has another schedule begins within its spread, since it may have windows due already. */
export function fitTimings(
  rules: readonly Rule[],
  timings: ReadonlyMap<RuleId, RuleTiming>,
  now: Instant,
  spreads: ReadonlyMap<RuleId, Duration>,
): Map<RuleId, RuleTiming> {
  return new Map(
    rules.map((rule) => {
      const known = timings.get(rule.id);
      if (known !== undefined && canonicalJson(known.schedule) === canonicalJson(rule.schedule)) return [rule.id, known];
      return [rule.id, { schedule: rule.schedule, since: now, due: now + (spreads.get(rule.id) ?? 0) }];
    }),
  );
}

/**
 * When each rule of a turn that is done with is due again although its next tick has not come: windows are still due, its write was not
 * acknowledged, its evaluation failed, its document is invalid or the store was away.
 */
export function dueAgain(due: readonly Rule[], report: Omit<EvaluatedPart, 'rules'>, now: Instant): ReadonlyMap<RuleId, Instant> {
  const unsaved = new Map(report.unsaved.map(({ rule, why }) => [rule, why]));
  const invalid = new Set(report.invalid.flatMap(({ kind, id }) => (kind === 'rule' ? [id] : [])));
  const lastRuns = new Map(report.runs.map((run) => [run.rule, run]));
  const again = new Map<RuleId, Instant>();
  for (const rule of due) {
    const last = lastRuns.get(rule.id);
    const why = unsaved.get(rule.id);
    // What was refused will be refused again until a person has done something: it is not asked for every second.
    if (why !== undefined) again.set(rule.id, now + (why === 'refused' ? AGAIN_WITHOUT_STORE : AGAIN_AFTER_CONFLICT));
    else if (invalid.has(rule.id) || last?.outcome === 'failed') again.set(rule.id, now + AGAIN_AFTER_FAILURE);
    else if (last === undefined && report.storeProblems.length > 0) again.set(rule.id, now + AGAIN_WITHOUT_STORE);
    else if (last !== undefined && last.at < (newestTick(rule.schedule, report.now) ?? last.at)) again.set(rule.id, now);
  }
  return again;
}
