import type { Clock, Duration } from '../core/time.ts';

/** Waits for work, but not longer than `ms`; says whether it ended in time. A rejection counts as an end. */
export async function within(ms: Duration, work: Promise<unknown>, clock: Pick<Clock, 'sleep'>): Promise<boolean> {
  const timer = new AbortController();
  const done = work.then(
    () => true,
    () => true,
  );
  const late = clock.sleep(ms, timer.signal).then(() => false);
  const inTime = await Promise.race([done, late]);
  timer.abort();
  return inTime;
}

/** Keeps work among what is pending until it has ended. */
export function track(work: Promise<void>, pending: Set<Promise<void>>): void {
  pending.add(work);
  void work.finally(() => pending.delete(work));
}
