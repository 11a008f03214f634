import { describe, expect, it } from 'vitest';
import { embeddedBackend } from '../../../src/backends/embedded/backend.ts';
import type { StoreAnswer } from '../../../src/core/stored.ts';
import { openTurn } from '../../../src/engine/open-turn.ts';
import { HEALTH_RULE_ID } from '../../../src/engine/self-monitoring/health-rule.ts';
import { turn } from '../../../src/engine/turn.ts';
import type { Silence } from '../../../src/notify/silences.ts';
import { NO_COST } from '../../../src/search/answer.ts';
import type { Query } from '../../../src/search/query.ts';
import type { Search } from '../../../src/search/search.ts';
import { searchProblem } from '../../../src/search/search-problem.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { catchUpAt, heard, MINUTE, NOON, plainRouting, play, turnAt, world } from '../../support/engine/world.ts';
import { titleText } from '../../support/messages/title-text.ts';

const at = (minutes: number, fields: Readonly<Record<string, unknown>> = {}) => ({
  '@timestamp': new Date(NOON + minutes * MINUTE).toISOString(),
  message: 'boom',
  ...fields,
});

const minutes = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => at(from + index));

/** A search that fails whatever is asked while `down` says so. */
const failing = (search: Search, down: (query: Query) => boolean): Search => ({
  ask: async (queries, signal) => {
    const answers = await search.ask(queries, signal);
    return answers.map((answer, index) => {
      const query = queries[index];
      return query !== undefined && down(query)
        ? { kind: 'failed' as const, problem: searchProblem('timeout', 'too slow'), cost: NO_COST }
        : answer;
    });
  },
});

const signal = () => new AbortController().signal;

describe('what is saved', () => {
  it('ends the alerts of a changed rule although its first search after the change fails', async () => {
    const { engine, add, backend, channel } = world();
    for (let minute = 0; minute < 10; minute++) add('logs-app', at(minute, { 'service.name': 'a' }));
    const of = (groupBy: readonly string[]) => testRule({ name: 'boom', window: MINUTE, groupBy, condition: 'count >= 1' });
    await play(engine([of(['service.name'])]), NOON, NOON + 2 * MINUTE);
    let down = true;
    const search = failing(backend.search, () => down);
    const changed = engine([of(['host.name'])], {
      backend: { ...backend, search },
      routing: plainRouting({ groupInterval: MINUTE }),
    });
    await turnAt(changed, NOON + 3 * MINUTE);
    down = false;
    await catchUpAt(changed, NOON + 4 * MINUTE);
    expect(heard(channel).slice(0, 2)).toEqual(['12:01 team [FIRING] boom: a', '12:04 team [RULE CHANGED] boom: a']);
    expect(channel.got[1]?.message.alerts[0]?.details).toContainEqual({ label: 'reason', value: 'rule changed' });
  });

  it('is found by the sweep of a replica that knows an older version of the same document', async () => {
    const { engine, add, channel } = world();
    add('logs-app', ...minutes(0, 3));
    const rule = testRule({ name: 'boom', window: MINUTE });
    const [evaluate, sweeper] = [engine([rule]), engine([rule])];
    await turn(openTurn({ now: NOON + MINUTE, due: [rule], sweep: false }, evaluate, signal()));
    await turn(openTurn({ now: NOON + MINUTE, due: [], sweep: true }, sweeper, signal()));
    // The evaluate saves the end and dies before it hands it on.
    const dying = {
      ...evaluate,
      alertGroups: { ...evaluate.alertGroups, load: async () => ({ ok: false as const, message: 'dead' }) },
    };
    await turn(openTurn({ now: NOON + 4 * MINUTE, due: [rule], sweep: false }, dying, signal()));
    await turn(openTurn({ now: NOON + 10 * MINUTE, due: [], sweep: true }, sweeper, signal()));
    expect(heard(channel)).toEqual(['12:01 team [FIRING] boom', '12:10 team [RESOLVED] boom']);
  });

  it('is not taken for confirmed because another incarnation of the document was', async () => {
    const { engine, add, backend, channel } = world();
    add('logs-app', ...minutes(0, 30));
    const daily = { kind: 'every', every: 24 * 60 * MINUTE } as const;
    const rule = testRule({ name: 'boom', window: 24 * 60 * MINUTE, delay: -13 * 60 * MINUTE, schedule: daily });
    await turnAt(engine([rule], { routing: plainRouting({ groupInterval: MINUTE }) }), NOON + 20 * MINUTE);
    // Someone deletes the rules' index within the same interval, so the new document begins at the same tick.
    const { ruleStates } = embeddedBackend();
    await turnAt(
      engine([rule], { backend: { ...backend, ruleStates }, routing: plainRouting({ groupInterval: MINUTE }) }),
      NOON + 25 * MINUTE,
    );
    expect(heard(channel)).toEqual(['12:20 team [FIRING] boom', '12:25 team [FIRING] boom']);
  });

  it('is not outstanding for ever when it is health', async () => {
    const { engine, add, backend } = world();
    add('logs-app', ...minutes(0, 30));
    let down = false;
    const ports = engine([testRule({ name: 'boom', window: MINUTE })], {
      backend: { ...backend, search: failing(backend.search, () => down) },
      routing: plainRouting({ groupBy: ['alertname', 'subject'], groupInterval: MINUTE }),
    });
    await play(ports, NOON, NOON + 2 * MINUTE);
    for (let outage = 0; outage < 3; outage++) {
      down = true;
      await play(ports, NOON + (2 + 8 * outage) * MINUTE, NOON + (6 + 8 * outage) * MINUTE);
      down = false;
      await play(ports, NOON + (6 + 8 * outage) * MINUTE, NOON + (10 + 8 * outage) * MINUTE);
    }
    const loaded = await backend.ruleStates.load([HEALTH_RULE_ID], new Map());
    expect(loaded.ok && loaded.value.get(HEALTH_RULE_ID)?.document.outbox.map((entry) => entry.n)).toEqual([6]);
  });
});

