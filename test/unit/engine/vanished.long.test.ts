import { describe, expect, it } from 'vitest';
import { removeRules } from '../../../src/engine/retention/remove-rules.ts';
import { searchProblem } from '../../../src/search/search-problem.ts';
import { child, hear, hosts, onCall, silent, TITLE } from '../../support/engine/silent-hosts.ts';
import { readOptions } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, play, turnAt, world } from '../../support/engine/world.ts';
import { titleText } from '../../support/messages/title-text.ts';

const BUSY = searchProblem('overloaded', 'too busy');

describe('a source that falls silent', () => {
  it('is one message to those on call, not one for each of hundreds of groups, and over when documents come again', async () => {
    const { notified, messages } = await hear(hosts(300, (_, minute) => minute >= 10 && minute < 20));
    expect(notified).toEqual([`12:12 other [FIRING] ${TITLE(300)}`, `12:21 other [RESOLVED] ${TITLE(300)}`]);
    const [first, last] = messages;
    expect(first).toMatchObject({ severity: 'critical', status: 'firing', firing: 1 });
    expect(first?.alerts[0]?.labels).toEqual({ alertname: 'host-silent', severity: 'critical', team: 'shop' });
    expect(first?.alerts[0]?.text?.split('\n')).toEqual([
      'A host has stopped sending metrics.',
      expect.stringMatching(/^Silent: node-0, node-1, node-10, .* and 280 more\.$/),
      "No document at all has arrived in metrics-* since 2026-01-01 12:10:00 UTC, regardless of the rule's query.",
      'Alerts of individual hosts are held back until 2026-01-01 13:12:00 UTC, or until documents arrive again.',
    ]);
    expect(last?.alerts[0]?.text).toContain('Documents arrive in metrics-* again.');
  });

  it('is notified once the groups would have been, and those that stay away are notified when the others are back', async () => {
    const { notified, messages } = await hear(
      hosts(5, (host, minute) => minute >= 10 && (minute < 20 || host === 3)),
      [silent({ lifecycle: { for: 2 * MINUTE } })],
    );
    expect(notified).toEqual([
      `12:14 other [FIRING] ${TITLE(5)}`,
      `12:21 other [RESOLVED] ${TITLE(5)}`,
      '12:22 other [FIRING] A host has stopped sending metrics: node-3',
    ]);
    expect(messages[1]?.alerts[0]?.text).toContain('Still silent: 1 host (node-3).');
  });

  it('counts those that went quiet a moment later than the first, as hosts do that do not report at the same time', async () => {
    const { notified, messages } = await hear(
      hosts(5, (host, minute) => minute >= (host < 3 ? 10 : 11)),
      [silent({ lifecycle: { for: MINUTE } })],
    );
    expect(notified).toEqual([`12:13 other [FIRING] ${TITLE(5, 'hosts', '12:11')}`]);
    expect(messages[0]?.alerts[0]?.text).toContain('Silent: node-0, node-1, node-2, and 2 others.');
  });

  it('notifies nobody when it is over before the groups would have been notified', async () => {
    const { notified } = await hear(
      hosts(5, (_, minute) => minute >= 10 && minute < 14),
      [silent({ lifecycle: { for: 10 * MINUTE } })],
    );
    expect(notified).toEqual([]);
  });

  it('gives stragglers one interval to come back', async () => {
    const { notified } = await hear(hosts(5, (host, minute) => minute >= 10 && minute < 20 + (host === 3 ? 1 : 0)));
    expect(notified).toEqual([`12:12 other [FIRING] ${TITLE(5)}`, `12:21 other [RESOLVED] ${TITLE(5)}`]);
  });

  it('does not take groups that recover for as long as they keep firing for groups that are still away', async () => {
    const { notified } = await hear(
      hosts(5, (_, minute) => minute >= 10 && minute < 20),
      [silent({ lifecycle: { keepFiringFor: 10 * MINUTE } })],
    );
    expect(notified).toEqual([`12:12 other [FIRING] ${TITLE(5)}`, `12:21 other [RESOLVED] ${TITLE(5)}`]);
  });

  it('is never held back for groups that are expected', async () => {
    const { notified } = await hear(
      hosts(5, (_, minute) => minute >= 10 && minute < 20),
      [silent({}, ['node-1', 'node-2'])],
    );
    expect(notified.slice(0, 3).toSorted()).toEqual([
      `12:12 other [FIRING] ${TITLE(5)}`,
      '12:12 other [FIRING] A host has stopped sending metrics: node-1',
      '12:12 other [FIRING] A host has stopped sending metrics: node-2',
    ]);
    expect(notified.some((line) => line.includes('node-3'))).toBe(false);
  });

  it('is released after an hour while the source is still silent, or after the time that the rule gives', async () => {
    const gone = hosts(3, (_, minute) => minute >= 10);
    const usual = await hear(gone, undefined, undefined, 90);
    expect(usual.notified.slice(0, 1)).toEqual([`12:12 other [FIRING] ${TITLE(3)}`]);
    const nodes = (at: string) =>
      [0, 1, 2].map((host) => `${at} other [FIRING] A host has stopped sending metrics: node-${host}`);
    expect(usual.notified.slice(1).toSorted()).toEqual(nodes('13:12'));
    const sooner = await hear(gone, [silent({ outageHold: 10 * MINUTE })]);
    expect(sooner.notified.slice(1).toSorted()).toEqual(nodes('12:22'));
    const off = await hear(gone, [silent({ outageHold: 0 })]);
    expect(off.notified.toSorted()).toEqual(nodes('12:12'));
  });

  it('is not suspected while other documents of it arrive: then groups are notified as they are', async () => {
    const quiet = hosts(3, (_, minute) => minute >= 10 && minute < 20);
    const others = hosts(1, () => false).map((document) => ({ ...document, kind: 'heartbeat' }));
    const { notified } = await hear([...quiet, ...others], [silent({ kql: 'kind:metric' })], plainRouting());
    expect(notified[0]).toBe('12:12 team [FIRING:3] A host has stopped sending metrics');
    expect(notified.some((line) => line.includes('at once'))).toBe(false);
  });

  it('is not suspected for one group alone', async () => {
    const { notified } = await hear(hosts(1, (_, minute) => minute >= 10 && minute < 20));
    expect(notified[0]).toBe('12:12 other [FIRING] A host has stopped sending metrics: node-0');
  });
});

