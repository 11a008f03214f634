import { humanDuration } from '../../core/duration.ts';
import type { Clock, Duration, Instant } from '../../core/time.ts';
import type { Tasks } from '../tasks.ts';
import type { StoreWatch } from './store-watch.ts';

/** What watching the clocks needs of the world. */
export interface ClockWatchParts {
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly store: Pick<StoreWatch, 'isUp'>;
  readonly tasks: Pick<Tasks, 'report'>;
  /** By how much the cluster's clock is ahead of this machine's, ms; undefined if unknown. Never rejects. */
  readonly ahead: (now: () => Instant) => Promise<Duration | undefined>;
}

const EVERY: Duration = 60_000;
/** As long as rules wait for their documents by default: beyond it windows are evaluated before their documents are there, or long after, ms. */
const APART: Duration = 30_000;

/** Makes the function to be called at every poll, which compares this machine's clock with the cluster's once a minute. */
export function watchClocks({ clock, store, tasks, ahead }: ClockWatchParts): () => void {
  let askedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (!store.isUp() || clock.monotonic() - askedAt < EVERY) return;
    askedAt = clock.monotonic();
    void ahead(clock.now).then((by) => {
      if (by !== undefined) tasks.report('clock', Math.abs(by) < APART ? undefined : apart(by));
    });
  };
}

function apart(ahead: Duration): string {
  const [which, how] = ahead < 0 ? ['ahead of', 'early'] : ['behind', 'late'];
  return `The clock of this machine is ${humanDuration(Math.abs(ahead))} ${which} Elasticsearch's: windows are evaluated too ${how} by this amount. Use the same time server for both`;
}
