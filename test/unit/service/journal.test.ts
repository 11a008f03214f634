import { describe, expect, it } from 'vitest';
import type { Saved } from '../../../src/core/stored.ts';
import type { TurnLog } from '../../../src/engine/turn-log.ts';
import type { TurnPorts } from '../../../src/engine/turn-ports.ts';
import { NO_COST } from '../../../src/search/answer.ts';
import { searchProblem } from '../../../src/search/search-problem.ts';
import { type Journal, newGaps, startJournal } from '../../../src/service/journal.ts';
import { readOptions, testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, turnAt, world } from '../../support/engine/world.ts';
import { capturedLog } from '../../support/service/captured-log.ts';

const present = { '@timestamp': new Date(NOON - MINUTE).toISOString(), message: 'x' };
const write = (journal: Journal, report: TurnLog, ports: TurnPorts) => {
  journal.evaluated(report, ports);
  journal.ended(report);
};
const quiet = (lines: readonly string[]) => lines.filter((line) => !line.startsWith('debug'));

describe('the journal', () => {
  it('has a line for a firing, with rule and tick, and one for its notification', async () => {
    const { engine, add } = world();
    add('logs-app', present);
    const ports = engine([testRule({ name: 'boom' })]);
    const { log, lines, raw } = capturedLog();
    write(startJournal(log), await turnAt(ports, NOON), ports);
    expect(quiet(lines())).toEqual(['info: firing', 'info: notification delivered']);
    expect(JSON.parse(raw.find((line) => line.includes('"firing"')) ?? '')).toMatchObject({
      rule: 'boom',
      at: '2026-01-01T12:00:00.000Z',
    });
  });

  it('has one line for an event, which has no end', async () => {
    const { engine, add } = world();
    add('logs-app', present);
    const ports = engine([
      testRule({ name: 'each', type: 'match', options: readOptions('match', {}), condition: 'events >= 1' }),
    ]);
    const { log, lines } = capturedLog();
    write(startJournal(log), await turnAt(ports, NOON), ports);
    expect(lines().filter((line) => /firing|resolved|event/.test(line))).toEqual(['info: event']);
  });

  it('has a line for each change of level, with the level before', async () => {
    const { engine, add } = world();
    const at = (minute: number) => ({ '@timestamp': new Date(NOON + (minute - 0.5) * MINUTE).toISOString(), message: 'x' });
    add('logs-app', at(0), at(1), at(1), at(2));
    const levels = [
      { severity: 'critical', condition: 'count >= 2' },
      { severity: 'warning', condition: 'count >= 1' },
    ];
    const ports = engine([testRule({ name: 'boom', window: MINUTE, levels })]);
    const { log, raw } = capturedLog();
    const journal = startJournal(log);
    for (let minute = 0; minute < 3; minute++) write(journal, await turnAt(ports, NOON + minute * MINUTE), ports);
    const changes = raw.map((line) => JSON.parse(line)).filter(({ level, reason, from }) => level === 'info' && reason && from);
    expect(changes.map(({ msg, severity, previous_severity }) => [msg, severity, previous_severity])).toEqual([
      ['firing', 'warning', undefined],
      ['worse', 'critical', 'warning'],
      ['better', 'warning', 'critical'],
    ]);
  });

  it('has a line for what a second look found, with the tick of its window', async () => {
    const { engine, add } = world();
    add('logs-app', { ...present, '@timestamp': new Date(NOON - 60 * MINUTE).toISOString() });
    const ports = engine([testRule({ name: 'boom', window: MINUTE, revisit: 5 * MINUTE })]);
    const { log, raw } = capturedLog();
    const journal = startJournal(log);
    for (let minute = 0; minute < 8; minute++) {
      if (minute === 3) add('logs-app', { ...present, '@timestamp': new Date(NOON + 0.5 * MINUTE).toISOString() });
      write(journal, await turnAt(ports, NOON + minute * MINUTE), ports);
    }
    const changes = raw.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'firing' || msg === 'resolved');
    expect(changes.map(({ msg, at, late }) => [msg, at, late])).toEqual([
      ['firing', '2026-01-01T12:01:00.000Z', true],
      ['resolved', '2026-01-01T12:02:00.000Z', true],
    ]);
  });

  it('reports a failure when it begins and when it ends, not each minute', async () => {
    const { engine, add } = world();
    add('logs-app', present);
    const ports = engine([testRule({ name: 'boom', index: 'late-*', window: MINUTE })]);
    const { log, lines } = capturedLog();
    const journal = startJournal(log);
    for (let minute = 0; minute < 3; minute++) write(journal, await turnAt(ports, NOON + minute * MINUTE), ports);
    add('late-one', { ...present, '@timestamp': new Date(NOON - 60 * MINUTE).toISOString() });
    write(journal, await turnAt(ports, NOON + 3 * MINUTE), ports);
    expect(quiet(lines()).filter((line) => line.includes('evaluation'))).toEqual([
      'warn: the evaluation failed: the window is retried',
      'info: evaluations succeed again (no_index)',
    ]);
  });

  it('has a warning when documents behind an alert could not be fetched', async () => {
    const { engine, add, backend } = world();
    add('logs-app', { ...present, trace: { id: 't' } });
    const search: typeof backend.search = {
      ask: async (queries, signal) => {
        const answers = await backend.search.ask(queries, signal);
        const problem = searchProblem('timeout', 'too slow');
        return answers.map((answer, index) =>
          queries[index]?.kind === 'hits' ? { kind: 'failed', problem, cost: NO_COST } : answer,
        );
      },
    };
    const ports = engine([testRule({ name: 'boom' })], { backend: { ...backend, search } });
    const { log, lines, raw } = capturedLog();
    write(startJournal(log), await turnAt(ports, NOON), ports);
    expect(quiet(lines())).toContain('warn: the evidence of an alert could not be fetched: notifying without it');
    expect(JSON.parse(raw.find((line) => line.includes('could not be fetched')) ?? '')).toMatchObject({
      rule: 'boom',
      code: 'timeout',
    });
  });

  it('has an error for a receiver that is dead and a warning for one that is retried', async () => {
    const { engine, add, channel } = world();
    add('logs-app', present);
    const ports = engine([testRule({ name: 'boom' })]);
    const { log, lines } = capturedLog();
    const journal = startJournal(log);
    channel.answer = (_message, attempt) =>
      attempt === 0
        ? { kind: 'retry', reason: { kind: 'network', text: 'refused' } }
        : { kind: 'rejected', reason: { kind: 'unauthorized', text: 'bad token' } };
    write(journal, await turnAt(ports, NOON), ports);
    write(journal, await turnAt(ports, NOON + MINUTE), ports);
    expect(lines()).toContain('warn: notification not delivered, retrying');
    expect(lines()).toContain('error: notification failed: check this receiver');
  });
});

