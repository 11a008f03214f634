import { own } from '../../core/record.ts';
import { HEALTH_RULE_ID } from '../../engine/self-monitoring/health.ts';
import type { RuleDocument, RuleStates } from '../../evaluation/rule-states.ts';
import type { StatusChange } from '../../reports/dry-run/dry-run-report.ts';

/** Stores as they are, and the changes of Tocsin's own alerts that were written to them so far. */
export interface HealthWatch {
  readonly ruleStates: RuleStates;
  readonly changes: readonly StatusChange[];
}

/**
 * Watches what is written to the health rule's document: its alerts are evaluated within a turn, so no run reports them. Each write that
 * was acknowledged is compared with the one before.
 */
export function watchHealth(ruleStates: RuleStates): HealthWatch {
  const changes: StatusChange[] = [];
  let last: RuleDocument | undefined;
  return {
    changes,
    ruleStates: {
      ...ruleStates,
      save: async (writes) => {
        const results = await ruleStates.save(writes);
        for (const [index, { id, document }] of writes.entries()) {
          if (id !== HEALTH_RULE_ID || results[index]?.kind !== 'saved') continue;
          changes.push(...changesBetween(last, document));
          last = document;
        }
        return results;
      },
    },
  };
}

function changesBetween(before: RuleDocument | undefined, after: RuleDocument): readonly StatusChange[] {
  const ids = [...new Set([...Object.keys(before?.alerts ?? {}), ...Object.keys(after.alerts)])];
  return ids.flatMap((id): readonly StatusChange[] => {
    const [old, present] = [own(before?.alerts, id), own(after.alerts, id)];
    const [from, to] = [old?.status ?? 'inactive', present?.status ?? 'inactive'];
    if (from === to) return [];
    const entry = after.outbox.findLast((one) => one.alert === id);
    const group = present?.group ?? old?.group ?? {};
    const reason = entry?.reason ?? (to === 'firing' ? 'breach' : 'recovered');
    return [
      { at: after.evaluated_through, group, from, to, reason, severity: entry?.level ?? 'warning', values: entry?.values ?? {} },
    ];
  });
}
