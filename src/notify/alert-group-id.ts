import { hashId } from '../core/ids.ts';
import type { Target } from '../routing/route.ts';
import type { AlertGroupDocument } from './alert-group.ts';

/** Identity of an alert group: namespace, destination, route and group labels. */
export function alertGroupId(namespace: string, target: Pick<Target, 'destination' | 'route' | 'group_labels'>): string {
  return hashId('alert_group', namespace, target.destination, target.route, target.group_labels);
}

/** The ids of many targets of few alert groups: each id is made once. */
export function alertGroupIds(namespace: string): (target: Target) => string {
  const ids = new Map<string, string>();
  return (target) => {
    const key = JSON.stringify([target.destination, target.route, target.group_labels]);
    const id = ids.get(key) ?? alertGroupId(namespace, target);
    ids.set(key, id);
    return id;
  };
}

/** The document of an alert group in which nothing was said yet. */
export function newAlertGroup(target: Target): AlertGroupDocument {
  return {
    v: 2,
    receiver: target.receiver,
    destination: target.destination,
    route: target.route,
    group_labels: target.group_labels,
    taken: {},
    alerts: {},
    queued: [],
    failed: [],
    inflight: null,
    notified_at: null,
    due: null,
    receipt: null,
    incident: null,
    dead: null,
  };
}
