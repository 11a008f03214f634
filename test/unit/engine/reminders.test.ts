import { describe, expect, it } from 'vitest';
import { openTurn } from '../../../src/engine/open-turn.ts';
import { turn } from '../../../src/engine/turn.ts';
import { compileTemplate } from '../../../src/templates/compile.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, plainRouting, play, turnAt, type World, world } from '../../support/engine/world.ts';
import { titleText } from '../../support/messages/title-text.ts';

function template(text: string) {
  const compiled = compileTemplate(text, ['count', 'window']);
  if (!compiled.ok) throw new Error(compiled.message);
  return compiled.template;
}

const errors = testRule({
  name: 'errors',
  window: MINUTE,
  condition: 'count >= 5',
  message: { title: template('{{ count }} errors'), text: template('{{ count }} in {{ window }}') },
  evidence: { fields: [], samples: 0, top: [] },
});
const routing = plainRouting({ groupInterval: MINUTE, repeatInterval: 5 * MINUTE });

/** So many documents in each minute from noon on. */
function counted(scene: World, counts: readonly number[], index = 'logs-app'): void {
  const at = (minute: number) => ({ '@timestamp': new Date(NOON + minute * MINUTE).toISOString() });
  scene.add(index, ...counts.flatMap((count, minute) => Array.from({ length: count }, () => at(minute))));
}

const said = ({ channel }: World) =>
  channel.got.map(({ message: { title, alerts, notes } }) => ({
    title: titleText(title),
    text: alerts[0]?.text,
    count: alerts[0]?.details?.find(({ label }) => label === 'count')?.value ?? alerts[0]?.measured?.value.replace(/^count /, ''),
    window: alerts[0]?.details?.find(({ label }) => label === 'window')?.value,
    notes,
  }));

/** Fires with 20 at 12:01 and rises by one a minute. */
async function rising(minutes: number) {
  const scene = world();
  counted(
    scene,
    Array.from({ length: minutes }, (_, minute) => 20 + minute),
  );
  return scene;
}

describe('a reminder', () => {
  it('shows what the last evaluation measured, in values, title, text and window, though no document was written since', async () => {
    const scene = await rising(7);
    await play(scene.engine([errors], { routing }), NOON, NOON + 6 * MINUTE);
    expect(said(scene)).toEqual([
      expect.objectContaining({ title: '[FIRING] 20 errors', count: '20' }),
      {
        title: '[FIRING, still] 25 errors',
        text: '25 in 1m',
        count: '25',
        window: '1m until 2026-01-01 12:06:00 UTC',
        notes: [],
      },
    ]);
  });

  it('shows what the rule wrote last where another replica evaluates it, and of which window that is', async () => {
    const scene = await rising(8);
    const [evaluates, sends] = [scene.engine([errors], { routing }), scene.engine([errors], { routing })];
    const signal = new AbortController().signal;
    for (let minute = 1; minute <= 8; minute++) {
      // The evaluating replica never looks for what is due.
      await turn(openTurn({ now: NOON + minute * MINUTE, due: [errors], sweep: false }, evaluates, signal));
    }
    await turn(openTurn({ now: NOON + 9 * MINUTE, due: [], sweep: true }, sends, signal));
    expect(said(scene).at(-1)).toMatchObject({ title: '[FIRING, still] 25 errors', window: '1m until 2026-01-01 12:06:00 UTC' });
  });

  it('keeps the values of the first message and of the last apart at the end', async () => {
    const scene = world();
    counted(scene, [20, 21, 22, 23, 24, 25, 26, 0, 0]);
    await play(scene.engine([errors], { routing }), NOON, NOON + 10 * MINUTE);
    expect(said(scene).map(({ title, count }) => [title, count])).toEqual([
      ['[FIRING] 20 errors', '20'],
      ['[FIRING, still] 25 errors', '25'],
      ['[RESOLVED] 25 errors', '0 (20 when it fired)'],
    ]);
  });

  it('says that the rule is no longer loaded, and of when its values are', async () => {
    const scene = await rising(7);
    await play(scene.engine([errors], { routing }), NOON, NOON + 3 * MINUTE);
    const failures = [{ file: 'rules/other.yaml', message: 'broken' }];
    await turnAt(scene.engine([], { routing, failures }), NOON + 6 * MINUTE);
    const reminder = said(scene).find(({ title }) => title.startsWith('[FIRING, still]'));
    expect(reminder?.notes).toEqual([
      'errors: the rule is no longer loaded, so its alerts are not evaluated; the values shown were measured in the window until 2026-01-01 12:01:00 UTC.',
    ]);
  });

  it('that can read no document of the rule shows the values of the last message as such', async () => {
    const scene = await rising(7);
    await play(scene.engine([errors], { routing }), NOON, NOON + 3 * MINUTE);
    const ruleStates = { ...scene.backend.ruleStates, load: async () => ({ ok: false as const, message: 'down' }) };
    const blind = scene.engine([errors], { routing, backend: { ...scene.backend, ruleStates } });
    await turnAt(blind, NOON + 6 * MINUTE);
    expect(said(scene).at(-1)).toMatchObject({ title: '[FIRING, still] 20 errors', count: '20 when last notified' });
  });
});

describe('a message about news', () => {
  it('shows what still fires beside it with its present values', async () => {
    const scene = await rising(7);
    counted(scene, [0, 0, 0, 0, 9, 9, 9], 'other-app');
    const other = testRule({ name: 'other', index: 'other-*', window: MINUTE, condition: 'count >= 5' });
    const route = plainRouting({ groupInterval: MINUTE, groupBy: [] });
    await play(scene.engine([errors, other], { routing: route }), NOON, NOON + 6 * MINUTE);
    const both = scene.channel.got.find(({ message }) => message.reason === 'more_alerts')?.message;
    expect(both?.alerts.map(({ rule, change, values }) => [rule, change, values['count']])).toEqual([
      ['other', 'firing', 9],
      ['errors', 'still', 24],
    ]);
  });
});
