import { describe, expect, test } from 'vitest';
import { parseMoment } from '../../../src/cli/moment.ts';

const NOW = Date.parse('2026-03-10T12:00:00Z');

describe('a moment on the command line', () => {
  test.each([
    ['now', '2026-03-10T12:00:00.000Z'],
    ['now-7d', '2026-03-03T12:00:00.000Z'],
    ['now-1h30m', '2026-03-10T10:30:00.000Z'],
    ['now+5m', '2026-03-10T12:05:00.000Z'],
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['2026-01-31T10:00', '2026-01-31T10:00:00.000Z'],
    ['2026-01-31 10:00:05', '2026-01-31T10:00:05.000Z'],
    ['2026-01-31T10:00:05.25Z', '2026-01-31T10:00:05.250Z'],
    ['2026-01-31T10:00:05.123456789Z', '2026-01-31T10:00:05.123Z'],
    ['2026-01-31T10:00+02:00', '2026-01-31T08:00:00.000Z'],
    ['2026-01-31T10:00-0530', '2026-01-31T15:30:00.000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
  ])('%s is %s', (text, wanted) => {
    expect(new Date(parseMoment('--from', text, NOW)).toISOString()).toBe(wanted);
  });

  test.each([
    ['a day that does not exist', '2026-02-29'],
    ['an hour that does not exist', '2026-01-31T25:00'],
    ['a duration without a beginning', '7d'],
    ['a duration that is none', 'now-7x'],
    ['a word', 'yesterday'],
    ['a number', '1767225600000'],
    ['nothing', ''],
  ])('%s is refused, with the next step', (_name, text) => {
    expect(() => parseMoment('--from', text, NOW)).toThrow(
      expect.objectContaining({ code: 'cli/moment', hint: expect.stringContaining('now-7d') }),
    );
  });
});
