import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { embeddedBackend } from '../../../src/backends/embedded/backend.ts';
import { createDocuments } from '../../../src/backends/embedded/documents.ts';
import { removeRules } from '../../../src/engine/retention/remove-rules.ts';
import { simulate } from '../../../src/engine/simulate.ts';
import type { Message } from '../../../src/messages/message.ts';
import type { Rule } from '../../../src/rules/rule.ts';
import { type TestRule, testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, turnAt, world } from '../../support/engine/world.ts';
import { runs } from '../../support/thorough.ts';

/** A document of a minute that arrives `late` minutes after it. */
interface Late {
  readonly minute: number;
  readonly late?: number;
  readonly service?: string;
}

const boom = (given: Partial<TestRule>) =>
  testRule({ name: 'boom', groupBy: ['service.name'], window: MINUTE, revisit: 15 * MINUTE, ...given });

/** A world in which documents arrive when they say, and a way to play its virtual time. */
function lateWorld(documents: readonly Late[]) {
  let now = NOON;
  const store = createDocuments();
  store.add(
    documents.map(({ minute, late = 0, service = 'a' }) => ({
      index: 'logs-app',
      source: { '@timestamp': new Date(NOON + minute * MINUTE).toISOString(), 'service.name': service },
      arrivedAt: NOON + (minute + late) * MINUTE,
    })),
  );
  const backend = embeddedBackend({ documents: store, now: () => now, freeze: true });
  const { engine, channel } = world();
  const ports = (rule: Rule) => engine([rule], { backend });
  const play = async (rule: Rule, from: number, to: number) => {
    const turns = simulate({ from, to }, ports(rule), new AbortController().signal, (at) => {
      now = at;
    });
    for await (const _ of turns);
  };
  return { channel, ports, play };
}

/** Plays `minutes` of virtual time over documents that arrive when they say, and gives what receivers heard with why. */
async function hear(given: Partial<TestRule>, documents: readonly Late[], minutes = 60) {
  const { channel, play } = lateWorld(documents);
  await play(boom(given), NOON - 1, NOON + minutes * MINUTE);
  return heard(channel).map((line, index) =>
    `${line} ${channel.got[index]?.message.alerts[0]?.facts.some((fact) => fact.value === 'late documents') ? 'late' : ''}`.trim(),
  );
}

describe('a rule with revisit', () => {
  it('tells what late documents changed, fifteen minutes after their window, and when that was over', async () => {
    const notified = await hear({}, [
      { minute: 0, service: 'z' },
      { minute: 4, late: 8 },
      { minute: 5, late: 8 },
    ]);
    expect(notified).toEqual([
      '12:01 team [FIRING] boom: z',
      '12:06 team [RESOLVED] boom: z',
      '12:20 team [FIRING] boom: a late',
      '12:25 team [RESOLVED] boom: a',
    ]);
  });

  it('says nothing twice when every document was in time', async () => {
    const notified = await hear({}, [{ minute: 4 }, { minute: 5 }]);
    expect(notified).toEqual(['12:05 team [FIRING] boom: a', '12:10 team [RESOLVED] boom: a']);
  });

  it('takes an episode that late documents only make longer for the same one', async () => {
    const notified = await hear({}, [{ minute: 3, late: 8 }, { minute: 4 }, { minute: 5, late: 8 }]);
    expect(notified).toEqual(['12:05 team [FIRING] boom: a', '12:10 team [RESOLVED] boom: a']);
  });

  it('does not hear of documents that are later than that', async () => {
    expect(await hear({}, [{ minute: 4, late: 20 }])).toEqual([]);
  });

  it('evaluates late windows by the whole rule: one bad window is no episode with a for', async () => {
    const lifecycle = { for: 2 * MINUTE };
    expect(await hear({ lifecycle }, [{ minute: 4, late: 8 }])).toEqual([]);
    const long = [3, 4, 5, 6].map((minute) => ({ minute, late: 8 }));
    expect(await hear({ lifecycle }, long)).toEqual(['12:21 team [FIRING] boom: a late', '12:26 team [RESOLVED] boom: a']);
  });

  it('never ends an alert that fires now by the end of a late one', async () => {
    const now = [18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29].map((minute) => ({ minute }));
    const notified = await hear({}, [{ minute: 4, late: 8 }, ...now], 28);
    expect(notified).toEqual(['12:19 team [FIRING] boom: a', '12:24 team [FIRING:1, ENDED:1] boom']);
  });

  it('looks once without revisit', async () => {
    expect(await hear({ revisit: undefined as never }, [{ minute: 4, late: 8 }])).toEqual([]);
  });

  it('changes nothing of what is notified when every document was in time, whatever happens', async () => {
    const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 50 }), { maxLength: 25 });
    const lifecycles = fc.record({ for: fc.constantFrom(0, 2 * MINUTE), keepFiringFor: fc.constantFrom(0, 3 * MINUTE) });
    await fc.assert(
      fc.asyncProperty(minutes, lifecycles, async (bad, lifecycle) => {
        const documents = bad.map((minute) => ({ minute }));
        const twice = await hear({ lifecycle }, documents, 90);
        expect(twice).toEqual(await hear({ lifecycle, revisit: undefined as never }, documents, 90));
      }),
      { numRuns: runs(25) },
    );
  });
});

