import { describe, expect, it } from 'vitest';
import { parseCron, type Schedule } from '../../../src/core/schedule.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, play, world } from '../../support/engine/world.ts';

/** The times of the runs that are recorded of a rule in which nothing ever happens, over three hours. */
async function recorded(schedule: Schedule) {
  const { engine, add, backend } = world();
  add('logs-app', { '@timestamp': new Date(NOON - 600 * MINUTE).toISOString(), message: 'x' });
  await play(engine([testRule({ name: 'quiet', schedule })]), NOON - 1, NOON + 180 * MINUTE);
  const range = { from: NOON, to: NOON + 181 * MINUTE };
  const runs = await backend.runHistory.runs({ rule: 'quiet', range, limit: 1_000 });
  return runs.ok ? runs.value.map(({ at }) => new Date(at).toISOString().slice(11, 16)).sort() : runs.message;
}

function cron(pattern: string): Schedule {
  const parsed = parseCron(pattern, 'UTC');
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.schedule;
}

describe('the records of a quiet rule', () => {
  it.each<[string, Schedule, readonly string[]]>([
    ['each minute: one an hour', { kind: 'every', every: MINUTE }, ['12:00', '13:00', '14:00', '15:00']],
    ['at half past: one an hour too', cron('30 * * * *'), ['12:30', '13:30', '14:30']],
    ['each seven minutes: the first of each hour', { kind: 'every', every: 7 * MINUTE }, ['12:01', '13:04', '14:00']],
    ['at 12:20 and 12:40: the first of the two', cron('20,40 12 * * *'), ['12:20']],
  ])('%s', async (_name, schedule, times) => {
    expect(await recorded(schedule)).toEqual(times);
  });
});
