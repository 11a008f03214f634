import { describe, expect, it } from 'vitest';
import { displayOf } from '../../../src/rule-types/measure.ts';
import type { FieldUnits } from '../../../src/search/field-units.ts';
import { readOptions, type TestRule, testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, play, world } from '../../support/engine/world.ts';

const MiB = 1_024 ** 2;

/** What messages say of the numbers of a rule whose pods use 249 MiB for ten minutes. */
async function said(fieldUnits: FieldUnits, given: Partial<TestRule> = {}) {
  const { engine, add, channel, backend } = world();
  for (let minute = 0; minute < 10; minute++)
    add('logs-app', { '@timestamp': new Date(NOON + minute * MINUTE).toISOString(), working_set: 249 * MiB });
  const rule = testRule({
    name: 'memory',
    type: 'threshold',
    window: MINUTE,
    options: readOptions('threshold', { metrics: { used: { max: 'working_set' } } }),
    measures: { used: displayOf('used', { max: 'working_set' }, 'max') },
    condition: 'used > 1000',
    ...given,
  });
  await play(engine([rule], { backend: { ...backend, fieldUnits } }), NOON - 1, NOON + 15 * MINUTE);
  return channel.got.map(({ message }) => message.alerts[0]?.measured?.value);
}

describe('a value whose unit neither its rule nor its name says', () => {
  it('has the unit that the mapping names, which is asked for once', async () => {
    const asked: unknown[] = [];
    const values = await said(async (source, fields) => {
      asked.push([source.indices, fields]);
      return { working_set: 'bytes' };
    });
    expect(values[0]).toBe('used 249 MiB');
    expect(asked).toEqual([[['logs-*'], ['working_set']]]);
  });

  it.each<[string, FieldUnits]>([
    ['no unit', async () => ({})],
    ['no answer', async () => undefined],
    ['an exception', () => Promise.reject(new Error('no'))],
    ['one that is no text of the table', async () => ({ other: 'bytes' })],
  ])('with %s is a plain number', async (_name, fieldUnits) => {
    expect((await said(fieldUnits))[0]).toBe('used 261,095,424');
  });

  it('is not asked for where the rule says it', async () => {
    const measures = { used: displayOf('used', { max: 'working_set', unit: 'requests' }, 'max') };
    expect((await said(() => expect.unreachable() as never, { measures }))[0]).toBe('used 261,095,424 requests');
  });
});

it('of what is counted the unit of the field says nothing', () => {
  expect(displayOf('kinds', { cardinality: 'working_set' }, 'cardinality')).toEqual({ counts: true });
  expect(displayOf('used', { max: 'system.memory.used.bytes' }, 'max')).toEqual({ unit: 'bytes' });
});
