import { expect, it } from 'vitest';
import { readPosted } from '../../../src/received/read-posted.ts';
import { receive } from '../../../src/received/receive.ts';
import { RECEIVED_RULE_ID } from '../../../src/received/received-rule.ts';
import { receivedType } from '../../../src/received/received-type.ts';
import type { Arrived } from '../../../src/search/answer.ts';
import { NOON, plainRouting, turnAt, type World, world } from '../../support/engine/world.ts';

const MOST = 32 * 1024 * 1024;
const TICK = 5_000;

/** Receives alerts with labels of almost the greatest length; every fourth one is critical. */
async function receiveLong({ backend }: World, count: number): Promise<void> {
  const alerts = Array.from({ length: count }, (_, n) => ({
    labels: { alertname: 'Long', n: String(n), severity: n % 4 === 0 ? 'critical' : 'info', pad: 'x'.repeat(4_000) },
    annotations: { summary: 'long' },
    endsAt: new Date(NOON + 600_000).toISOString(),
  }));
  const posted = readPosted(alerts, { now: NOON, source: 'prometheus', resolveTimeout: 300_000 });
  if (typeof posted === 'string') throw new Error(posted);
  expect(await receive(posted.alerts, backend.received, { now: NOON, max: 10_000 })).toEqual({ refused: 0 });
}

it('alerts that do not fit into one document at once are evaluated one part after the other, the worst first', async () => {
  const one = world();
  let biggest = 0;
  const save: World['backend']['ruleStates']['save'] = async (writes) => {
    for (const { document } of writes) biggest = Math.max(biggest, Buffer.byteLength(JSON.stringify(document)));
    return one.backend.ruleStates.save(writes);
  };
  const backend = { ...one.backend, ruleStates: { ...one.backend.ruleStates, save } };
  const engine = one.engine([], { receives: { max: 10_000 }, routing: plainRouting(), backend, meta: 'meta' });
  await receiveLong(one, 1_500);
  const firing = async () => {
    const loaded = await one.backend.ruleStates.load([RECEIVED_RULE_ID], new Map());
    const document = loaded.ok ? loaded.value.get(RECEIVED_RULE_ID)?.document : undefined;
    return Object.values(document?.alerts ?? {}).map(({ group }) => group['severity']);
  };
  const { runs } = await turnAt(engine, NOON + TICK);
  const first = await firing();
  expect(runs.map(({ waiting }) => waiting)).toEqual([1_500 - first.length]);
  expect(first.filter((severity) => severity === 'critical')).toHaveLength(375);
  expect(first.length).toBeLessThan(1_500);
  await turnAt(engine, NOON + 2 * TICK);
  expect(await firing()).toHaveLength(1_500);
  expect(biggest).toBeLessThan(MOST);
  // None of them is lost, and none of it is a problem.
  expect(JSON.stringify(one.channel.got.map(({ message }) => message.alerts))).not.toContain('TocsinHealth');
});

it('more than fit together leave those that fire as they are, and are said to be too many', async () => {
  const one = world();
  await receiveLong(one, 2_800);
  const { rules, search } = one.engine([], { receives: { max: 10_000 } });
  const rule = rules.get(RECEIVED_RULE_ID);
  if (rule === undefined) throw new Error('the built-in rule is not there');
  const sent = await one.backend.received.list(NOON);
  const known = (sent.ok ? sent.value : []).slice(0, 2_500).map(({ labels }) => labels);
  const input = {
    spec: rule,
    window: { from: NOON, to: NOON },
    at: NOON,
    previous: NOON - TICK,
    purpose: 'live',
    known,
    memory: null,
  } as const;
  const [answer] = await search.ask(receivedType.ask(input, new Map()), new AbortController().signal);
  expect(answer?.kind).toBe('truncated');
  const measured = receivedType.measure(input, new Map([['received', answer as Arrived]]));
  const groups = measured.kind === 'groups' ? measured.readings.map(({ group }) => group) : [];
  expect(groups).toEqual(known);
  expect(measured).toMatchObject({ waiting: 300 });
});

it('texts that grow while alerts fire are cut, so that the document stays within its bound', async () => {
  const one = world();
  const { rules, search } = one.engine([], { receives: { max: 10_000 } });
  const rule = rules.get(RECEIVED_RULE_ID);
  if (rule === undefined) throw new Error('the built-in rule is not there');
  const long = '\u0001警'.repeat(1_000);
  const alerts = Array.from({ length: 5_000 }, (_, n) => ({
    labels: { alertname: 'Grown', n: String(n), pad: 'x'.repeat(1_000) },
    annotations: { summary: long, description: long, runbook_url: `https://runbooks.example/${'x'.repeat(700)}` },
    generatorURL: `https://prometheus.example/${'x'.repeat(700)}`,
    endsAt: new Date(NOON + 600_000).toISOString(),
  }));
  const posted = readPosted(alerts, { now: NOON, source: 'prometheus', resolveTimeout: 300_000 });
  if (typeof posted === 'string') throw new Error(posted);
  expect(await receive(posted.alerts, one.backend.received, { now: NOON, max: 10_000 })).toEqual({ refused: 0 });
  const known = posted.alerts.map(({ labels }) => labels);
  const times = { window: { from: NOON, to: NOON }, at: NOON, previous: NOON - TICK, purpose: 'live' } as const;
  const input = { spec: rule, ...times, known, memory: null };
  const [answer] = await search.ask(receivedType.ask(input, new Map()), new AbortController().signal);
  const measured = receivedType.measure(input, new Map([['received', answer as Arrived]]));
  const readings = measured.kind === 'groups' ? measured.readings : [];
  expect(readings).toHaveLength(5_000);
  expect(readings.every(({ present, values }) => present && typeof values['starts_at'] === 'string')).toBe(true);
  const bytes = readings.reduce((sum, { group, values }) => sum + Buffer.byteLength(JSON.stringify([group, group, values])), 0);
  expect(bytes).toBeLessThan(20 * 1024 * 1024);
});
