import { schedule } from 'node-cron';
import type { Clock, Duration } from '../../core/time.ts';

/** What makes a service look at what is due, about once a second. */
export interface Ticker {
  /** Milliseconds since the last poll, by a clock that does not jump. */
  silentFor(): Duration;
  stop(): void;
}

const EVERY_SECOND = '* * * * * *';
/** Silence after which the guard polls itself, ms. */
const GUARD = 2_500;

/** Silence that means that the process hangs, ms. */
export const STALLED_AFTER: Duration = 15_000;

/**
 * Calls `poll` every second. node-cron waits by the wall clock, so a clock that is set back would silence it for as long; a guard of fixed
 * delay polls in its place and starts it again.
 */
export function startTicker(poll: () => void, clock: Pick<Clock, 'monotonic'>): Ticker {
  let last = clock.monotonic();
  const strike = () => {
    last = clock.monotonic();
    poll();
  };
  let task = cronTask(strike);
  const guard = setInterval(() => {
    if (clock.monotonic() - last < GUARD) return;
    void task.destroy();
    task = cronTask(strike);
    strike();
  }, GUARD);
  return {
    silentFor: () => clock.monotonic() - last,
    stop: () => {
      clearInterval(guard);
      void task.destroy();
    },
  };
}

const SILENT = { info: ignore, warn: ignore, error: ignore, debug: ignore };

/** Missed seconds need no word: a poll looks at what is due now, however many went by. */
function cronTask(poll: () => void) {
  return schedule(EVERY_SECOND, poll, { logger: SILENT, suppressMissedWarning: true });
}

function ignore(): void {}
