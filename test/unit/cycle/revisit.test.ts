import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { embeddedBackend } from '../../../src/backends/embedded/backend.ts';
import { createDocuments } from '../../../src/backends/embedded/documents.ts';
import { simulate } from '../../../src/engine/simulate.ts';
import { type TestRule, testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, world } from '../../support/engine/world.ts';

/** A document of a minute that arrives `late` minutes after it. */
interface Late {
  readonly minute: number;
  readonly late?: number;
  readonly service?: string;
}

/** Plays `minutes` of virtual time over documents that arrive when they say, and gives what receivers heard with why. */
async function hear(given: Partial<TestRule>, documents: readonly Late[], minutes = 60) {
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
  const rule = testRule({ name: 'boom', groupBy: ['service.name'], window: MINUTE, revisit: 15 * MINUTE, ...given });
  const range = { from: NOON - 1, to: NOON + minutes * MINUTE };
  for await (const _ of simulate(range, engine([rule], { backend }), new AbortController().signal, (at) => {
    now = at;
  }));
  return heard(channel).map((line, index) =>
    `${line} ${channel.got[index]?.message.alerts[0]?.facts.some((fact) => fact.value === 'late documents') ? 'late' : ''}`.trim(),
  );
}

describe('a rule with revisit', () => {
  it('tells what late documents changed, fifteen minutes after their window, and when that was over', async () => {
    const told = await hear({}, [
      { minute: 0, service: 'z' },
      { minute: 4, late: 8 },
      { minute: 5, late: 8 },
    ]);
    expect(told).toEqual([
      '12:01 team [FIRING] boom: z',
      '12:06 team [RESOLVED] boom: z',
      '12:20 team [FIRING] boom: a late',
      '12:25 team [RESOLVED] boom: a',
    ]);
  });

  it('says nothing twice when every document was in time', async () => {
    const told = await hear({}, [{ minute: 4 }, { minute: 5 }]);
    expect(told).toEqual(['12:05 team [FIRING] boom: a', '12:10 team [RESOLVED] boom: a']);
  });

  it('takes an episode that late documents only make longer for the same one', async () => {
    const told = await hear({}, [{ minute: 3, late: 8 }, { minute: 4 }, { minute: 5, late: 8 }]);
    expect(told).toEqual(['12:05 team [FIRING] boom: a', '12:10 team [RESOLVED] boom: a']);
  });

  it('does not hear of documents that are later than that', async () => {
    expect(await hear({}, [{ minute: 4, late: 20 }])).toEqual([]);
  });

  it('judges late windows by the whole rule: one bad window is no episode with a for', async () => {
    const lifecycle = { for: 2 * MINUTE };
    expect(await hear({ lifecycle }, [{ minute: 4, late: 8 }])).toEqual([]);
    const long = [3, 4, 5, 6].map((minute) => ({ minute, late: 8 }));
    expect(await hear({ lifecycle }, long)).toEqual(['12:21 team [FIRING] boom: a late', '12:26 team [RESOLVED] boom: a']);
  });

  it('never ends an alert that fires now by the end of a late one', async () => {
    const now = [18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29].map((minute) => ({ minute }));
    const told = await hear({}, [{ minute: 4, late: 8 }, ...now], 28);
    expect(told).toEqual(['12:19 team [FIRING] boom: a', '12:24 team [FIRING:1, RESOLVED:1] boom']);
  });

  it('looks once without revisit', async () => {
    expect(await hear({ revisit: undefined as never }, [{ minute: 4, late: 8 }])).toEqual([]);
  });

  it('changes nothing of what is told when every document was in time, whatever happens', async () => {
    const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 50 }), { maxLength: 25 });
    const lifecycles = fc.record({ for: fc.constantFrom(0, 2 * MINUTE), keepFiringFor: fc.constantFrom(0, 3 * MINUTE) });
    await fc.assert(
      fc.asyncProperty(minutes, lifecycles, async (bad, lifecycle) => {
        const documents = bad.map((minute) => ({ minute }));
        const twice = await hear({ lifecycle }, documents, 90);
        expect(twice).toEqual(await hear({ lifecycle, revisit: undefined as never }, documents, 90));
      }),
      { numRuns: 25 },
    );
  });
});
