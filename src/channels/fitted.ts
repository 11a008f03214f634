import type { Evidence, Message, MessageAlert } from '../messages/message.ts';

/**
 * Renders a message so that it fits its target, by leaving out what matters least: evidence first, from the last alert on, then whole
 * alerts, which are counted in `more`. What still does not fit when one alert is left is given as it is: its texts are bounded.
 */
export function fitted<T>(message: Message, render: (message: Message) => T, fits: (rendered: T) => boolean): T {
  let rendered = render(message);
  for (let next = smaller(message); next !== undefined && !fits(rendered); next = smaller(next)) rendered = render(next);
  return rendered;
}

function smaller(message: Message): Message | undefined {
  const { alerts } = message;
  const evident = alerts.flatMap((alert, index) => (alert.evidence === undefined ? [] : [index]));
  // Half of them at a time: each step is a rendering.
  const from = evident[Math.floor(evident.length / 2)];
  if (from !== undefined)
    return { ...message, alerts: alerts.map((alert, index) => (index >= from ? lessEvidence(alert) : alert)) };
  return alerts.length > 1 ? { ...message, alerts: alerts.slice(0, -1), more: message.more + 1 } : undefined;
}

function lessEvidence(alert: MessageAlert): MessageAlert {
  const { evidence, ...rest } = alert;
  const half = <T>(items: readonly T[]) => items.slice(0, Math.floor(items.length / 2));
  if (evidence === undefined || (evidence.documents.length <= 1 && evidence.logs.length <= 1)) return rest;
  const less: Evidence = {
    documents: half(evidence.documents),
    top: half(evidence.top),
    traceIds: half(evidence.traceIds),
    logs: half(evidence.logs),
  };
  return { ...rest, evidence: less };
}
