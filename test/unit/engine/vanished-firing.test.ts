import { describe, expect, it } from 'vitest';
import { alertsReport } from '../../../src/engine/alert-list/read-alerts.ts';
import type { TurnPorts } from '../../../src/engine/turn-ports.ts';
import { ruleStatus } from '../../../src/service/health/status-of.ts';
import { explained } from '../../support/engine/explaining.ts';
import { hear, hosts, onCall, silent, TITLE } from '../../support/engine/silent-hosts.ts';
import { readOptions, testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, plainRouting, play, world } from '../../support/engine/world.ts';
import { titleText } from '../../support/messages/title-text.ts';

describe('a source that falls silent under alerts that fire', () => {
  const hot = testRule({
    name: 'hot',
    type: 'threshold',
    options: readOptions('threshold', { metrics: { heat: { max: 'heat' } } }, ['host.name']),
    index: 'metrics-*',
    groupBy: ['host.name'],
    window: 2 * MINUTE,
    levels: [
      { severity: 'critical', condition: 'heat > 90' },
      { severity: 'warning', condition: 'heat > 50' },
    ],
    lifecycle: { noDataAfter: 5 * MINUTE },
    evidence: { fields: [], samples: 0, top: [] },
  });
  const plain = plainRouting({ groupInterval: MINUTE });
  const title = TITLE(3, 'hosts', '12:14');

  async function hearHot(away: (host: number, minute: number) => boolean, heat: (minute: number) => number, to = 38) {
    const scene = world();
    const documents = Array.from({ length: 40 }, (_, minute) => minute).flatMap((minute) =>
      hosts(3, (host, at) => at !== minute || away(host, minute), 40, { heat: heat(minute) }),
    );
    scene.add('metrics-system', ...documents);
    await play(scene.engine([hot], { routing: plain }), NOON, NOON + to * MINUTE);
    return scene.channel.got.map(
      ({ at, message }) => `${new Date(at).toISOString().slice(11, 16)} ${message.severity} ${titleText(message.title)}`,
    );
  }

  it('is one message, and does not look as if all had come right: what fires on is notified on when documents come again', async () => {
    expect(
      await hearHot(
        (_, minute) => minute >= 10 && minute < 20,
        () => 95,
      ),
    ).toEqual(['12:01 critical [FIRING:3] hot', `12:16 critical [FIRING] ${title}`, `12:21 critical [FIRING:3, RESOLVED:1] hot`]);
  });

  it('tells their ends when documents come again and all is well', async () => {
    expect(
      await hearHot(
        (_, minute) => minute >= 10 && minute < 20,
        (minute) => (minute < 10 ? 95 : 5),
      ),
    ).toEqual([
      '12:01 critical [FIRING:3] hot',
      `12:16 critical [FIRING] ${title}`,
      `12:21 critical [RESOLVED] ${title}`,
      '12:22 critical [NO DATA:3] hot',
    ]);
  });

  it('tells their ends after an hour, and is over with them: a source may be gone for good', async () => {
    expect(
      await hearHot(
        (_, minute) => minute >= 10,
        () => 95,
        90,
      ),
    ).toEqual(['12:01 critical [FIRING:3] hot', `12:16 critical [FIRING] ${title}`, '13:16 critical [NO DATA:4] hot']);
  });

  it('holds back what absence makes fire, with its severity', async () => {
    const absent = testRule({
      name: 'absent',
      type: 'threshold',
      options: readOptions('threshold', { metrics: { heat: { max: 'heat' } } }, ['host.name']),
      ...{
        index: 'metrics-*',
        groupBy: ['host.name'],
        window: 2 * MINUTE,
        condition: 'heat > 90',
        labels: { severity: 'critical' },
      },
      lifecycle: { noData: 'alert', noDataAfter: 4 * MINUTE },
      evidence: { fields: [], samples: 0, top: [] },
    });
    const { messages } = await hear(
      hosts(3, (host, minute) => minute >= 10 && (minute < 20 || host === 2), 40, { heat: 5 }),
      [absent],
    );
    expect(messages.map(({ receiver, severity, title }) => [receiver, severity, titleText(title)])).toEqual([
      ['other', 'critical', `[FIRING] ${TITLE(3, 'hosts', '12:13')}`],
      ['other', 'critical', `[RESOLVED] ${TITLE(3, 'hosts', '12:13')}`],
      ['other', 'critical', '[FIRING] absent: node-2'],
    ]);
  });

  it('is not suspected when other groups go on: then those that are gone are resolved', async () => {
    const notified = await hearHot(
      (host, minute) => host < 2 && minute >= 10,
      () => 95,
    );
    expect(notified).toEqual(['12:01 critical [FIRING:3] hot', '12:16 critical [FIRING:1, NO DATA:2] hot']);
  });
});

