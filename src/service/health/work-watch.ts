import { formatDuration } from '../../core/duration.ts';
import type { Clock, Duration } from '../../core/time.ts';
import type { FileWatch } from '../reload/file-watch.ts';
import type { LeaseKeeper } from '../sharding/lease-keeper.ts';
import type { Tasks } from '../tasks.ts';
import { type HealthSignals, whyNotWorking } from './health-signals.ts';
import type { StoreWatch } from './store-watch.ts';

/** What is looked at. */
export interface WorkWatchParts {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly tasks: Pick<Tasks, 'report'>;
  readonly store: Pick<StoreWatch, 'isUp'>;
  readonly looks: Pick<FileWatch, 'underWay'>;
  readonly leases: Pick<LeaseKeeper, 'problem'>;
  readonly signals: () => HealthSignals;
  /** Why this replica can raise no health alerts. */
  readonly healthProblem: () => string | undefined;
}

/** How often, ms: it takes a look at every rule. */
const EVERY: Duration = 5_000;
/** How long the store must have been up before turns and leases are blamed: what they missed meanwhile is its problem. */
const RECOVERY: Duration = 60_000;
/** A look at files takes moments; one that takes this long waits for a disk that does not respond, ms. */
const READING: Duration = 120_000;

/** Makes the function to be called at every poll, which reports failing tasks that are not reported otherwise. */
export function startWorkWatch({ clock, tasks, store, looks, leases, signals, healthProblem }: WorkWatchParts): () => void {
  let lookedAt = clock.monotonic();
  let awayAt = clock.monotonic();
  return () => {
    const now = clock.monotonic();
    if (!store.isUp()) awayAt = now;
    if (now - lookedAt < EVERY) return;
    lookedAt = now;
    const reading = looks.underWay();
    tasks.report(
      'reload',
      reading < READING ? undefined : `reading files takes longer than ${formatDuration(READING)}`,
      now - reading,
    );
    const settled = now - awayAt >= RECOVERY;
    tasks.report('turns', settled ? whyNotWorking(signals()) : undefined);
    tasks.report('health', healthProblem());
    tasks.report('leases', settled ? leases.problem() : undefined);
  };
}
