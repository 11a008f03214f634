import { describe, expect, it } from 'vitest';
import { alertsReport } from '../../../src/engine/alert-list/read-alerts.ts';
import { removeRules } from '../../../src/engine/retention/remove-rules.ts';
import { readPosted } from '../../../src/received/read-posted.ts';
import { receive } from '../../../src/received/receive.ts';
import { RECEIVED_RULE_ID, receivedAlertId } from '../../../src/received/received-rule.ts';
import type { InhibitRule } from '../../../src/routing/route.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, play, turnAt, type World, world } from '../../support/engine/world.ts';

const routing = plainRouting({ groupInterval: 0 });
const at = (minute: number) => NOON + minute * MINUTE;
const iso = (time: number) => new Date(time).toISOString();

/** Receives what Prometheus sends at a minute about an alert that it will send again within four minutes; `ends`: it says when it is over. */
async function post(one: World, minute: number, labels: Readonly<Record<string, string>>, given: object = {}): Promise<void> {
  const alert = {
    labels,
    annotations: { summary: `${labels['alertname']} on ${labels['node']}` },
    endsAt: iso(at(minute + 4)),
    ...given,
  };
  const posted = readPosted([alert], { now: at(minute), source: 'prometheus', resolveTimeout: 5 * MINUTE });
  if (typeof posted === 'string' || posted.problems.length > 0) throw new Error(JSON.stringify(posted));
  await receive(posted.alerts, one.backend.received, { now: at(minute), max: 100 });
}

const DOWN = { alertname: 'NodeDown', node: 'a', severity: 'critical' };

