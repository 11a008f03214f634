import { describe, expect, it } from 'vitest';
import {
  addDocuments as counted,
  groupAt as groupOf,
  escalatingRouting as routing,
  destinationOf as to,
} from '../../support/engine/escalating.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, play, type World, world } from '../../support/engine/world.ts';

const rule = testRule({ name: 'errors', window: MINUTE });
const at = (minute: number) => NOON + minute * MINUTE;

/** The destinations that were notified of an end, each as often as it was. */
function endsAt(scene: World): readonly string[] {
  const ends = scene.channel.got.filter(({ message }) => message.alerts.some(({ status }) => status === 'resolved'));
  return ends.map(({ destination }) => destination).sort();
}

describe('a receiver that is renamed while an alert has escalated to it', () => {
  const renamed = {
    ...routing,
    root: { ...routing.root, escalate: [{ after: 15 * MINUTE, receiver: 'head' }], repeatInterval: 20 * MINUTE },
    destinations: { team: [to('team')], head: [to('head')] },
  };
  const engineOf = (scene: World, next: { readonly [K in keyof typeof renamed]: (typeof renamed)[K] } = renamed) =>
    scene.engine([rule], {
      routing: next,
      destination: (id) =>
        Object.values(next.destinations)
          .flat()
          .some((one) => one.id === id)
          ? { channel: scene.channel.channel, options: { id } }
          : undefined,
    });

  it('is notified under its new name, and of the end', async () => {
    const scene = world();
    counted(scene, 0, 60);
    await play(scene.engine([rule], { routing }), NOON, at(20));
    await play(engineOf(scene), at(20), at(70));
    expect(heard(scene.channel).filter((text) => !text.includes('still'))).toEqual([
      '12:01 team [FIRING] errors',
      '12:16 lead [FIRING, escalated] errors',
      // With the next look at the alert group.
      '12:31 head [FIRING, escalated] errors',
      '13:01 team [RESOLVED] errors',
      '13:01 head [RESOLVED] errors',
    ]);
  });

  it('is notified of the end even if it comes before anything else', async () => {
    const scene = world();
    counted(scene, 0, 20);
    await play(scene.engine([rule], { routing }), NOON, at(20));
    await play(engineOf(scene), at(20), at(40));
    expect(heard(scene.channel)).toEqual([
      '12:01 team [FIRING] errors',
      '12:16 lead [FIRING, escalated] errors',
      '12:21 team [RESOLVED] errors',
      // From its old alert group, which knows that it was notified, after the minute that replicas have to reload.
      '12:22 head [RESOLVED] errors',
    ]);
    // Nothing of it is left where no one is notified any more.
    await play(engineOf(scene), at(40), at(60));
    expect(await groupOf(scene, 'lead')).toMatchObject({ alerts: {}, queued: [], due: null });
    expect(scene.channel.got).toHaveLength(4);
  });

  const silence = (ends: number) => ({
    ...{ v: 1, id: 's', matchers: [{ label: 'alertname', op: '=', value: 'errors' }], starts_at: at(18), ends_at: at(ends) },
    ...{ created_by: 'a', comment: 'b' },
  });

  it('is notified of an end that was held back under its old name', async () => {
    const scene = world();
    counted(scene, 0, 20);
    await play(scene.engine([rule], { routing }), NOON, at(18));
    await scene.backend.silences.put(silence(30) as never);
    await play(scene.engine([rule], { routing }), at(18), at(23));
    await play(engineOf(scene), at(23), at(40));
    expect(heard(scene.channel)).toEqual([
      '12:01 team [FIRING] errors',
      '12:16 lead [FIRING, escalated] errors',
      '12:30 team [RESOLVED] errors',
      '12:30 head [RESOLVED] errors',
    ]);
    expect(await groupOf(scene, 'lead')).toMatchObject({ alerts: {}, queued: [], due: null });
  });

  it('is not notified of an end alone where its server was down before', async () => {
    const scene = world();
    counted(scene, 0, 20);
    scene.channel.answer = ({ receiver }) =>
      receiver === 'lead' ? { kind: 'rejected', reason: { kind: 'config', text: 'no' } } : { kind: 'delivered' };
    await play(scene.engine([rule], { routing }), NOON, at(17));
    await scene.backend.silences.put(silence(30) as never);
    await play(scene.engine([rule], { routing }), at(17), at(19));
    await play(engineOf(scene), at(19), at(45));
    expect(heard(scene.channel).filter((text) => !text.includes('Tocsin:') && !text.includes('lead'))).toEqual([
      '12:01 team [FIRING] errors',
      '12:30 team [RESOLVED] errors',
    ]);
    expect(await groupOf(scene, 'lead')).toMatchObject({ alerts: {}, queued: [], failed: [] });
  });

  it('is notified of the end once at each destination, also where the receivers of several steps are renamed', async () => {
    const scene = world();
    counted(scene, 0, 35);
    const two = (name: string) => [to(name), to(name, 1)];
    const before = { ...routing, destinations: { ...routing.destinations, lead: two('lead') } };
    await play(scene.engine([rule], { routing: before }), NOON, at(32));
    await scene.backend.silences.put({ ...silence(50), starts_at: at(32) } as never);
    await play(scene.engine([rule], { routing: before }), at(32), at(34));
    const steps = [
      { after: 15 * MINUTE, receiver: 'head' },
      { after: 30 * MINUTE, receiver: 'chief' },
    ];
    const destinations = { team: [to('team')], head: two('head'), chief: [to('chief')] };
    await play(
      engineOf(scene, { ...renamed, root: { ...renamed.root, escalate: steps }, destinations } as never),
      at(34),
      at(60),
    );
    expect(heard(scene.channel)).toEqual([
      '12:01 team [FIRING] errors',
      ...['12:16 lead [FIRING, escalated] errors', '12:16 lead [FIRING, escalated] errors'],
      '12:31 boss [FIRING, escalated] errors',
      '12:50 team [RESOLVED] errors',
      ...['12:50 chief [RESOLVED] errors', '12:50 head [RESOLVED] errors', '12:50 head [RESOLVED] errors'],
    ]);
    const ends = scene.channel.got.filter(({ message }) => message.alerts.some(({ status }) => status === 'resolved'));
    expect(ends.map(({ destination }) => destination).sort()).toEqual([
      'chief/test/0',
      'head/test/0',
      'head/test/1',
      'team/test/0',
    ]);
  });

  it.each([
    { silenced: true, ends: 20, config: 19 },
    { silenced: false, ends: 20, config: 20 },
  ])('is notified of the end once at a destination that stays while another one of it is replaced: %o', async (when) => {
    const scene = world();
    counted(scene, 0, when.ends);
    const before = { ...routing, destinations: { ...routing.destinations, lead: [to('lead'), to('lead', 1)] } };
    await play(scene.engine([rule], { routing: before }), NOON, at(17));
    if (when.silenced) await scene.backend.silences.put(silence(30) as never);
    await play(scene.engine([rule], { routing: before }), at(17), at(when.config));
    const next = { ...routing, destinations: { ...routing.destinations, lead: [to('lead', 1), to('lead', 2)] } };
    await play(engineOf(scene, next as never), at(when.config), at(45));
    expect(endsAt(scene)).toEqual(['lead/test/1', 'lead/test/2', 'team/test/0']);
  });

  it.each([
    { silenced: true, ends: 35, config: 34 },
    { silenced: false, ends: 35, config: 35 },
  ])('is not what a receiver of another step with one destination more takes the place of: %o', async (when) => {
    const scene = world();
    counted(scene, 0, when.ends);
    await play(scene.engine([rule], { routing }), NOON, at(32));
    if (when.silenced) await scene.backend.silences.put({ ...silence(50), starts_at: at(32) } as never);
    await play(scene.engine([rule], { routing }), at(32), at(when.config));
    const next = {
      ...routing,
      root: { ...routing.root, escalate: [{ after: 30 * MINUTE, receiver: 'boss' }] },
      destinations: { team: [to('team')], boss: [to('boss'), to('boss', 1)] },
    };
    await play(engineOf(scene, next as never), at(when.config), at(60));
    expect(endsAt(scene)).toEqual(['boss/test/0', 'team/test/0']);
  });

  it('is not notified of it twice where others were notified in addition too, nor are they', async () => {
    const scene = world();
    counted(scene, 0, 35);
    await play(scene.engine([rule], { routing }), NOON, at(32));
    await scene.backend.silences.put({ ...silence(50), starts_at: at(32) } as never);
    await play(scene.engine([rule], { routing }), at(32), at(38));
    const both = [...(renamed.root.escalate ?? []), { after: 30 * MINUTE, receiver: 'boss' }];
    const next = {
      ...renamed,
      root: { ...renamed.root, escalate: both },
      destinations: { ...renamed.destinations, boss: [to('boss')] },
    };
    await play(engineOf(scene, next), at(38), at(60));
    expect(heard(scene.channel)).toEqual([
      '12:01 team [FIRING] errors',
      '12:16 lead [FIRING, escalated] errors',
      '12:31 boss [FIRING, escalated] errors',
      '12:50 team [RESOLVED] errors',
      '12:50 boss [RESOLVED] errors',
      '12:50 head [RESOLVED] errors',
    ]);
  });

  it('goes away without a word where the receiver is removed and no step is left', async () => {
    const scene = world();
    counted(scene, 0, 20);
    await play(scene.engine([rule], { routing }), NOON, at(18));
    await scene.backend.silences.put(silence(30) as never);
    await play(scene.engine([rule], { routing }), at(18), at(23));
    const next = { ...renamed, root: { ...renamed.root, escalate: [{ after: 40 * MINUTE, receiver: 'head' }] } };
    await play(engineOf(scene, next), at(23), at(40));
    expect(heard(scene.channel)).toEqual([
      '12:01 team [FIRING] errors',
      '12:16 lead [FIRING, escalated] errors',
      '12:30 team [RESOLVED] errors',
    ]);
    expect(await groupOf(scene, 'lead')).toMatchObject({ alerts: {}, queued: [], due: null });
  });
});

describe('a receiver that is renamed after its alert has escalated', () => {
  const crew = {
    ...routing,
    root: { ...routing.root, receiver: 'crew' },
    destinations: { crew: [to('crew')], lead: [to('lead')], boss: [to('boss')] },
  };

  it('escalates again to one whose server was down meanwhile', async () => {
    const scene = world();
    counted(scene, 0, 60);
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
      '12:32 lead [FIRING, escalated] errors',
    ]);
    const lead = scene.channel.got.filter(({ destination }) => destination.startsWith('lead')).at(-1);
    expect(lead?.message.alerts.map(({ status }) => status)).toEqual(['firing']);
  });
});
