import { describe, expect, it } from 'vitest';
import { alertsReport } from '../../../src/engine/alert-list/read-alerts.ts';
import type { TimeInterval } from '../../../src/routing/time-intervals.ts';
import { routeTree } from '../../../src/routing/tree.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, play, turnAt, world } from '../../support/engine/world.ts';

const HOUR = 60 * MINUTE;
/** From 13:00 to 15:00. */
const quiet: TimeInterval = { name: 'quiet', parts: [{ times: [{ from: 13 * 60, to: 15 * 60 }], location: 'UTC' }] };
const loud: TimeInterval = {
  name: 'loud',
  parts: [
    {
      times: [
        { from: 0, to: 13 * 60 },
        { from: 15 * 60, to: 24 * 60 },
      ],
      location: 'UTC',
    },
  ],
};
const intervals = { quiet, loud };

function routed(keys: { readonly muteTimeIntervals?: readonly string[]; readonly activeTimeIntervals?: readonly string[] }) {
  const root = routeTree({
    receiver: 'meta',
    groupBy: ['alertname'],
    repeatInterval: HOUR,
    routes: [{ receiver: 'team', ...keys }],
  });
  return { ...plainRouting(), root, intervals };
}

const rule = (name: string) => testRule({ name, index: `${name}-*`, window: 5 * MINUTE, condition: 'count >= 1' });

/** A document a minute from one minute of the day to another. */
function failing(scene: ReturnType<typeof world>, name: string, from: number, to: number): void {
  for (let minute = from; minute < to; minute++)
    scene.add(`${name}-a`, { '@timestamp': new Date(NOON + minute * MINUTE - 1).toISOString() });
}

describe('a time interval', () => {
  it.each([
    ['muted by its route', routed({ muteTimeIntervals: ['quiet'] })],
    ['that is notified only outside of it', routed({ activeTimeIntervals: ['loud'] })],
  ])(
    'holds back what is %s: what still fires at its end is notified, what ended meanwhile is counted',
    async (_name, routing) => {
      const scene = world();
      failing(scene, 'early', 1, 90);
      failing(scene, 'night', 70, 100);
      failing(scene, 'morning', 80, 300);
      const rules = ['early', 'night', 'morning'].map(rule);
      await play(scene.engine(rules, { routing }), NOON, NOON + 200 * MINUTE);
      expect(heard(scene.channel)).toEqual([
        '12:01 team [FIRING] early',
        // The end of what was notified before waits, and is not lost.
        '15:00 team [RESOLVED] early',
        '15:00 team [FIRING] morning',
      ]);
      const found = await scene.backend.alertGroups.load(await ids(scene));
      const night = found.ok
        ? [...found.value.values()].find(({ document }) => document.group_labels['alertname'] === 'night')
        : undefined;
      expect(night?.document).toMatchObject({
        queued: [],
        alerts: {},
        suppressed: { count: 2, why: expect.stringMatching(/time interval/) },
      });
    },
  );

  it('keeps reminders quiet, and the one that was due meanwhile is sent at its end', async () => {
    const scene = world();
    failing(scene, 'early', 1, 300);
    await play(scene.engine([rule('early')], { routing: routed({ muteTimeIntervals: ['quiet'] }) }), NOON, NOON + 245 * MINUTE);
    expect(heard(scene.channel)).toEqual([
      '12:01 team [FIRING] early',
      '15:00 team [FIRING, still] early',
      '16:00 team [FIRING, still] early',
    ]);
  });

  it('of a rule holds back its alerts, and no others', async () => {
    const scene = world();
    failing(scene, 'own', 70, 300);
    failing(scene, 'other', 70, 300);
    const rules = [{ ...rule('own'), muteTimeIntervals: ['quiet'] }, rule('other')];
    await play(scene.engine(rules, { routing: routed({}) }), NOON, NOON + 185 * MINUTE);
    expect(heard(scene.channel)).toEqual([
      '13:10 team [FIRING] other',
      '14:10 team [FIRING, still] other',
      '15:00 team [FIRING] own',
    ]);
  });

  it('is said in the list of alerts, of what it holds back and of what waits for a reminder', async () => {
    const scene = world();
    failing(scene, 'early', 1, 300);
    failing(scene, 'night', 70, 300);
    const routing = routed({ muteTimeIntervals: ['quiet'] });
    const rules = ['early', 'night'].map(rule);
    const engine = scene.engine(rules, { routing });
    await play(engine, NOON, NOON + 100 * MINUTE);
    const report = await alertsReport(scene.backend, {
      namespace: 'default',
      all: false,
      now: NOON + 100 * MINUTE,
      rules,
      routing,
    });
    expect(
      report.alerts.map(({ rule: name, notified }) => [name, notified.map(({ state, note }) => `${state}: ${note}`)]),
    ).toEqual([
      ['early', ['notified: mute time interval quiet']],
      ['night', ['held: mute time interval quiet']],
    ]);
    expect([...engine.session.muted.values()]).toEqual([1]);
  });

  it('that a reload takes away holds back nothing after the next look', async () => {
    const scene = world();
    failing(scene, 'night', 70, 300);
    const muted = scene.engine([rule('night')], { routing: routed({ muteTimeIntervals: ['quiet'] }) });
    await play(muted, NOON, NOON + 80 * MINUTE);
    const free = scene.engine([rule('night')], { routing: routed({}) });
    await turnAt(free, NOON + 91 * MINUTE);
    expect(heard(scene.channel)).toEqual(['13:31 team [FIRING] night']);
  });
});

async function ids(scene: ReturnType<typeof world>): Promise<readonly string[]> {
  const [quietOnes, due] = await Promise.all([
    scene.backend.alertGroups.quiet(100),
    scene.backend.alertGroups.due(NOON * 2, 100),
  ]);
  return [...(quietOnes.ok ? quietOnes.value : []), ...(due.ok ? due.value.ids : [])];
}
