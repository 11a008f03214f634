import { expect, it } from 'vitest';
import { compileTemplate } from '../../../src/templates/compile.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, plainRouting, play, world } from '../../support/engine/world.ts';

it('a measured date is computed with as a number, and read as a date in messages, texts and explanations', async () => {
  const text = compileTemplate('last {{ last_ok }}, at {{ last_ok | date: "%H:%M" }}', ['last_ok']);
  if (!text.ok) throw new Error(text.message);
  const rule = testRule({
    name: 'backup',
    type: 'threshold',
    window: MINUTE,
    options: {
      metrics: { last_ok: { of: 'max', field: 'ok' }, size: { of: 'max', field: 'size' } },
      types: { last_ok: 'number', size: 'number' },
    },
    condition: 'last_ok > 0 && last_ok < 1767268800000 && size > 1',
    message: { text: text.template },
  });
  const scene = world();
  scene.add('logs-app', {
    '@timestamp': new Date(NOON + MINUTE).toISOString(),
    ok: '2026-01-01T00:00:05.000Z',
    size: 1_767_225_605_000,
  });
  await play(scene.engine([rule], { routing: plainRouting() }), NOON, NOON + 3 * MINUTE);
  const [alert] = scene.channel.got[0]?.message.alerts ?? [];
  expect(alert?.text).toBe('last 2026-01-01T00:00:05.000Z, at 00:00');
  expect(alert?.values).toEqual({ last_ok: '2026-01-01T00:00:05.000Z', size: 1_767_225_605_000 });
  expect(alert?.facts[0]).toEqual({ label: 'last ok', value: '2026-01-01T00:00:05.000Z' });
});
