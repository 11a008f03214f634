import { describe, expect, it } from 'vitest';
import type { Template } from '../../../src/templates/template.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, play, world } from '../../support/engine/world.ts';

const routing = plainRouting({ groupInterval: MINUTE, groupBy: ['alertname', 'kind'] });

/** A rule whose titles say what it counts. With `fails`, that does not work for a count of 0, which every end has. */
function boom(text: string, fails: boolean) {
  const title: Template = {
    source: text,
    render: ({ count }) =>
      fails && count === 0 ? { ok: false, message: 'no such value' } : { ok: true, text: `${text} ${count}` },
  };
  return testRule({ name: 'boom', window: MINUTE, message: { title, resolvedTitle: title } });
}

interface Part {
  readonly text: string;
  readonly fails?: boolean;
  readonly until: number;
}

async function hear(parts: readonly Part[], minutes: readonly number[]) {
  const { engine, add, channel } = world();
  add('logs-app', ...minutes.map((minute) => ({ '@timestamp': new Date(NOON + minute * MINUTE).toISOString(), message: 'x' })));
  let from = NOON;
  for (const { text, fails = false, until } of parts) {
    await play(engine([boom(text, fails)], { routing }), from, NOON + until * MINUTE);
    from = NOON + until * MINUTE;
  }
  return { notified: heard(channel), got: channel.got };
}

describe('a text of a rule that fails on an alert', () => {
  it('is notified with the default in its place, and has a health alert of its own until it does well again', async () => {
    const { notified, got } = await hear([{ text: 'count', fails: true, until: 40 }], [1, 1, 1, 20, 20]);
    expect(notified).toEqual([
      '12:02 team [FIRING] count 3',
      '12:03 team [RESOLVED] count 3',
      '12:03 team [FIRING] Tocsin: message texts of rule boom fail',
      '12:21 team [FIRING] count 2',
      '12:21 team [RESOLVED] Tocsin: message texts of rule boom fail',
      '12:22 team [RESOLVED] count 2',
      '12:22 team [FIRING] Tocsin: message texts of rule boom fail',
    ]);
    const [alert] = got[2]?.message.alerts ?? [];
    expect(alert?.values['problem']).toContain('the template of message.resolved_title failed on this alert (no such value)');
  });

  it('is over when the rule has another text, without a message', async () => {
    const parts = [
      { text: 'count', fails: true, until: 10 },
      { text: 'how many', until: 20 },
    ];
    const { notified } = await hear(parts, [1]);
    expect(notified.slice(2)).toEqual([
      '12:03 team [FIRING] Tocsin: message texts of rule boom fail',
      '12:11 team [RESOLVED] Tocsin: message texts of rule boom fail',
    ]);
  });

  it('is nothing to speak of where no text fails', async () => {
    const { notified } = await hear([{ text: 'count', until: 20 }], [1]);
    expect(notified).toEqual(['12:02 team [FIRING] count 1', '12:03 team [RESOLVED] count 0']);
  });
});
