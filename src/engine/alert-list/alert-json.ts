import { iso } from '../../core/time.ts';
import type { ReportedAlert } from './alert-list.ts';

/** An alert for scripts: times are ISO 8601, what is not known is null. */
export function alertJson({
  id,
  severity,
  since,
  episode,
  flapping,
  about,
  heldUntil,
  suppressedBy,
  acknowledged,
  notified,
  ...said
}: ReportedAlert) {
  return {
    rule: said.rule,
    group: said.group,
    status: said.status,
    severity: severity ?? null,
    title: said.title,
    labels: said.labels,
    values: said.values,
    ...(said.annotations !== undefined && { annotations: said.annotations }),
    condition: said.condition,
    since: iso(since),
    id,
    ...(episode !== undefined && { episode }),
    ...(flapping !== undefined && { flapping: { since: iso(flapping.since), episodes: flapping.episodes } }),
    ...(about !== undefined && { about }),
    ...(heldUntil !== undefined && { held_until: iso(heldUntil) }),
    ...(suppressedBy !== undefined && { suppressed_by: suppressedBy }),
    ...(acknowledged !== undefined && { acknowledged: { ...acknowledged, at: iso(acknowledged.at) } }),
    notified: notified.map(({ at, failing: _failing, ...notification }) => ({
      ...notification,
      at: at === undefined ? null : iso(at),
    })),
  };
}
