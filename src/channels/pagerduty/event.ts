import type { JsonObject } from '../../core/json.ts';
import { iso } from '../../core/time.ts';
import type { Message, MessageAlert } from '../../messages/message.ts';
import { sentence } from '../../messages/sentence.ts';
import { bareTitle } from '../../messages/title.ts';
import { written } from '../../messages/when.ts';
import { clockTime, whySent } from '../../messages/wording.ts';
import { boundedMessage } from '../bounded.ts';
import { clip } from '../clean-text.ts';
import { fitted } from '../fitted.ts';
import { incidentStep } from '../incidents.ts';
import { onScale, SCALES } from '../severity-scales.ts';

/** https://developer.pagerduty.com/docs/send-alert-event and https://developer.pagerduty.com/docs/events-api-v2-overview#size-limits */
const PAGERDUTY_LIMITS = { summary: 1_024, bytes: 500 * 1024, links: 20 } as const;

/**
 * A message as an event of PagerDuty's Events API v2, without the routing key: it triggers the incident of the alert group, or resolves it. Repeats
 * and changes are triggers under the same `dedup_key`, which PagerDuty adds to the open incident.
 */
export function pagerDutyEvent(message: Message, { source }: { readonly source: string | undefined }): JsonObject {
  return fitted(
    boundedMessage(message),
    (one) => eventOf(one, source),
    (event) => Buffer.byteLength(JSON.stringify(event)) <= PAGERDUTY_LIMITS.bytes,
  );
}

function eventOf(message: Message, source: string | undefined): JsonObject {
  const key = { event_action: incidentStep(message) === 'open' ? 'trigger' : 'resolve', dedup_key: message.dedupKey };
  if (key.event_action === 'resolve') return key;
  const links = [
    ...new Map([...message.alerts.flatMap((alert) => alert.links), ...message.links].map((link) => [link.url, link])).values(),
  ];
  return {
    ...key,
    client: 'Tocsin',
    payload: {
      summary: clip(bareTitle(message.title), PAGERDUTY_LIMITS.summary),
      source: source ?? sourceOf(message),
      severity: onScale(SCALES.pagerduty, message.severity),
      timestamp: iso(message.at),
      class: [...new Set(message.alerts.map(({ rule }) => rule))].slice(0, 5).join(', '),
      group: message.groupLabels['alertname'] ?? '',
      custom_details: detailsOf(message),
    },
    links: links.slice(0, PAGERDUTY_LIMITS.links).map(({ label, url }) => ({ href: url, text: label })),
  };
}

/** What the alerts are about: the values of their groups; PagerDuty wants the name of something. */
function sourceOf({ alerts, receiver }: Message): string {
  const values = [...new Set(alerts.flatMap(({ group }) => Object.values(group)))];
  return values.length === 0 ? receiver : clip(values.slice(0, 5).join(', '), 500);
}

function detailsOf(message: Message): JsonObject {
  return {
    why: whySent(message),
    severity: message.severity,
    receiver: message.receiver,
    ...(message.text !== undefined && { text: message.text }),
    firing: message.firing,
    resolved: message.resolved,
    ...(message.more > 0 && { more: message.more }),
    alerts: message.alerts.map((alert) => alertDetails(alert, message)),
    ...(message.notes.length > 0 && { notes: message.notes }),
    message_id: message.id,
  };
}

function alertDetails(alert: MessageAlert, message: Message): JsonObject {
  const { evidence } = alert;
  const facts = Object.fromEntries(alert.facts.map(({ label, value }) => [label, value]));
  return {
    title: alert.title,
    state: written(sentence(alert, message), message),
    ...(alert.text !== undefined && { text: alert.text }),
    ...(alert.description !== undefined && { description: alert.description }),
    labels: alert.labels,
    ...facts,
    ...(evidence !== undefined && {
      documents: evidence.documents.map(({ at, fields }) => ({ at: clockTime(at), ...fields })),
      logs: evidence.logs.map(({ at, level, service, text }) => `${clockTime(at)} ${level} ${service} ${text}`),
    }),
  };
}
