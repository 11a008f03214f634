import { describe, expect, it } from 'vitest';
import { whySent } from '../../../src/messages/wording.ts';
import type { Rule } from '../../../src/rules/rule.ts';
import { compileTemplate } from '../../../src/templates/compile.ts';
import type { Template } from '../../../src/templates/template.ts';
import { type TestRule, testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, plainRouting, play, type World, world } from '../../support/engine/world.ts';
import { titleText } from '../../support/messages/title-text.ts';

const routing = plainRouting({ groupInterval: MINUTE });

function template(text: string): Template {
  const compiled = compileTemplate(text, ['count', 'ms']);
  if (!compiled.ok) throw new Error(compiled.message);
  return compiled.template;
}

const TITLE = template('{{ count | round }} requests fail');

function failing(given: Partial<TestRule> = {}): Rule {
  return testRule({ name: 'failing', window: MINUTE, message: { title: TITLE }, definition: 'as written', ...given });
}

/** Documents of the minutes from noon on. */
function counted(scene: World, counts: readonly number[]): void {
  const documents = counts.flatMap((count, minute) =>
    Array.from({ length: count }, () => ({ '@timestamp': new Date(NOON + minute * MINUTE).toISOString(), message: 'x' })),
  );
  scene.add('logs-app', ...documents);
}

const said = ({ channel }: World) => channel.got.map(({ message }) => `${titleText(message.title)} | ${whySent(message)}`);

interface Part {
  readonly rule: Rule;
  readonly until: number;
}

async function played(counts: readonly number[], parts: readonly Part[], route = routing) {
  const scene = world();
  counted(scene, counts);
  let from = NOON;
  for (const { rule, until } of parts) {
    await play(scene.engine([rule], { routing: route }), from, NOON + until * MINUTE);
    from = NOON + until * MINUTE;
  }
  return scene;
}

describe('the message about the end of an alert', () => {
  it('has the title that was read, and says what is measured now', async () => {
    const scene = await played([0, 7, 7, 0], [{ rule: failing({ condition: 'count >= 5' }), until: 10 }]);
    expect(said(scene)).toEqual([
      '[FIRING] 7 requests fail | Firing since 2026-01-01 12:02:00 UTC',
      '[RESOLVED] 7 requests fail | Resolved after 2m: recovered, now count 0',
    ]);
  });

  it('keeps that title over a restart with another template', async () => {
    const scene = await played(
      [0, 7, 7, 7, 0],
      [
        { rule: failing({ condition: 'count >= 5' }), until: 3 },
        { rule: failing({ condition: 'count >= 5', message: { title: template('{{ count }} errors') } }), until: 10 },
      ],
    );
    expect(said(scene)[1]).toBe('[RESOLVED] 7 requests fail | Resolved after 3m: recovered, now count 0');
  });

  it('says that the rule was changed where the problem goes on', async () => {
    const scene = await played(
      [0, 7, 7, 7, 7, 7, 7],
      [
        { rule: failing({ condition: 'count >= 5' }), until: 3 },
        { rule: failing({ condition: 'count >= 50', definition: 'with another limit' }), until: 6 },
      ],
    );
    expect(said(scene)[1]).toBe(
      '[RESOLVED] 7 requests fail | Resolved after 1m: the rule was changed, and its condition is no longer true, now count 7',
    );
  });

  it.each([
    ['the problem was found by the changed rule too', 4, 7],
    ['it was recovering before the change', 6, 7],
  ])('says that it recovered where %s', async (_, until, lasts) => {
    const lifecycle = { keepFiringFor: 3 * MINUTE };
    const counts = Array.from({ length: 12 }, (_none, minute) => (minute > 0 && minute < lasts - 2 ? 7 : 0));
    const scene = await played(counts, [
      { rule: failing({ condition: 'count >= 5', lifecycle }), until },
      { rule: failing({ condition: 'count >= 6', lifecycle, definition: 'with another limit' }), until: 20 },
    ]);
    expect(said(scene)[1]).toMatch(/^\[RESOLVED\] 7 requests fail \| Resolved after \d+m: recovered, now count 0$/);
  });

  it('has a title of its own where the rule gives one', async () => {
    const message = { title: TITLE, resolvedTitle: template('all is well: {{ count }}') };
    const scene = await played([0, 7, 0], [{ rule: failing({ message }), until: 10 }]);
    expect(said(scene)[1]).toBe('[RESOLVED] all is well: 0 | Resolved after 1m: recovered, now count 0');
  });

  it('does not speak of values that are not there', async () => {
    const rule = testRule({
      name: 'slow',
      type: 'threshold',
      window: MINUTE,
      options: { metrics: { ms: { of: 'avg', field: 'ms' } }, types: { ms: 'number' } },
      condition: 'ms > 5',
      description: 'Answers are slow.',
      message: { title: template('{{ ms | round }} ms'), text: template('{{ ms }} ms') },
      lifecycle: { noData: 'resolve', noDataAfter: MINUTE },
    });
    const scene = world();
    scene.add('logs-app', { '@timestamp': new Date(NOON + MINUTE).toISOString(), ms: 9 });
    await play(scene.engine([rule], { routing }), NOON, NOON + 10 * MINUTE);
    expect(said(scene)[1]).toMatch(
      /^\[NO DATA\] 9 ms \| Ended after \d+m because there is no more data: not known to have recovered$/,
    );
    expect(scene.channel.got[1]?.message.alerts[0]?.text).toBeUndefined();
  });

  it('keeps the values of the time where the title was not stored', async () => {
    const many = testRule({ name: 'many', window: MINUTE, groupBy: ['host.name'], message: { title: TITLE } });
    const scene = world();
    for (let host = 0; host < 25; host++) {
      scene.add('logs-app', { '@timestamp': new Date(NOON + MINUTE).toISOString(), 'host.name': `h${host}`, message: 'x' });
    }
    await play(scene.engine([many], { routing }), NOON, NOON + 10 * MINUTE);
    const titles = scene.channel.got.at(-1)?.message.alerts.map(({ status, title }) => `${status} ${title}`);
    expect([...new Set(titles)]).toEqual(['resolved 1 requests fail']);
  });
});

