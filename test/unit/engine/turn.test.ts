import { describe, expect, it } from 'vitest';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, play, timeline, world } from '../../support/engine/world.ts';

const at = (minutes: number, fields: Readonly<Record<string, unknown>> = {}) => ({
  '@timestamp': new Date(NOON + minutes * MINUTE).toISOString(),
  message: 'boom',
  ...fields,
});

describe('turn', () => {
  it('fires, reminds and resolves, each notified once and in order', async () => {
    const { engine, add, channel } = world();
    add('logs-app', ...Array.from({ length: 300 }, (_, minute) => at(minute)));
    const ports = engine([testRule({ name: 'boom', window: 5 * MINUTE })]);
    const reports = await play(ports, NOON - MINUTE, NOON + 400 * MINUTE);
    expect(timeline(reports)).toEqual(['12:01 inactive => firing', '17:05 firing => inactive']);
    expect(heard(channel)).toEqual(['12:01 team [FIRING] boom', '16:01 team [FIRING, still] boom', '17:05 team [RESOLVED] boom']);
  });

  it('tells several alerts of one route together after the group interval', async () => {
    const { engine, add, channel } = world();
    for (const minute of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) {
      add('logs-app', at(minute, { 'service.name': 'a' }));
      if (minute >= 2) add('logs-app', at(minute, { 'service.name': 'b' }));
    }
    const ports = engine([testRule({ name: 'boom', groupBy: ['service.name'], window: MINUTE })]);
    await play(ports, NOON - MINUTE, NOON + 30 * MINUTE);
    expect(heard(channel)).toEqual(['12:01 team [FIRING] boom: a', '12:06 team [FIRING:2] boom', '12:11 team [RESOLVED:2] boom']);
  });
});
