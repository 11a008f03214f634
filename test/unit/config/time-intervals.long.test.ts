import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { readCalendar } from '../../../src/config/calendar.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { dateOfDay } from '../../../src/core/local-time.ts';
import { formatProblem } from '../../../src/core/problems.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-intervals-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(text: string, files: Readonly<Record<string, string>> = {}) {
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const file = join(folder, 'tocsin.yaml');
  await writeFile(file, text);
  const loaded = await loadConfig(file, {});
  return { loaded, problems: loaded.problems.map((problem) => formatProblem(problem).replace(`${file}:`, '')) };
}

async function partsOf(part: string) {
  const { loaded, problems } = await load(`time_intervals:\n  - name: off\n    time_intervals:\n      - ${part}\n`);
  return { problems, parts: loaded.ok ? loaded.value.routing.intervals?.['off']?.parts : undefined };
}

describe("Alertmanager's syntax", () => {
  test.each([
    ['times: [{ start_time: "22:00", end_time: "24:00" }]', { times: [{ from: 1320, to: 1440 }] }],
    [
      "weekdays: ['monday:friday', Sunday]",
      {
        weekdays: [
          { from: 1, to: 5 },
          { from: 0, to: 0 },
        ],
      },
    ],
    [
      "weekdays: ['saturday:sunday']",
      {
        weekdays: [
          { from: 6, to: 6 },
          { from: 0, to: 0 },
        ],
      },
    ],
    [
      "days_of_month: ['1:5', '-3:-1', 15]",
      {
        daysOfMonth: [
          { from: 1, to: 5 },
          { from: -3, to: -1 },
          { from: 15, to: 15 },
        ],
      },
    ],
    [
      "months: ['1:3', 'may:august', december]",
      {
        months: [
          { from: 1, to: 3 },
          { from: 5, to: 8 },
          { from: 12, to: 12 },
        ],
      },
    ],
    [
      "months: ['november:february']",
      {
        months: [
          { from: 11, to: 12 },
          { from: 1, to: 2 },
        ],
      },
    ],
    [
      "years: ['2027:2030', 2032]",
      {
        years: [
          { from: 2027, to: 2030 },
          { from: 2032, to: 2032 },
        ],
      },
    ],
    ['{ months: [1], location: Europe/Berlin }', { months: [{ from: 1, to: 1 }], location: 'Europe/Berlin' }],
  ])('%s', async (text, expected) => {
    const { parts, problems } = await partsOf(text);
    expect(problems).toEqual([]);
    expect(parts).toEqual([{ location: 'UTC', ...expected }]);
  });
});