describe('an alert of another system', () => {
  it('fires, lives while it is sent again, and is resolved when it is not', async () => {
    const one = world();
    const engine = one.engine([], { receives: { max: 100 }, routing });
    await post(one, 0, DOWN);
    await play(engine, at(0), at(3));
    await post(one, 3, DOWN);
    await play(engine, at(3), at(6));
    expect(heard(one.channel)).toEqual(['12:00 team [FIRING] NodeDown on a']);
    await play(engine, at(6), at(8));
    expect(heard(one.channel)).toEqual(['12:00 team [FIRING] NodeDown on a', '12:07 team [RESOLVED] NodeDown on a']);
  });

  it('is resolved when its sender says so, and fires again as a new episode', async () => {
    const one = world();
    const engine = one.engine([], { receives: { max: 100 }, routing });
    await post(one, 0, DOWN, { startsAt: iso(at(0)) });
    await play(engine, at(0), at(1));
    await post(one, 1, DOWN, { startsAt: iso(at(0)), endsAt: iso(at(1)) });
    await play(engine, at(1), at(3));
    await post(one, 3, DOWN, { startsAt: iso(at(3)) });
    await play(engine, at(3), at(4));
    expect(heard(one.channel)).toEqual([
      '12:00 team [FIRING] NodeDown on a',
      '12:01 team [RESOLVED] NodeDown on a',
      '12:03 team [FIRING] NodeDown on a',
    ]);
  });

  it('is notified once as flapping where it starts again and again, until it is steady', async () => {
    const one = world();
    const engine = one.engine([], { receives: { max: 100 }, routing });
    for (let minute = 0; minute < 12; minute += 2) {
      await post(one, minute, DOWN, { startsAt: iso(at(minute)), endsAt: iso(at(minute + 1)) });
      await play(engine, at(minute), at(minute + 2));
    }
    await play(engine, at(12), at(40));
    expect(heard(one.channel).slice(6)).toEqual([
      '12:06 team [FIRING, flapping] NodeDown on a',
      '12:31 team [RESOLVED] NodeDown on a',
    ]);
    expect(one.channel.got[6]?.message.alerts[0]).toMatchObject({ change: 'flapping', flapping: { episodes: 4 } });
  });

  it('goes on where a newer version of Tocsin reads other things of it', async () => {
    const one = world();
    const engine = one.engine([], { receives: { max: 100 }, routing });
    await post(one, 0, DOWN, { endsAt: iso(at(60)) });
    await turnAt(engine, at(0));
    const loaded = await one.backend.ruleStates.load([RECEIVED_RULE_ID], new Map());
    const stored = loaded.ok ? loaded.value.get(RECEIVED_RULE_ID) : undefined;
    if (stored === undefined) throw new Error('nothing is stored');
    const document = { ...stored.document, shape: 'of-another-version' };
    await one.backend.ruleStates.save([{ id: RECEIVED_RULE_ID, document, version: stored.version }]);
    await play(one.engine([], { receives: { max: 100 }, routing }), at(1), at(3));
    expect(heard(one.channel)).toEqual(['12:00 team [FIRING] NodeDown on a']);
  });

  it('is routed by its own labels, has its own severity, and a name where it has none', async () => {
    const one = world();
    const [team, other] = [plainRouting().root, plainRouting({ receiver: 'other' }).root];
    const byNode = { ...team, routes: [{ ...other, key: 'b', matchers: [{ label: 'node', op: '=' as const, value: 'b' }] }] };
    const engine = one.engine([], { receives: { max: 100 }, routing: { ...routing, root: byNode } });
    await post(one, 0, { node: 'b', severity: 'page' }, { annotations: {} });
    await post(one, 0, DOWN, { annotations: { description: 'No answer.', runbook_url: 'https://runbooks.example.com/node' } });
    await play(engine, at(0), at(1));
    expect(heard(one.channel).toSorted()).toEqual(['12:00 other [FIRING] ReceivedAlert: b', '12:00 team [FIRING] NodeDown: a']);
    const [unnamed, down] = one.channel.got
      .map(({ message }) => message.alerts[0])
      .sort((a, b) => ((a?.severity ?? '') > (b?.severity ?? '') ? -1 : 1));
    expect(unnamed).toMatchObject({ severity: 'page', labels: { alertname: 'ReceivedAlert', node: 'b', severity: 'page' } });
    expect(down).toMatchObject({
      rule: 'NodeDown',
      severity: 'critical',
      labels: DOWN,
      group: { node: 'a' },
      text: 'No answer.',
    });
    expect(down?.links).toEqual([{ label: 'Runbook', url: 'https://runbooks.example.com/node' }]);
    // What was sent as texts is no measurement.
    expect(down?.facts).toEqual([]);
  });

  it('links to where it comes from, and to nothing that is not on the web', async () => {
    const one = world();
    const engine = one.engine([], { receives: { max: 100 }, routing });
    await post(one, 0, DOWN, { generatorURL: 'http://prometheus:9090/graph' });
    await post(one, 0, { ...DOWN, node: 'b' }, { generatorURL: 'javascript:alert(1)' });
    await play(engine, at(0), at(1));
    const links = one.channel.got.flatMap(({ message }) => message.alerts.flatMap((alert) => alert.links));
    expect(links).toEqual([{ label: 'Source', url: 'http://prometheus:9090/graph' }]);
  });

  it('inhibits and is inhibited: beside alerts of rules, it is one', async () => {
    const inhibits: InhibitRule = {
      name: 'down',
      sourceMatchers: [{ label: 'alertname', op: '=', value: 'NodeDown' }],
      targetMatchers: [{ label: 'alertname', op: '=~', value: 'PodDown|boom' }],
      equal: ['node'],
    };
    const one = world();
    const rule = testRule({ name: 'boom', groupBy: ['node'], window: MINUTE });
    one.add('logs-app', { '@timestamp': iso(at(0.9)), node: 'a' }, { '@timestamp': iso(at(0.9)), node: 'b' });
    const engine = one.engine([rule], { receives: { max: 100 }, routing: { ...routing, inhibitRules: [inhibits] } });
    await post(one, 0, DOWN);
    await post(one, 0, { alertname: 'PodDown', node: 'a' });
    await play(engine, at(0), at(1));
    expect(heard(one.channel)).toEqual(['12:00 team [FIRING] NodeDown on a', '12:01 team [FIRING] boom: b']);
  });

  it('is suppressed by a silence that matches it', async () => {
    const one = world();
    const matchers = [{ label: 'node', op: '=' as const, value: 'a' }];
    const silence = {
      v: 1 as const,
      id: 's',
      matchers,
      starts_at: at(-1),
      ends_at: at(60),
      created_by: 'kim',
      comment: 'upgrade',
    };
    await one.backend.silences.put(silence);
    await post(one, 0, DOWN);
    await post(one, 0, { ...DOWN, node: 'b' });
    await play(one.engine([], { receives: { max: 100 }, routing }), at(0), at(1));
    expect(heard(one.channel)).toEqual(['12:00 team [FIRING] NodeDown on b']);
  });

  it('is not notified twice by a process that starts again, and windows that no one evaluated are no gap', async () => {
    const one = world();
    await post(one, 0, DOWN, { endsAt: iso(at(300)) });
    await play(one.engine([], { receives: { max: 100 }, routing }), at(0), at(1));
    const reports = await play(one.engine([], { receives: { max: 100 }, routing }), at(120), at(121));
    expect(heard(one.channel)).toEqual(['12:00 team [FIRING] NodeDown on a']);
    expect(reports.flatMap(({ runs }) => runs.flatMap(({ gap }) => gap ?? []))).toEqual([]);
    expect(reports[0]?.runs.filter(({ rule }) => rule === RECEIVED_RULE_ID)).toHaveLength(1);
  });

  it('goes on after an outage until its sender had time to send it again, and ends if it does not, or said so', async () => {
    const one = world();
    await post(one, 0, DOWN);
    await post(one, 0, { ...DOWN, node: 'b' });
    await post(one, 0, { ...DOWN, node: 'c' });
    await play(one.engine([], { receives: { max: 10 }, routing }), at(0), at(1));
    // Its sender says that it is over, and then nothing runs for an hour.
    await post(one, 1, { ...DOWN, node: 'c' }, { startsAt: iso(at(0)), endsAt: iso(at(1)) });
    const again = one.engine([], { receives: { max: 10 }, routing });
    await play(again, at(60), at(62));
    await post(one, 62, DOWN);
    await play(again, at(62), at(64));
    const ends = one.channel.got.flatMap(({ at: time, message }) =>
      message.alerts.flatMap(({ status, title }) => (status === 'resolved' ? [`${iso(time).slice(11, 16)} ${title}`] : [])),
    );
    expect(ends).toEqual(['13:00 NodeDown on c', '13:03 NodeDown on b']);
  });

  it('stays as it is while its stored form cannot be read, or nothing can', async () => {
    const one = world();
    let away = false;
    const list: World['backend']['received']['list'] = async (from) =>
      away ? { ok: false, message: 'no shard' } : one.backend.received.list(from);
    const backend = { ...one.backend, received: { ...one.backend.received, list } };
    const engine = one.engine([], { receives: { max: 100 }, routing, backend });
    await post(one, 0, DOWN);
    await turnAt(engine, at(0));
    away = true;
    const [run] = (await turnAt(engine, at(5))).runs;
    expect(run).toMatchObject({ outcome: 'failed', problem: { message: 'no shard' } });
    away = false;
    const [stored] = [...((await listed(one)) ?? [])];
    const loaded = await one.backend.received.load([stored?.id ?? '']);
    const version = loaded.ok ? loaded.value.get(stored?.id ?? '')?.version : undefined;
    const newer = { ...stored, ends_at: at(60), v: 2 };
    await one.backend.received.save([{ id: stored?.id ?? '', document: newer as never, version }]);
    await turnAt(engine, at(6));
    expect(heard(one.channel)).toEqual(['12:00 team [FIRING] NodeDown on a']);
    expect((await report(one)).alerts).toHaveLength(1);
  });

  it('has a health alert beside it while as many fire as may, until one of them is over', async () => {
    const one = world();
    const engine = one.engine([], { receives: { max: 2 }, routing, meta: 'meta' });
    await post(one, 0, DOWN, { endsAt: iso(at(60)) });
    await post(one, 0, { ...DOWN, node: 'b' }, { endsAt: iso(at(2)) });
    await play(engine, at(0), at(1));
    const health = () => heard(one.channel).filter((text) => text.includes('Tocsin'));
    expect(health()).toEqual(expect.arrayContaining([expect.stringMatching(/meta \[FIRING\] .*tocsin-received/)]));
    expect(one.channel.got.map(({ message }) => JSON.stringify(message.alerts)).join()).toContain('`received_alerts.max_alerts`');
    await play(engine, at(1), at(4));
    expect(health().at(-1)).toMatch(/\[RESOLVED\] .*tocsin-received/);
  });

  it('ends with the configuration that takes it', async () => {
    const one = world();
    await post(one, 0, DOWN, { endsAt: iso(at(300)) });
    await play(one.engine([], { receives: { max: 100 }, routing }), at(0), at(1));
    const without = one.engine([testRule({ name: 'boom' })], { routing });
    expect([...without.rules.keys()]).toEqual(['boom']);
    expect((await report(one)).alerts.map(({ rule }) => rule)).toEqual(['NodeDown']);
    expect(await removeRules(at(20), without)).toEqual({ ok: true, value: [RECEIVED_RULE_ID] });
    await play(without, at(20), at(22));
    expect(heard(one.channel).at(-1)).toBe('12:21 team [RULE REMOVED] NodeDown on a');
    expect(one.channel.got.at(-1)?.message.alerts).toMatchObject([{ rule: 'NodeDown', group: { node: 'a' }, facts: [] }]);
  });

  it('is listed by its name, with what was sent of it and no values', async () => {
    const one = world();
    await post(one, 0, DOWN, { generatorURL: 'http://prometheus:9090/graph' });
    await turnAt(one.engine([], { receives: { max: 100 }, routing }), at(0));
    const { alerts, rules } = await report(one);
    expect(rules).toBe(0);
    expect(alerts).toMatchObject([
      {
        ...{ rule: 'NodeDown', severity: 'critical', labels: DOWN, values: {}, title: 'NodeDown on a' },
        id: receivedAlertId('default', { labels: DOWN }),
        annotations: { summary: 'NodeDown on a', generator_url: 'http://prometheus:9090/graph', starts_at: iso(at(0)) },
      },
    ]);
  });
});

