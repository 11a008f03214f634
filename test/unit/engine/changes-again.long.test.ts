import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Parts } from '../../../src/engine/assemble.ts';
import { whySent } from '../../../src/messages/wording.ts';
import { compileTemplate } from '../../../src/templates/compile.ts';
import { readOptions, type TestRule, testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, plainRouting, play, timeline, world } from '../../support/engine/world.ts';
import { titleText } from '../../support/messages/title-text.ts';

const image = (given: Partial<TestRule> = {}) =>
  testRule({
    name: 'image',
    type: 'change',
    options: readOptions('change', { field: 'image' }),
    groupBy: ['app'],
    window: 5 * MINUTE,
    condition: 'changed',
    evidence: { fields: [], samples: 0, top: [] },
    ...given,
  });

/** A minute after noon: what the image of app `a` is then; an empty text says nothing. */
async function seen(values: readonly string[], given: Partial<TestRule> = {}, parts: Partial<Parts> = {}) {
  const made = world();
  for (const [minute, value] of values.entries()) {
    if (value === '') continue;
    made.add('logs-app', { '@timestamp': new Date(NOON + minute * MINUTE + 30_000).toISOString(), app: 'a', image: value });
  }
  made.add('logs-app', { '@timestamp': new Date(NOON - 60 * MINUTE).toISOString() });
  const reports = await play(made.engine([image(given)], parts), NOON, NOON + (values.length + 20) * MINUTE);
  return { ...made, reports };
}

const titles = ({ channel }: Awaited<ReturnType<typeof seen>>) =>
  channel.got.map(({ at, message }) => `${(at - NOON) / MINUTE} ${message.reason} ${titleText(message.title)}`);

/** The steps that messages name, and how many they only count. */
function named({ channel }: Awaited<ReturnType<typeof seen>>) {
  const alerts = channel.got.filter(({ message }) => message.reason !== 'reminder').flatMap(({ message }) => message.alerts);
  return alerts.flatMap(({ facts, values, status }) => {
    const text = facts.find(({ label }) => label === 'changes')?.value;
    if (text !== undefined) return stepsIn(text);
    return status === 'firing' || status === 'event' || status === 'ended'
      ? [`${values['previous']} → ${values['current']}`]
      : [];
  });
}

function stepsIn(text: string): readonly string[] {
  const [, more = '0', chains = text] = /^(\d+) earlier changes?, then (.*)$/.exec(text) ?? [];
  const counted = Array<string>(Number(more)).fill('counted');
  const steps = chains.split('; ').flatMap((chain) => {
    const values = chain.split(' → ');
    return values.slice(1).map((value, index) => `${values[index]} → ${value}`);
  });
  return [...counted, ...steps];
}

const BREACHES = ['v0', 'v1', 'v2', 'v3', 'v4', 'evil', 'v1'];

describe('a value that changes while its alert fires', () => {
  it('is an episode of its own each time', async () => {
    const { reports } = await seen(BREACHES.slice(0, 3));
    expect(timeline(reports)).toEqual([
      '12:02 a inactive => firing',
      '12:03 a firing => inactive',
      '12:03 a inactive => firing',
      '12:04 a firing => inactive',
    ]);
    const changes = reports.flatMap(({ runs }) => runs).flatMap((run) => run.changes);
    expect(changes.map(({ transition }) => transition.reason)).toEqual(['breach', 'again', 'breach', 'recovered']);
    expect(new Set(changes.map(({ transition }) => transition.episode)).size).toBe(2);
  });

  it('is named in the message that is due next', async () => {
    expect(titles(await seen(BREACHES))).toEqual([
      '2 first [FIRING] image: a',
      '7 update [FIRING] image: a (5 changes: v1 → v2 → v3 → v4 → evil → v1)',
      '12 resolved [RESOLVED] image: a (5 changes: v1 → v2 → v3 → v4 → evil → v1)',
    ]);
  });

  it('is a message each where the end is not sent', async () => {
    expect(titles(await seen(['viewer', 'writer', 'admin'], { sendResolved: false }))).toEqual([
      '2 first [FIRING] image: a',
      '3 first [FIRING] image: a',
    ]);
  });

  it('is named when its alert recovers meanwhile', async () => {
    const lifecycle = { keepFiringFor: 10 * MINUTE };
    expect(titles(await seen(['a', 'b', 'b', 'b', 'evil', 'evil'], { lifecycle }))).toEqual([
      '2 first [FIRING] image: a',
      '7 update [FIRING] image: a',
      '16 resolved [RESOLVED] image: a',
    ]);
  });

  it('is over with the last change as its title, however many waited', async () => {
    const title = compileTemplate('{{ group.app }} runs {{ current }}', ['group', 'current']);
    if (!title.ok) throw new Error(title.message);
    const by = await seen(['v0', 'v1', 'v2', 'evil'], { message: { title: title.template } });
    expect(titles(by)).toEqual(['2 first [FIRING] a runs v1', '7 resolved [RESOLVED] a runs evil (2 changes: v1 → v2 → evil)']);
    expect(by.channel.got[1]?.message.alerts[0]?.ending).toBe('recovered, now previous evil, current evil, changed false');
  });

  it('is as bad as the worst of its changes', async () => {
    const levels = [
      { severity: 'critical', condition: 'changed && current == "admin"' },
      { severity: 'warning', condition: 'changed' },
    ];
    const by = await seen(['a', 'b', 'admin', 'c', 'd'], { levels });
    expect(titles(by)).toEqual(['2 first [FIRING] image: a', '7 resolved [RESOLVED] image: a (3 changes: b → admin → c → d)']);
    expect(by.channel.got.map(({ message }) => message.severity)).toEqual(['warning', 'critical']);
  });

  it('is said to flap when it happens all the time', async () => {
    const flapping = { episodes: 4, within: 60 * MINUTE, steady: 20 * MINUTE };
    const by = await seen([...BREACHES, 'x', ...Array<string>(20).fill('')], { flapping });
    expect(titles(by)).toEqual([
      '2 first [FIRING] image: a',
      '7 flapping [FIRING, flapping] image: a (3 changes: v1 → v2 → v3 → v4)',
      '29 resolved [RESOLVED] image: a (3 changes: v1 → v2 → v3 → v4)',
    ]);
    expect(by.channel.got.map(({ message }) => whySent(message))).toEqual([
      'Firing since 2026-01-01 12:02:00 UTC',
      'Flapping: fired 4 times in 5m; quiet until steady for 20m',
      'Resolved after 4m and 7 episodes; steady for 20m: recovered, now previous x, current x, changed false',
    ]);
  });

  it('is no change while the value stays, whatever else holds', async () => {
    expect(titles(await seen(['a', 'b', 'b', 'b', 'c', 'c'], { condition: 'current != "a"' }))).toEqual([
      '2 first [FIRING] image: a',
      '7 update [FIRING] image: a',
    ]);
  });
});

