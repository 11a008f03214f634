import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newestTick, parseCron, type Schedule } from '../../../src/core/schedule.ts';
import { dueWindows } from '../../../src/evaluation/due-windows.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON } from '../../support/engine/world.ts';

const every = (minutes: number): Schedule => ({ kind: 'every', every: minutes * MINUTE });
const cron = (pattern: string): Schedule => {
  const parsed = parseCron(pattern, 'UTC');
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.schedule;
};
const rule = (given: Partial<Parameters<typeof testRule>[0]> = {}) =>
  testRule({ name: 'r', window: 5 * MINUTE, delay: 30_000, catchUp: 60 * MINUTE, ...given });
const minutes = (instant: number | undefined) => (instant === undefined ? undefined : (instant - NOON) / MINUTE);

describe('dueWindows', () => {
  it.each([
    ['a rule without a document owes the newest tick alone', undefined, 0.5, [0], undefined],
    ['a rule evaluated through the newest tick has nothing to send', 0, 0.9, [], undefined],
    ['the next tick is outstanding when it comes, not before', 0, 1, [1], undefined],
    ['after a downtime every window is due, oldest first', 0, 4.2, [1, 2, 3, 4], undefined],
    ['a clock that jumped back has nothing to send', 10, 5, [], undefined],
    ['what is older than catch_up is one gap', -200, 2, [-58, -57, -56, -55, -54, -53, -52, -51, -50, -49], [-200, -59]],
  ])('%s', (_name, evaluated, now, ticks, gap) => {
    const outbox = dueWindows(rule(), evaluated === undefined ? undefined : NOON + evaluated * MINUTE, NOON + now * MINUTE);
    expect(outbox.windows.map(({ at }) => minutes(at))).toEqual(ticks);
    expect(outbox.gap && [minutes(outbox.gap.from), minutes(outbox.gap.to)]).toEqual(gap);
  });

  it('evaluates [at − delay − window, at − delay), and calls all but the newest tick catch-up', () => {
    const { windows } = dueWindows(rule(), NOON, NOON + 2 * MINUTE);
    expect(windows).toEqual([
      { at: NOON + MINUTE, window: { from: NOON - 4.5 * MINUTE, to: NOON + 0.5 * MINUTE }, previous: NOON, purpose: 'catch-up' },
      {
        at: NOON + 2 * MINUTE,
        window: { from: NOON - 3.5 * MINUTE, to: NOON + 1.5 * MINUTE },
        previous: NOON + MINUTE,
        purpose: 'live',
      },
    ]);
  });

  it('evaluates the newest tick of a rare rule however short its catch_up is', () => {
    const rare = rule({ schedule: every(24 * 60), catchUp: MINUTE });
    const outbox = dueWindows(rare, NOON - 36 * 60 * MINUTE, NOON + 60 * MINUTE);
    expect(outbox.windows.map(({ at }) => minutes(at))).toEqual([-12 * 60]);
    expect(outbox.gap).toBeUndefined();
  });

  it('evaluates no tick twice and leaves none out when the schedule changes, from every to cron too', () => {
    const schedules = [every(1), every(2), every(5), every(15), cron('*/10 * * * *'), cron('7,37 * * * *')];
    const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.constantFrom(...schedules)), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(steps, (turns) => {
        let now = NOON;
        let evaluated = NOON;
        for (const [wait, schedule] of turns) {
          now += wait * MINUTE;
          const changed = rule({ schedule, catchUp: 24 * 60 * MINUTE });
          const outbox = dueWindows(changed, evaluated, now, 1_000);
          const wanted = Array.from({ length: (now - evaluated) / MINUTE }, (_, index) => evaluated + (index + 1) * MINUTE);
          expect(outbox.gap).toBeUndefined();
          expect(outbox.windows.map(({ at }) => at)).toEqual(wanted.filter((minute) => newestTick(schedule, minute) === minute));
          expect(outbox.windows[0]?.previous ?? evaluated).toBe(evaluated);
          evaluated = outbox.windows.at(-1)?.at ?? evaluated;
        }
      }),
    );
  });

  it('evaluates no tick twice and leaves none out, whenever it is asked', () => {
    const steps = fc.array(fc.integer({ min: 1, max: 90 * 60_000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(steps, fc.constantFrom(1, 2, 5, 15), (waits, interval) => {
        const checked = rule({ schedule: every(interval) });
        let now = NOON;
        let evaluated = NOON;
        const seen: number[] = [];
        for (const wait of waits) {
          now += wait;
          for (let more = true; more; ) {
            const outbox = dueWindows(checked, evaluated, now);
            if (outbox.gap)
              for (let tick = outbox.gap.from + interval * MINUTE; tick <= outbox.gap.to; tick += interval * MINUTE)
                seen.push(tick);
            for (const { at, previous } of outbox.windows) {
              if (outbox.gap === undefined || at !== outbox.windows[0]?.at) expect(previous).toBe(evaluated);
              seen.push(at);
              evaluated = at;
            }
            more = outbox.more;
          }
        }
        const last = Math.floor(now / (interval * MINUTE)) * interval * MINUTE;
        const expected = Array.from(
          { length: (last - NOON) / (interval * MINUTE) },
          (_, i) => NOON + (i + 1) * interval * MINUTE,
        );
        expect(seen).toEqual(expected);
      }),
    );
  });

  it('agrees with a clock that is read minute by minute, though it jumps and the schedule is changed meanwhile', () => {
    const cron = (pattern: string): Schedule => {
      const parsed = parseCron(pattern, 'Europe/Berlin');
      if (!parsed.ok) throw new Error(parsed.message);
      return parsed.schedule;
    };
    // Around the hour that spring leaves out.
    const start = Date.parse('2026-03-29T00:00:00.000Z');
    const longest = 1_500;
    const all = [every(1), every(7), every(15), cron('30 2 * * *'), cron('*/20 * * * *')];
    const clock = Array.from({ length: longest }, (_, minute) => start + (minute + 1) * MINUTE);
    const ticksOf = new Map(all.map((one) => [one, clock.filter((minute) => newestTick(one, minute) === minute)]));
    const schedules = fc.constantFrom(...all);
    const steps = fc.array(
      fc.record({
        jump: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: -120, max: 300 })),
        schedule: fc.option(schedules, { freq: 4 }),
        catchUp: fc.constantFrom(10, 60, 600),
      }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(schedules, steps, (first, walk) => {
        let schedule = first;
        let now = start;
        let evaluated = start;
        for (const { jump, schedule: changed, catchUp } of walk) {
          now = Math.min(start + longest * MINUTE, Math.max(start, now + jump * MINUTE));
          schedule = changed ?? schedule;
          const checked = rule({ schedule, catchUp: catchUp * MINUTE });
          const expected = (ticksOf.get(schedule) ?? []).filter((at) => at > evaluated && at <= now);
          const newest = expected.at(-1);
          const seen: number[] = [];
          const gaps: { readonly from: number; readonly to: number }[] = [];
          for (let more = true; more; ) {
            const outbox = dueWindows(checked, evaluated, now);
            if (outbox.gap !== undefined) gaps.push(outbox.gap);
            for (const { at, previous, purpose } of outbox.windows) {
              expect(previous).toBe(evaluated);
              expect(purpose).toBe(at === newest ? 'live' : 'catch-up');
              seen.push(at);
              evaluated = at;
            }
            more = outbox.more;
          }
          const inGap = (at: number) => gaps.some(({ from, to }) => at > from && at <= to);
          // Each tick is evaluated in order or lies in a gap; nothing that is young enough lies there, and there is one gap at most.
          expect(seen).toEqual(expected.filter((at) => !inGap(at)));
          expect(expected.filter(inGap).every((at) => at < now - catchUp * MINUTE && at !== newest)).toBe(true);
          expect(gaps.length).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 100 },
    );
  });
});
