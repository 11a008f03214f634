import type { Duration } from './time.ts';

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
type Unit = keyof typeof UNITS;

/** Pattern of a duration in rule files, for JSON schemas: `90s`, `5m`, `1h30m`, `7d`. */
export const DURATION_PATTERN = '^(?:\\d+w)?(?:\\d+d)?(?:\\d+h)?(?:\\d+m(?!s))?(?:\\d+s)?(?:\\d+ms)?$';

/** Reads `90s`, `5m`, `1h30m`, `7d`, `1w`, `500ms`; units descend and none repeats. Undefined when the text is no duration. */
export function parseDuration(text: string): Duration | undefined {
  if (text === '' || text.length > 64 || !new RegExp(DURATION_PATTERN).test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)(ms|[wdhms])/g)) total += Number(amount) * UNITS[unit as Unit];
  return Number.isSafeInteger(total) ? total : undefined;
}

/** Writes a duration as rule files do, largest units first: 5400000 is `1h30m`, 0 is `0s`. */
export function formatDuration(duration: Duration): string {
  let rest = Math.max(0, Math.round(duration));
  if (rest === 0) return '0s';
  let text = '';
  for (const unit of ['d', 'h', 'm', 's', 'ms'] as const) {
    const amount = Math.floor(rest / UNITS[unit]);
    if (amount > 0) text += `${amount}${unit}`;
    rest -= amount * UNITS[unit];
  }
  return text;
}

/** Writes a duration for people, with its two largest units: `2h 5m`, `45s`; below a minute exact to the millisecond: `1.501s`. */
export function humanDuration(duration: Duration): string {
  const exact = Math.round(duration);
  if (exact > 1_000 && exact < UNITS.m && exact % UNITS.s !== 0) return `${exact / 1_000}s`;
  const parts = formatDuration(duration >= 1_000 ? Math.round(duration / 1_000) * 1_000 : duration).match(/\d+(?:ms|[dhms])/g);
  return (parts ?? ['0s']).slice(0, 2).join(' ');
}
