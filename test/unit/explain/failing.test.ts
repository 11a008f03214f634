import { describe, expect, test } from 'vitest';
import { explainText } from '../../../src/reports/explain/explain-text.ts';
import type { Search } from '../../../src/search/search.ts';
import { searchProblem } from '../../../src/search/search-problem.ts';
import { explained } from '../../support/engine/explaining.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, play, world } from '../../support/engine/world.ts';

const RULE = testRule({ name: 'boom', groupBy: ['service'], window: MINUTE });
const away: Search = {
  ask: async () => [{ kind: 'failed', problem: searchProblem('timeout', 'too slow'), cost: { took: 0, shards: 0, merged: 1 } }],
};

describe('a search that fails for a quarter of an hour', () => {
  test('is not taken for a service that does not run, and its window for one that was not kept', async () => {
    const scene = world({ search: away });
    await play(scene.engine([RULE]), NOON, NOON + 14 * MINUTE);
    const story = await explained(scene, RULE, { moment: NOON + 14 * MINUTE, now: NOON + 14 * MINUTE });
    expect(story.cautions.map(({ hint }) => hint ?? '').join(' ')).not.toContain('running');
    expect(story.cautions.find(({ code }) => code === 'failing')?.text).toMatch(
      /at least \d+ failures in a row, as saved at 2026/,
    );
    const place = { url: 'http://localhost:9200', auth: 'none', ignoreMissingIndex: false } as const;
    expect(explainText({ explanation: story, place }, { color: false, columns: 200 })).toContain(
      'evaluations have failed since the window of',
    );
  });
});
