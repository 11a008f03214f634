import { describe, expect, it } from 'vitest';
import { NO_COST } from '../../../src/search/answer.ts';
import type { Query } from '../../../src/search/query.ts';
import type { Search } from '../../../src/search/search.ts';
import { searchProblem } from '../../../src/search/search-problem.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, play, timeline, turnAt, world } from '../../support/engine/world.ts';
import { titleText } from '../../support/messages/title-text.ts';

const at = (minutes: number, fields: Readonly<Record<string, unknown>> = {}) => ({
  '@timestamp': new Date(NOON + minutes * MINUTE).toISOString(),
  message: 'boom',
  ...fields,
});

/** A search that fails the queries of some rules, by a text in their filter. */
const failing = (search: Search, fails: (query: Query) => boolean): Search => ({
  ask: async (queries, signal) => {
    const answers = await search.ask(queries, signal);
    return queries.map((query, index) =>
      fails(query)
        ? { kind: 'failed', problem: searchProblem('timeout', 'too slow'), cost: NO_COST }
        : (answers[index] ?? never()),
    );
  },
});
const never = (): never => {
  throw new Error('no answer');
};

describe('evaluateBatch', () => {
  it('leaves the other rules of a batch untouched and on time when one of them fails', async () => {
    const { engine, add, backend, channel } = world();
    for (let minute = 0; minute < 10; minute++) add('logs-app', at(minute));
    const search = failing(backend.search, (query) => JSON.stringify(query.filter).includes('slow'));
    const rules = [testRule({ name: 'good', window: MINUTE }), testRule({ name: 'bad', kql: 'message:slow', window: MINUTE })];
    const ports = engine(rules, { backend: { ...backend, search } });
    const reports = await play(ports, NOON, NOON + 3 * MINUTE);
    expect(timeline(reports)).toEqual(['12:01 inactive => firing']);
    expect(reports.flatMap((report) => report.runs.filter((run) => run.outcome === 'failed').map((run) => run.rule))).toEqual([
      'bad',
      'bad',
      'bad',
    ]);
    expect(heard(channel)).toContain('12:01 team [FIRING] good');
  });

  it('keeps alerts where they are while a rule cannot be evaluated, and raises its health alert after error_after', async () => {
    const { engine, add, backend, channel } = world();
    for (let minute = 0; minute < 30; minute++) add('logs-app', at(minute));
    let down = false;
    const search = failing(backend.search, () => down);
    const ports = engine([testRule({ name: 'boom', window: MINUTE })], {
      backend: { ...backend, search },
      meta: 'meta',
      routing: plainRouting({ groupBy: ['alertname', 'subject'], groupInterval: MINUTE }),
    });
    await play(ports, NOON, NOON + 2 * MINUTE);
    down = true;
    await play(ports, NOON + 2 * MINUTE, NOON + 6 * MINUTE);
    down = false;
    await play(ports, NOON + 6 * MINUTE, NOON + 10 * MINUTE);
    expect(heard(channel)).toEqual([
      '12:01 team [FIRING] boom',
      '12:05 team [FIRING] Tocsin: rule boom is not fully evaluated',
      '12:05 meta [FIRING] Tocsin: rule boom is not fully evaluated',
      '12:07 team [RESOLVED] Tocsin: rule boom is not fully evaluated',
      '12:07 meta [RESOLVED] Tocsin: rule boom is not fully evaluated',
    ]);
  });

  it('evaluates the windows of a downtime in order with their own times, and says so', async () => {
    const { engine, add, channel } = world();
    for (const minute of [2, 3, 4]) add('logs-app', at(minute));
    const rule = testRule({ name: 'boom', window: MINUTE });
    const ports = engine([rule]);
    await turnAt(ports, NOON);
    const report = await turnAt(engine([rule]), NOON + 8.5 * MINUTE);
    expect(timeline([report])).toEqual(['12:03 inactive => firing', '12:06 firing => inactive']);
    expect(channel.got.map(({ message }) => [titleText(message.title), message.notes])).toEqual([
      ['[ENDED] boom', ['One alert was evaluated late, while catching up on windows that were missed.']],
    ]);
  });

  it('records windows that are too old as a gap and goes on', async () => {
    const { engine, add, backend } = world();
    add('logs-app', at(0));
    const rule = testRule({ name: 'boom', window: MINUTE, catchUp: 10 * MINUTE });
    await turnAt(engine([rule]), NOON);
    await turnAt(engine([rule]), NOON + 100 * MINUTE);
    const loaded = await backend.ruleStates.load(['boom'], new Map());
    const gaps = loaded.ok && loaded.value.get('boom')?.document.health.gaps;
    expect(gaps).toEqual([{ from: NOON, to: NOON + 89 * MINUTE }]);
  });

  it('tells once of windows that are too old', async () => {
    const { engine, add, channel } = world();
    add('logs-app', at(-60));
    const rule = testRule({ name: 'boom', window: MINUTE, catchUp: 10 * MINUTE });
    await turnAt(engine([rule]), NOON);
    await play(engine([rule]), NOON + 99 * MINUTE, NOON + 120 * MINUTE);
    expect(heard(channel)).toEqual([
      '13:40 team [FIRING] Tocsin: rule boom is not fully evaluated',
      '13:45 team [RESOLVED] Tocsin: rule boom is not fully evaluated',
    ]);
    const values = channel.got[0]?.message.alerts[0]?.values;
    expect(values).toEqual({
      problem:
        'the windows of 2026-01-01T12:00:00.000Z to 2026-01-01T13:29:00.000Z were not evaluated: they are older than catch_up',
    });
  });

  it('evaluates the other rules of a batch when one document cannot be read', async () => {
    const { engine, add, backend, channel } = world();
    add('logs-app', at(0));
    const rules = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => testRule({ name, window: MINUTE }));
    let loads = 0;
    const ruleStates: typeof backend.ruleStates = {
      ...backend.ruleStates,
      load: async (ids, have) => {
        loads++;
        const message = 'the document e was edited by hand';
        return ids.includes('e')
          ? { ok: false, message, unreadable: new Map([['e', message]]) }
          : backend.ruleStates.load(ids, have);
      },
    };
    const report = await turnAt(engine(rules, { backend: { ...backend, ruleStates } }), NOON + MINUTE);
    expect(report.runs.map((run) => run.rule).sort()).toEqual(['a', 'b', 'c', 'd', 'f', 'g']);
    expect(report.invalid).toEqual([{ kind: 'rule', id: 'e', problem: 'the document e was edited by hand' }]);
    expect([report.unsaved, report.storeProblems]).toEqual([[], []]);
    expect(loads).toBeLessThan(10);
    expect(heard(channel)).toContain('12:01 team [FIRING] Tocsin: rule e is not fully evaluated');
  });

  it('asks a store that is away three times for a batch, not once a rule', async () => {
    const { engine, backend } = world();
    const rules = Array.from({ length: 50 }, (_, index) => testRule({ name: `r${index}` }));
    let loads = 0;
    const ruleStates: typeof backend.ruleStates = {
      ...backend.ruleStates,
      load: async () => {
        loads++;
        return { ok: false, message: 'away' };
      },
    };
    const report = await turnAt(engine(rules, { backend: { ...backend, ruleStates } }), NOON);
    expect(report.storeProblems).toContain('away');
    expect(loads).toBeLessThanOrEqual(5);
  });

  it('forgets what it computed after a conflict, and evaluates again from what the other writer left', async () => {
    const { engine, add, channel } = world();
    add('logs-app', at(0));
    const rule = testRule({ name: 'boom', window: MINUTE });
    const [one, two] = [engine([rule]), engine([rule])];
    const reports = await Promise.all([turnAt(one, NOON + MINUTE), turnAt(two, NOON + MINUTE)]);
    expect(reports.flatMap((report) => report.unsaved)).toEqual([{ rule: 'boom', why: 'conflict' }]);
    await turnAt(one, NOON + 2 * MINUTE);
    await turnAt(two, NOON + 8 * MINUTE);
    expect(heard(channel)).toEqual(['12:01 team [FIRING] boom', '12:08 team [RESOLVED] boom']);
  });

  it('ends the alerts of a rule whose group_by changed, and keeps those of one whose condition changed', async () => {
    const { engine, add } = world();
    for (let minute = 0; minute < 10; minute++) add('logs-app', at(minute, { 'service.name': 'a', 'host.name': 'h' }));
    const of = (groupBy: readonly string[], condition: string) => testRule({ name: 'boom', window: MINUTE, groupBy, condition });
    await play(engine([of(['service.name'], 'count >= 1')]), NOON, NOON + 2 * MINUTE);
    const kept = await play(engine([of(['service.name'], 'count >= 0')]), NOON + 2 * MINUTE, NOON + 4 * MINUTE);
    expect(timeline(kept)).toEqual([]);
    const changed = await play(engine([of(['host.name'], 'count >= 1')]), NOON + 4 * MINUTE, NOON + 5 * MINUTE);
    // The engine before left without a checkpoint: its quiet windows since 12:01 are evaluated again, now by the changed rule.
    expect(timeline(changed)).toEqual(['12:02 a firing => inactive', '12:02 h inactive => firing']);
    expect(
      changed.flatMap((report) => report.runs.flatMap((run) => run.changes.map((change) => change.transition.reason))),
    ).toEqual(['rule_changed', 'breach']);
  });

  it('moves an alert that gets worse to its new route, and tells the old one that it left', async () => {
    const { engine, add, channel } = world();
    for (let minute = 0; minute < 6; minute++) {
      for (let copy = 0; copy < (minute < 3 ? 2 : 9); copy++) add('logs-app', at(minute));
    }
    const rule = testRule({
      name: 'boom',
      window: MINUTE,
      levels: [
        { severity: 'critical', condition: 'count >= 5' },
        { severity: 'warning', condition: 'count >= 1' },
      ],
    });
    const base = plainRouting({ groupInterval: MINUTE });
    const critical = {
      ...base.root,
      key: '{}/{severity="critical"}',
      receiver: 'other',
      matchers: [{ label: 'severity', op: '=' as const, value: 'critical' }],
    };
    await play(engine([rule], { routing: { ...base, root: { ...base.root, routes: [critical] } } }), NOON, NOON + 10 * MINUTE);
    expect(heard(channel)).toEqual([
      '12:01 team [FIRING] boom',
      '12:04 other [FIRING] boom',
      '12:04 team [HANDED OVER] boom',
      '12:07 other [RESOLVED] boom',
    ]);
  });

  it('writes a rule without a change once in five windows', async () => {
    const { engine, add, backend } = world();
    add('logs-app', at(-60));
    let writes = 0;
    const ruleStates = {
      ...backend.ruleStates,
      save: (all: Parameters<typeof backend.ruleStates.save>[0]) => {
        writes += all.length;
        return backend.ruleStates.save(all);
      },
    };
    await play(
      engine([testRule({ name: 'quiet', window: MINUTE })], { backend: { ...backend, ruleStates } }),
      NOON,
      NOON + 21 * MINUTE,
    );
    expect(writes).toBe(1 + 4);
  });
});
