import { describe, expect, test } from 'vitest';
import { explain } from '../../../src/explain/explain.ts';
import type { Explanation } from '../../../src/explain/explanation.ts';
import type { Search } from '../../../src/search/search.ts';
import { searchProblem } from '../../../src/search/search-problem.ts';
import { boom, explained, explainPorts, groupOf as of } from '../../support/engine/explaining.ts';
import { readOptions, testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, plainRouting, play, world } from '../../support/engine/world.ts';

const RULE = testRule({
  name: 'boom',
  groupBy: ['service'],
  window: MINUTE,
  condition: 'count >= 2',
  recover: 'count < 1',
  labels: { severity: 'critical' },
  lifecycle: { for: MINUTE, keepFiringFor: MINUTE },
});

/** Service a fails twice a minute from 12:00 to 12:04, b once at 12:02; played until 12:08. */
async function incident(rule = RULE, parts: Parameters<ReturnType<typeof world>['engine']>[1] = {}) {
  const scene = world();
  const failing = [0, 1, 2, 3, 4].flatMap((minute) => [boom(minute, 'a'), boom(minute + 0.5, 'a')]);
  scene.add('logs-app', ...failing, boom(2, 'b'));
  await play(scene.engine([rule], parts), NOON - MINUTE, NOON + 8 * MINUTE);
  return scene;
}

describe('a tick at which an alert changed', () => {
  test('tells the recorded values, the line that decided and what the life did', async () => {
    const story = await explained(await incident(), RULE, { moment: NOON + 2 * MINUTE, now: NOON + 8 * MINUTE });
    expect(story).toMatchObject({
      at: NOON + 2 * MINUTE,
      window: { from: NOON + MINUTE, to: NOON + 2 * MINUTE },
      recorded: { outcome: 'evaluated', matched: 2, findings: { breach: 1 } },
      asked: { kind: 'answered', matched: 2, findings: { breach: 1 } },
      cautions: [],
    });
    expect(of(story, 'a')).toMatchObject({
      reading: { from: 'recorded', values: { count: 2 } },
      lines: [
        { key: 'condition', text: 'count >= 2', verdict: 'true', decided: true },
        { key: 'recover', text: 'count < 1', verdict: 'false', decided: false },
      ],
      finding: { kind: 'breach' },
      because: 'breach: the condition holds',
      life: { happened: 'fires: the condition held for 1m', status: 'firing', present: undefined },
    });
  });

  test('the whole life stands beside it, in order and in words', async () => {
    const story = await explained(await incident(), RULE, { moment: NOON + 2 * MINUTE, now: NOON + 8 * MINUTE });
    expect(of(story, 'a').life.changes.map(({ at, kind }) => `${(at - NOON) / MINUTE} ${kind}`)).toEqual([
      '1 pending',
      '2 firing',
      '6 recovering',
      '7 resolved',
    ]);
  });

  test('and so do the messages that were sent about it', async () => {
    const story = await explained(await incident(), RULE, { moment: NOON + 2 * MINUTE, now: NOON + 8 * MINUTE });
    expect(of(story, 'a').notification.messages.map(({ title, outcome }) => `${outcome} ${title}`)).toEqual([
      'delivered [FIRING] boom: a',
      'delivered [RESOLVED] boom: a',
    ]);
  });

  test('documents that came late are notified beside the recorded values', async () => {
    const scene = await incident();
    scene.add('logs-app', boom(1.2, 'a'));
    const story = await explained(scene, RULE, { moment: NOON + 2 * MINUTE, now: NOON + 8 * MINUTE });
    expect(of(story, 'a').reading).toEqual({ from: 'recorded', present: true, values: { count: 2 }, now: { count: 3 } });
  });
});

