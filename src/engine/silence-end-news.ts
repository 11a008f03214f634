import type { Entry } from '../alerts/entry.ts';
import { hashId, shortId } from '../core/ids.ts';
import { labelsOf } from '../evaluation/labels.ts';
import type { RuleOutbox } from '../notify/enqueue.ts';
import type { EndedSilence } from '../notify/silence-ends.ts';
import type { Labels } from '../routing/route.ts';
import { route } from '../routing/routing.ts';
import { HEALTH_RULE, HEALTH_RULE_ID } from './self-monitoring/health-rule.ts';
import type { TurnPorts } from './turn-ports.ts';

/** Alerts that are named. */
const SHOWN = 10;

/**
 * What the receiver that a silence names is notified of when it ends while something still fires: one event. Its source is the silence and its end, so
 * that the alert group takes it over once, whichever replicas see the end, and however often. Nothing where no receiver is named, or nothing fires.
 */
export function silenceEndOutbox(
  { id, ends_at, notify, created_by: author, comment }: EndedSilence,
  alerts: readonly { readonly labels: Labels; readonly since: number }[],
  { routing }: Pick<TurnPorts, 'routing'>,
): readonly RuleOutbox[] {
  if (notify === undefined || alerts.length === 0) return [];
  const group = { kind: 'silence_end', subject: shortId(id) };
  const labels = labelsOf(HEALTH_RULE, group, 'info');
  const to = route(labels, routing, [notify]);
  if (to.length === 0) return [];
  const names = [...new Set(alerts.map((alert) => nameOf(alert.labels)))];
  const more = names.length > SHOWN ? `, and ${names.length - SHOWN} more` : '';
  const count = alerts.length === 1 ? 'One alert still fires' : `${alerts.length} alerts still fire`;
  const problem = `${count}: ${names.slice(0, SHOWN).join(', ')}${more}. The silence was added by ${author}: ${comment}`;
  const entry: Omit<Entry, 'n' | 'kind'> = {
    alert: hashId('silence_end', id),
    episode: hashId('silence_end', id, ends_at),
    ...{ reason: 'event', at: ends_at, started: ends_at, group, labels, level: 'info' },
    ...{ window: { from: ends_at, to: ends_at }, values: { problem }, condition: '', no_recovery: true, late: false },
  };
  const outbox = [
    { ...entry, n: 1, kind: 'firing' as const, to },
    { ...entry, n: 2, kind: 'resolved' as const, to },
  ];
  return [{ source: `silence/${id}#${ends_at}`, rule: HEALTH_RULE_ID, outbox }];
}

function nameOf({ alertname = '', severity: _severity, ...others }: Labels): string {
  const about = Object.entries(others).map(([label, value]) => `${label}=${value}`);
  return about.length === 0 ? alertname : `${alertname} (${about.slice(0, 3).join(', ')})`;
}
