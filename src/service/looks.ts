import type { Clock, Duration } from '../core/time.ts';

/** Looks at files again and again for what has changed. */
export interface Looks {
  /** To be called at every beat; begins a look when one is due and none is under way. */
  beat(): void;
}

/** What looking needs. */
export interface LooksParts {
  readonly clock: Pick<Clock, 'monotonic'>;
  /** How often to look, as the configuration is now, ms. */
  readonly interval: () => Duration;
  /** Must not reject. */
  readonly look: () => Promise<void>;
}

/** A look that takes long is followed by a pause this many times as long: looking must not be what the process is busy with. */
const PAUSE = 500;
/** But nobody waits longer than this for a change, ms, unless the interval is longer. */
const LONGEST: Duration = 60_000;

/** Starts looks; the first is due after one interval, since files were read at the start. */
export function startLooks({ clock, interval, look }: LooksParts): Looks {
  let began = clock.monotonic();
  let took: Duration = 0;
  let looking = false;
  return {
    beat: () => {
      const now = clock.monotonic();
      if (looking || now - began < Math.max(interval(), Math.min(took * PAUSE, LONGEST))) return;
      began = now;
      looking = true;
      void look().finally(() => {
        took = clock.monotonic() - began;
        looking = false;
      });
    },
  };
}