describe('a tick at which nothing changed', () => {
  test('asks again with the code of the engine, and says that it stayed', async () => {
    const scene = await incident();
    const story = await explained(scene, RULE, { moment: NOON + 4 * MINUTE, now: NOON + 8 * MINUTE });
    expect(of(story, 'a')).toMatchObject({
      reading: { from: 'asked', values: { count: 2 } },
      life: { happened: 'no change, still firing', status: 'firing' },
    });
  });

  test('a quiet window has no record, and shows a few groups all the same', async () => {
    const scene = world();
    scene.add('logs-app', ...['a', 'b', 'c', 'd', 'e'].map((service) => boom(0.5, service)));
    const calm = testRule({ name: 'calm', groupBy: ['service'], window: MINUTE, condition: 'count > 5' });
    await play(scene.engine([calm]), NOON, NOON + 3 * MINUTE);
    const story = await explained(scene, calm, { moment: NOON + MINUTE });
    expect({ recorded: story.recorded, shown: story.groups.length, more: story.more }).toEqual({
      recorded: undefined,
      shown: 3,
      more: 2,
    });
    expect(story.groups.every(({ life }) => life.happened === 'no alert: the condition is false (count 1)')).toBe(true);
  });

  test('a moment between two ticks means the tick before it', async () => {
    expect((await explained(await incident(), RULE, { moment: NOON + 4 * MINUTE + 59_999 })).at).toBe(NOON + 4 * MINUTE);
  });
});

describe('what nobody has evaluated', () => {
  test('a rule that no engine knows is explained too: what it would see now', async () => {
    const scene = world();
    scene.add('logs-app', boom(0.1, 'a'), boom(0.2, 'a'));
    const story = await explained(scene, RULE, { moment: NOON + MINUTE });
    expect(story.cautions.map(({ code }) => code)).toEqual(['never-evaluated']);
    expect(of(story, 'a')).toMatchObject({
      finding: { kind: 'breach' },
      life: { happened: 'this rule was never evaluated by `tocsin run`', status: undefined },
      notification: { receivers: [{ destination: 'team/test/0', state: 'would' }] },
    });
  });

  test('a tick newer than what is saved is not evaluated yet', async () => {
    const story = await explained(await incident(), RULE, { moment: NOON + 30 * MINUTE });
    expect(story.cautions.map(({ code }) => code)).toContain('not-evaluated-yet');
  });

  test('a tick in a gap was never evaluated', async () => {
    const scene = await incident();
    await play(scene.engine([RULE]), NOON + 600 * MINUTE, NOON + 601 * MINUTE);
    const story = await explained(scene, RULE, { moment: NOON + 60 * MINUTE, now: NOON + 601 * MINUTE, group: { service: 'a' } });
    expect(story.cautions.map(({ code }) => code)).toContain('gap');
  });

  test('a paused rule says so first', async () => {
    const story = await explained(await incident(), { ...RULE, enabled: false }, { moment: NOON + 2 * MINUTE });
    expect(story.cautions[0]).toMatchObject({ code: 'paused' });
  });
});

