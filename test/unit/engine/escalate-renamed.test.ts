import { describe, expect, it } from 'vitest';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, play, world } from '../../support/engine/world.ts';

const to = (receiver: string) => ({ id: `${receiver}/test/0`, receiver, channel: 'test' });
const rule = testRule({ name: 'errors', window: MINUTE });
const at = (minute: number) => NOON + minute * MINUTE;
const escalate = [
  { after: 15 * MINUTE, receiver: 'lead' },
  { after: 30 * MINUTE, receiver: 'boss' },
];
const routing = {
  ...plainRouting({ groupInterval: MINUTE, escalate }),
  destinations: { team: [to('team')], lead: [to('lead')], boss: [to('boss')] },
};

describe('a receiver that is renamed after its alert has escalated', () => {
  const crew = {
    ...routing,
    root: { ...routing.root, receiver: 'crew' },
    destinations: { crew: [to('crew')], lead: [to('lead')], boss: [to('boss')] },
  };

  it('escalates again to one whose server was down meanwhile', async () => {
    const scene = world();
    for (let minute = 0; minute < 60; minute++) scene.add('logs-a', { '@timestamp': new Date(at(minute)).toISOString() });
    let isDown = true;
    scene.channel.answer = ({ receiver }) =>
      isDown && receiver === 'lead' ? { kind: 'rejected', reason: { kind: 'config', text: 'no' } } : { kind: 'delivered' };
    await play(scene.engine([rule], { routing }), NOON, at(16.5));
    const known = new Set(Object.keys(crew.destinations).map((name) => `${name}/test/0`));
    const engine = scene.engine([rule], {
      routing: crew,
      destination: (id) => (known.has(id) ? { channel: scene.channel.channel, options: { id } } : undefined),
    });
    await play(engine, at(16.5), at(24));
    isDown = false;
    await play(engine, at(24), at(45));
    expect(heard(scene.channel).filter((text) => !text.includes('Tocsin:'))).toEqual([
      '12:01 team [FIRING] errors',
      '12:17 crew [FIRING] errors',
      '12:32 lead [FIRING] errors',
    ]);
    const lead = scene.channel.got.filter(({ destination }) => destination.startsWith('lead')).at(-1);
    expect(lead?.message.alerts.map(({ status }) => status)).toEqual(['firing']);
  });
});
