import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../src/core/time.ts';
import { type Answer, NO_COST } from '../../../src/search/answer.ts';
import type { Search } from '../../../src/search/search.ts';
import { searchProblem } from '../../../src/search/search-problem.ts';
import { createScheduler, type FinishedTurn } from '../../../src/service/scheduler/scheduler.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, world } from '../../support/engine/world.ts';

const SECOND = 1_000;

/** A scheduler over the embedded backend, a clock turned by hand, and what it notified. */
function stage(
  rules: Parameters<ReturnType<typeof world>['engine']>[0],
  search?: Search,
  evaluates: (rule: string) => boolean = () => true,
) {
  const scene = world(search === undefined ? {} : { search });
  const clock = manualClock(NOON);
  const finished: FinishedTurn[] = [];
  const skipped: string[] = [];
  const broken: string[] = [];
  const listener = {
    evaluated: () => undefined,
    finished: (turn: FinishedTurn) => void finished.push(turn),
    broke: (error: Error) => void broken.push(error.message),
    skipped: (late: readonly { readonly id: string }[]) => void skipped.push(...late.map(({ id }) => id)),
  };
  const scheduler = createScheduler(scene.engine(rules, { clock }), clock, listener, evaluates);
  /** Polls each second until a time, waiting for the turns of each poll unless told otherwise. */
  const pollUntil = async (to: number, wait = true) => {
    while (clock.now() < to) {
      clock.set(Math.min(to, clock.now() + SECOND));
      scheduler.poll();
      if (wait) await scheduler.quiet();
    }
  };
  const evaluated = () =>
    finished.flatMap(({ report }) => report.runs.map((run) => `${run.rule} ${new Date(run.at).toISOString().slice(11, 19)}`));
  return { scene, clock, scheduler, finished, skipped, broken, pollUntil, evaluated };
}

/** A search that answers when it is let go. */
function heldSearch(inner: Search) {
  let letGo = () => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const search: Search = {
    ask: async (queries, signal): Promise<readonly Answer[]> => {
      await gate;
      return inner.ask(queries, signal);
    },
  };
  return { search, letGo };
}