describe('what has no recovery', () => {
  const once = (given: Partial<TestRule> = {}) => failing({ sendResolved: false, ...given });

  it('is sent when it fires, and never again', async () => {
    const scene = await played([0, 7, 7, 0, 0, 3, 0], [{ rule: once(), until: 600 }]);
    expect(said(scene)).toEqual([
      '[FIRING] 7 requests fail | Firing since 2026-01-01 12:02:00 UTC',
      '[FIRING] 3 requests fail | Firing since 2026-01-01 12:06:00 UTC',
    ]);
    const alertGroups = await scene.backend.alertGroups.load([scene.channel.got[0]?.message.alertGroup ?? '']);
    if (!alertGroups.ok) throw new Error(alertGroups.message);
    const [stored] = [...alertGroups.value.values()];
    expect(stored?.document).toMatchObject({ alerts: {}, queued: [], incident: null, receipt: null, due: null });
  });

  it('is sent as an event where it is over before its receiver is notified', async () => {
    const route = plainRouting({ groupWait: 5 * MINUTE });
    const scene = await played([0, 7, 0], [{ rule: once(), until: 60 }], route);
    expect(said(scene)).toEqual(['[EVENT] 7 requests fail | 1 new event']);
  });

  it('ends silently with its rule, and with other news of its alert group', async () => {
    const scene = world();
    counted(scene, [0, 7, 7, 0, 0, 0, 0]);
    scene.add('other-app', { '@timestamp': new Date(NOON + 2 * MINUTE).toISOString() });
    const shared = { labels: { severity: 'warning', team: 'a' } };
    const other = testRule({ name: 'other', index: 'other-*', window: MINUTE, ...shared });
    const route = plainRouting({ groupInterval: 5 * MINUTE, groupBy: ['team'] });
    await play(scene.engine([once(shared), other], { routing: route }), NOON, NOON + 30 * MINUTE);
    expect(said(scene).map((line) => line.split(' | ')[0])).toEqual([
      '[FIRING] 7 requests fail',
      '[FIRING] other',
      '[RESOLVED] other',
    ]);
  });
});
