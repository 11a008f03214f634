import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readOptions, testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, play, world } from '../../support/engine/world.ts';

/** What a group says in a minute: nothing, that all is well, or that it is not. */
type Said = 'nothing' | 'good' | 'bad';
type Story = Readonly<Record<string, readonly Said[]>>;

interface Rule {
  readonly noData: 'resolve' | 'keep' | 'alert';
  /** Minutes. */
  readonly after: number;
  readonly forget: number;
}

const MINUTES = 25;
const GROUPS = ['a', 'b', 'c'];
const SAYS = { good: 50, bad: 95 } as const;

/** Runs of equal minutes, so that silences longer than a rule's patience are common. */
const said: fc.Arbitrary<readonly Said[]> = fc
  .array(fc.tuple(fc.constantFrom<Said>('nothing', 'nothing', 'good', 'bad'), fc.integer({ min: 1, max: 8 })), {
    minLength: 1,
    maxLength: 10,
  })
  .map((runs) => runs.flatMap(([one, times]) => Array<Said>(times).fill(one)))
  .map((all) => Array.from({ length: MINUTES }, (_, minute) => all[minute] ?? 'nothing'));

const stories: fc.Arbitrary<Story> = fc.tuple(said, said, said).map(([a, b, c]) => ({ a, b, c }));
const rules: fc.Arbitrary<Rule> = fc.record({
  noData: fc.constantFrom('resolve' as const, 'keep' as const, 'alert' as const),
  after: fc.integer({ min: 1, max: 5 }),
  forget: fc.integer({ min: 6, max: 12 }),
});

/** The groups that fire after each minute, by the engine: it sees documents, and knows of a group only what they notified it. */
async function fired({ noData, after, forget }: Rule, story: Story): Promise<readonly string[]> {
  const { engine, add } = world();
  for (const [pod, minutes] of Object.entries(story)) {
    for (const [minute, one] of minutes.entries()) {
      if (one === 'nothing') continue;
      add('metrics-app', { '@timestamp': new Date(NOON + minute * MINUTE).toISOString(), pod, used: SAYS[one] });
    }
  }
  // A document that says nothing, so that an index is there from the first minute on.
  add('metrics-app', { '@timestamp': new Date(NOON - 60 * MINUTE).toISOString() });
  const rule = testRule({
    name: 'used',
    type: 'threshold',
    options: readOptions('threshold', { metrics: { used: { max: 'used' } } }),
    index: 'metrics-*',
    groupBy: ['pod'],
    window: MINUTE,
    condition: 'used > 90',
    evidence: { fields: [], samples: 0, top: [] },
    lifecycle: { noData, noDataAfter: after * MINUTE, forgetAfter: forget * MINUTE },
  });
  const firing = new Set<string>();
  const reports = await play(engine([rule]), NOON, NOON + MINUTES * MINUTE);
  const firingAfter = new Map<number, string>();
  for (const run of reports.flatMap(({ runs }) => runs)) {
    for (const { group, transition } of run.changes) {
      if (transition.to === 'firing') firing.add(String(group['pod']));
      else firing.delete(String(group['pod']));
    }
    firingAfter.set((run.at - NOON) / MINUTE, [...firing].sort().join());
  }
  return Array.from({ length: MINUTES }, (_, minute) => firingAfter.get(minute + 1) ?? 'not evaluated');
}

/** The same by looking at each group alone, minute by minute. */
function model({ noData, after, forget }: Rule, story: Story): readonly string[] {
  const fires = GROUPS.map((group) => {
    let firing = false;
    let last: number | undefined;
    return (story[group] ?? []).map((one, minute) => {
      if (one !== 'nothing') {
        last = minute;
        firing = one === 'bad';
        return firing;
      }
      if (last === undefined) return false;
      const absent = minute - last;
      if (noData === 'resolve' && absent >= after) firing = false;
      if (noData === 'alert' && absent >= after) firing = true;
      if (noData === 'alert' && absent >= forget) {
        firing = false;
        last = undefined;
      }
      return firing;
    });
  });
  return Array.from({ length: MINUTES }, (_, minute) => GROUPS.filter((_group, index) => fires[index]?.[minute]).join());
}

describe('no data per group', () => {
  it('is what looking at each group alone makes of it, whatever documents come and stay away', async () => {
    await fc.assert(
      fc.asyncProperty(rules, stories, async (rule, story) => {
        expect(await fired(rule, story)).toEqual(model(rule, story));
      }),
      { numRuns: 25 },
    );
  });
});
