import { oneOf, wholeNumber } from '../stage/random.ts';
import type { Stage } from '../stage/stage.ts';
import type { Scenario } from './scenario.ts';

/** New texts, other pauses and files that do not load, every second or so, while replicas are killed and requests lost. */
async function reloads(stage: Stage): Promise<void> {
  await stage.second(1);
  stage.fate = () => (stage.random() < 0.05 ? oneOf(stage.random, ['lose the answer', 'lose the request'] as const) : 'pass');
  for (let second = 1; second < stage.story.main; second++) {
    await stage.second(second);
    await stage.rewrite({
      description: `Text ${second}.`,
      groupInterval: `${wholeNumber(stage.random, 0, 2)}s`,
      broken: stage.random() < 0.3,
    });
    stage.struck++;
    const replica = oneOf(stage.random, stage.replicas);
    if (stage.random() < 0.2) {
      await replica.kill();
      await stage.rewrite({});
      replica.start();
    } else replica.reload();
  }
  await stage.rewrite({});
  stage.fate = () => 'pass';
}

/** Faults of what people change while it runs. */
export const fileScenarios: readonly Scenario[] = [
  {
    name: 'reload',
    title:
      'Rules and configuration are constantly rewritten and reloaded, some do not load, combined with kills and lost responses',
    part: 'Clocks and files',
    cluster: 'shared',
    main: 16,
    seeds: 6,
    fast: 0,
    strike: reloads,
  },
];
