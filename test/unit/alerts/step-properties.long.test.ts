import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isNotifiable, type Transition } from '../../../src/alerts/alert-state.ts';
import type { Finding } from '../../../src/alerts/finding.ts';
import type { Lifecycle } from '../../../src/alerts/lifecycle.ts';
import { runs } from '../../support/thorough.ts';
import { model } from './model.ts';
import { lifecycle, MINUTE, type Notified, notify, type Tick } from './story.ts';

const LEVELS = ['critical', 'warning', 'info'] as const;
const RUNS = { numRuns: runs(500) };

const minutes = (max: number) => fc.integer({ min: 0, max }).map((amount) => amount * MINUTE);

const rules: fc.Arbitrary<Lifecycle> = fc
  .record({
    for: fc.oneof(
      minutes(4),
      fc
        .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 3 }))
        .map(([breaches, more]) => ({ breaches, of: breaches + more })),
    ),
    keepFiringFor: minutes(4),
    noData: fc.constantFrom('resolve' as const, 'keep' as const, 'alert' as const),
    noDataAfter: minutes(4),
    levels: fc.constantFrom(['warning'], [...LEVELS]),
  })
  .map(lifecycle);

/** Runs of equal ticks, so that long silences, absences and recoveries are as common as flapping. */
function storiesOf(rule: Lifecycle): fc.Arbitrary<readonly Tick[]> {
  const breach: fc.Arbitrary<Finding> =
    rule.levels.length === 1
      ? fc.constant({ kind: 'breach' })
      : fc.constantFrom(...LEVELS).map((level) => ({ kind: 'breach', level }));
  const tick: fc.Arbitrary<Tick> = fc.oneof(
    { weight: 4, arbitrary: breach.map((finding) => ({ finding, present: true })) },
    { weight: 3, arbitrary: fc.constant({ finding: { kind: 'clear' as const }, present: true }) },
    { weight: 2, arbitrary: fc.constant({ finding: { kind: 'between' as const }, present: true }) },
    { weight: 2, arbitrary: fc.constant({ finding: { kind: 'absent' as const }, present: false }) },
    {
      weight: 1,
      arbitrary: fc.boolean().map((present) => ({ finding: { kind: 'unknown' as const, because: 'no value' }, present })),
    },
    { weight: 1, arbitrary: fc.constant({ finding: 'failed' as const, present: false }) },
  );
  const run = fc.tuple(tick, fc.integer({ min: 1, max: 5 })).map(([one, times]): readonly Tick[] => Array(times).fill(one));
  return fc.array(run, { minLength: 1, maxLength: 14 }).map((runs) => runs.flat());
}

const lives = rules.chain((rule) => fc.tuple(fc.constant(rule), storiesOf(rule)));

/** Rules that also settle and forget, for what has to hold whatever a rule says. */
const anyLives = fc
  .tuple(lives, minutes(3), fc.integer({ min: 1, max: 6 }))
  .map(([[rule, story], settle, forget]) => [{ ...rule, settle, forgetAfter: forget * MINUTE }, story] as const);

describe('step agrees with a model that looks back over all findings', () => {
  test('on the status and the level after every tick', () => {
    fc.assert(
      fc.property(lives, ([rule, story]) => {
        const notified = notify(rule, story, {}).map(({ state }) => ({
          status: state?.status ?? 'inactive',
          level: state?.level,
        }));
        expect(notified).toEqual(model(rule, story).map(({ status, level }) => ({ status, level })));
      }),
      RUNS,
    );
  });
});

describe('whatever happens', () => {
  const holds = (name: string, check: (notified: readonly Notified[], rule: Lifecycle, story: readonly Tick[]) => void) =>
    test(name, () =>
      fc.assert(
        fc.property(anyLives, ([rule, story]) => check(notify(rule, story), rule, story)),
        RUNS,
      ),
    );

  holds('each transition leaves where the one before arrived, and the last arrives at the state', (notified) => {
    let status = 'inactive';
    for (const { state, transitions } of notified) {
      for (const { from, to } of transitions) {
        expect(from).toBe(status);
        status = to;
      }
      expect(state?.status ?? 'inactive').toBe(status);
    }
  });

  holds('nothing is resolved that did not fire, and nothing fires twice without an end', (notified) => {
    let open: string | undefined;
    for (const transition of transitionsOf(notified)) {
      if (transition.kind === 'firing') {
        expect(open).toBeUndefined();
        open = transition.episode;
        expect(open).toBeDefined();
      } else {
        expect(transition.episode).toBe(open);
      }
      if (transition.kind === 'resolved') open = undefined;
    }
  });

  holds('no two episodes share an id', (notified) => {
    const episodes = transitionsOf(notified).flatMap(({ kind, episode }) => (kind === 'firing' ? [episode] : []));
    expect(new Set(episodes).size).toBe(episodes.length);
  });

  holds('a tick tells little: one change of status, with a gap before it or a level after it', (notified) => {
    for (const { transitions, at } of notified) {
      expect(transitions.length).toBeLessThanOrEqual(2);
      expect(transitions.filter(isNotifiable).length).toBeLessThanOrEqual(1);
      expect(transitions.every((transition) => transition.at === at)).toBe(true);
      if (transitions.length < 2) continue;
      expect(transitions[0]?.reason === 'gap' || transitions[1]?.kind === 'better').toBe(true);
    }
  });

  holds('receivers were notified of the present level of what fires', (notified) => {
    let heard: string | undefined;
    for (const { state, transitions } of notified) {
      for (const transition of transitions) if (isNotifiable(transition)) heard = transition.level;
      if (state?.episode !== undefined) expect([state.level, state.notified_level]).toEqual([heard, heard]);
    }
  });

  holds('a change of level says from which, and in which direction', (notified, rule) => {
    for (const { kind, level, previousLevel } of transitionsOf(notified)) {
      expect(previousLevel !== undefined).toBe(kind === 'worse' || kind === 'better');
      const fell = rule.levels.indexOf(level ?? '') - rule.levels.indexOf(previousLevel ?? '');
      if (kind === 'worse') expect(fell).toBeLessThan(0);
      if (kind === 'better') expect(fell).toBeGreaterThan(0);
    }
  });

  holds('a state holds what belongs to its status and nothing else', (notified) => {
    for (const { state } of notified) {
      if (state === undefined) continue;
      const lives = state.status === 'firing' || state.status === 'recovering';
      expect([state.episode !== undefined, state.started !== undefined]).toEqual([lives, lives]);
      expect(state.clear_since === undefined || state.status === 'recovering').toBe(true);
      expect(state.recent === undefined || state.status === 'pending').toBe(true);
      expect(state.below === undefined || lives).toBe(true);
      expect(state.level === undefined || state.status !== 'inactive').toBe(true);
      expect(state.unknown_since === undefined || state.status !== 'inactive').toBe(true);
      expect(state.settles_at === undefined || state.status === 'inactive').toBe(true);
    }
  });

  holds('the same findings make the same life', (notified, rule, story) => {
    expect(notify(rule, story)).toEqual(notified);
  });
});

function transitionsOf(notified: readonly Notified[]): readonly Transition[] {
  return notified.flatMap(({ transitions }) => transitions);
}
