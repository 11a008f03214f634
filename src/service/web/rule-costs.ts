import type { RuleId } from '../../core/ids.ts';
import type { TurnLog } from '../../engine/turn-log.ts';
import type { RuleCost } from '../../server/web/ports.ts';

/** What evaluations cost, by rule, since the process started. */
export interface RuleCosts {
  note(log: Pick<TurnLog, 'runs'>): void;
  of(rule: RuleId): RuleCost | undefined;
  /** Drops rules that are no longer loaded, so that renaming rules does not fill the memory. */
  keep(rules: { has(rule: RuleId): boolean }): void;
}

/** Starts to add up the costs of evaluations. */
export function ruleCosts(): RuleCosts {
  const costs = new Map<RuleId, RuleCost>();
  return {
    note: ({ runs }) => {
      for (const { rule, at, outcome, matched, groups, cost } of runs) {
        const known = costs.get(rule);
        costs.set(rule, {
          evaluations: (known?.evaluations ?? 0) + 1,
          failed: (known?.failed ?? 0) + (outcome === 'failed' ? 1 : 0),
          took: (known?.took ?? 0) + cost.took,
          longest: Math.max(known?.longest ?? 0, cost.took),
          last: cost.took,
          at,
          matched,
          groups,
        });
      }
    },
    of: (rule) => costs.get(rule),
    keep: (rules) => {
      for (const rule of costs.keys()) if (!rules.has(rule)) costs.delete(rule);
    },
  };
}
