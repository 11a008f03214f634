import type { ExplainedGroup, ExplainedReceiver, Explanation } from './explanation.ts';

/** What alert groups have recorded, which no routing is needed for. */
const RECORDED: ReadonlySet<ExplainedReceiver['state']> = new Set(['notified', 'waiting', 'inflight', 'held', 'dead', 'outbox']);

/** The story without what only a valid configuration can say: where alerts lead now, and which receivers are no longer configured. */
export function withoutRouting(explanation: Explanation): Explanation {
  const text = 'the routing is unknown because the configuration has errors: only sent and pending messages are shown';
  return {
    ...explanation,
    groups: explanation.groups.map(recordedOnly),
    cautions: [...explanation.cautions, { code: 'no-routing', text, hint: '`tocsin check` shows them' }],
  };
}

function recordedOnly(group: ExplainedGroup): ExplainedGroup {
  const { notification } = group;
  const receivers = notification.receivers.filter(({ state }) => RECORDED.has(state));
  return { ...group, notification: { ...notification, paths: [], routeNames: [], levels: [], receivers, routingUnknown: true } };
}
