import { describe, expect, it } from 'vitest';
import { parseCron, type Schedule } from '../../../src/core/schedule.ts';
import type { Rule } from '../../../src/rules/rule.ts';
import { readOptions, type TestRule, testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, play, timeline, type World, world } from '../../support/engine/world.ts';

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function cron(pattern: string, timezone = 'UTC'): Schedule {
  const parsed = parseCron(pattern, timezone);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.schedule;
}

/** Documents at times such as `01-02T07:56` of 2026. */
function add(here: World, times: readonly string[], fields: Readonly<Record<string, unknown>> = {}): void {
  for (const time of times) here.add('logs-app', { '@timestamp': `2026-${time}:00.000Z`, message: time, ...fields });
}

const officeHours = cron('*/5 8-16 * * *');

const rule = (given: Partial<TestRule> = {}): Rule =>
  testRule({ name: 'office', schedule: officeHours, condition: 'count >= 3', ...given });

const evening = ['01-01T16:50', '01-01T16:51', '01-01T16:52'];
const morning = ['01-02T07:56', '01-02T07:57', '01-02T07:58'];

describe('a schedule that looks at office hours', () => {
  it('does not count the night towards `for`', async () => {
    const here = world();
    add(here, [...evening, ...morning]);
    const reports = await play(here.engine([rule({ lifecycle: { for: 15 * MINUTE } })]), NOON, NOON + 21 * HOUR);
    expect(timeline(reports)).toEqual([
      '16:55 inactive => pending',
      '08:00 pending => inactive',
      '08:00 inactive => pending',
      '08:05 pending => inactive',
    ]);
  });

  it('does not count a week-end either, nor in a zone whose clock changes in it', async () => {
    const here = world();
    add(here, ['03-27T15:50', '03-27T15:51', '03-27T15:52', '03-30T05:56', '03-30T05:57', '03-30T05:58']);
    const schedule = cron('*/5 8-16 * * MON-FRI', 'Europe/Berlin');
    const ports = here.engine([rule({ schedule, lifecycle: { for: { breaches: 2, of: 2 } } })]);
    const reports = await play(ports, Date.parse('2026-03-27T15:00:00Z'), Date.parse('2026-03-30T07:00:00Z'));
    expect(timeline(reports).at(0)).toBe('15:55 inactive => pending');
    expect(timeline(reports)).not.toContain('06:00 pending => firing');
  });

  it('adds up the hours that it saw', async () => {
    const here = world();
    const ports = here.engine([rule({ schedule: cron('0 8-16 * * *'), condition: 'count < 1', lifecycle: { for: 20 * HOUR } })]);
    const reports = await play(ports, NOON - 1, NOON + 2 * DAY + 12 * HOUR);
    // 12 to 16, 8 to 16 and an hour for the night, the same again, 8 to 10.
    expect(timeline(reports)).toEqual(['12:00 inactive => pending', '14:00 pending => firing']);
    expect(reports.flatMap(({ runs }) => runs).find(({ changes }) => changes[0]?.transition.to === 'firing')?.at).toBe(
      NOON + 2 * DAY + 2 * HOUR,
    );
  });

  it('does not count the night as absence', async () => {
    const here = world();
    const options = readOptions('threshold', { metrics: { high: { max: 'load' } } });
    const lost = rule({
      ...{ type: 'threshold', options, condition: 'high > 5' },
      lifecycle: { noData: 'alert', noDataAfter: 15 * MINUTE },
    });
    add(here, ['01-01T16:54'], { load: 1 });
    const reports = await play(here.engine([lost]), Date.parse('2026-01-01T16:52:00Z'), NOON + 21 * HOUR);
    expect(timeline(reports)).toEqual(['08:10 inactive => firing']);
  });

  it('does not tell documents of hours that it is not to look at', async () => {
    const here = world();
    const night = rule({
      ...{ type: 'match', schedule: cron('*/5 18-23,0-7 * * *'), condition: 'events >= 1', options: readOptions('match', {}) },
      evidence: { fields: ['message'], samples: 10, top: [] },
    });
    const ports = here.engine([night]);
    await play(ports, Date.parse('2026-01-01T07:00:00Z'), NOON);
    add(here, ['01-01T07:52', '01-01T12:00', '01-01T17:45', '01-01T17:57', '01-01T18:02']);
    const reports = await play(ports, NOON, NOON + 7 * HOUR);
    expect(timeline(reports).filter((line) => line.endsWith('firing'))).toEqual([
      '18:00 inactive => firing',
      '18:05 inactive => firing',
    ]);
    const shown = here.channel.got.flatMap(({ message }) => message.alerts.map(({ evidence }) => evidence?.documents.length));
    expect(shown).toEqual([1, 1]);
  });

  it('tells a document that came late for a window before the night', async () => {
    const here = world();
    const options = readOptions('match', { late: '1d' });
    const ports = here.engine([rule({ type: 'match', condition: 'events >= 1', options })]);
    await play(ports, NOON, NOON + 5 * HOUR);
    add(here, ['01-01T16:54', '01-01T16:56', '01-02T07:54', '01-02T07:56']);
    const reports = await play(ports, NOON + 5 * HOUR, NOON + 21 * HOUR);
    const [change] = reports.flatMap(({ runs }) => runs.flatMap(({ changes }) => changes));
    expect(change?.values).toMatchObject({ events: 2, late: 1 });
  });

  it('does not look for the busiest minutes of the night', async () => {
    const here = world();
    add(here, ['01-01T16:59', '01-02T03:00', '01-02T03:01', '01-02T03:02', '01-02T03:03']);
    const exact = rule({ options: readOptions('frequency', { exact: true }) });
    expect(timeline(await play(here.engine([exact]), NOON, NOON + 22 * HOUR))).toEqual([]);
  });
});

describe('a rule that was paused, or a service that was down', () => {
  it('does not forget a group for days in which nobody looked', async () => {
    const here = world();
    const silent = testRule({ name: 'silent', type: 'flatline', groupBy: ['host'], condition: 'count < 1' });
    add(here, ['01-01T11:57', '01-01T11:58', '01-01T11:59'], { host: 'node-1' });
    const ports = here.engine([silent]);
    await play(ports, NOON - MINUTE, NOON + MINUTE);
    const reports = await play(ports, NOON + 8 * DAY, NOON + 8 * DAY + 2 * HOUR);
    const changes = reports.flatMap(({ runs }) => runs.flatMap((run) => run.changes.map(({ transition }) => transition)));
    expect(changes.map(({ to, reason }) => `${to} ${reason}`)).toEqual(['firing breach']);
  });
});

describe('a group that is remembered only because it was new', () => {
  it('is no problem of its rule once it is gone', async () => {
    const here = world();
    here.add('logs-app', { '@timestamp': '2026-01-01T12:02:00.000Z', host: { name: 'web-1' }, message: 'x' });
    const fresh = rule({
      ...{ schedule: { kind: 'every', every: 5 * MINUTE }, groupBy: ['host.name'], condition: 'count >= 3' },
      lifecycle: { settle: 10 * MINUTE },
    });
    const reports = await play(here.engine([fresh]), NOON, NOON + HOUR);
    expect(reports.flatMap(({ runs }) => runs).filter(({ counts }) => counts.unknown > 0)).toEqual([]);
    expect(heard(here.channel)).toEqual([]);
  });
});