describe('the scheduler', () => {
  it('evaluates each tick of each rule once, with the tick as its time', async () => {
    const { pollUntil, evaluated, scene } = stage([
      testRule({ name: 'a' }),
      testRule({ name: 'b', schedule: { kind: 'every', every: 2 * MINUTE } }),
    ]);
    scene.add('logs-app', { '@timestamp': new Date(NOON - MINUTE).toISOString(), message: 'x' });
    await pollUntil(NOON + 4 * MINUTE + 30 * SECOND);
    expect([...evaluated()].sort()).toEqual([
      ...['12:00:00', '12:01:00', '12:02:00', '12:03:00', '12:04:00'].map((time) => `a ${time}`),
      ...['12:00:00', '12:02:00', '12:04:00'].map((time) => `b ${time}`),
    ]);
  });

  it('evaluates only its own rules, and what it takes over at once, but tells for all', async () => {
    const mine = new Set(['a']);
    const { pollUntil, evaluated, finished, scene } = stage(
      [testRule({ name: 'a' }), testRule({ name: 'b' })],
      undefined,
      (rule) => mine.has(rule),
    );
    scene.add('logs-app', { '@timestamp': new Date(NOON - MINUTE).toISOString(), message: 'x' });
    await pollUntil(NOON + 30 * SECOND);
    expect(evaluated()).toEqual(['a 12:00:00']);
    expect(finished.some(({ input }) => input.sweep)).toBe(true);
    mine.add('b').delete('a');
    await pollUntil(NOON + 31 * SECOND);
    expect(evaluated()).toEqual(['a 12:00:00', 'b 12:00:00']);
    await pollUntil(NOON + 90 * SECOND);
    expect(evaluated()).toEqual(['a 12:00:00', 'b 12:00:00', 'b 12:01:00']);
  });

  it('tells what is due between the ticks, and looks for work that others left', async () => {
    const { pollUntil, finished, scene } = stage([testRule({ name: 'a', schedule: { kind: 'every', every: 60 * MINUTE } })]);
    scene.add('logs-app', { '@timestamp': new Date(NOON - MINUTE).toISOString(), message: 'boom' });
    await pollUntil(NOON + 20 * SECOND);
    expect(heard(scene.channel)).toEqual(['12:00 team [FIRING] a']);
    expect(finished.filter(({ input }) => input.sweep)).toHaveLength(4);
  });

  it('never evaluates a rule twice at once, says so once a tick, and evaluates what it has to send afterwards', async () => {
    const backend = world();
    backend.add('logs-app', { '@timestamp': new Date(NOON - MINUTE).toISOString(), message: 'x' });
    const held = heldSearch(backend.backend.search);
    const { pollUntil, evaluated, skipped, scheduler } = stage([testRule({ name: 'slow' })], held.search);
    await pollUntil(NOON + 2 * MINUTE + 30 * SECOND, false);
    expect(evaluated()).toEqual([]);
    expect(skipped).toEqual(['slow']);
    held.letGo();
    await scheduler.quiet();
    await pollUntil(NOON + 2 * MINUTE + 40 * SECOND);
    expect(evaluated()).toEqual(['slow 12:00:00', 'slow 12:01:00', 'slow 12:02:00']);
  });

  it('asks again for what failed before the next tick, though nothing else is due until then', async () => {
    const held = heldSearch({
      ask: async (queries) => queries.map(() => ({ kind: 'failed', problem: searchProblem('server', 'not now'), cost: NO_COST })),
    });
    const times: number[] = [];
    const search: Search = {
      ask: async (queries, signal) => {
        times.push(clock.now());
        return await held.search.ask(queries, signal);
      },
    };
    const { pollUntil, scheduler, clock } = stage(
      [testRule({ name: 'rare', schedule: { kind: 'every', every: 10 * MINUTE } })],
      search,
    );
    // It is evaluated while the scheduler sees that nothing is due for minutes.
    await pollUntil(NOON + 20 * SECOND, false);
    held.letGo();
    await scheduler.quiet();
    await pollUntil(NOON + 2 * MINUTE);
    expect(times.map((time) => time - NOON)).toEqual([expect.any(Number), 80 * SECOND]);
  });

  it('evaluates another rule on time while one is held up by its index', async () => {
    const backend = world();
    backend.add('logs-app', { '@timestamp': new Date(NOON - MINUTE).toISOString(), message: 'x' });
    const held = heldSearch(backend.backend.search);
    const split: Search = {
      ask: (queries, signal) =>
        (queries[0]?.source.indices[0] === 'slow-*' ? held.search : backend.backend.search).ask(queries, signal),
    };
    const { pollUntil, finished, scheduler } = stage(
      [testRule({ name: 'slow', index: 'slow-*' }), testRule({ name: 'fast' })],
      split,
    );
    await pollUntil(NOON + 10 * SECOND, false);
    await new Promise(setImmediate);
    expect(finished.flatMap(({ report }) => report.runs.map(({ rule }) => rule))).toContain('fast');
    held.letGo();
    await scheduler.quiet();
  });

  it('goes on with what it remembers when the rules change', async () => {
    const { pollUntil, scene, scheduler, clock, finished } = stage([testRule({ name: 'a' })]);
    scene.add('logs-app', { '@timestamp': new Date(NOON - MINUTE).toISOString(), message: 'boom' });
    await pollUntil(NOON + 20 * SECOND);
    const session = finished[0]?.ports.session;
    scheduler.use(
      scene.engine([testRule({ name: 'a', condition: 'count >= 2' }), testRule({ name: 'b' })], {
        clock,
        ...(session && { session }),
      }),
    );
    await pollUntil(NOON + MINUTE + 20 * SECOND);
    const runs = finished.flatMap(({ report }) =>
      report.runs.map(({ rule, at, changes }) => `${rule} ${at - NOON} ${changes.map(({ transition }) => transition.to)}`),
    );
    expect([...runs].sort()).toEqual(['a 0 firing', `a ${MINUTE} inactive`, 'b 0 firing', `b ${MINUTE} `]);
  });

  it('breaks no turn when a port throws: the rule fails, and the error stands in the report', async () => {
    const broken: Search = {
      ask: () => {
        throw new Error('the search broke');
      },
    };
    const { pollUntil, broken: errors, finished } = stage([testRule({ name: 'a' })], broken);
    await pollUntil(NOON + 90 * SECOND);
    expect(errors).toEqual([]);
    expect(finished.flatMap(({ report }) => report.errors.map(({ error }) => error.message))).toContain('the search broke');
    expect(finished.flatMap(({ report }) => report.runs.map(({ problem }) => problem?.code))).toEqual(['internal', 'internal']);
  });

  it('reports a turn that breaks, and tries the next one', async () => {
    const { scene, clock } = stage([]);
    let shakes = true;
    const ports = scene.engine([testRule({ name: 'a' })]);
    const shaky: typeof ports = {
      ...ports,
      clock: {
        ...ports.clock,
        monotonic: () => {
          if (shakes) throw new Error('the clock broke');
          return 0;
        },
      },
    };
    const broken: string[] = [];
    const finished: FinishedTurn[] = [];
    const scheduler = createScheduler(shaky, clock, {
      evaluated: () => undefined,
      finished: (turn) => void finished.push(turn),
      broke: (error) => void broken.push(error.message),
      skipped: () => undefined,
    });
    scheduler.poll();
    await scheduler.quiet();
    expect(broken).toContain('the clock broke');
    shakes = false;
    clock.set(NOON + MINUTE);
    scheduler.poll();
    await scheduler.quiet();
    expect(finished.flatMap(({ report }) => report.runs).map(({ rule }) => rule)).toEqual(['a']);
  });

  it('starts nothing more once it was called off', async () => {
    const { scheduler, pollUntil, finished } = stage([testRule({ name: 'a' })]);
    scheduler.abort();
    await pollUntil(NOON + 30 * SECOND);
    expect(finished).toEqual([]);
  });
});
