import { significant } from './printed.ts';
import { DAY, type Duration, HOUR, MINUTE, SECOND } from './time.ts';

const UNITS = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY } as const;
type Unit = keyof typeof UNITS;

/** Pattern of a duration in rule files, for JSON schemas: `90s`, `5m`, `1h30m`, `7d`. */
export const DURATION_PATTERN = '^(?:\\d+w)?(?:\\d+d)?(?:\\d+h)?(?:\\d+m(?!s))?(?:\\d+s)?(?:\\d+ms)?$';

/** Reads `90s`, `5m`, `1h30m`, `7d`, `1w`, `500ms`; units descend and none repeats. Undefined if the text is not a duration. */
export function parseDuration(text: string): Duration | undefined {
  if (text === '' || text.length > 64 || !new RegExp(DURATION_PATTERN).test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)(ms|[wdhms])/g)) total += Number(amount) * UNITS[unit as Unit];
  return Number.isSafeInteger(total) ? total : undefined;
}

/** Units as people write them: `min`, `minutes`, `secs`, `h`. */
const SPELT: readonly (readonly [RegExp, Unit])[] = [
  [/^(?:ms|msecs?|millis|milliseconds?)$/, 'ms'],
  [/^s(?:ecs?|econds?)?$/, 's'],
  [/^m(?:ins?|inutes?)?$/, 'm'],
  [/^h(?:rs?|ours?)?$/, 'h'],
  [/^d(?:ays?)?$/, 'd'],
  [/^w(?:eeks?)?$/, 'w'],
];

/** The hint for a text that is not a duration: `5 minutes` most likely means `5m`; otherwise examples. */
export function durationHint(text: unknown): string {
  const meant = typeof text === 'string' ? meantDuration(text) : undefined;
  return meant === undefined ? 'such as 90s, 5m, 1h30m or 7d' : `write ${meant}`;
}

function meantDuration(text: string): string | undefined {
  if (text.length > 64 || !/^\s*(?:\d+\s*[a-z]+[\s,]*)+$/i.test(text)) return undefined;
  const parts = [...text.toLowerCase().matchAll(/(\d+)\s*([a-z]+)/g)].map(([, amount, word = '']) => {
    const unit = SPELT.find(([pattern]) => pattern.test(word))?.[1];
    return unit === undefined ? '?' : `${amount}${unit}`;
  });
  const meant = parts.join('');
  return parseDuration(meant) === undefined ? undefined : meant;
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

/** Writes a duration for people, with its two largest units, rounded to seconds from one second on: `2h 5m`, `45s`, `350ms`. */
export function humanDuration(duration: Duration): string {
  const parts = formatDuration(duration >= UNITS.s ? Math.round(duration / UNITS.s) * UNITS.s : duration).match(
    /\d+(?:ms|[dhms])/g,
  );
  return (parts ?? ['0s']).slice(0, 2).join(' ');
}

/** As `humanDuration`, but below a minute with four digits, for durations that were measured and are compared: `1.501s`, `29.59s`. */
export function measuredDuration(duration: Duration): string {
  const seconds = significant(Math.round(duration) / UNITS.s);
  return seconds > 1 && seconds < UNITS.m / UNITS.s ? `${seconds}s` : humanDuration(duration);
}
