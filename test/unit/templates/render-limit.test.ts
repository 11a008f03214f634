import { describe, expect, test } from 'vitest';
import { RENDERS_TOO_LONG, renderLimit } from '../../../src/templates/render-limit.ts';

/** The time by the clock, ms, at which a rendering is stopped that gets this share of the processor; it takes a step each millisecond. */
function stoppedAt(share: number, longest: number): number | undefined {
  let now = 0;
  const limit = renderLimit(() => now * share);
  for (; now <= longest; now++) {
    try {
      limit(7_000 + now);
    } catch (error) {
      expect((error as Error).message).toBe(RENDERS_TOO_LONG);
      return now;
    }
  }
  return undefined;
}

describe('a rendering', () => {
  test.each([
    ['alone on the machine is stopped after half a second', 1, 500],
    ['that other threads of the process work for is not stopped earlier', 3, 500],
    ['that gets half of the processor, after nearly a second', 0.5, 950],
    ['that gets a thirtieth, after as much work', 1 / 30, 13_550],
  ])('%s', (_name, share, at) => {
    expect(stoppedAt(share, 60_000)).toBe(at);
  });

  test('that only waits for the processor is not stopped', () => {
    expect(stoppedAt(0, 60_000)).toBeUndefined();
  });

  test('that ends soon is never asked about', () => {
    let asked = 0;
    const limit = renderLimit(() => ++asked);
    for (let now = 0; now < 50; now++) limit(now);
    expect(asked).toBe(0);
  });
});