describe('a source of which nothing is known', () => {
  it('holds nothing back: a question about it that fails is no answer', async () => {
    const scene = world();
    scene.add('metrics-system', ...hosts(2, (_, minute) => minute >= 10 && minute < 20));
    const { search } = scene.backend;
    const failing: typeof search = {
      ask: async (queries, signal) => {
        const answers = await search.ask(queries, signal);
        return answers.map((answer, index) =>
          queries[index]?.name.endsWith('/source') ? { kind: 'failed', problem: BUSY, cost: answer.cost } : answer,
        );
      },
    };
    await play(
      scene.engine([silent()], { routing: onCall(), backend: { ...scene.backend, search: failing } }),
      NOON,
      NOON + 15 * MINUTE,
    );
    expect(heard(scene.channel).toSorted()).toEqual(
      [0, 1].map((host) => `12:12 other [FIRING] A host has stopped sending metrics: node-${host}`),
    );
  });
});

describe('who is notified of a silent source', () => {
  it('is each receiver that the alerts would have gone to, with what it would have got', async () => {
    const routing = onCall([child('other', 'host.name', '=~', 'node-[01]'), child('meta', 'severity', '=', 'critical')]);
    const { messages } = await hear(
      hosts(5, (_, minute) => minute >= 10 && minute < 20),
      undefined,
      routing,
    );
    const firing = messages
      .filter(({ status }) => status === 'firing')
      .map(({ receiver, title }) => [receiver, titleText(title)]);
    expect(firing.toSorted()).toEqual([
      ['meta', `[FIRING] ${TITLE(3)}`],
      ['other', `[FIRING] ${TITLE(2)}`],
    ]);
    expect(messages.filter(({ status }) => status === 'resolved')).toHaveLength(2);
  });

  it('hears the worst severity of what is held back from it, of each rule over the source', async () => {
    const mild = silent({ name: 'mild', labels: { severity: 'warning' } });
    const { messages } = await hear(
      hosts(3, (_, minute) => minute >= 10 && minute < 20),
      [silent(), mild],
    );
    const firing = messages.filter(({ status }) => status === 'firing').map(({ receiver, severity }) => [receiver, severity]);
    expect(firing.toSorted()).toEqual([
      ['other', 'critical'],
      ['team', 'warning'],
    ]);
  });

  it('hears what a rule of one group over the same source finds, in the same message where the route groups so', async () => {
    const any = silent({ name: 'nothing-at-all', groupBy: [], options: readOptions('flatline', {}) });
    const { messages } = await hear(
      hosts(3, (_, minute) => minute >= 10 && minute < 20),
      [silent(), any],
    );
    expect(messages.map(({ title }) => titleText(title))).toEqual([
      '[FIRING:2] A host has stopped sending metrics',
      '[RESOLVED:2] A host has stopped sending metrics',
    ]);
    expect(messages[0]?.alerts.map(({ rule }) => rule)).toEqual(['host-silent', 'nothing-at-all']);
    expect(messages[0]?.alerts.map(({ title }) => title)).toEqual([TITLE(3), 'A host has stopped sending metrics']);
  });

  it.each([
    ['the labels that they share', [{ label: 'team', op: '=' as const, value: 'shop' }]],
    ['each of them', [{ label: 'host.name', op: '=~' as const, value: 'node-.*' }]],
  ])('is nobody while a silence holds %s', async (_, matchers) => {
    const scene = world();
    scene.add('metrics-system', ...hosts(3, (_host, minute) => minute >= 10 && minute < 20));
    const silences = {
      ...scene.backend.silences,
      list: async () => ({ ok: true, value: [{ v: 1, id: 's', matchers, starts_at: 0, ends_at: NOON * 2 }] }) as never,
    };
    await play(
      scene.engine([silent()], { routing: onCall(), backend: { ...scene.backend, silences } }),
      NOON,
      NOON + 38 * MINUTE,
    );
    expect(heard(scene.channel)).toEqual([]);
  });

  it('is notified of it although a silence holds one of the groups', async () => {
    const scene = world();
    scene.add('metrics-system', ...hosts(3, (_host, minute) => minute >= 10 && minute < 20));
    const matchers = [{ label: 'host.name', op: '=', value: 'node-1' }];
    const silences = {
      ...scene.backend.silences,
      list: async () => ({ ok: true, value: [{ v: 1, id: 's', matchers, starts_at: 0, ends_at: NOON * 2 }] }) as never,
    };
    await play(
      scene.engine([silent()], { routing: onCall(), backend: { ...scene.backend, silences } }),
      NOON,
      NOON + 38 * MINUTE,
    );
    expect(heard(scene.channel)[0]).toBe(`12:12 other [FIRING] ${TITLE(3)}`);
  });

  it('is reminded while it lasts', async () => {
    const routing = onCall([
      child('other', 'severity', '=', 'critical', { repeatInterval: 10 * MINUTE, groupBy: ['host.name'] }),
    ]);
    const { notified } = await hear(
      hosts(3, (_, minute) => minute >= 10),
      undefined,
      routing,
      30,
    );
    expect(notified).toEqual([`12:12 other [FIRING] ${TITLE(3)}`, `12:22 other [FIRING, still] ${TITLE(3)}`]);
  });
});

