import { expect, it } from 'vitest';
import { createMemory } from '../../../src/backends/embedded/memory-stores.ts';
import type { AlertGroups } from '../../../src/notify/alert-groups.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { NOON, turnAt, world } from '../../support/engine/world.ts';

it('a message claimed by an enqueue whose answer was lost is sent in the same turn, once, and not when the lease is over', async () => {
  const { alertGroups } = createMemory({ freeze: true }).stores('default');
  let lost = 0;
  const port: AlertGroups = {
    ...alertGroups,
    save: async (writes) => {
      const saved = await alertGroups.save(writes);
      if (lost++ > 0) return saved;
      return writes.map(() => ({ kind: 'unclear', message: 'no answer' }));
    },
  };
  const { add, engine, channel } = world({ alertGroups: port });
  add('logs-app', { '@timestamp': new Date(NOON - 1_000).toISOString(), message: 'boom' });
  const ports = engine([testRule({ name: 'boom' })]);
  const { notified } = await turnAt(ports, NOON);
  expect(notified.map(({ outcome }) => outcome)).toEqual(['delivered']);
  expect(channel.got).toHaveLength(1);
  await turnAt(ports, NOON + 120_000);
  expect(channel.got).toHaveLength(1);
});
