import { describe, expect, it } from 'vitest';
import { whySent } from '../../../src/messages/wording.ts';
import type { Template } from '../../../src/templates/template.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, play, timeline, type World, world } from '../../support/engine/world.ts';

/** What is critical goes to `other`, the rest to the team. */
function routing() {
  const { root } = plainRouting();
  const critical = { label: 'severity', op: '=', value: 'critical' } as const;
  const pager = { ...root, key: '{}/critical', receiver: 'other', matchers: [critical], groupInterval: MINUTE };
  return plainRouting({ groupInterval: MINUTE, routes: [pager] });
}

const title: Template = {
  source: '',
  render: ({ severity, reason }) => ({ ok: true, text: `${String(severity)} because ${String(reason)}` }),
};

/** A rule over how many documents each minute has: nothing up to 1, a warning from 2, critical from 5. */
const load = testRule({
  name: 'load',
  window: MINUTE,
  levels: [
    { severity: 'critical', condition: 'count >= 5' },
    { severity: 'warning', condition: 'count >= 2' },
  ],
  recover: 'count < 2',
  lifecycle: { keepFiringFor: 2 * MINUTE },
  message: { title },
  evidence: { fields: [], samples: 0, top: [] },
});

/** Plays the counts of the minutes from noon on. */
async function played(counts: readonly number[]) {
  const { engine, add, channel } = world();
  add(
    'logs-app',
    ...counts.flatMap((count, minute) =>
      Array.from({ length: count }, () => ({ '@timestamp': new Date(NOON + minute * MINUTE).toISOString() })),
    ),
  );
  const reports = await play(engine([load], { routing: routing() }), NOON, NOON + (counts.length + 10) * MINUTE);
  const moved = channel.got.filter(({ message }) => message.reason === 'moved');
  const handedOver = moved.map(({ message }) => [message.status, whySent(message)]);
  return {
    notified: heard(channel),
    handedOver,
    reasons: channel.got.map(({ message }) => message.reason),
    timeline: timeline(reports),
  };
}

describe('an alert whose level changes', () => {
  it('leaves a receiver for that of the worse level, comes back with the milder one, and ends where it is', async () => {
    const { notified, reasons, handedOver } = await played([1, 3, 7, 3, 3, 3, 0, 0, 0, 0]);
    expect(notified).toEqual([
      '12:02 team [FIRING] warning because breach',
      '12:03 other [FIRING] critical because worse',
      '12:03 team [HANDED OVER] critical because worse',
      '12:06 team [FIRING] warning because better',
      '12:06 other [HANDED OVER] warning because better',
      '12:09 team [RESOLVED] warning because better',
    ]);
    expect(reasons).toEqual(['first', 'first', 'moved', 'first', 'moved', 'resolved']);
    expect(handedOver).toEqual([
      ['moved', 'Still firing, now critical: handed over to receiver other, where further changes are sent'],
      ['moved', 'Still firing, now warning: handed over to receiver team, where further changes are sent'],
    ]);
  });

  it('changes its level without a change of status, and goes down only after keep_firing_for below it', async () => {
    const { timeline: changes, notified } = await played([1, 3, 7, 3, 7, 3, 3, 3, 0]);
    expect(changes.filter((line) => !/(\w+) => \1$/.test(line))).toEqual([
      '12:02 inactive => firing',
      '12:09 firing => recovering',
      '12:11 recovering => inactive',
    ]);
    expect(notified.filter((line) => line.includes('better'))).toEqual([
      '12:08 team [FIRING] warning because better',
      '12:08 other [HANDED OVER] warning because better',
      '12:11 team [RESOLVED] warning because better',
    ]);
  });

  it('keeps its level while it recovers: who has it is notified of its end and of nothing else', async () => {
    const { timeline: changes, notified } = await played([1, 3, 7, 3, 3, 0, 0, 0, 0]);
    expect(changes.filter((line) => !/(\w+) => \1$/.test(line))).toEqual([
      '12:02 inactive => firing',
      '12:06 firing => recovering',
      '12:08 recovering => inactive',
    ]);
    expect(notified.slice(-2)).toEqual([
      '12:03 team [HANDED OVER] critical because worse',
      '12:08 other [RESOLVED] critical because worse',
    ]);
  });
});

describe('a route that groups by all labels', () => {
  const everything = () => plainRouting({ groupInterval: MINUTE, groupBy: ['...'] });
  const add = ({ add: put }: Pick<World, 'add'>, counts: readonly number[]) =>
    put(
      'logs-app',
      ...counts.flatMap((count, minute) =>
        Array.from({ length: count }, () => ({ '@timestamp': new Date(NOON + minute * MINUTE).toISOString() })),
      ),
    );

  it('tells a change of level in one message of the same alert group', async () => {
    const scene = world();
    add(scene, [1, 3, 7, 3, 3, 3, 0, 0, 0, 0]);
    await play(scene.engine([load], { routing: everything() }), NOON, NOON + 20 * MINUTE);
    expect(scene.channel.got.map(({ message }) => `${message.reason} ${message.severity}`)).toEqual([
      ...['first warning', 'worse critical', 'better warning', 'resolved warning'],
    ]);
    expect(new Set(scene.channel.got.map(({ message }) => `${message.alertGroup} ${message.incident}`)).size).toBe(1);
  });

  it('goes on in an alert group that was begun when the severity divided', async () => {
    const scene = world();
    add(scene, [1, 3, 7, 7, 0, 0, 0, 0]);
    const divided = plainRouting({ groupInterval: MINUTE, groupBy: ['alertname', 'severity'] });
    await play(scene.engine([load], { routing: divided }), NOON, NOON + 2 * MINUTE);
    const whole = plainRouting({ groupInterval: MINUTE, groupBy: ['alertname'] });
    await play(scene.engine([load], { routing: whole }), NOON + 2 * MINUTE, NOON + 20 * MINUTE);
    expect(scene.channel.got.map(({ message }) => message.reason)).toEqual(['first', 'worse', 'resolved']);
    expect(new Set(scene.channel.got.map(({ message }) => message.alertGroup)).size).toBe(1);
  });
});
