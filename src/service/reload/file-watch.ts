import type { Clock, Duration } from '../../core/time.ts';

/** Looks at files again and again for what has changed. */
export interface FileWatch {
  /** To be called at every poll; begins a look when one is due and none is under way. */
  poll(): void;
  /** How long the look under way has taken, ms; 0: none is. */
  underWay(): Duration;
}

/** What looking needs. */
export interface FileWatchParts {
  readonly clock: Pick<Clock, 'monotonic'>;
  /** How often to look, as the configuration is now, ms. */
  readonly interval: () => Duration;
  /** Must not reject. */
  readonly look: () => Promise<void>;
}

/** A look that takes long, as over thousands of files, is followed by a pause this many times as long: it costs the process 0.2 %. */
const PAUSE = 500;
/**
 * But a change waits for so many intervals at most: on a busy machine the look at a single file takes a tenth of a second, and people watch
 * for what they changed.
 */
const MOST_INTERVALS = 3;
/** However short the interval, looking never takes more than a third of the time. */
const LEAST_PAUSE = 3;

/** How long after the beginning of a look that took `took` ms the next one is due, ms. */
function pauseAfter(took: Duration, interval: Duration): Duration {
  return Math.max(interval, Math.min(took * PAUSE, interval * MOST_INTERVALS), took * LEAST_PAUSE);
}

/** Starts looks; the first is due after one interval, since files were read at the start. */
export function startFileWatch({ clock, interval, look }: FileWatchParts): FileWatch {
  let began = clock.monotonic();
  let took: Duration = 0;
  let looking = false;
  return {
    poll: () => {
      const now = clock.monotonic();
      if (looking || now - began < pauseAfter(took, interval())) return;
      began = now;
      looking = true;
      void look().finally(() => {
        took = clock.monotonic() - began;
        looking = false;
      });
    },
    underWay: () => (looking ? clock.monotonic() - began : 0),
  };
}