describe('changes of a value', () => {
  const value = fc.constantFrom('a', 'b', 'c', 'd', '', 'b');
  const story = fc.array(value, { minLength: 2, maxLength: 30 });
  const settings = fc.record({
    groupInterval: fc.constantFrom(0, 1, 5, 40),
    groupWait: fc.constantFrom(0, 1, 3),
    keep: fc.constantFrom(0, 3),
    silent: fc.boolean(),
  });

  it('are all named by messages, or counted beyond the bound', async () => {
    await fc.assert(
      fc.asyncProperty(story, settings, async (values, { groupInterval, groupWait, keep, silent }) => {
        const route = { groupInterval: groupInterval * MINUTE, groupWait: groupWait * MINUTE };
        const by = await seen(
          [...values, ...Array<string>(25).fill('')],
          { lifecycle: { keepFiringFor: keep * MINUTE }, ...(silent && { sendResolved: false }) },
          { routing: plainRouting(route) },
        );
        const told = named(by);
        const counted = told.filter((step) => step === 'counted').length;
        const said = values.filter((one) => one !== '');
        const steps = said.slice(1).flatMap((one, index) => (one === said[index] ? [] : [`${said[index]} → ${one}`]));
        expect(told.length).toBe(steps.length);
        if (counted === 0) expect([...told].sort()).toEqual([...steps].sort());
        else expect(told.slice(-20)).toEqual(steps.slice(-20));
      }),
      { numRuns: 15 },
    );
  }, 60_000);

  it('are counted beyond the newest twenty', async () => {
    const values = Array.from({ length: 40 }, (_, minute) => `v${minute}`);
    const routing = plainRouting({ groupInterval: 50 * MINUTE });
    const by = await seen([...values, ...Array<string>(15).fill('')], {}, { routing });
    expect(titles(by)[1]).toBe(
      '52 resolved [RESOLVED] image: a (38 changes: 33 earlier changes, then v34 → v35 → v36 → v37 → v38 → v39)',
    );
    const steps = values.slice(1).map((value, index) => `${values[index]} → ${value}`);
    expect(named(by)).toEqual([...steps.slice(0, 1), ...Array<string>(18).fill('counted'), ...steps.slice(-20)]);
  });

  it('keep a title and a message short, whatever the values are', async () => {
    const values = Array.from({ length: 12 }, (_, minute) => `${minute}${'x'.repeat(400)}\n${minute}`);
    const routing = plainRouting({ groupInterval: 30 * MINUTE });
    const { channel } = await seen([...values, ...Array<string>(15).fill('')], {}, { routing });
    const alert = channel.got[1]?.message.alerts[0];
    expect(alert?.title.length).toBeLessThan(300);
    expect(alert?.facts[0]?.value.length).toBeLessThanOrEqual(300);
    expect(alert?.title).not.toContain('\n');
  });
});