describe('mistakes are found where they are, with the next step', () => {
  test.each([
    [
      'times: [{ start_time: "22:00", end_time: "06:00" }]',
      '4:17 time_intervals[0].time_intervals[0].times[0]: 22:00 is not before 06:00 (for a night, write two entries: 22:00 to 24:00, and 00:00 to 06:00)',
    ],
    ['times: [{ start_time: "24:10", end_time: "24:20" }]', /24:20 is not a time of day \(the latest is 24:00\)/],
    ['times: [{ start_time: "8:00", end_time: "09:00" }]', /start_time/],
    ['weekdays: [mon]', /expected a day of the week such as monday, got "mon"/],
    ['weekdays: [1]', /expected a day of the week such as monday, got "1"/],
    ["days_of_month: ['0']", /expected a day of the month from 1 to 31, or -31 to -1, got "0"/],
    ["days_of_month: ['5:1']", /the range "5:1" ends before it begins/],
    ["days_of_month: ['1:2:3']", /got "1:2:3"/],
    ["months: ['13']", /expected a month such as may or 5, got "13"/],
    ["years: ['2030:2027']", /the range "2030:2027" ends before it begins/],
    ['{ location: Local }', /unknown time zone "Local"/],
    ['{ calendar: none.ics }', /none\.ics: no such file/],
    ['{}', /time_intervals\[0\]/],
  ])('%s', async (text, problem) => {
    const { problems } = await partsOf(text);
    expect(problems).toEqual([typeof problem === 'string' ? problem : expect.stringMatching(problem)]);
  });

  const receivers = 'receivers: [{ name: team, console_configs: [{}] }]\n';
  const nights = 'time_intervals: [{ name: nights, time_intervals: [{ months: [1] }] }]\n';
  it('a route that names an interval that is not there', async () => {
    const { problems } = await load(
      `${receivers}${nights}route:\n  receiver: team\n  routes:\n    - mute_time_intervals: [night]\n`,
    );
    expect(problems).toEqual([
      '6:29 route.routes[0].mute_time_intervals[0]: unknown time interval "night" (did you mean nights?)',
    ]);
  });

  it('the root, which takes the health alerts of Tocsin too', async () => {
    const { problems } = await load(`${receivers}${nights}route: { receiver: team, active_time_intervals: [nights] }\n`);
    expect(problems).toEqual([expect.stringMatching(/the root matches every alert, including those of Tocsin itself/)]);
  });

  it('two intervals of one name', async () => {
    const { problems } = await load(`${nights.replace('[{', '[{ name: nights, time_intervals: [{ months: [2] }] }, {')}`);
    expect(problems).toEqual([expect.stringMatching(/duplicate time interval "nights"/)]);
  });

  it('a broken interval does not make the routes wrong as well', async () => {
    const broken = nights.replace('months: [1]', 'months: [x]');
    const { problems } = await load(
      `${receivers}${broken}route: { receiver: team, routes: [{ mute_time_intervals: [nights] }] }\n`,
    );
    expect(problems).toEqual([expect.stringMatching(/expected a month/)]);
  });
});

const event = (...lines: readonly string[]) => ['BEGIN:VEVENT', 'UID:a', ...lines, 'END:VEVENT'].join('\r\n');
const calendar = (...events: readonly string[]) =>
  `BEGIN:VCALENDAR\r\nVERSION:2.0\r\n${events.join('\r\n')}\r\nEND:VCALENDAR\r\n`;
const day = (days: number) => {
  const { year, month, day: date } = dateOfDay(days);
  return `${year}-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}`;
};

function daysOf(text: string, until = '2030'): readonly string[] {
  const read = readCalendar(text, 'Europe/Berlin');
  if (!read.ok) throw new Error(read.message);
  return read.times.days
    .flatMap(({ from, to }) => (from === to ? [day(from)] : [`${day(from)}/${day(to)}`]))
    .filter((one) => one < until);
}

function timesOf(text: string): readonly string[] {
  const read = readCalendar(text, 'Europe/Berlin');
  if (!read.ok) throw new Error(read.message);
  return read.times.times.map(
    ({ from, to }) => `${new Date(from).toISOString().slice(0, 16)}/${new Date(to).toISOString().slice(0, 16)}`,
  );
}

