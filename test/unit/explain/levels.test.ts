import { describe, expect, test } from 'vitest';
import { explained } from '../../support/engine/explaining.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, plainRouting, play, world } from '../../support/engine/world.ts';

const load = testRule({
  name: 'load',
  window: MINUTE,
  leveled: true,
  levels: [
    { severity: 'critical', condition: 'count >= 5' },
    { severity: 'warning', condition: 'count >= 2' },
  ],
  recover: 'count < 2',
  lifecycle: { keepFiringFor: 2 * MINUTE },
  evidence: { fields: [], samples: 0, top: [] },
});

/** What is critical goes to `other`, the rest to the team. */
function routing(first = 'other') {
  const { root } = plainRouting();
  const matchers = [{ label: 'severity', op: '=', value: 'critical' }] as const;
  return plainRouting({
    groupInterval: MINUTE,
    routes: [{ ...root, key: '{}/critical', receiver: first, matchers, groupInterval: MINUTE }],
  });
}

async function story(counts: readonly number[], now = routing()) {
  const scene = world();
  const documents = counts.flatMap((count, minute) =>
    Array.from({ length: count }, () => ({ '@timestamp': new Date(NOON + minute * MINUTE).toISOString() })),
  );
  scene.add('logs-app', ...documents);
  const to = NOON + counts.length * MINUTE;
  await play(scene.engine([load], { routing: routing() }), NOON, to);
  const { groups } = await explained(scene, load, { moment: to }, { routing: now });
  const [group] = groups;
  if (group === undefined) throw new Error('nothing is explained');
  return group;
}

describe('a rule with levels', () => {
  test('shows where each level leads, whatever the alert is at', async () => {
    const leads = [
      { severity: 'critical', routes: ['{}/critical'], routeNames: ['severity="critical"'], destinations: ['other/test/0'] },
      { severity: 'warning', routes: ['{}'], routeNames: ['everything'], destinations: ['team/test/0'] },
    ];
    expect((await story([1, 1, 1])).notification.levels).toEqual(leads);
    expect((await story([1, 3, 7, 7])).notification.levels).toEqual(leads);
  });

  test('after a level moved, the receiver that it left has nothing pending, and the other was notified', async () => {
    const { notification } = await story([1, 3, 7, 7]);
    expect(notification.receivers).toMatchObject([
      { receiver: 'other', state: 'notified' },
      { receiver: 'team', state: 'over', why: 'the alert has moved to the receivers of its current level or labels' },
    ]);
  });

  test('an episode stays with its receivers when the routing changes under it, and that is what is said', async () => {
    const { notification } = await story([1, 7, 7, 7], routing('meta'));
    expect(notification.receivers).toMatchObject([
      { receiver: 'other', state: 'notified' },
      {
        receiver: 'meta',
        state: 'would',
        why: expect.stringContaining('the routing has changed since it fired'),
      },
    ]);
  });
});

describe('a group that is fine', () => {
  test('has no alert, because the condition does not hold: with the value, and though its evaluation is not saved yet', async () => {
    const scene = world();
    const boom = (minute: number) => ({ '@timestamp': new Date(NOON + minute * MINUTE).toISOString(), service: 'a' });
    scene.add('logs-app', ...Array.from({ length: 12 }, (_, minute) => boom(minute)));
    const calm = testRule({ name: 'calm', groupBy: ['service'], window: MINUTE, condition: 'count > 5' });
    await play(scene.engine([calm]), NOON, NOON + 2 * MINUTE);
    for (const minute of [2, 3, 5]) {
      const { groups } = await explained(scene, calm, { moment: NOON + minute * MINUTE });
      expect(groups[0]?.life).toMatchObject({ status: 'inactive', happened: 'no alert: the condition is false (count 1)' });
    }
  });

  test('that breaches and whose evaluation is not saved yet says that', async () => {
    const scene = world();
    await play(scene.engine([load], { routing: routing() }), NOON, NOON + 2 * MINUTE);
    const documents = Array.from({ length: 7 }, () => ({ '@timestamp': new Date(NOON + 2.5 * MINUTE).toISOString() }));
    scene.add('logs-app', ...documents);
    const { groups } = await explained(scene, load, { moment: NOON + 3 * MINUTE });
    expect(groups[0]?.life).toMatchObject({
      status: undefined,
      happened: expect.stringMatching(/^not evaluated yet, or not saved yet/),
    });
  });
});
