import { timeInAlert } from '../../backtest/alert-episodes.ts';
import type { TimeRange } from '../../core/time.ts';
import type { Episode } from '../dry-run/episodes.ts';

const LEVELS = '▁▂▃▄▅▆▇█';
const COLUMNS = 56;

/** Episodes over time in one line of text: how much of each part of the range something fired; a dot where nothing did. */
export function sparkline(episodes: readonly Episode[], { from, to }: TimeRange): string {
  const step = (to - from) / COLUMNS;
  return Array.from({ length: COLUMNS }, (_, column) => {
    const begin = from + column * step;
    const part = timeInAlert(episodes, { from: begin, to: begin + step }) / step;
    return part === 0 ? '·' : (LEVELS[Math.min(LEVELS.length - 1, Math.floor(part * LEVELS.length))] ?? '█');
  }).join('');
}