describe('a calendar', () => {
  test.each([
    ['a day', ['DTSTART;VALUE=DATE:20260501'], ['2026-05-01']],
    [
      'days, of which the end is not one',
      ['DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20261227'],
      ['2026-12-24/2026-12-26'],
    ],
    ['days by a duration', ['DTSTART;VALUE=DATE:20261224', 'DURATION:P2D'], ['2026-12-24/2026-12-25']],
    ['a yearly day', ['DTSTART;VALUE=DATE:20261003', 'RRULE:FREQ=YEARLY;COUNT=3'], ['2026-10-03', '2027-10-03', '2028-10-03']],
    [
      'a yearly February 29, which few years have',
      ['DTSTART;VALUE=DATE:20200229', 'RRULE:FREQ=YEARLY'],
      ['2020-02-29', '2024-02-29', '2028-02-29'],
    ],
    [
      'the last Monday of May, but not of one year',
      ['DTSTART;VALUE=DATE:20260525', 'RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO', 'EXDATE;VALUE=DATE:20270531'],
      ['2026-05-25', '2028-05-29', '2029-05-28'],
    ],
    ['a day and one that was added', ['DTSTART;VALUE=DATE:20260101', 'RDATE;VALUE=DATE:20260106'], ['2026-01-01', '2026-01-06']],
    ['nothing of what was cancelled', ['DTSTART;VALUE=DATE:20260101', 'STATUS:CANCELLED'], []],
    ['nothing on a day that never is', ['DTSTART;VALUE=DATE:20260301', 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30'], []],
  ])('%s', (_name, lines, days) => {
    expect(daysOf(calendar(event(...lines)))).toEqual(days);
  });

  it('has times in UTC, in a zone, and in none, over a change of clocks', () => {
    expect(timesOf(calendar(event('DTSTART:20260501T100000Z', 'DTEND:20260501T113000Z')))).toEqual([
      '2026-05-01T10:00/2026-05-01T11:30',
    ]);
    expect(timesOf(calendar(event('DTSTART;TZID=America/New_York:20260501T100000', 'DURATION:PT1H')))).toEqual([
      '2026-05-01T14:00/2026-05-01T15:00',
    ]);
    const weekly = event('DTSTART:20260322T100000', 'DTEND:20260322T110000', 'RRULE:FREQ=WEEKLY;COUNT=2');
    expect(timesOf(calendar(weekly))).toEqual(['2026-03-22T09:00/2026-03-22T10:00', '2026-03-29T08:00/2026-03-29T09:00']);
  });

  it('follows an exception that moves one of its events', () => {
    const master = event('DTSTART;VALUE=DATE:20260105', 'RRULE:FREQ=WEEKLY;COUNT=3');
    const moved = event('RECURRENCE-ID;VALUE=DATE:20260112', 'DTSTART;VALUE=DATE:20260114');
    expect(daysOf(calendar(master, moved))).toEqual(['2026-01-05', '2026-01-14', '2026-01-19']);
  });

  test.each<readonly [string, string, RegExp]>([
    ['another file', 'name: a\n', /expected a text that begins with BEGIN:VCALENDAR/],
    ['no events', 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n', /it contains no events/],
    ['half a file', calendar(event('DTSTART;VALUE=DATE:20260101')).slice(0, -40), /./],
    ['no date', calendar(event('SUMMARY:holiday')), /an event has no DTSTART: holiday/],
    ['an invalid date', calendar(event('DTSTART;VALUE=DATE:2026x101')), /./],
    [
      'an unknown zone',
      calendar(event('DTSTART;TZID=Customized:20260501T100000', 'DURATION:PT1H')),
      /unknown time zone "Customized"/,
    ],
    [
      'a hostile repetition',
      calendar(event('DTSTART:20260501T100000Z', 'DURATION:PT1S', 'RRULE:FREQ=SECONDLY')),
      /repeated SECONDLY/,
    ],
    [
      'too many repetitions',
      calendar(
        event('DTSTART;VALUE=DATE:20000101', 'RRULE:FREQ=DAILY'),
        event('DTSTART;VALUE=DATE:20000101', 'RRULE:FREQ=DAILY'),
      ),
      /more than 50000/,
    ],
    ...[
      'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30',
      'FREQ=DAILY;INTERVAL=7;BYDAY=MO',
      'FREQ=DAILY;BYDAY=2MO',
      'FREQ=WEEKLY;BYMONTHDAY=30;BYMONTH=2',
    ].map(
      (rule) =>
        [
          `a repetition that the library would search for without end, ${rule}`,
          calendar(event('DTSTART;VALUE=DATE:20260106', `RRULE:${rule}`)),
          /an unsupported recurrence rule/,
        ] as const,
    ),
    [
      'a repetition since the year 1',
      calendar(event('DTSTART;VALUE=DATE:00010101', 'RRULE:FREQ=WEEKLY;BYMONTH=2')),
      /repeated since before 1900/,
    ],
    [
      'very many repeated events',
      calendar(...Array.from({ length: 501 }, () => event('DTSTART;VALUE=DATE:20260101', 'RRULE:FREQ=YEARLY'))),
      /more than 500 of its events repeat:/,
    ],
  ])('is refused: %s', (_name, text, message) => {
    expect(readCalendar(text, 'UTC')).toEqual({ ok: false, message: expect.stringMatching(message) });
  });

  it('is read with the configuration, and a broken one is an error', async () => {
    const text = 'time_intervals: [{ name: off, time_intervals: [{ calendar: days.ics }] }]\n';
    const good = await load(text, { 'days.ics': calendar(event('DTSTART;VALUE=DATE:20260501')) });
    expect(good.loaded.ok && good.loaded.value.routing.intervals?.['off']?.parts[0]?.calendar).toMatchObject({
      file: 'days.ics',
    });
    const bad = await load(text, { 'days.ics': 'BEGIN:VCALENDAR' });
    expect(bad.loaded.ok).toBe(false);
    expect(bad.problems).toEqual([
      expect.stringMatching(/^1:\d+ time_intervals\[0\]\.time_intervals\[0\]\.calendar: days\.ics is not a valid calendar/),
    ]);
  });
});

describe('when routes notify', () => {
  const receivers =
    'receivers:\n  - { name: team, console_configs: [{}, { name: loud, send_resolved: true }], send_resolved: false }\n  - { name: lead, console_configs: [{}] }\n';
  const rooted = async (keys: string) => {
    const { loaded, problems } = await load(`${receivers}route: { receiver: team, ${keys} }\n`);
    return { config: loaded.ok ? loaded.value : undefined, problems };
  };

  it('reads growing reminders, digests, escalation and send_resolved', async () => {
    const { config, problems } = await rooted(
      "repeat_interval: { first: 10m }, schedule: '0 8 * * 1-5', timezone: Europe/Berlin, escalate: [{ after: 15m, receiver: lead }], send_resolved: false, routes: [{ matchers: ['a=b'], repeat_interval: 1h, schedule: 'off', escalate: [] }]",
    );
    expect(problems).toEqual([]);
    expect(config?.routing.root).toMatchObject({
      repeatInterval: 600_000,
      repeatGrowth: { factor: 2, max: 86_400_000 },
      schedule: { kind: 'cron', pattern: '0 8 * * 1-5', timezone: 'Europe/Berlin' },
      escalate: [{ after: 900_000, receiver: 'lead' }],
      sendResolved: false,
    });
    const [child] = config?.routing.root.routes ?? [];
    expect(child).toMatchObject({ repeatInterval: 3_600_000, schedule: 'off', escalate: [], sendResolved: false });
    expect(child?.repeatGrowth).toBeUndefined();
    expect([...(config?.destinations.values() ?? [])].map(({ id, sendResolved }) => [id, sendResolved])).toEqual([
      ['team/console/0', false],
      ['team/console/loud', undefined],
      ['lead/console/0', undefined],
    ]);
  });

  test.each([
    ['repeat_interval: { first: 2d }', undefined],
    ['repeat_interval: { first: 2d, max: 1d }', /`max` is shorter than `first`/],
    ["schedule: '0 8 *'", /expected five fields/],
    ['escalate: [{ after: 15m, receiver: laed }]', /unknown receiver "laed" \(did you mean lead\?\)/],
    [
      'escalate: [{ after: 15m, receiver: lead }, { after: 10m, receiver: team }]',
      /each step must be later than the one before it/,
    ],
    ['escalate: [{ after: 0s, receiver: lead }]', /must be more than 0s/],
  ])('%s', async (keys, problem) => {
    expect((await rooted(keys)).problems).toEqual(problem === undefined ? [] : [expect.stringMatching(problem)]);
  });
});