describe('a search that failed', () => {
  const away: Search = {
    ask: async () => [{ kind: 'failed', problem: searchProblem('timeout', 'too slow'), cost: { took: 0, shards: 0, merged: 1 } }],
  };

  test('is never an empty answer: the record is notified, and why nothing came now', async () => {
    const scene = await incident();
    const story = await explained(scene, RULE, { moment: NOON + 2 * MINUTE }, { search: away });
    expect(story.asked).toMatchObject({ kind: 'failed', problem: { code: 'timeout', message: 'too slow' } });
    expect(of(story, 'a').reading).toMatchObject({ from: 'recorded', values: { count: 2 } });
    expect(story.cautions.map(({ code }) => code)).toEqual(['not-looked']);
  });

  test('of a run leaves the alert where it was, with the problem as recorded', async () => {
    const scene = world({ search: away });
    scene.add('logs-app', boom(0.1, 'a'));
    await play(scene.engine([RULE]), NOON, NOON + 3 * MINUTE);
    const story = await explained(scene, RULE, { moment: NOON + MINUTE });
    expect(story.recorded).toMatchObject({ outcome: 'failed', problem: { code: 'timeout' } });
    expect(story.cautions.find(({ code }) => code === 'failing')?.text).toContain('too slow');
  });

  test('a store that does not answer is no story', async () => {
    const scene = await incident();
    const ports = explainPorts(scene, { states: { load: async () => ({ ok: false, message: 'no node' }) } });
    const input = { rule: RULE, group: undefined, moment: NOON, now: NOON };
    expect(await explain(input, ports, new AbortController().signal)).toEqual({ ok: false, message: 'no node' });
  });

  test('records that cannot be read are a caution, and everything is asked again', async () => {
    const lost = async () => ({ ok: false, message: 'no runs' }) as const;
    const story = await explained(
      await incident(),
      RULE,
      { moment: NOON + 2 * MINUTE },
      { history: { runs: lost, messages: lost, payload: lost, episodes: lost, acknowledgements: lost } },
    );
    expect(story.cautions).toEqual([{ code: 'no-history', text: 'the records could not be read: no runs' }]);
    expect(of(story, 'a')).toMatchObject({ reading: { from: 'asked' }, notification: { messagesProblem: 'no runs' } });
  });
});

describe('groups', () => {
  const TWO = testRule({ name: 'two', groupBy: ['service', 'zone'], window: MINUTE });
  const scene = world();
  const at = { '@timestamp': new Date(NOON).toISOString() };
  scene.add(
    'logs-app',
    { ...at, service: 'a', zone: '1' },
    { ...at, service: 'a', zone: '2' },
    { ...at, service: 'b', zone: '1' },
  );

  test.each([
    ['none: all that tell something', undefined, 3],
    ['a part of the fields: all that fit', { service: 'a' }, 2],
    ['all of the fields: one', { service: 'a', zone: '2' }, 1],
  ])('%s', async (_name, group, count) => {
    expect((await explained(scene, TWO, { moment: NOON + MINUTE, group })).groups).toHaveLength(count);
  });

  test('a group of which nothing is known is said to be missing, with those that live and came', async () => {
    const story = await explained(scene, TWO, { moment: NOON + MINUTE, group: { service: 'c' } });
    expect(story.missing?.came).toHaveLength(3);
    expect(story.missing?.living).toEqual([]);
  });

  test('at most 20 are notified at length', async () => {
    const many = world();
    many.add('logs-app', ...Array.from({ length: 30 }, (_, index) => boom(0, `s${index}`)));
    const rule = testRule({ name: 'many', groupBy: ['service'], window: MINUTE });
    const story = await explained(many, rule, { moment: NOON + MINUTE });
    expect({ shown: story.groups.length, more: story.more }).toEqual({ shown: 20, more: 10 });
  });

  test('a group beyond max_groups is asked for by name', async () => {
    const many = world();
    many.add('logs-app', ...Array.from({ length: 9 }, (_, index) => boom(0, `s${index}`)));
    const rule = testRule({ name: 'many', groupBy: ['service'], window: MINUTE, maxGroups: 2 });
    const story = await explained(many, rule, { moment: NOON + MINUTE, group: { service: 's8' } });
    expect(of(story, 's8').reading?.values).toEqual({ count: 1 });
    expect(story.cautions.map(({ code }) => code)).toContain('truncated');
  });
});

