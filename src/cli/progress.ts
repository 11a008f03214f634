import { humanDuration } from '../core/duration.ts';
import { paletteOf } from '../reports/look.ts';
import { type CommandLine, lookOf } from './command-line.ts';

/** Shows how far something has come, and clears away when it is done. */
export interface Progress {
  /** `done` from 0 to 1. */
  show(done: number, note: string): void;
  clear(): void;
}

const EVERY = 100;
const BAR_COLUMNS = 30;
/** What ends soon needs no bar. */
const QUIET = 300;

/** A bar on stderr if that is a terminal; else it says nothing. */
export function progressOn(line: Pick<CommandLine, 'stderr' | 'env' | 'clock'>, color: boolean): Progress {
  if (!line.stderr.isTerminal) return { show: () => undefined, clear: () => undefined };
  const look = lookOf(line.stderr, line.env, color);
  const { calm, faint } = paletteOf(look);
  const began = line.clock.monotonic();
  let drawn: number | undefined;
  return {
    show: (done, note) => {
      const now = line.clock.monotonic();
      if (now - began < QUIET || (drawn !== undefined && now - drawn < EVERY)) return;
      drawn = now;
      const part = Math.max(0, Math.min(1, done));
      const full = Math.floor(part * BAR_COLUMNS);
      const left = part > 0.02 ? `, ${humanDuration(Math.round(((now - began) / part) * (1 - part)))} left` : '';
      const bar = `${calm('━'.repeat(full))}${faint('━'.repeat(BAR_COLUMNS - full))}`;
      line.stderr.write(`\r\x1b[2K${bar} ${String(Math.floor(part * 100)).padStart(3)}%  ${faint(`${note}${left}`)}`);
    },
    clear: () => {
      if (drawn !== undefined) line.stderr.write('\r\x1b[2K');
      drawn = undefined;
    },
  };
}
