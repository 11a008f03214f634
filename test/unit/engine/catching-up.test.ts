import { describe, expect, it } from 'vitest';
import { openTurn } from '../../../src/engine/open-turn.ts';
import { turn } from '../../../src/engine/turn.ts';
import { whySent } from '../../../src/messages/wording.ts';
import { readOptions, testRule } from '../../support/engine/test-rule.ts';
import { catchUpAt, heard, MINUTE, NOON, plainRouting, play, turnAt, world } from '../../support/engine/world.ts';

const at = (minute: number, fields: object = {}) => ({ '@timestamp': new Date(NOON + minute * MINUTE).toISOString(), ...fields });
const rule = (given: object = {}) => testRule({ name: 'boom', window: MINUTE, ...given });

/** A process that evaluated until noon and starts again `minutes` later. */
async function awayFor(minutes: number, documents: readonly object[], given: object = {}) {
  const scene = world();
  scene.add('logs-app', at(-5), ...(documents as never[]));
  await play(scene.engine([rule(given)]), NOON - 2 * MINUTE, NOON);
  return { ...scene, ports: scene.engine([rule(given)]), now: NOON + minutes * MINUTE };
}

describe('a rule that catches up', () => {
  it('tells what began and ended meanwhile as one story, though it is evaluated in several turns', async () => {
    const { ports, channel, now } = await awayFor(30, [at(7), at(8), at(9), at(10), at(11), at(12)]);
    const first = await turnAt(ports, now);
    expect(first.runs).toHaveLength(10);
    expect(first.runs.flatMap(({ changes }) => changes.map(({ transition }) => transition.kind))).toEqual(['firing']);
    expect(heard(channel)).toEqual([]);
    await catchUpAt(ports, now);
    expect(heard(channel)).toEqual(['12:30 team [ENDED] boom']);
    expect(channel.got[0]?.message.notes.join()).toContain('evaluated late, while catching up');
  });

  it('reports all its alerts in one digest: what still fires, and what began and ended meanwhile', async () => {
    const service = (name: string, ...minutes: readonly number[]) => minutes.map((minute) => at(minute, { service: name }));
    const documents = [...service('a', 3, 4), ...service('b', 8, 15, 16), ...service('c', 20)];
    const lasting = service('d', ...Array.from({ length: 12 }, (_, index) => 18 + index));
    const over = await awayFor(30, documents, { groupBy: ['service'] });
    await catchUpAt(over.ports, over.now);
    expect(heard(over.channel)).toEqual(['12:30 team [ENDED:3] boom']);
    expect(whySent(over.channel.got[0]?.message ?? expect.fail())).toBe('Fired and resolved before a notification was sent');
    const mixed = await awayFor(30, [...documents, ...lasting], { groupBy: ['service'] });
    await catchUpAt(mixed.ports, mixed.now);
    expect(heard(mixed.channel)).toEqual(['12:30 team [FIRING:1, ENDED:3] boom']);
    expect(mixed.channel.got[0]?.message.notes).toEqual([
      '4 alerts were evaluated late, while catching up on windows that were missed.',
    ]);
  });

  it('tells an alert that flapped meanwhile as one, and goes on being quiet of it', async () => {
    const flapping = { episodes: 3, within: 60 * MINUTE, steady: 10 * MINUTE };
    const documents = [2, 4, 6, 8, 10, 29, 32, 34].map((minute) => at(minute));
    const { ports, channel, now } = await awayFor(30, documents, { flapping });
    await catchUpAt(ports, now);
    expect(heard(channel)).toEqual(['12:30 team [FIRING, flapping] boom']);
    for (let minute = 31; minute <= 50; minute++) await turnAt(ports, NOON + minute * MINUTE);
    expect(heard(channel).slice(1)).toEqual(['12:46 team [RESOLVED] boom']);
  });

  it('tells at the end although the last windows change nothing, without waiting for a sweep', async () => {
    const { ports, channel, now } = await awayFor(30, [at(2), at(3)]);
    const all = { now, due: [...ports.rules.values()], sweep: false };
    while ((await turn(openTurn(all, ports, new AbortController().signal))).nextWake === now);
    expect(heard(channel)).toEqual(['12:30 team [ENDED] boom']);
  });

  it('reports what still fires as firing', async () => {
    const documents = Array.from({ length: 30 }, (_, minute) => at(minute));
    const { ports, channel, now } = await awayFor(30, documents);
    await catchUpAt(ports, now);
    expect(heard(channel)).toEqual(['12:30 team [FIRING] boom']);
  });

  it('does not wait for more than a minute: a rule that never catches up tells all the same', async () => {
    const { ports, channel, now } = await awayFor(55, [at(0), at(3), at(30)], { lifecycle: { keepFiringFor: 5 * MINUTE } });
    await turnAt(ports, now);
    expect(heard(channel)).toEqual([]);
    const late = await turnAt(ports, now + MINUTE);
    expect(late.nextWake).toBe(late.now);
    expect(heard(channel)).toEqual(['12:56 team [ENDED] boom']);
  });

  it('does not hold up the others, nor what failed', async () => {
    const { ports, channel, now, add } = await awayFor(30, [at(7)]);
    add('other-app', at(29));
    const both = { ...ports, rules: new Map([...ports.rules, ['live', rule({ name: 'live', index: 'other-*' })]]) };
    await turnAt(both, now);
    expect(heard(channel)).toEqual(['12:30 team [FIRING] live']);
  });

  it('sees that a whole source vanished in the middle of what it missed', async () => {
    const scene = world();
    const hosts = Array.from({ length: 50 }, (_, host) => ({ 'host.name': `node-${host}` }));
    const minutes = Array.from({ length: 40 }, (_, index) => index - 3).filter((minute) => minute <= 2 || minute >= 20);
    scene.add('metrics-system', ...minutes.flatMap((minute) => hosts.map((host) => at(minute, host))));
    const silent = testRule({
      name: 'host-silent',
      type: 'flatline',
      options: readOptions('flatline', {}, ['host.name']),
      index: 'metrics-*',
      groupBy: ['host.name'],
      window: 2 * MINUTE,
      condition: 'count < 1',
    });
    const routing = plainRouting({ groupInterval: MINUTE, groupBy: ['alertname'] });
    await play(scene.engine([silent], { routing }), NOON - 2 * MINUTE, NOON);
    const ports = scene.engine([silent], { routing });
    await catchUpAt(ports, NOON + 30 * MINUTE);
    await play(ports, NOON + 30 * MINUTE, NOON + 33 * MINUTE);
    expect(heard(scene.channel)).toEqual([
      '12:30 team [ENDED] 50 hosts stopped reporting at once: no document in metrics-* since 12:03 UTC',
    ]);
  });
});
