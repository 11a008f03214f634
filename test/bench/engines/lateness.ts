/** That a rule was evaluated at a moment, ms since 1970. */
export interface Evaluation {
  readonly rule: string;
  readonly at: number;
}

/**
 * By how many seconds each evaluation in `[from, to)` came later than `every` seconds after the one before of the same rule; 0 when it
 * came sooner. The first of a rule is left out. `evaluations` in the order of time.
 */
export function lateness(evaluations: readonly Evaluation[], every: number, from: number, to: number): readonly number[] {
  const before = new Map<string, number>();
  return evaluations.flatMap(({ rule, at }) => {
    const previous = before.get(rule);
    before.set(rule, at);
    if (previous === undefined || at < from || at >= to) return [];
    return [Math.max(0, (at - previous) / 1_000 - every)];
  });
}