describe('a silent source and what goes on around it', () => {
  it('survives a restart in between, and another replica that sends what is due', async () => {
    const scene = world();
    scene.add('metrics-system', ...hosts(3, (_, minute) => minute >= 10 && minute < 20));
    const routing = onCall();
    await play(scene.engine([silent()], { routing }), NOON, NOON + 15 * MINUTE);
    // It evaluates nothing, and knows nothing but what is stored.
    for (let minute = 15; minute < 18; minute++) {
      const sweeper = { ...scene.engine([silent()], { routing }) };
      await play({ ...sweeper, rules: new Map() }, NOON + minute * MINUTE, NOON + (minute + 1) * MINUTE);
    }
    await play(scene.engine([silent()], { routing }), NOON + 15 * MINUTE, NOON + 38 * MINUTE);
    expect(heard(scene.channel)).toEqual([`12:12 other [FIRING] ${TITLE(3)}`, `12:21 other [RESOLVED] ${TITLE(3)}`]);
  });

  it('ends with its rule, which is no recovery, and of the groups nothing is notified', async () => {
    const scene = world();
    scene.add('metrics-system', ...hosts(3, (_, minute) => minute >= 10));
    const routing = onCall();
    await play(scene.engine([silent()], { routing }), NOON, NOON + 15 * MINUTE);
    const without = scene.engine([silent({ name: 'another' })], { routing });
    expect(await removeRules(NOON + 30 * MINUTE, without)).toEqual({ ok: true, value: ['host-silent'] });
    await turnAt({ ...without, rules: new Map() }, NOON + 30 * MINUTE);
    expect(heard(scene.channel)).toEqual([`12:12 other [FIRING] ${TITLE(3)}`, `12:30 other [RULE REMOVED] ${TITLE(3)}`]);
  });

  it('is notified again when it falls silent again', async () => {
    const { notified } = await hear(hosts(3, (_, minute) => (minute >= 10 && minute < 20) || (minute >= 25 && minute < 30)));
    expect(notified).toEqual([
      `12:12 other [FIRING] ${TITLE(3)}`,
      `12:21 other [RESOLVED] ${TITLE(3)}`,
      `12:27 other [FIRING] ${TITLE(3, 'hosts', '12:25')}`,
      `12:31 other [RESOLVED] ${TITLE(3, 'hosts', '12:25')}`,
    ]);
  });
});
