import { describe, expect, it } from 'vitest';
import type { Saved } from '../../../src/core/stored.ts';
import { HEALTH_RULE_ID } from '../../../src/engine/self-monitoring/health-rule.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, turnAt, world } from '../../support/engine/world.ts';

const present = { '@timestamp': new Date(NOON - MINUTE).toISOString(), message: 'x' };
const BLOCKED: Saved = { kind: 'refused', message: 'tocsin-rules is blocked', of: 'index' };

/** A world in which writes of rule documents come to what a test says; undefined: they are written. */
function stage() {
  const scene = world();
  const { ruleStates } = scene.backend;
  const fate: { of: (id: string) => Saved | undefined } = { of: () => undefined };
  const save: typeof ruleStates.save = async (writes) =>
    Promise.all(writes.map(async (write) => fate.of(write.id) ?? (await ruleStates.save([write]))[0] ?? BLOCKED));
  const engine = world({ ...scene.backend, ruleStates: { ...ruleStates, save } });
  scene.add('logs-app', present);
  return { fate, engine: engine.engine, channel: engine.channel };
}
const only =
  (wanted: string, saved: Saved) =>
  (id: string): Saved | undefined =>
    id === wanted ? saved : undefined;

describe('a health alert that cannot be saved', () => {
  it.each<[string, Saved]>([
    ['is refused', BLOCKED],
    ['is refused for its size', { kind: 'refused', message: 'a document of 40.0 MiB is too large' }],
    ['stays unclear', { kind: 'unclear', message: 'no answer' }],
  ])('makes the store a problem when its write %s', async (_name, saved) => {
    const { fate, engine } = stage();
    const ports = engine([testRule({ name: 'boom' })], { failures: [{ file: 'bad.yaml', message: 'no good' }] });
    fate.of = only(HEALTH_RULE_ID, saved);
    expect((await turnAt(ports, NOON)).storeProblems).toContainEqual(expect.stringContaining('health alerts cannot be saved'));
  });

  it('is saved and sent by the turn after which it can be, though nothing shows its problem again', async () => {
    const { fate, engine, channel } = stage();
    const ports = engine([testRule({ name: 'boom' })], { meta: 'meta' });
    channel.answer = ({ receiver }) =>
      receiver === 'team' ? { kind: 'rejected', reason: { kind: 'client_error', text: 'HTTP 403' } } : { kind: 'delivered' };
    fate.of = only(HEALTH_RULE_ID, BLOCKED);
    await turnAt(ports, NOON);
    await turnAt(ports, NOON + 5_000);
    expect(heard(channel).filter((line) => line.includes('meta'))).toEqual([]);
    fate.of = () => undefined;
    await turnAt(ports, NOON + 10_000);
    expect(heard(channel).filter((line) => line.includes('meta'))).toEqual([
      expect.stringContaining('notifications to team/test/0'),
    ]);
  });
});

describe('an index that refuses writes', () => {
  it('is a problem of the store and of no rule, while a document that is refused is one of its rule', async () => {
    const { fate, engine, channel } = stage();
    const ports = engine([testRule({ name: 'boom' })]);
    fate.of = only('boom', BLOCKED);
    expect((await turnAt(ports, NOON)).storeProblems).toEqual(['tocsin-rules is blocked']);
    expect(heard(channel)).toEqual([]);
    fate.of = only('boom', { kind: 'refused', message: 'a document of 40.0 MiB is too large' });
    expect((await turnAt(ports, NOON + 5_000)).storeProblems).toEqual([]);
    expect(heard(channel)).toEqual([expect.stringContaining('rule boom')]);
  });
});

describe('what the process finds out beside its turns', () => {
  it('is a health alert that ends when it says so, and stays while it says nothing', async () => {
    const { engine, channel } = stage();
    let problem: string | undefined = 'blocked';
    let silent = false;
    const outside = () => (silent ? [] : [{ kind: 'index', subject: 'tocsin-alerts', problem }]);
    const ports = engine([], { outside });
    await turnAt(ports, NOON);
    silent = true;
    await turnAt(ports, NOON + MINUTE);
    expect(heard(channel)).toEqual([expect.stringContaining('history index tocsin-alerts')]);
    silent = false;
    problem = undefined;
    await turnAt(ports, NOON + 10 * MINUTE);
    expect(heard(channel).at(-1)).toContain('[RESOLVED]');
  });
});
