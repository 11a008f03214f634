import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BATCH_RULES } from '../../../src/engine/batches.ts';
import { type Spreading, spreadsOf } from '../../../src/service/scheduler/spread.ts';
import { testRule } from '../../support/engine/test-rule.ts';

const SECOND = 1_000;
const schedule = (seconds: number) => ({ kind: 'every', every: seconds * SECOND }) as const;
const { source } = testRule({ name: 'any' });
const over = (index: string) => ({ ...source, indices: [index] });
const rulesOver = (index: string, count: number, every = 60): readonly Spreading[] =>
  Array.from({ length: count }, (_, i) => ({ id: `${index}-${i}`, schedule: schedule(every), source: over(index) }));
const delaysOf = (rules: readonly Spreading[]) => new Set(spreadsOf(rules).values());

describe('how long after its tick a rule is executed', () => {
  it('is never more than 3 s or a twelfth of its interval, and always the same', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 3_600 }), (id, seconds) => {
        const rule = { id, schedule: schedule(seconds), source };
        const delay = spreadsOf([rule]).get(id);
        expect(delay).toBe(spreadsOf([rule, ...rulesOver('others', 5)]).get(id));
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(Math.min(3 * SECOND, (seconds * SECOND) / 12));
      }),
    );
  });

  it('is the same for rules over the same indices, which then share requests', () => {
    expect(delaysOf(rulesOver('logs', BATCH_RULES)).size).toBe(1);
  });

  it('differs for what does not fit one batch, evenly over the whole time', () => {
    const delays = [...delaysOf(rulesOver('logs', 50 * BATCH_RULES))].sort((a, b) => a - b);
    const gaps = delays.map((delay, i) => delay - (delays[i - 1] ?? 0));
    expect(delays).toHaveLength(50);
    expect(Math.max(...gaps)).toBeLessThan((4 * 3_000) / 50);
  });

  it('differs between indices, so that not everything starts at once', () => {
    const indices = Array.from({ length: 100 }, (_, i) => `logs-${i}`);
    expect(delaysOf(indices.flatMap((index) => rulesOver(index, 2))).size).toBeGreaterThan(80);
  });

  it('has a place for every rule, under a calendar too', () => {
    const nightly = { id: 'nightly', schedule: { kind: 'cron', pattern: '0 3 * * *', timezone: 'UTC' } as const, source };
    const rules = [...rulesOver('a', 300), ...rulesOver('b', 3, 1), nightly];
    expect(spreadsOf(rules).size).toBe(rules.length);
  });
});
