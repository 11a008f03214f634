import { describe, expect, test } from 'vitest';
import type { ExplainedGroup, Explanation } from '../../../src/explain/explanation.ts';
import { explainText } from '../../../src/reports/explain/explain-text.ts';
import { explained } from '../../support/engine/explaining.ts';
import { readOptions, testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, play, world } from '../../support/engine/world.ts';

const boom = (minute: number, service: string) => ({ '@timestamp': new Date(NOON + minute * MINUTE).toISOString(), service });

const of = ({ groups }: Explanation, service: string): ExplainedGroup => {
  const found = groups.find(({ group }) => group['service'] === service);
  if (found === undefined) throw new Error(`${service} is not explained`);
  return found;
};

describe('an alert that flaps', () => {
  const rule = testRule({
    name: 'boom',
    groupBy: ['service'],
    window: MINUTE,
    flapping: { episodes: 2, within: 60 * MINUTE, steady: 10 * MINUTE },
  });

  async function flapped(until: number) {
    const scene = world();
    scene.add('logs-app', ...[0, 2, 4].map((minute) => boom(minute, 'a')));
    await play(scene.engine([rule]), NOON, NOON + until * MINUTE);
    return of(await explained(scene, rule, { moment: NOON + 6 * MINUTE, now: NOON + until * MINUTE }), 'a');
  }

  test('is explained though it does not fire: which changes were not notified, who knows what, and what it waits for', async () => {
    const { life, notification } = await flapped(8);
    expect(life.changes.map(({ at, kind, quiet }) => `${(at - NOON) / MINUTE} ${kind}${quiet ? ' quiet' : ''}`)).toEqual([
      '1 firing',
      '2 resolved',
      '3 firing',
      '4 resolved quiet',
      '5 firing quiet',
      '6 resolved quiet',
    ]);
    expect(life.happened).toContain('no message, because it flaps');
    expect(life.flapping?.words).toBe(
      '3 episodes since 2026-01-01T12:01:00.000Z; no message until it is steady for 10m, the last change was at 2026-01-01T12:06:00.000Z',
    );
    expect(notification.receivers).toMatchObject([{ state: 'notified', why: expect.stringContaining('that it flaps') }]);
  });

  test('is an alert as any other when it is steady', async () => {
    const { life, notification } = await flapped(18);
    expect(life.flapping).toBeUndefined();
    expect(notification.receivers).toMatchObject([{ state: 'would' }]);
    expect(notification.messages.at(-1)?.title).toContain('[RESOLVED]');
  });
});

describe('documents that are notified one by one', () => {
  test('that are more than are notified are spoken of as documents, not as groups', async () => {
    const many = world();
    many.add('logs-app', ...Array.from({ length: 9 }, (_, index) => boom(0.1 * index, 's')));
    const options = readOptions('match', { max_events: 3 });
    const rule = testRule({ name: 'each', type: 'match', options, window: MINUTE, condition: 'events > 0' });
    const { cautions } = await explained(many, rule, { moment: NOON + MINUTE });
    const caution = cautions.find(({ code }) => code === 'truncated');
    expect(caution?.text).toBe('more than the 3 listed documents match; the message counts the others');
    expect(caution?.hint).toContain('max_events');
  });

  test('are each one change, and later said to be notified already', async () => {
    const scene = world();
    scene.add('logs-app', boom(0.1, 's'), boom(0.2, 's'));
    const options = readOptions('match', { late: '15m' });
    const rule = testRule({
      name: 'each',
      type: 'match',
      options,
      groupBy: ['service'],
      window: MINUTE,
      condition: 'events > 0',
    });
    await play(scene.engine([rule]), NOON, NOON + 3 * MINUTE);
    const story = await explained(scene, rule, { moment: NOON + MINUTE, now: NOON + 3 * MINUTE });
    expect(of(story, 's').life.changes.map(({ words }) => words)).toEqual(['event: a document that was not notified before']);
    expect(of(story, 's').life.happened).toBe('event: a document that was not notified before');
    const place = { url: 'http://localhost:9200', auth: 'none', ignoreMissingIndex: false } as const;
    const textOf = (explanation: Explanation) => explainText({ explanation, place }, { color: false, columns: 200 });
    expect(textOf(story)).toContain('2 documents, 2 events (1 breach); 0s on 1 shard\n');
    const later = await explained(scene, rule, { moment: NOON + 2 * MINUTE, now: NOON + 3 * MINUTE });
    expect(textOf(later)).toContain('2 documents, 0 events, 2 already notified, throttled or left out');
  });
});
