import type { Clock, Instant } from '../../core/time.ts';

/** A clock that starts at `start` and runs `speed` times as fast as the given one; waiting on it takes that much less of real time. */
export function acceleratedClock(start: Instant, speed: number, real: Clock): Clock {
  const began = real.monotonic();
  const elapsed = () => (real.monotonic() - began) * speed;
  return {
    now: () => start + Math.floor(elapsed()),
    monotonic: elapsed,
    sleep: (ms, signal) => real.sleep(ms / speed, signal),
  };
}
