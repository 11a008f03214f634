import { expect, test } from 'vitest';
import type { TestModule } from 'vitest/node';
import { slowest } from '../../support/vitest/slowest-files.ts';

test('the ten slowest files, the slowest first, with all that a file took', () => {
  const files = Array.from({ length: 12 }, (_, place) => module(`test/unit/${place}.test.ts`, place * 1_000, 500));
  const lines = slowest(files);
  expect(lines).toHaveLength(10);
  expect(lines[0]).toBe('    11.5s  unit  test/unit/11.test.ts');
  expect(lines[9]).toBe('     2.5s  unit  test/unit/2.test.ts');
});

function module(relativeModuleId: string, duration: number, collectDuration: number): Parameters<typeof slowest>[0][number] {
  const diagnostic = {
    environmentSetupDuration: 0,
    prepareDuration: 0,
    setupDuration: 0,
    collectDuration,
    duration,
    heap: undefined,
  };
  const project = { name: 'unit' } as TestModule['project'];
  return { relativeModuleId, project, diagnostic: () => ({ ...diagnostic, importDurations: {} }) };
}
