import type { StatusChange } from '../backtest/rule-story.ts';
import { own } from '../core/record.ts';
import type { TurnLog } from '../engine/turn-log.ts';
import type { RuleDocument } from '../evaluation/rule-states.ts';

/** Reads the changes of Tocsin's own alerts out of the logs of turns: they are evaluated within a turn, so no run reports them. */
export interface HealthWatch {
  take(log: Pick<TurnLog, 'health'>): void;
  readonly changes: readonly StatusChange[];
}

/** Starts watching; each write of the document is compared with the one before. */
export function watchHealth(): HealthWatch {
  const changes: StatusChange[] = [];
  let last: RuleDocument | undefined;
  return {
    changes,
    take: ({ health }) => {
      for (const document of health) {
        changes.push(...changesBetween(last, document));
        last = document;
      }
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
