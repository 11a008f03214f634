import { describe, expect, it } from 'vitest';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, turnAt, world } from '../../support/engine/world.ts';

const HOUR = 60 * MINUTE;
const routing = plainRouting({ groupInterval: MINUTE, groupBy: ['alertname', 'subject'] });

/** An engine over documents of each minute whose clock is set by hand. */
function scene() {
  const { engine, add, channel } = world();
  const minutes = Array.from({ length: 5 * 60 }, (_, minute) => NOON + minute * MINUTE);
  add('logs-app', ...minutes.map((at) => ({ '@timestamp': new Date(at).toISOString(), message: 'x' })));
  const ports = engine([testRule({ name: 'boom', window: MINUTE, catchUp: 10 * MINUTE })], { routing });
  return { channel, at: (time: number) => turnAt(ports, NOON + time) };
}

describe('a clock that was ahead and is set back', () => {
  it('leaves a rule that is evaluated too far, which is said once, and said to be over when the time has come', async () => {
    const { channel, at } = scene();
    await at(MINUTE);
    await at(3 * HOUR);
    await at(2 * MINUTE);
    await at(3 * MINUTE);
    const health = () => heard(channel).filter((line) => line.includes('Tocsin: rule boom'));
    // The jump ahead itself left a gap, which is notified as well.
    expect(health()).toEqual(['15:00 team [FIRING] Tocsin: rule boom is not fully evaluated']);
    expect(channel.got.at(-1)?.message.alerts[0]?.values['problem']).toContain('were not evaluated');
    await at(2 * HOUR);
    expect(health()).toHaveLength(1);
    await at(3 * HOUR + MINUTE);
    expect(health().at(-1)).toBe('15:01 team [RESOLVED] Tocsin: rule boom is not fully evaluated');
  });

  it('is notified of by itself when the jump was short enough to leave no gap', async () => {
    const { channel, at } = scene();
    await at(MINUTE);
    await at(8 * MINUTE);
    await at(2 * MINUTE);
    const [alert] = channel.got.at(-1)?.message.alerts ?? [];
    expect(heard(channel).at(-1)).toBe('12:02 team [FIRING] Tocsin: rule boom is not fully evaluated');
    expect(alert?.text).toContain('its windows until 2026-01-01T12:08:00.000Z were evaluated by a machine whose clock was ahead');
    await at(9 * MINUTE);
    expect(heard(channel).at(-1)).toBe('12:09 team [RESOLVED] Tocsin: rule boom is not fully evaluated');
  });

  it('evaluates no window twice: the alert that fires goes on, and nobody hears anything twice', async () => {
    const { channel, at } = scene();
    for (const time of [1, 2, 8, 3, 4, 5, 6, 7, 8, 9, 10]) await at(time * MINUTE);
    expect(heard(channel).filter((line) => line.includes(' boom'))).toEqual([
      '12:01 team [FIRING] boom',
      ...[expect.stringContaining('FIRING] Tocsin: rule boom'), expect.stringContaining('RESOLVED] Tocsin: rule boom')],
    ]);
  });
});