describe('what can be asked about a silent source', () => {
  const silentHosts = async (to: number) => {
    const scene = world();
    scene.add('metrics-system', ...hosts(3, (host, minute) => minute >= 10 && (minute < 20 || host === 2)));
    const ports = scene.engine([silent({ schedule: { kind: 'every', every: 2 * MINUTE } })], { routing: onCall() });
    await play(ports, NOON, NOON + to * MINUTE);
    return { scene, ports };
  };

  it('says in `explain` what is held back, why, until when, and who was notified in its place', async () => {
    const { scene, ports } = await silentHosts(15);
    const rule = [...ports.rules.values()][0] ?? expect.fail();
    const story = await explained(scene, rule, { moment: NOON + 14 * MINUTE }, { routing: onCall() });
    expect(story.cautions).toContainEqual({
      code: 'source-silent',
      text:
        'no document at all in metrics-* since 2026-01-01T12:09:00.000Z, when the last one was written: 3 alerts are held back until ' +
        '2026-01-01T13:12:00.000Z, and one message about it goes to other (critical); each rule over this source sends its own message',
      hint: 'outage_hold; groups named in expect are never held back',
    });
    expect(story.groups[0]?.notification.receivers[0]).toMatchObject({
      state: 'held',
      why: expect.stringMatching(
        /^its firing, by the message about its source: no document in metrics-\* since .*; until .*13:12/,
      ),
    });
    const later = await silentHosts(23);
    const back = await explained(later.scene, rule, { moment: NOON + 22 * MINUTE }, { routing: onCall() });
    expect(back.cautions.find(({ code }) => code === 'source-silent')?.text).toMatch(
      /^documents arrive in metrics-\* again since 2026-01-01T12:22.*: 1 alert is held back until 2026-01-01T12:25/,
    );
  });

  it('shows in `alerts` the message, and each alert that is held back for it', async () => {
    const { scene } = await silentHosts(15);
    const { alerts } = await alertsReport(scene.backend, { namespace: 'default', all: false, now: NOON + 15 * MINUTE });
    expect(alerts.filter(({ about }) => about !== undefined)).toMatchObject([
      {
        rule: 'host-silent',
        status: 'firing',
        severity: 'critical',
        about: TITLE(3),
        notified: [{ receiver: 'other', state: 'notified' }],
      },
    ]);
    const held = alerts.filter(({ about }) => about === undefined);
    expect(held.map(({ notified }) => notified[0]?.state)).toEqual(['held', 'held', 'held']);
    expect(held[0]?.notified[0]?.note).toContain('no document in metrics-* since');
  });

  it.each([15, 23])('is counted in the same way by `alerts` and by the metrics, %d minutes after noon', async (to) => {
    const { scene, ports } = await silentHosts(to);
    const { alerts } = await alertsReport(scene.backend, { namespace: 'default', all: false, now: NOON + to * MINUTE });
    const status = ruleStatus(ports, () => true, NOON);
    expect(status.alerts.reduce((sum, { count }) => sum + count, 0)).toBe(alerts.length);
    expect(alerts.filter(({ heldUntil }) => heldUntil !== undefined)).toHaveLength(status.outages.held);
  });

  it('counts in the metrics what is held back', async () => {
    const status = (ports: TurnPorts) => ruleStatus(ports, () => true, NOON).outages;
    expect(status((await silentHosts(15)).ports)).toEqual({ rules: 1, held: 3 });
    expect(status((await silentHosts(23)).ports)).toEqual({ rules: 0, held: 1 });
    expect(status((await silentHosts(38)).ports)).toEqual({ rules: 0, held: 0 });
  });
});
