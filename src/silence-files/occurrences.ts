import { DAY, type Duration, HOUR, type Instant, type TimeRange } from '../core/time.ts';
import type { FileSilence } from './file-silence.ts';
import { firstStart, startsBetween } from './recurrence.ts';
import { instantOf, type WallTime, wallTime } from './wall-clock.ts';

/** How far ahead occurrences are worked out at once, ms. */
const AHEAD: Duration = 8 * DAY;
/** How far back they are worked out along with it, ms. */
const BEHIND: Duration = 2 * HOUR;
/** The next occurrence is looked for so often where days are left out. */
const MOST_EXCEPT = 100;

/** When a silence of a file is active in a range of time: occurrences that overlap or meet are one. */
export function occurrencesBetween(silence: FileSilence, { from, to }: TimeRange): readonly TimeRange[] {
  const { duration, timezone } = silence;
  const starts = startsOf(silence, wallTime(from, timezone) - duration - DAY, wallTime(to, timezone) + DAY);
  const merged: { from: Instant; to: Instant }[] = [];
  for (const start of starts.map((wall) => instantOf(wall, timezone))) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last.to) last.to = Math.max(last.to, start + duration);
    else merged.push({ from: start, to: start + duration });
  }
  return merged.filter((one) => one.to > from && one.from < to);
}

/** The occurrence of a silence that is active at `now`, else the next one; undefined: it has ended, or never occurs. */
export function occurrenceAt(silence: FileSilence, now: Instant): TimeRange | undefined {
  const known = blocks.get(silence);
  const block = known !== undefined && now >= known.from && now < known.until ? known : newBlock(silence, now);
  const found = block.occurrences.find(({ to }) => to > now);
  if (found !== undefined || block.later === 'none') return found;
  // The last one that was known has ended: the next one lies farther ahead, or there is none.
  block.later ??= nextAfter(silence, now) ?? 'none';
  return block.later === 'none' ? undefined : block.later;
}

interface Block {
  /** For which times it holds. */
  readonly from: Instant;
  readonly until: Instant;
  readonly occurrences: readonly TimeRange[];
  /** The first one after those, once it was asked for. */
  later?: TimeRange | 'none';
}

/** Turns ask every second: the answer is worked out once a week. */
const blocks = new WeakMap<FileSilence, Block>();

function newBlock(silence: FileSilence, now: Instant): Block {
  // Turns ask for the last half hour as well, in turns with the present: both are of one block.
  const from = now - BEHIND;
  const near = occurrencesBetween(silence, { from, to: now + AHEAD });
  const last = near.at(-1);
  // What lies at the edge may go on behind it.
  const until = last !== undefined && last.to >= now + AHEAD - DAY ? now + DAY : now + AHEAD - DAY;
  const block = { from, until, occurrences: near };
  blocks.set(silence, block);
  return block;
}

/** The next occurrence where none was found near. */
function nextAfter(silence: FileSilence, now: Instant): TimeRange | undefined {
  const next = nextStart(silence, wallTime(now, silence.timezone));
  return next === undefined ? undefined : { from: next, to: next + silence.duration };
}

function startsOf(silence: FileSilence, from: WallTime, to: WallTime): readonly WallTime[] {
  const { recurrence, start, timezone } = silence;
  if (recurrence === undefined) return start >= from && start < to ? [start] : [];
  return startsBetween({ recurrence, start, timezone }, from, to).filter((wall) => !isExcept(wall, silence));
}

function nextStart(silence: FileSilence, from: WallTime): Instant | undefined {
  const { recurrence, start, timezone } = silence;
  if (recurrence === undefined) return start >= from ? instantOf(start, timezone) : undefined;
  let after = from;
  for (let tries = 0; tries < MOST_EXCEPT; tries++) {
    const found = firstStart({ recurrence, start, timezone }, after);
    if (found === undefined || !isExcept(found, silence)) return found === undefined ? undefined : instantOf(found, timezone);
    after = found + 1;
  }
  return undefined;
}

function isExcept(wall: WallTime, { except }: FileSilence): boolean {
  return except.length > 0 && except.includes(new Date(wall).toISOString().slice(0, 10));
}
