import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { COLUMNS, FOUND, HEAD, LIMITS, pageOf } from '../../faults/report/page.ts';
import { ranges, seedsOf } from '../../faults/report/tables.ts';
import { scenarios } from '../../faults/scenarios/registry.ts';
import type { Played } from '../../faults/stage/play.ts';

const MACHINE = {
  ...{ cores: 2, memoryGiB: 4, system: 'linux 6', node: '24.0.0', elasticsearch: '8.19.0' },
  ...{ load: 1, atOnce: 4, seconds: 600, day: '2026-01-01' },
};
const CAUSES = { crashed: 1, unanswered: 0, lapsed: 0, frozen: 0, crashes: 1, broken: [] };
const GOOD = { saved: 10, expected: 10, outbox: 30, delivered: 30, lost: 0, messages: 20, repeated: 1, bound: 1, disordered: 0 };

function played(seed: number, broken: readonly string[] = []): Played {
  const verdict = { ...GOOD, causes: CAUSES, broken };
  return { scenario: 'kill-storm', seed, replicas: 1, verdict, broken, struck: 5, kills: [], seconds: 60, log: [] };
}

describe('docs/reliability.md', () => {
  it('has the words of its generator, names every scenario, and reports nothing lost or out of order', async () => {
    const page = await readFile(new URL('../../../docs/reliability.md', import.meta.url), 'utf8');
    for (const part of [HEAD, COLUMNS, FOUND, LIMITS]) expect(page).toContain(part);
    expect(scenarios.map(({ name }) => name).filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
    const rows = page.split('\n').filter((line) => /^\| .* \| `[\w-]+` \| /.test(line));
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      const cells = row.split('|').map((cell) => cell.trim());
      expect([cells[2], cells[9], cells[11]]).toEqual([cells[2], '0', '0']);
    }
  });

  it('adds up the plays of a scenario, and does not hide what was broken', () => {
    const good = pageOf(scenarios, [{ machine: MACHINE, played: [played(1), played(2), played(4)] }]);
    expect(good).toContain('| 3 | 15 | 30 | 90 | 90 | **0** | 3 of at most 3 | **0** |');
    expect(good).toContain('| `kill-storm` | 1-2, 4 | 1 | 15 | 30 | 90 | 90 | 0 | 3 ≤ 3 | 0 |');
    expect(good).toContain('Not played in these runs: `kill-tick`');
    const bad = pageOf(scenarios, [{ machine: MACHINE, played: [played(1, ['something']), played(2)] }]);
    expect(bad).toContain('**1 plays failed**');
  });

  it.each<[string, readonly number[]]>([
    ['3', [3]],
    ['1-3', [1, 2, 3]],
    ['1-2, 9', [1, 2, 9]],
  ])('takes seeds as it prints them: %s', (text, seeds) => {
    expect(seedsOf(text)).toEqual(seeds);
    expect(ranges(seeds)).toBe(text);
  });

  it.each(['', '0', 'x', '5-2', '1,,2'])('refuses %j for seeds and says what it takes', (text) => {
    expect(() => seedsOf(text)).toThrow(/--seed takes whole numbers/);
  });
});
