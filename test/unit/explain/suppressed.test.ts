import { describe, expect, test } from 'vitest';
import { suppressionTexts } from '../../../src/explain/suppression-texts.ts';
import type { InhibitRule } from '../../../src/routing/route.ts';
import { boom, explained } from '../../support/engine/explaining.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, plainRouting, play, world } from '../../support/engine/world.ts';

const RULE = testRule({ name: 'boom', groupBy: ['service'], window: MINUTE });
const DOWN = testRule({ name: 'down', index: 'down-*', window: MINUTE, labels: { severity: 'critical' } });
const INHIBIT: InhibitRule = {
  name: 'down',
  sourceMatchers: [{ label: 'alertname', op: '=', value: 'down' }],
  targetMatchers: [{ label: 'alertname', op: '=', value: 'boom' }],
  equal: [],
};
const now = NOON + 5 * MINUTE;

async function story(begins: number, inhibitRules: readonly InhibitRule[] = []) {
  const scene = world();
  scene.add('logs-app', ...[0, 1, 2, 3, 4].map((minute) => boom(minute, 'a')));
  scene.add('down-app', ...[2, 3, 4].map((minute) => boom(minute, 'x')));
  const routing = { ...plainRouting(), inhibitRules };
  await play(scene.engine([RULE, DOWN], { routing }), NOON, now);
  const times = { starts_at: NOON + begins * MINUTE, ends_at: NOON + 60 * MINUTE };
  const matchers = [{ label: 'service', op: '=' as const, value: 'a' }];
  if (inhibitRules.length === 0)
    await scene.backend.silences.put({ v: 1, id: 'quiet', matchers, ...times, created_by: 'kim', comment: 'upgrade' });
  const stores = { silences: scene.backend.silences, states: scene.backend.ruleStates };
  const suppressedBy = await suppressionTexts(stores, { now, rules: [RULE, DOWN], routing });
  const explanation = await explained(scene, RULE, { moment: now, now }, { routing, suppressedBy });
  return explanation.groups
    .find(({ group }) => group['service'] === 'a')
    ?.notification.receivers.map(({ state, why }) => [state, why]);
}

describe('an alert that was notified before it was suppressed', () => {
  test('says which silence keeps it quiet now, by whom, until when and why', async () => {
    expect(await story(4)).toEqual([
      [
        'notified',
        expect.stringMatching(
          /^of it as firing .*; suppressed since by silence quiet by kim until 2026-01-01 13:00 UTC: upgrade$/,
        ),
      ],
    ]);
  });

  test('says which alert inhibits it', async () => {
    expect(await story(4, [INHIBIT])).toEqual([
      ['notified', expect.stringMatching(/; suppressed since by alert down, inhibit rule down$/)],
    ]);
  });

  test('says nothing of a silence that is only planned', async () => {
    expect(await story(30)).toEqual([['notified', expect.not.stringContaining('suppressed')]]);
  });
});