describe('a problem of a rule', () => {
  it('is over when the rule is gone, since no run will ever say so', async () => {
    const { engine, add, backend, channel } = world();
    add('logs-app', ...minutes(0, 30));
    const broken = testRule({ name: 'broken', index: 'slow-*', window: MINUTE });
    const good = testRule({ name: 'good', window: MINUTE, condition: 'count >= 99' });
    const search = failing(backend.search, (query) => query.source.indices.includes('slow-*'));
    const ports = (rules: readonly (typeof good)[]) =>
      engine(rules, { backend: { ...backend, search }, routing: plainRouting({ groupInterval: MINUTE }) });
    await play(ports([good, broken]), NOON, NOON + 4 * MINUTE);
    await play(ports([good]), NOON + 4 * MINUTE, NOON + 10 * MINUTE);
    expect(heard(channel).map((line) => line.slice(6))).toEqual([
      'team [FIRING] Tocsin: rule broken is not fully evaluated',
      'team [RULE REMOVED] Tocsin: rule broken is not fully evaluated',
    ]);
  });

  it('does not reach the other rules of its batch, even when its type throws', async () => {
    const { engine, add, channel } = world();
    add('logs-app', at(0));
    const ports = engine([testRule({ name: 'boom', window: MINUTE }), testRule({ name: 'odd', window: 2 * MINUTE })]);
    const throwing: typeof ports.typeNamed = (name) => {
      const type = ports.typeNamed(name);
      const ask: NonNullable<typeof type>['ask'] = (input, soFar) => {
        if (input.spec.id === 'odd') throw new Error('stumbled');
        return type?.ask(input, soFar) ?? [];
      };
      return type && { ...type, ask };
    };
    const report = await turnAt({ ...ports, typeNamed: throwing }, NOON + MINUTE);
    expect(heard(channel)).toEqual(['12:01 team [FIRING] boom', '12:01 team [FIRING] Tocsin: rule odd is not fully evaluated']);
    expect(report.runs.map((run) => [run.rule, run.problem?.code])).toEqual([
      ['boom', undefined],
      ['odd', 'internal'],
    ]);
  });

  it('is named when it is one of the batch, which its rules pass one by one: it would be evaluated twice every turn', async () => {
    const { engine, add, channel } = world();
    add('logs-app', at(0));
    const ports = engine([testRule({ name: 'boom', window: MINUTE }), testRule({ name: 'odd', window: 2 * MINUTE })]);
    let calls = 0;
    const deadline: typeof ports.deadline = (ms, parent) => {
      if (calls++ === 0) throw new Error('together');
      return ports.deadline(ms, parent);
    };
    const report = await turnAt({ ...ports, deadline }, NOON + MINUTE);
    expect(report.runs.map((run) => [run.rule, run.outcome])).toEqual([
      ['boom', 'evaluated'],
      ['odd', 'evaluated'],
    ]);
    expect(report.errors.map(({ kind, step, error }) => [kind, step, error.message])).toEqual([
      ['engine', 'evaluating rules together', 'together'],
    ]);
    expect(heard(channel).filter((line) => line.includes('Tocsin:'))).toHaveLength(1);
  });
});

