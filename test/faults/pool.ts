import type { Scenario } from './scenarios/scenario.ts';
import { type Played, play } from './stage/play.ts';

/** One play to be made. */
export interface Planned {
  readonly scenario: Scenario;
  readonly seed: number;
}

/** The plays of scenarios with all seeds of theirs, seed by seed, so that a run that is broken off has seen a bit of everything. */
export function planAll(scenarios: readonly Scenario[], seedsOf: (scenario: Scenario) => readonly number[]): readonly Planned[] {
  const planned = scenarios.flatMap((scenario) => seedsOf(scenario).map((seed, round) => ({ scenario, seed, round })));
  return planned.sort((a, b) => a.round - b.round).map(({ scenario, seed }) => ({ scenario, seed }));
}

/** Makes plays, at most `atOnce` side by side, and of those with nodes of their own one; reports each as it ends. */
export async function playAll(
  planned: readonly Planned[],
  {
    url,
    atOnce,
    ended,
  }: { readonly url: string; readonly atOnce: number; readonly ended: (played: Played, left: number) => void },
): Promise<readonly Played[]> {
  const waiting = [...planned];
  const all: Played[] = [];
  let heavy = 0;
  let running = 0;
  const isHeavy = ({ scenario }: Planned) => scenario.cluster !== 'shared';
  const work = async (): Promise<void> => {
    for (;;) {
      const index = waiting.findIndex((one) => !isHeavy(one) || heavy === 0);
      const [next] = index < 0 ? [] : waiting.splice(index, 1);
      if (next === undefined) return;
      heavy += isHeavy(next) ? 1 : 0;
      running++;
      const played = await play(next.scenario, next.seed, url);
      running--;
      heavy -= isHeavy(next) ? 1 : 0;
      all.push(played);
      ended(played, waiting.length + running);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return all;
}
