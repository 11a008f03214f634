import type { AlertGroupDocument } from '../../../src/notify/alert-group.ts';
import { alertGroupId } from '../../../src/notify/alert-group-id.ts';
import { MINUTE, NOON, plainRouting, type World } from './world.ts';

/** A destination of a receiver. */
export function destinationOf(receiver: string, number = 0) {
  return { id: `${receiver}/test/${number}`, receiver, channel: 'test' };
}

/** Alerts go to `team`, after a quarter of an hour to `lead` and after half an hour to `boss`. */
export const escalatingRouting = {
  ...plainRouting({
    groupInterval: MINUTE,
    escalate: [
      { after: 15 * MINUTE, receiver: 'lead' },
      { after: 30 * MINUTE, receiver: 'boss' },
    ],
  }),
  destinations: { team: [destinationOf('team')], lead: [destinationOf('lead')], boss: [destinationOf('boss')] },
};

/** So many documents in each of these minutes. */
export function addDocuments(scene: World, from: number, until: number, count = 1): void {
  for (let minute = from; minute < until; minute++)
    for (let n = 0; n < count; n++) scene.add('logs-a', { '@timestamp': new Date(NOON + minute * MINUTE + n).toISOString() });
}

/** The alert group of the rule `errors` at the first destination of a receiver. */
export async function groupAt(scene: World, receiver: string): Promise<AlertGroupDocument | undefined> {
  const target = { destination: destinationOf(receiver).id, route: '{}', group_labels: { alertname: 'errors' } };
  const id = alertGroupId('default', target);
  const loaded = await scene.backend.alertGroups.load([id]);
  return loaded.ok ? loaded.value.get(id)?.document : undefined;
}
