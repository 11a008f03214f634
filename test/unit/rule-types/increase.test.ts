import { describe, expect, test } from 'vitest';
import { increaseOf } from '../../../src/rule-types/increase.ts';
import { threshold } from '../../../src/rule-types/threshold/threshold.ts';
import { DELAY, type Doc, evaluate, inputAt, MINUTE, optionsOf, specOf, valuesByGroup } from './measuring.ts';

describe('increaseOf', () => {
  test.each<[string, readonly number[], number]>([
    ['nothing', [], 0],
    ['a single value adds nothing', [57], 0],
    ['what stands still', [7, 7, 7], 0],
    ['what grows', [4, 6, 7], 3],
    ['a reset to 0', [12, 0], 0],
    ['a reset, and what came after it', [12, 0, 3], 3],
    ['a value after a reset adds itself', [57, 2], 2],
    ['resets that extremes do not show', [0, 5, 0, 9], 14],
    ['a reset to more than the first value', [5, 8, 6, 9], 12],
    ['decimals', [0.5, 2, 1], 2.5],
  ])('%s', (_name, values, expected) => {
    expect(increaseOf(values)).toBe(expected);
  });
});

describe('the increase of a group', () => {
  const at = 1_000 * MINUTE;
  const to = at - DELAY;
  const groupBy = ['host'];

  /** Values of one counter, ten seconds apart, the last just before the window ends. */
  const counter = (fields: Record<string, string>, ...values: readonly (number | null)[]) =>
    values.map((value, index): Doc => ({ at: to - 1 - (values.length - index) * 10_000, ...fields, restarts: value }));

  const measure = (documents: readonly Doc[], metric: Record<string, unknown> = {}, setting: { maxGroups?: number } = {}) => {
    const options = optionsOf(threshold, { metrics: { more: { increase: 'restarts', ...metric } } });
    const { measured, asked } = evaluate(threshold, inputAt(specOf({ options, groupBy, ...setting }), at), documents);
    return { values: valuesByGroup(measured), asked };
  };

  test('counters that stand still cost one question, and only those that moved are asked for their samples', () => {
    expect(measure([...counter({ host: 'a' }, 4, 4, 4), ...counter({ host: 'b' }, 9)])).toEqual({
      values: { a: { more: 0 }, b: { more: 0 } },
      asked: [['window', 'increase/more/series']],
    });
    expect(measure([...counter({ host: 'a' }, 4, 4, 4), ...counter({ host: 'b' }, 9, 1, 3)])).toEqual({
      values: { a: { more: 0 }, b: { more: 3 } },
      asked: [['window', 'increase/more/series'], ['increase/more/samples']],
    });
  });

  test('documents without a value are no samples, and a group without any has no value', () => {
    const documents = [...counter({ host: 'a' }, 4, null, 6), ...counter({ host: 'b' }, null)];
    expect(measure(documents).values).toEqual({ a: { more: 2 }, b: { more: null } });
  });

  test('values before the window add nothing', () => {
    const before: Doc = { at: to - 6 * MINUTE, host: 'a', restarts: 1 };
    expect(measure([before, ...counter({ host: 'a' }, 4, 6)]).values).toEqual({ a: { more: 2 } });
  });

  test('`by` tells the counters of a group apart; one without the field is one too', () => {
    const documents = [
      ...counter({ host: 'a', pod: 'x' }, 12, 12, 13),
      ...counter({ host: 'a', pod: 'y' }, 0, 2, 2),
      ...counter({ host: 'a' }, 5, 6),
      ...counter({ pod: 'z' }, 0, 9),
    ];
    expect(measure(documents, { by: 'pod' }).values).toEqual({ a: { more: 4 } });
  });

  test('`where` narrows the documents', () => {
    const documents = [...counter({ host: 'a', kind: 'x' }, 1, 2), ...counter({ host: 'a', kind: 'y' }, 30, 40)];
    expect(measure(documents, { where: 'kind:x' }).values).toEqual({ a: { more: 1 } });
  });

  test('a group that a truncated answer left out has no value, rather than a small one', () => {
    const options = optionsOf(threshold, { metrics: { more: { increase: 'restarts' } } });
    const input = inputAt(specOf({ options, groupBy, maxGroups: 1 }), at, { known: [{ host: 'b' }, { host: 'c' }] });
    const documents = [...counter({ host: 'a' }, 1, 2, 3), ...counter({ host: 'b' }, 1, 5), ...counter({ host: 'd' }, 1)];
    const { measured } = evaluate(threshold, input, documents);
    expect(valuesByGroup(measured)).toEqual({ a: { more: 2 }, b: { more: 4 }, c: { more: null } });
  });
});
