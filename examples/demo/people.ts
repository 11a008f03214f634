import { randomUUID } from 'node:crypto';
import { type Duration, type Instant, systemClock } from '../../src/core/time.ts';
import { alertsReport } from '../../src/engine/alert-list/read-alerts.ts';
import { acknowledgeDesk } from '../../src/service/acknowledge-desk.ts';
import { silenceDesk } from '../../src/service/silence-desk.ts';
import type { Shop } from './shop.ts';
import type { StoryEvent } from './story.ts';

const WHO = 'on-call';
const SILENCE: Duration = 180_000;

/** What the person on call does, ms of the shop's time from the start, as `tocsin ack` and `tocsin silence add` do it; and the end of the silence. */
const ACTS: readonly {
  readonly after: Duration;
  readonly kind: 'on-call' | 'silence';
  readonly text: string;
  readonly act?: Act;
}[] = [
  { after: 540_000, kind: WHO, text: 'acknowledges payments-failing: no reminders from now on', act: acknowledge },
  { after: 600_000, kind: WHO, text: 'silences payments-failing for 3m: "rolling back"', act: silence },
  { after: 600_000 + SILENCE, kind: 'silence', text: 'has ended, and payments-failing still fires' },
];

type Act = (shop: Shop, now: Instant) => Promise<boolean>;

/** What happens in `(after, now]`. */
export async function actsBetween(after: Instant, now: Instant, start: Instant, shop: Shop): Promise<readonly StoryEvent[]> {
  const events: StoryEvent[] = [];
  for (const one of ACTS.filter((act) => start + act.after > after && start + act.after <= now)) {
    const done = (await one.act?.(shop, now)) ?? true;
    events.push({ at: now, kind: done ? one.kind : 'failed', text: one.text });
  }
  return events;
}

async function acknowledge({ backend, ports, rule, rules }: Shop, now: Instant): Promise<boolean> {
  const desk = acknowledgeDesk({ stores: backend, namespace: ports.namespace, rules, clock: { now: () => now } });
  const answer = await desk.acknowledge({ matchers: aboutRule(rule.name) }, { by: WHO, comment: 'looking at the release' });
  return answer.kind === 'done';
}

async function silence({ backend, rule }: Shop, now: Instant): Promise<boolean> {
  const desk = silenceDesk({ silences: backend.silences, clock: { ...systemClock, now: () => now }, newId: randomUUID });
  const wanted = { starts_at: now, ends_at: now + SILENCE, created_by: WHO, comment: 'rolling back' };
  return (await desk.save({ ...wanted, matchers: aboutRule(rule.name) }, undefined)).kind === 'saved';
}

function aboutRule(name: string) {
  return [{ label: 'alertname', op: '=', value: name }] as const;
}

/** The names of the rules whose alerts fire and are held back because another alert fires. */
export async function inhibitedRules({ backend, ports, rules }: Shop, now: Instant): Promise<readonly string[]> {
  const { alerts } = await alertsReport(backend, {
    ...{ namespace: ports.namespace, all: false, now, rules, routing: ports.routing },
  });
  return alerts.filter(({ suppressedBy }) => suppressedBy === 'inhibition').map((alert) => alert.rule);
}