describe('gaps', () => {
  it('are found once, in the turn that settles them', async () => {
    const { engine, add } = world();
    add('logs-app', present);
    const ports = engine([testRule({ name: 'boom', catchUp: 5 * MINUTE })]);
    const found = [];
    for (const minutes of [0, 1, 61, 62]) found.push(newGaps(await turnAt(ports, NOON + minutes * MINUTE), ports));
    expect(found).toEqual([[], [], [{ rule: 'boom', from: NOON + MINUTE, to: NOON + 55 * MINUTE }], []]);
  });

  describe('while writes are refused', () => {
    const refusing = (saved: Saved) => {
      const scene = world();
      const store = { saved: saved as Saved | undefined };
      const { ruleStates } = scene.backend;
      const save: typeof ruleStates.save = async (writes) =>
        store.saved === undefined ? ruleStates.save(writes) : writes.map(() => store.saved ?? saved);
      const refused = world({ ...scene.backend, ruleStates: { ...ruleStates, save } });
      scene.add('logs-app', present);
      const ports = refused.engine([testRule({ name: 'boom' })]);
      const { log, lines } = capturedLog();
      const journal = startJournal(log);
      const turns = async (count: number, at = NOON) => {
        for (let turn = 0; turn < count; turn++) write(journal, await turnAt(ports, at + turn * 2_000), ports);
      };
      return { store, turns, loud: () => quiet(lines()) };
    };

    it('has no line of a firing that is not saved, one of the refusal, and one of each when it is saved', async () => {
      const { store, turns, loud } = refusing({ kind: 'refused', message: 'a document of 40.0 MiB is too large' });
      await turns(10);
      expect(loud()).toEqual(['error: the store refused to write the state of this rule']);
      store.saved = undefined;
      await turns(3, NOON + MINUTE);
      expect(loud().slice(1)).toEqual([
        'info: the state of this rule can be saved again',
        'info: firing',
        'info: notification delivered',
      ]);
    });

    it('leaves an index that takes no writes to the watch over the store', async () => {
      const { store, turns, loud } = refusing({ kind: 'refused', message: 'blocked', of: 'index' });
      await turns(10);
      expect(loud()).toEqual([]);
      store.saved = undefined;
      await turns(3, NOON + MINUTE);
      expect(loud()).toEqual(['info: firing', 'info: notification delivered']);
    });

    it('has one line of a write that stays unclear, and one of what it may have saved', async () => {
      const { turns, loud } = refusing({ kind: 'unclear', message: 'no answer within 30 s' });
      await turns(10);
      expect(loud()).toEqual(['warn: outcome of the write unknown: reading the state and evaluating again', 'info: firing']);
    });
  });
});
