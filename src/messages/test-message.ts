import type { Instant } from '../core/time.ts';
import type { Message, MessageAlert } from './message.ts';
import { titled } from './title.ts';

/** The message of `tocsin doctor --send-test`, which says that it is not an alert. */
export function testMessage(destination: string, receiver: string, now: Instant): Message {
  const id = `tocsin-doctor-${destination}-${now}`.replace(/[^A-Za-z0-9-]/g, '-');
  const title = `Test of ${destination}`;
  const text = 'Sent by `tocsin doctor --send-test`: nothing is wrong. Alerts routed to this receiver arrive here.';
  const event: MessageAlert = {
    ...{ id, episode: id, rule: 'tocsin doctor', status: 'event', change: 'event', severity: 'info', title },
    ...{ group: {}, labels: {}, values: { events: 1 }, facts: [], links: [], late: false },
    startedAt: now,
    endedAt: now,
    window: { from: now, to: now },
  };
  return {
    ...{
      id,
      alertGroup: id,
      incident: id,
      dedupKey: id,
      receiver,
      title: titled([{ status: 'event', count: 1 }], title),
      text,
      status: 'event',
      severity: 'info',
      reason: 'event',
    },
    ...{ firing: 0, resolved: 0, alerts: [event], more: 0, groupLabels: {}, links: [], notes: [], at: now },
  };
}