describe('what is notified', () => {
  it('is notified without waiting for a slow index', async () => {
    const { engine, add, backend, channel } = world();
    add('logs-app', at(0));
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const search: Search = {
      ask: async (queries, stop) => {
        if (queries.some((query) => query.source.indices.includes('slow-*'))) await gate;
        return backend.search.ask(queries, stop);
      },
    };
    const rules = [testRule({ name: 'quick', window: MINUTE }), testRule({ name: 'slow', index: 'slow-*', window: MINUTE })];
    const notified = new Promise<void>((resolve) => {
      channel.answer = () => {
        resolve();
        return { kind: 'delivered' };
      };
    });
    const running = turnAt(engine(rules, { backend: { ...backend, search } }), NOON + MINUTE);
    await notified;
    release();
    const report = await running;
    expect(report.notified.map((one) => titleText(one.title))).toContain('[FIRING] quick');
  });

  it('follows the silences that were last read while they cannot be read', async () => {
    const { engine, add, backend, channel } = world();
    for (let minute = 0; minute < 30; minute++) add('logs-app', at(minute, { 'service.name': minute < 5 ? 'a' : 'b' }));
    const silence: Silence = {
      v: 1,
      id: 's',
      matchers: [{ label: 'service.name', op: '=', value: 'b' }],
      starts_at: NOON,
      ends_at: NOON + 20 * MINUTE,
      created_by: 'team',
      comment: 'work',
    };
    await backend.silences.put(silence);
    let down = false;
    const silences = {
      ...backend.silences,
      list: async (from: number): Promise<StoreAnswer<readonly Silence[]>> =>
        down ? { ok: false, message: 'no shard' } : backend.silences.list(from),
    };
    const rule = testRule({ name: 'boom', groupBy: ['service.name'], window: MINUTE });
    const ports = engine([rule], { backend: { ...backend, silences }, routing: plainRouting({ groupInterval: MINUTE }) });
    await play(ports, NOON, NOON + 2 * MINUTE);
    down = true;
    await play(ports, NOON + 2 * MINUTE, NOON + 25 * MINUTE);
    expect(heard(channel)).toEqual([
      '12:01 team [FIRING] boom: a',
      '12:06 team [RESOLVED] boom: a',
      '12:20 team [FIRING] boom: b',
    ]);
  });

  it('is nothing while the silences were never read', async () => {
    const { engine, add, backend, channel } = world();
    add('logs-app', ...minutes(0, 30));
    let down = true;
    let writes = 0;
    const ports = engine([testRule({ name: 'boom', window: MINUTE })], {
      backend: {
        ...backend,
        alertGroups: {
          ...backend.alertGroups,
          save: (all) => {
            writes += all.length;
            return backend.alertGroups.save(all);
          },
        },
        silences: {
          ...backend.silences,
          list: async (from) => (down ? { ok: false, message: 'no shard' } : backend.silences.list(from)),
        },
      },
    });
    await play(ports, NOON, NOON + 10 * MINUTE);
    expect(heard(channel)).toEqual([]);
    expect(writes, 'an alert group that nothing can be decided for is not written again and again').toBe(1);
    down = false;
    await play(ports, NOON + 10 * MINUTE, NOON + 12 * MINUTE);
    expect(heard(channel)).toEqual(['12:11 team [FIRING] boom']);
  });

  it('leaves out the rules that are paused, and reminds of them again when they are not', async () => {
    const { engine, add, channel } = world();
    add('logs-app', ...minutes(0, 600));
    const rule = testRule({ name: 'boom', window: MINUTE, repeatInterval: 60 * MINUTE, catchUp: 600 * MINUTE });
    await play(engine([rule]), NOON, NOON + 65 * MINUTE);
    expect(heard(channel)).toEqual(['12:01 team [FIRING] boom', '13:01 team [FIRING, still] boom']);
    const paused = engine([{ ...rule, enabled: false }]);
    for (let minute = 66; minute < 300; minute++) {
      await turn(openTurn({ now: NOON + minute * MINUTE, due: [], sweep: true }, paused, signal()));
    }
    expect(heard(channel).slice(2)).toEqual([]);
    await play(engine([rule]), NOON + 300 * MINUTE, NOON + 310 * MINUTE);
    expect(heard(channel).slice(2)).toEqual(['17:01 team [FIRING, still] boom']);
  });
});

describe('a rules index that someone deleted', () => {
  const scene = async (until: number) => {
    const { engine, add, backend, channel } = world();
    add('logs-app', ...minutes(0, until));
    const rule = testRule({ name: 'boom', window: MINUTE });
    await play(engine([rule]), NOON, NOON + 10 * MINUTE);
    const { ruleStates } = embeddedBackend();
    await play(engine([rule], { backend: { ...backend, ruleStates } }), NOON + 30 * MINUTE, NOON + 700 * MINUTE);
    return heard(channel);
  };

  it('makes what still fires be notified again, and its end once', async () => {
    expect(await scene(100)).toEqual(['12:01 team [FIRING] boom', '12:31 team [FIRING] boom', '13:41 team [RESOLVED] boom']);
  });

  it('ends what was notified and does not fire any more, instead of reminding of it for ever', async () => {
    expect(await scene(20)).toEqual(['12:01 team [FIRING] boom', '16:01 team [STATE LOST] boom']);
  });
});