describe('the time from which an alert of another system counts', () => {
  const began: readonly [sent: string, startsAt: number | string | undefined, counts: number][] = [
    ['hours before it came here', -300, -300],
    ['years before', -5_000_000, -5_000_000],
    ['before 1970', '1969-07-20T20:17:40Z', (Date.parse('1969-07-20T20:17:40Z') - NOON) / MINUTE],
    ['in the future: it fires now, and cannot have begun later', 90, 1 / 12],
    ['not at all: when it came', undefined, 0],
  ];
  it.each(began)('is what its sender says: %s', async (_sent, startsAt, counts) => {
    const one = world();
    const engine = one.engine([], { receives: { max: 100 }, routing });
    const said = typeof startsAt === 'number' ? iso(at(startsAt)) : startsAt;
    await post(one, 0, DOWN, { ...(said !== undefined && { startsAt: said }), endsAt: iso(at(200)) });
    await play(engine, at(0), at(2));
    expect(one.channel.got[0]?.message.alerts).toMatchObject([{ status: 'firing', startedAt: at(counts) }]);
    expect((await report(one)).alerts).toMatchObject([{ since: at(counts) }]);
    await play(engine, at(2), at(4));
    expect((await report(one)).alerts).toMatchObject([{ since: at(counts) }]);
  });

  it('follows a sender that corrects itself while it fires, in lists and in the message of its end', async () => {
    const one = world();
    const engine = one.engine([], { receives: { max: 100 }, routing });
    await post(one, 0, DOWN, { startsAt: iso(at(-10)), endsAt: iso(at(60)) });
    await play(engine, at(0), at(1));
    await post(one, 1, DOWN, { startsAt: iso(at(-60)), endsAt: iso(at(60)) });
    await play(engine, at(1), at(2));
    expect((await report(one)).alerts).toMatchObject([{ since: at(-60) }]);
    await post(one, 3, DOWN, { startsAt: iso(at(-10)), endsAt: iso(at(3)) });
    await play(engine, at(3), at(4));
    const alerts = one.channel.got.flatMap(({ message }) => message.alerts);
    expect(alerts).toMatchObject([
      { status: 'firing', startedAt: at(-10) },
      { status: 'resolved', startedAt: at(-60) },
    ]);
    expect(new Set(alerts.map(({ episode }) => episode)).size).toBe(1);
  });
});

async function listed({ backend }: World) {
  const found = await backend.received.list(0);
  return found.ok ? found.value : undefined;
}

function report({ backend }: World) {
  return alertsReport(backend, { namespace: 'default', all: false, now: at(6), rules: [] });
}
