import { describe, expect, it } from 'vitest';
import { readOptions, testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, play, world } from '../../support/engine/world.ts';

const routing = plainRouting({ groupInterval: MINUTE, groupBy: ['alertname', 'subject'] });

/** Hosts that report every minute, except while they are away. */
function hosts(count: number, away: (host: number, minute: number) => boolean, minutes = 40) {
  return Array.from({ length: minutes }, (_, minute) => minute).flatMap((minute) =>
    Array.from({ length: count }, (_, host) => host)
      .filter((host) => !away(host, minute))
      .map((host) => ({
        '@timestamp': new Date(NOON + minute * MINUTE).toISOString(),
        'host.name': `node-${host}`,
        kind: 'metric',
      })),
  );
}

const silent = (given: object = {}) =>
  testRule({
    name: 'host-silent',
    type: 'flatline',
    options: readOptions('flatline', {}, ['host.name']),
    index: 'metrics-*',
    groupBy: ['host.name'],
    window: 2 * MINUTE,
    condition: 'count < 1',
    evidence: { fields: [], samples: 0, top: [] },
    ...given,
  });

async function hear(documents: readonly Readonly<Record<string, unknown>>[], given: object = {}) {
  const { engine, add, channel } = world();
  add('metrics-system', ...documents);
  await play(engine([silent(given)], { routing }), NOON, NOON + 38 * MINUTE);
  return heard(channel);
}

describe('a source that vanishes', () => {
  it('is one alert, not one for each of a thousand groups, and over when documents come again', async () => {
    const told = await hear(hosts(1_000, (_, minute) => minute >= 10 && minute < 20));
    expect(told).toEqual([
      '12:12 team [FIRING] Tocsin: the source metrics-* needs a look',
      '12:21 team [RESOLVED] Tocsin: the source metrics-* needs a look',
    ]);
  });

  it('holds groups back from pending on, and tells those that stay away when the others are back', async () => {
    const told = await hear(
      hosts(5, (host, minute) => minute >= 10 && (minute < 20 || host === 3)),
      { lifecycle: { for: 2 * MINUTE } },
    );
    expect(told).toEqual([
      '12:12 team [FIRING] Tocsin: the source metrics-* needs a look',
      '12:21 team [RESOLVED] Tocsin: the source metrics-* needs a look',
      '12:22 team [FIRING] host-silent: node-3',
    ]);
  });

  it('is not suspected while other documents of it arrive: then groups are told as they are', async () => {
    const quiet = hosts(3, (_, minute) => minute >= 10 && minute < 20);
    const others = hosts(1, () => false).map((document) => ({ ...document, kind: 'heartbeat' }));
    const told = await hear([...quiet, ...others], { kql: 'kind:metric' });
    expect(told[0]).toBe('12:12 team [FIRING:3] host-silent');
    expect(told.some((line) => line.includes('source'))).toBe(false);
  });

  it('is not suspected for one group alone', async () => {
    const told = await hear(hosts(1, (_, minute) => minute >= 10 && minute < 20));
    expect(told[0]).toBe('12:12 team [FIRING] host-silent: node-0');
  });
});

describe('a source that vanishes under alerts that fire', () => {
  const hot = testRule({
    name: 'hot',
    type: 'threshold',
    options: readOptions('threshold', { metrics: { heat: { max: 'heat' } } }, ['host.name']),
    index: 'metrics-*',
    groupBy: ['host.name'],
    window: 2 * MINUTE,
    condition: 'heat > 90',
    lifecycle: { noDataAfter: 5 * MINUTE },
    evidence: { fields: [], samples: 0, top: [] },
  });

  async function hearHot(away: (host: number, minute: number) => boolean) {
    const { engine, add, channel } = world();
    add('metrics-system', ...hosts(3, away).map((document) => ({ ...document, heat: 95 })));
    await play(engine([hot], { routing }), NOON, NOON + 38 * MINUTE);
    return heard(channel);
  }

  it('is one alert, and does not look as if all had come right: their ends are told when documents come again', async () => {
    expect(await hearHot((_, minute) => minute >= 10 && minute < 20)).toEqual([
      '12:01 team [FIRING:3] hot',
      '12:16 team [FIRING] Tocsin: the source metrics-* needs a look',
      '12:21 team [RESOLVED] Tocsin: the source metrics-* needs a look',
      '12:22 team [FIRING:3] hot',
    ]);
  });

  it('is not suspected when other groups go on: then those that are gone are resolved', async () => {
    const told = await hearHot((host, minute) => host < 2 && minute >= 10);
    expect(told).toEqual(['12:01 team [FIRING:3] hot', '12:16 team [FIRING:1, RESOLVED:2] hot']);
  });
});
