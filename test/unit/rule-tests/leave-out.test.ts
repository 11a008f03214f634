import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leaveOut } from '../../../src/rule-tests/proposal/leave-out.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('leaving out of a list what is not needed', () => {
  test('leaves what is needed, in its order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(40), { maxLength: 4 }), async (needed) => {
        const holds = async (items: readonly number[]) => needed.every((one) => items.includes(one));
        expect(await leaveOut(numbers(41), holds, 1_000)).toEqual([...needed].sort((a, b) => a - b));
      }),
    );
  });

  test('leaves enough where any will do', async () => {
    expect(await leaveOut(numbers(100), async (items) => items.length >= 5, 1_000)).toHaveLength(5);
  });

  test('tries no more often than it may', async () => {
    let tries = 0;
    const holds = async (items: readonly number[]) => {
      tries += 1;
      return items.length >= 50;
    };
    const left = await leaveOut(numbers(100), holds, 7);
    expect(tries).toBe(7);
    expect(left.length).toBeGreaterThanOrEqual(50);
  });

  test.each([0, 1])('of %s items ends', async (count) => {
    expect(await leaveOut(numbers(count), async () => false, 10)).toEqual(numbers(count));
  });
});
