import type { Json } from '../../core/json.ts';
import { own, put } from '../../core/record.ts';
import { sameTarget } from '../../routing/targets.ts';
import type { LivingAlert, RuleDocument } from '../rule-states.ts';
import { type Draft, labelsNow, type OutboxContext } from './outbox-entry.ts';

/** An alert that fires, as its window found it. */
export interface Firing {
  readonly id: string;
  readonly alert: LivingAlert;
  readonly values: Readonly<Record<string, Json>>;
  readonly condition: string;
}

/** Says whether an alert of a document is held by a destination that is no longer configured. */
export function hasLeft({ alerts }: Pick<RuleDocument, 'alerts'>, isConfigured: OutboxContext['isConfigured']): boolean {
  if (isConfigured === undefined) return false;
  return Object.values(alerts).some(({ held_by }) => held_by?.some(({ destination }) => !isConfigured(destination)) === true);
}

/**
 * Moves an alert away from destinations that are no longer configured: nothing can be sent there, and its end would never arrive. A firing entry
 * is queued for the receivers that its labels match now and that do not have it yet, and a `moved` entry for those it leaves, so that their alert groups
 * release it. A reload alone moves nothing else. A flapping alert is not moved: its end is handed over when it comes.
 */
export function readdress(draft: Draft, { id, alert, values, condition }: Firing, context: OutboxContext): void {
  const { isConfigured } = context;
  const { held_by = [], episode } = alert;
  if (isConfigured === undefined || episode === undefined || own(draft.past, id)?.notified !== undefined) return;
  const gone = held_by.filter((target) => !isConfigured(target.destination));
  if (gone.length === 0) return;
  const kept = held_by.filter((target) => isConfigured(target.destination));
  const severity = alert.level ?? alert.labels?.['severity'] ?? '';
  const labels = alert.labels ?? labelsNow(alert.group, severity, context);
  const now = context.route(labels, context.rule.receivers);
  const next = now.filter((target) => !kept.some((other) => sameTarget(other, target)));
  const started = alert.started ?? alert.since;
  const shown = { group: alert.group, labels, level: labels['severity'] ?? severity, values, condition };
  const entry = {
    alert: id,
    episode,
    at: context.dueWindow.window.to,
    started,
    window: context.dueWindow.window,
    ...shown,
    late: false,
  };
  if (next.length > 0) draft.outbox.push({ ...entry, n: ++draft.n, kind: 'firing', reason: 'receiver_removed', to: next });
  const heard = kept.length + next.length > 0;
  draft.outbox.push({ ...entry, n: ++draft.n, kind: 'moved', reason: heard ? 'receiver_removed' : 'no_receiver', to: gone });
  put(draft.alerts, id, { ...alert, held_by: [...kept, ...next], labels });
}
