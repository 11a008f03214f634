import { parseCron, ticksBetween } from '../../src/core/schedule.ts';
import { iso } from '../../src/core/time.ts';
import { table } from './markdown.ts';

const ZONE = 'Europe/Berlin';
const HOUR = 3_600_000;
const NIGHTS: readonly (readonly [pattern: string, says: string, from: string, hours: number])[] = [
  ['30 2 * * *', 'the night in which 02:00 to 03:00 is left out', '2026-03-29T00:00Z', 6],
  ['30 2 * * *', 'the night in which 02:00 to 03:00 comes twice', '2026-10-24T23:00Z', 6],
  ['0 * * * *', 'the night in which 02:00 to 03:00 is left out', '2026-03-28T23:30Z', 4],
  ['0 * * * *', 'the night in which 02:00 to 03:00 comes twice', '2026-10-24T22:30Z', 4],
];

/** The ticks of some cron patterns in the nights in which the clock changes, as the engine works them out. */
export function daylightSaving(): string {
  const rows = NIGHTS.map(([pattern, says, from, hours]) => {
    const parsed = parseCron(pattern, ZONE);
    if (!parsed.ok) throw new Error(parsed.message);
    const begin = Date.parse(from);
    const { ticks } = ticksBetween(parsed.schedule, begin, begin + hours * HOUR, 10);
    return [`\`${pattern}\``, says, ticks.map(bothClocks).join('<br>')];
  });
  return table(['`schedule`, `timezone: Europe/Berlin`', 'in', 'ticks'], rows).replaceAll('&lt;br>', '<br>');
}

function bothClocks(at: number): string {
  const local = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, hour: '2-digit', minute: '2-digit', timeZoneName: 'short' });
  return `${local.format(at)} (${iso(at).slice(11, 16)} UTC)`;
}
