import { describe, expect, it } from 'vitest';
import { parseCron } from '../../../src/core/schedule.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, play, type World, world } from '../../support/engine/world.ts';

const HOUR = 60 * MINUTE;
const rule = testRule({ name: 'errors', window: MINUTE });

function counted(scene: World, from: number, until: number, index = 'logs-a'): void {
  for (let minute = from; minute < until; minute++)
    scene.add(index, { '@timestamp': new Date(NOON + minute * MINUTE).toISOString() });
}

const times = (scene: World) => heard(scene.channel).map((text) => text.slice(0, 5));

function cron(pattern: string, timezone = 'UTC') {
  const read = parseCron(pattern, timezone);
  if (!read.ok) throw new Error(read.message);
  return read.schedule;
}

describe('news', () => {
  const other = testRule({ name: 'others', index: 'others-*', window: MINUTE });

  it.each([
    ['reminders', { groupInterval: 15 * MINUTE, repeatInterval: 10 * MINUTE }],
    [
      'reminders at the times of a digest',
      { groupInterval: 25 * MINUTE, repeatInterval: 10 * MINUTE, schedule: cron('*/20 * * * *') },
    ],
  ])(
    'does not wait without end behind %s that are closer together than group_interval: they take it along',
    async (_name, route) => {
      const scene = world();
      counted(scene, 0, 200);
      counted(scene, 3, 5, 'others-a');
      counted(scene, 50, 70, 'others-a');
      const routing = plainRouting({ groupBy: [], ...route });
      await play(scene.engine([rule, other], { routing }), NOON, NOON + 120 * MINUTE);
      const said = scene.channel.got.flatMap(({ message }) =>
        message.alerts.flatMap(({ rule: name, change }) => (name === 'others' ? [change] : [])),
      );
      expect(said.filter((change) => change !== 'still').slice(-2)).toEqual(['firing', 'resolved']);
    },
  );
});

describe('reminders that become rarer', () => {
  const growth = { factor: 2, max: 40 * MINUTE };

  it('double up to the longest time, over a restart, and begin again with news', async () => {
    const scene = world();
    counted(scene, 0, 200);
    const routing = plainRouting({ groupInterval: MINUTE, groupBy: [], repeatInterval: 10 * MINUTE, repeatGrowth: growth });
    await play(scene.engine([rule], { routing }), NOON, NOON + 50 * MINUTE);
    await play(scene.engine([rule], { routing }), NOON + 50 * MINUTE, NOON + 120 * MINUTE);
    expect(times(scene)).toEqual(['12:01', '12:11', '12:31', '13:11', '13:51']);
    const other = testRule({ name: 'other', index: 'other-*', window: MINUTE });
    counted(scene, 120, 200, 'other-a');
    await play(scene.engine([rule, other], { routing }), NOON + 120 * MINUTE, NOON + 140 * MINUTE);
    expect(times(scene).slice(5)).toEqual(['14:01', '14:11']);
  });

  it('are those of the rule where it says so', async () => {
    const scene = world();
    counted(scene, 0, 100);
    const own = { ...rule, repeatInterval: 5 * MINUTE, repeatGrowth: { factor: 3, max: HOUR } };
    await play(scene.engine([own], { routing: plainRouting() }), NOON, NOON + 70 * MINUTE);
    expect(times(scene)).toEqual(['12:01', '12:06', '12:21', '13:06']);
  });
});

describe('group_wait and group_interval of a rule', () => {
  it('are in the place of those of the route', async () => {
    const scene = world();
    counted(scene, 0, 10);
    const own = { ...rule, groupWait: 3 * MINUTE, groupInterval: 20 * MINUTE };
    await play(scene.engine([own], { routing: plainRouting() }), NOON, NOON + 40 * MINUTE);
    expect(heard(scene.channel)).toEqual(['12:04 team [FIRING] errors', '12:24 team [RESOLVED] errors']);
  });
});

describe('a digest', () => {
  it('is sent at the times of its schedule, of all that is new, and only then', async () => {
    const scene = world();
    counted(scene, 0, 300);
    counted(scene, 20, 300, 'other-a');
    counted(scene, 30, 40, 'third-a');
    const rules = [
      rule,
      testRule({ name: 'other', index: 'other-*', window: MINUTE }),
      testRule({ name: 'third', index: 'third-*', window: MINUTE }),
    ];
    const routing = plainRouting({
      groupBy: [],
      repeatInterval: 90 * MINUTE,
      schedule: cron('0 9,10,11 * * *', 'America/New_York'),
    });
    const logs = await play(scene.engine(rules, { routing }), NOON, NOON + 5 * HOUR);
    expect(scene.channel.got.map(({ message }) => [message.reason, message.firing, message.resolved])).toEqual([
      ['first', 2, 1],
      ['reminder', 2, 0],
    ]);
    expect(times(scene)).toEqual(['14:00', '16:00']);
    expect(logs.some(({ errors }) => errors.length > 0)).toBe(false);
  });
});

describe('send_resolved: false of a route', () => {
  it('keeps the end from those whom the route notifies, and from no one else', async () => {
    const scene = world();
    counted(scene, 0, 5);
    const quiet = { ...plainRouting().root, key: '{}/{}', receiver: 'other', continue: true, sendResolved: false };
    const routing = plainRouting({ routes: [quiet, { ...quiet, key: '{}/{}#2', receiver: 'team', sendResolved: true }] });
    await play(scene.engine([rule], { routing }), NOON, NOON + 20 * MINUTE);
    expect(heard(scene.channel)).toEqual([
      '12:01 other [FIRING] errors',
      '12:01 team [FIRING] errors',
      '12:06 team [RESOLVED] errors',
    ]);
  });
});