describe('lines of a rule with levels', () => {
  const options = readOptions('threshold', { metrics: { used: { max: 'used' }, limit: { max: 'limit' } } }, ['pod']);
  const rule = testRule({
    name: 'memory',
    type: 'threshold',
    options,
    groupBy: ['pod'],
    window: MINUTE,
    levels: [
      { severity: 'critical', condition: 'used / limit > 0.95' },
      { severity: 'warning', condition: 'used / limit > 0.85' },
    ],
    recover: 'used / limit < 0.8',
  });
  const pods = world();
  const at = { '@timestamp': new Date(NOON).toISOString() };
  pods.add(
    'logs-app',
    { ...at, pod: 'high', used: 90, limit: 100 },
    { ...at, pod: 'odd', used: 90 },
    { ...at, pod: 'low', used: 1, limit: 100 },
  );

  test.each([
    ['high', 'breach: the condition of warning holds', ['critical false', 'warning true ←', 'recover false']],
    ['odd', 'unknown: `limit` has no value', ['critical unknown ←', 'warning unknown', 'recover unknown']],
    ['low', 'clear: the value is good', ['critical false', 'warning false', 'recover true ←']],
  ])('%s is %s', async (pod, because, lines) => {
    const story = await explained(pods, rule, { moment: NOON + MINUTE, group: { pod } });
    const [group] = story.groups;
    expect(group?.because).toBe(because);
    expect(
      group?.lines.map(({ key, severity, verdict, decided }) => `${severity ?? key} ${verdict}${decided ? ' ←' : ''}`),
    ).toEqual(lines);
  });

  test('a living alert without a document is absent, and the lines are not looked at', async () => {
    await play(pods.engine([rule]), NOON, NOON + MINUTE);
    const story = await explained(pods, rule, { moment: NOON + 2 * MINUTE, group: { pod: 'high' } });
    expect(story.groups[0]).toMatchObject({ finding: { kind: 'absent' }, lines: [{ verdict: 'skipped' }, {}, {}] });
  });
});

