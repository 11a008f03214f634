import { expect, it } from 'vitest';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, play, world } from '../../support/engine/world.ts';

it('messages link to the page of each alert, where people can reach one', async () => {
  const { engine, add, channel } = world();
  add('logs-app', { '@timestamp': new Date(NOON).toISOString(), message: 'boom' });
  const rule = testRule({ name: 'boom', window: MINUTE });
  await play(engine([rule], { externalUrl: 'https://tocsin.example.com' }), NOON - 1, NOON + 10 * MINUTE);
  const links = channel.got.map(({ message }) => [message.reason, message.alerts.flatMap((alert) => alert.links)]);
  const [first] = channel.got[0]?.message.alerts ?? [];
  const url = `https://tocsin.example.com/alerts/${first?.id}`;
  expect(links).toEqual([
    ['first', [{ label: 'Explain or silence', url }]],
    ['resolved', [{ label: 'What happened', url }]],
  ]);
});
