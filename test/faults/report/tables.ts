import type { Scenario } from '../scenarios/scenario.ts';
import type { Played } from '../stage/play.ts';

/** All plays of one scenario together. */
export interface Row {
  readonly scenario: Scenario;
  readonly plays: number;
  readonly seeds: readonly number[];
  readonly replicas: readonly number[];
  readonly struck: number;
  readonly saved: number;
  readonly expected: number;
  readonly outbox: number;
  readonly delivered: number;
  readonly lost: number;
  readonly repeated: number;
  readonly bound: number;
  readonly disordered: number;
  readonly broken: number;
}

/** Plays of several runs: one that was repeated counts as it was the last time. */
export function latest(played: readonly Played[]): readonly Played[] {
  return [...new Map(played.map((one) => [`${one.scenario} ${one.seed}`, one])).values()];
}

/** Adds up plays by scenario; a play without a verdict is broken, and all that it due is unknown. */
export function rowsOf(scenarios: readonly Scenario[], played: readonly Played[]): readonly Row[] {
  return scenarios.flatMap((scenario) => {
    const plays = played.filter((one) => one.scenario === scenario.name).sort((a, b) => a.seed - b.seed);
    if (plays.length === 0) return [];
    const sum = (pick: (verdict: NonNullable<Played['verdict']>) => number) =>
      plays.reduce((total, { verdict }) => total + (verdict === undefined ? 0 : pick(verdict)), 0);
    return [
      {
        scenario,
        plays: plays.length,
        seeds: plays.map(({ seed }) => seed),
        replicas: [...new Set(plays.map(({ replicas }) => replicas))].sort(),
        struck: plays.reduce((total, { struck }) => total + struck, 0),
        saved: sum((verdict) => verdict.saved),
        expected: sum((verdict) => verdict.expected),
        outbox: sum((verdict) => verdict.outbox),
        delivered: sum((verdict) => verdict.delivered),
        lost: sum((verdict) => verdict.lost),
        repeated: sum((verdict) => verdict.repeated),
        bound: sum((verdict) => verdict.bound),
        disordered: sum((verdict) => verdict.disordered),
        broken: plays.filter(({ broken }) => broken.length > 0).length,
      },
    ];
  });
}

/** `1-6`, `1, 3`: seeds as the command line takes them. */
export function ranges(numbers: readonly number[]): string {
  const parts: string[] = [];
  for (let index = 0; index < numbers.length; ) {
    let last = index;
    while (numbers[last + 1] === (numbers[last] ?? 0) + 1) last++;
    parts.push(last === index ? `${numbers[index]}` : `${numbers[index]}-${numbers[last]}`);
    index = last + 1;
  }
  return parts.join(', ');
}

/** The seeds of `1-6,9`; throws for anything else. */
export function seedsOf(text: string): readonly number[] {
  return text.split(',').flatMap((part) => {
    const [, from, to = from] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part) ?? [];
    if (from === undefined || Number(from) < 1 || Number(to) < Number(from))
      throw new Error(`--seed takes whole numbers from 1 on, like 42 or 1-6,9, and not ${JSON.stringify(text)}`);
    return Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => Number(from) + index);
  });
}
