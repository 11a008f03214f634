import { describe, expect, it } from 'vitest';
import { elasticsearchUrl } from '../support/elasticsearch/urls.ts';
import { whyBroken } from './report/words.ts';
import { scenarios } from './scenarios/registry.ts';
import { play } from './stage/play.ts';

/** Another seed plays other faults: `TOCSIN_FAULT_SEED=7 npx vitest run --project faults`. */
const FIRST = Number(process.env['TOCSIN_FAULT_SEED'] ?? '1');

describe.concurrent('the built command line, while things go wrong, loses nothing and tells nothing twice without a cause', () => {
  const plays = scenarios.flatMap((scenario) =>
    Array.from({ length: scenario.fast }, (_, index) => ({ scenario, seed: FIRST + index, title: scenario.title })),
  );
  it.each(plays)('$title (seed $seed)', async ({ scenario, seed }) => {
    const played = await play(scenario, seed, elasticsearchUrl());
    expect(played.broken, whyBroken(played)).toEqual([]);
  });
});
