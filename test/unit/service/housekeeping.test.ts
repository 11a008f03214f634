import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../src/core/time.ts';
import { startHousekeeping } from '../../../src/service/housekeeping.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { NOON, turnAt, world } from '../../support/engine/world.ts';
import { capturedLog } from '../../support/service/captured-log.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('housekeeping', () => {
  it('deletes the runs of days that are over for as long as is configured now, once an hour', async () => {
    const { backend, engine } = world();
    const clock = manualClock(NOON);
    let keep = 30 * DAY;
    const housekeeping = startHousekeeping({
      clock,
      log: capturedLog().log,
      keep: () => ({ runs: keep, history: 365 * DAY }),
      evaluates: () => true,
    });
    const run = (days: number) => ({ index: 'runs', id: `run-${days}`, at: NOON - days * DAY, body: {} }) as const;
    await backend.history.write([run(1), run(10), run(40)]);
    const left = () => backend.history.written('runs').map(({ id }) => id);
    const pollAt = async (time: number) => {
      clock.set(time);
      await housekeeping.poll(engine([]), []);
    };
    await pollAt(NOON + MINUTE);
    expect(left()).toEqual(['run-1', 'run-10']);
    keep = 7 * DAY;
    await pollAt(NOON + 30 * MINUTE);
    expect(left()).toEqual(['run-1', 'run-10']);
    await pollAt(NOON + HOUR + MINUTE);
    expect(left()).toEqual(['run-1']);
  });

  it('ends the alerts of a removed rule where its shard is held, and nowhere else', async () => {
    const { engine, add } = world();
    add('logs-app', { '@timestamp': new Date(NOON - MINUTE).toISOString() });
    await turnAt(engine([testRule({ name: 'gone' })]), NOON);
    const clock = manualClock(NOON);
    const { log, lines } = capturedLog();
    const mine = new Set<string>();
    const housekeeping = startHousekeeping({
      clock,
      log,
      keep: () => ({ runs: DAY, history: DAY }),
      evaluates: (rule) => mine.has(rule),
    });
    const pollAt = async (time: number) => {
      clock.set(time);
      await housekeeping.poll(engine([testRule({ name: 'other' })]), []);
    };
    await pollAt(NOON + 20 * MINUTE);
    expect(lines()).toEqual([]);
    mine.add('gone');
    await pollAt(NOON + 30 * MINUTE);
    expect(lines()).toEqual(['info: rule removed: its alerts have ended']);
  });

  it('ends nothing while no file has a rule, also where alerts of other systems are received', async () => {
    const { engine, add, backend } = world();
    add('logs-app', { '@timestamp': new Date(NOON - MINUTE).toISOString() });
    await turnAt(engine([testRule({ name: 'boom' })]), NOON);
    const clock = manualClock(NOON);
    const { log, lines } = capturedLog();
    const keep = () => ({ runs: DAY, history: DAY });
    const removal = () => ({ whereLoaded: () => 'nowhere' as const, after: 2 * MINUTE });
    const housekeeping = startHousekeeping({ clock, log, keep, evaluates: () => true, removal });
    const ports = engine([], { receives: { max: 10 } });
    for (let minute = 1; minute <= 10; minute++) {
      clock.set(NOON + minute * MINUTE);
      await housekeeping.poll(ports, []);
    }
    expect(lines()).toEqual([]);
    const loaded = await backend.ruleStates.load(['boom'], new Map());
    expect(loaded.ok && Object.keys(loaded.value.get('boom')?.document.alerts ?? {})).toHaveLength(1);
  });

  it('says why a part of it fails from the second time on, and when it is done again', async () => {
    const { backend } = world();
    const clock = manualClock(NOON);
    const { list } = backend.ruleStates;
    const reports: (string | undefined)[] = [];
    const faulty = world({ ...backend, ruleStates: { ...backend.ruleStates, list: (limit, after) => fate(limit, after) } });
    let fate: typeof list = list;
    const housekeeping = startHousekeeping({
      clock,
      log: capturedLog().log,
      keep: () => ({ runs: DAY, history: DAY }),
      evaluates: () => true,
      report: (problem) => void reports.push(problem),
    });
    const polls = async (count: number) => {
      for (let poll = 0; poll < count; poll++) {
        clock.set(clock.now() + MINUTE);
        await housekeeping.poll(faulty.engine([testRule({ name: 'other' })]), []);
      }
    };
    fate = async () => ({ ok: false, message: 'shards failed' });
    await polls(2);
    fate = () => Promise.reject(new TypeError('not iterable'));
    await polls(1);
    fate = list;
    await polls(1);
    expect(reports).toEqual([
      undefined,
      expect.stringContaining('shards failed'),
      expect.stringContaining('not iterable'),
      undefined,
    ]);
  });
});
