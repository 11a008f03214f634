import { describe, expect, test } from 'vitest';
import { boom, explained, groupOf as of } from '../../support/engine/explaining.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, play, world } from '../../support/engine/world.ts';

const rule = testRule({ name: 'boom', groupBy: ['service'], window: MINUTE, condition: 'count >= 2' });

describe('documents that came late', () => {
  /** A service that fails twice in minute 2, which nobody could see before minute 6. */
  async function late(given: typeof rule) {
    const scene = world();
    scene.add('logs-app', boom(0, 'b'));
    const ports = scene.engine([given]);
    await play(ports, NOON, NOON + 6 * MINUTE);
    scene.add('logs-app', boom(2, 'a'), boom(2.5, 'a'));
    await play(ports, NOON + 6 * MINUTE, NOON + 20 * MINUTE);
    return explained(scene, given, { moment: NOON + 3 * MINUTE, now: NOON + 20 * MINUTE });
  }
  test('are why a window is a breach now that was none when it was evaluated', async () => {
    const { life, notification } = of(await late(rule), 'a');
    expect(life).toMatchObject({
      happened: 'no change, still inactive; the documents that now make it a breach arrived after the evaluation',
      changes: [],
    });
    expect(notification.messages).toEqual([]);
  });

  test('show with what a second look made of them, and with the messages about it', async () => {
    const { life, notification } = of(await late({ ...rule, revisit: 10 * MINUTE }), 'a');
    expect(life.changes.map(({ at, words }) => `${(at - NOON) / MINUTE} ${words}`)).toEqual([
      '13 fires: the condition holds, found in late documents',
      '14 resolved: clear, found in late documents',
    ]);
    expect(notification.messages.map(({ title }) => title)).toEqual(['[FIRING] boom: a', '[RESOLVED] boom: a']);
  });

  test('of a time before the rule’s first tick are said to be of that time', async () => {
    const scene = world();
    scene.add('logs-app', boom(2, 'a'), boom(2.5, 'a'));
    await play(scene.engine([rule]), NOON + 10 * MINUTE, NOON + 12 * MINUTE);
    const story = await explained(scene, rule, { moment: NOON + 3 * MINUTE, now: NOON + 12 * MINUTE });
    expect(of(story, 'a').life.happened).toBe('not evaluated: the rule’s first tick was 2026-01-01T12:11:00.000Z');
  });
});