describe('who is notified, and who is not', () => {
  const stateOf = (story: Explanation) =>
    of(story, 'a').notification.receivers.map(({ destination, state, why }) => ({ destination, state, why }));
  const at3 = { moment: NOON + 3 * MINUTE, now: NOON + 3 * MINUTE };

  async function until3(prepare: (scene: ReturnType<typeof world>) => unknown = () => undefined, parts = {}) {
    const scene = world();
    await prepare(scene);
    scene.add('logs-app', ...[0, 1, 2].flatMap((minute) => [boom(minute, 'a'), boom(minute + 0.5, 'a')]));
    await play(scene.engine([RULE], parts), NOON, NOON + 3 * MINUTE);
    return scene;
  }

  test('who was notified knows it as firing', async () => {
    expect(stateOf(await explained(await until3(), RULE, at3))).toEqual([
      {
        destination: 'team/test/0',
        state: 'notified',
        why: expect.stringContaining('of it as firing (critical) since 2026-01-01 12:02 UTC'),
      },
    ]);
  });

  test('a silence is named', async () => {
    const scene = await until3(({ backend }) =>
      backend.silences.put({
        v: 1,
        id: 'quiet-please',
        matchers: [{ label: 'alertname', op: '=', value: 'boom' }],
        starts_at: NOON - MINUTE,
        ends_at: NOON + 60 * MINUTE,
        created_by: 'test',
        comment: 'a test',
      }),
    );
    expect(stateOf(await explained(scene, RULE, at3))).toEqual([
      { destination: 'team/test/0', state: 'held', why: 'its firing, by silence quiet-please' },
    ]);
  });

  test('a receiver that cannot be reached is retried, with the reason and when', async () => {
    const scene = await until3(({ channel }) => {
      channel.answer = () => ({ kind: 'retry', reason: { kind: 'network', text: 'the line is dead' }, after: 10 * MINUTE });
    });
    const [receiver] = stateOf(await explained(scene, RULE, at3));
    expect(receiver).toMatchObject({
      state: 'inflight',
      why: expect.stringMatching(/1 attempt since .*the line is dead; next attempt in 9m/),
    });
  });

  test('a receiver that refused is not notified, with the reason', async () => {
    const scene = await until3(({ channel }) => {
      channel.answer = () => ({ kind: 'rejected', reason: { kind: 'not_found', text: 'no such hook' } });
    });
    const [receiver] = stateOf(await explained(scene, RULE, at3));
    expect(receiver).toMatchObject({ state: 'dead', why: expect.stringContaining('no such hook') });
  });

  test('an alert group that gathers says for what it waits', async () => {
    const routing = plainRouting({ groupWait: 5 * MINUTE });
    const scene = await until3(() => undefined, { routing });
    const [receiver] = stateOf(await explained(scene, RULE, at3, { routing }));
    expect(receiver).toMatchObject({ state: 'waiting', why: 'its firing waits for group_wait 5m, due in 4m' });
  });

  test('what the store did not take yet is outstanding', async () => {
    const scene = world();
    const save = async (writes: readonly unknown[]) => writes.map(() => ({ kind: 'unclear', message: 'lost' }) as const);
    const alertGroups = { ...scene.backend.alertGroups, save };
    scene.add('logs-app', ...[0, 1].flatMap((minute) => [boom(minute, 'a'), boom(minute + 0.5, 'a')]));
    await play(scene.engine([RULE], { backend: { ...scene.backend, alertGroups } }), NOON, NOON + 2 * MINUTE);
    expect(stateOf(await explained(scene, RULE, { moment: NOON + 2 * MINUTE }))).toEqual([
      { destination: 'team/test/0', state: 'outbox', why: 'saved with the rule, passed to this destination within seconds' },
    ]);
  });

  test('an end that could not be delivered is not notified either', async () => {
    const scene = await until3();
    scene.channel.answer = () => ({ kind: 'rejected', reason: { kind: 'not_found', text: 'no such hook' } });
    await play(scene.engine([RULE]), NOON + 3 * MINUTE, NOON + 12 * MINUTE);
    const story = await explained(scene, RULE, { moment: NOON + 12 * MINUTE, group: { service: 'a' } });
    expect(story.missing).toBeDefined();
    const then = await explained(scene, RULE, { moment: NOON + 5 * MINUTE, now: NOON + 12 * MINUTE });
    expect(stateOf(then)).toMatchObject([{ state: 'dead', why: expect.stringContaining('its end: delivery failed') }]);
  });

  test('nobody is notified of what is pending', async () => {
    const scene = world();
    scene.add('logs-app', boom(0, 'a'), boom(0.5, 'a'));
    await play(scene.engine([RULE]), NOON, NOON + MINUTE);
    expect(stateOf(await explained(scene, RULE, { moment: NOON + MINUTE }))).toEqual([
      {
        destination: 'team/test/0',
        state: 'would',
        why: 'pending: this destination is notified when it fires',
      },
    ]);
  });

  test('a destination that is gone from the configuration is named', async () => {
    const routing = {
      ...plainRouting({ receiver: 'other' }),
      destinations: { other: [{ id: 'other/test/0', receiver: 'other', channel: 'test' }] },
    };
    const story = await explained(await until3(), RULE, at3, { routing });
    expect(stateOf(story).map(({ destination, state }) => `${destination} ${state}`)).toEqual([
      'team/test/0 gone',
      'other/test/0 would',
    ]);
  });

  test('the way through the tree is notified; receivers of the rule itself have none', async () => {
    const child = {
      ...plainRouting().root,
      key: '{}/{severity="critical"}',
      receiver: 'other',
      matchers: [{ label: 'severity', op: '=', value: 'critical' }],
    } as const;
    const routing = plainRouting({ routes: [child] });
    const scene = await until3(() => undefined, { routing });
    expect(of(await explained(scene, RULE, at3, { routing }), 'a').notification.paths).toEqual([
      ['{}', '{}/{severity="critical"}'],
    ]);
    const own = await explained(scene, { ...RULE, receivers: ['team'] }, at3, { routing });
    expect(of(own, 'a').notification).toMatchObject({ byRule: true, paths: [] });
  });
});
