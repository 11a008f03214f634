import type { Config } from '../config/config.ts';
import type { Problem } from '../core/problems.ts';
import type { Instant } from '../core/time.ts';
import { partsThatNeverOccur } from '../routing/time-intervals.ts';
import { finding } from './finding.ts';

/** Warns of parts of time intervals to which no time from `now` on belongs. */
export function intervalProblems(
  { routing, intervalPlaces }: Pick<Config, 'routing' | 'intervalPlaces'>,
  now: Instant,
): readonly Problem[] {
  return Object.values(routing.intervals ?? {}).flatMap((interval) =>
    partsThatNeverOccur(interval, now).map((part) => {
      const message = `this part of the time interval "${interval.name}" can never match again`;
      const calendar = interval.parts[part]?.calendar?.file;
      const hint =
        calendar === undefined
          ? 'check its days, months and years'
          : `the events of ${calendar} are in the past: replace it with a newer file`;
      return finding('config/time-interval-never', intervalPlaces?.get(interval.name)?.[part], message, hint);
    }),
  );
}