describe('a late episode that lasts, when its rule changes', () => {
  const minutes = Array.from({ length: 20 }, (_, index): Late => ({ minute: 4 + index, late: 8 }));

  /** Plays until the late episode was notified and lasts, then goes on with another rule over the same stores. */
  async function change(given: Partial<TestRule>) {
    const scene = lateWorld(minutes);
    await scene.play(boom({}), NOON - 1, NOON + 22 * MINUTE);
    expect(heard(scene.channel)).toEqual(['12:20 team [FIRING] boom: a']);
    await scene.play(boom(given), NOON + 22 * MINUTE, NOON + 28 * MINUTE);
    return { ...scene, notified: heard(scene.channel).slice(1), reason: reasonsOf(scene.channel.got.at(-1)) };
  }

  const reasonsOf = (got: { readonly message: Message } | undefined) =>
    got?.message.alerts.flatMap(({ details = [] }) => details.flatMap(({ label, value }) => (label === 'reason' ? [value] : [])));

  it('lasts on without a change', async () => {
    expect((await change({})).notified).toEqual([]);
  });

  it('ends when the rule has no revisit any more', async () => {
    const { notified, reason } = await change({ revisit: undefined as never });
    expect(notified).toEqual(['12:25 team [RULE CHANGED] boom: a']);
    expect(reason).toEqual(['rule changed']);
  });

  it('ends when the rule groups by other fields', async () => {
    const { notified, reason } = await change({ groupBy: ['host.name'] });
    expect(notified).toEqual(['12:25 team [RULE CHANGED] boom: a']);
    expect(reason).toEqual(['rule changed']);
  });

  it('ends when the rule is gone', async () => {
    const { channel, ports } = await change({});
    const gone = ports(testRule({ name: 'other', kql: 'none:1' }));
    expect(await removeRules(NOON + 50 * MINUTE, gone)).toEqual({ ok: true, value: ['boom'] });
    await turnAt(gone, NOON + 50 * MINUTE);
    expect(heard(channel).slice(1)).toEqual(['12:50 team [RULE REMOVED] boom: a']);
    expect(reasonsOf(channel.got.at(-1))).toEqual(['rule removed']);
  });
});

describe('a late episode of an alert that flaps', () => {
  const flapping = { episodes: 2, within: 60 * MINUTE, steady: 20 * MINUTE };
  const levels = [
    { severity: 'critical', condition: 'count >= 2' },
    { severity: 'warning', condition: 'count >= 1' },
  ];
  /** Flaps from 12:12 on, and is steady at 12:33. */
  const often: readonly Late[] = [10, 12].map((minute) => ({ minute: minute - 1 }));

  it('is no news', async () => {
    const notified = await hear({ flapping }, [...often, { minute: 4, late: 12 }], 45);
    expect(notified.filter((line) => line.includes('late'))).toEqual([]);
    expect(notified.at(-1)).toBe('12:33 team [RESOLVED] boom: a');
  });

  it('is notified when it is worse than anything that was', async () => {
    const late = [4, 4].map((minute) => ({ minute, late: 12 }));
    const notified = await hear({ flapping, levels }, [...often, ...late], 45);
    expect(notified.filter((line) => line.includes('late'))).toHaveLength(1);
  });
});
