import { expect, it } from 'vitest';
import type { Routing } from '../../../src/routing/route.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, play, world } from '../../support/engine/world.ts';

const RULE = testRule({
  name: 'hosts',
  type: 'flatline',
  condition: 'count < 1',
  groupBy: ['host'],
  window: MINUTE,
  labels: { severity: 'critical' },
});

/** Databases go to `dba`, whatever its name is; everything else that is critical goes to `crit`. */
function routing(dba: string): Routing {
  const { root } = plainRouting({ receiver: 'crit' });
  const child = {
    ...root,
    key: '{host=~"db-.*"}',
    receiver: dba,
    matchers: [{ label: 'host', op: '=~' as const, value: 'db-.*' }],
  };
  const named = (receiver: string) => [{ id: `${receiver}/test/0`, receiver, channel: 'test' }];
  return { root: { ...root, routes: [child] }, destinations: { crit: named('crit'), [dba]: named(dba) } };
}

it('an outage whose receiver is renamed stays one: its new name is sent it once and its end, and nobody else is', async () => {
  const { engine, add, channel } = world();
  for (let minute = 0; minute < 40; minute++) {
    if (minute >= 5 && minute < 25) continue;
    for (const host of ['db-1', 'db-2'])
      add('logs-app', { '@timestamp': new Date(NOON + minute * MINUTE + 1_000).toISOString(), host, message: 'up' });
  }
  const configured = (dba: string, session?: ReturnType<typeof engine>['session']) => {
    const known = [`${dba}/test/0`, 'crit/test/0'];
    const destination = (id: string) => (known.includes(id) ? { channel: channel.channel, options: { id } } : undefined);
    return engine([RULE], { routing: routing(dba), destination, ...(session !== undefined && { session }) });
  };
  const before = configured('dba');
  await play(before, NOON - 1, NOON + 10 * MINUTE);
  await play(configured('dba2', before.session), NOON + 10 * MINUTE, NOON + 36 * MINUTE);
  const lines = heard(channel);
  expect(lines.map((line) => line.split(' ').slice(1, 3).join(' '))).toEqual([
    'dba [FIRING]',
    'dba2 [FIRING]',
    'dba2 [RESOLVED]',
  ]);
  expect(lines.every((line) => line.includes('2 hosts stopped reporting'))).toBe(true);
});
