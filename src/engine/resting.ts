import type { Duration, Instant } from '../core/time.ts';
import type { Session } from './session.ts';

const FIRST: Duration = 10_000;
const LONGEST: Duration = 300_000;

/** Puts an alert group to rest from `now` on: ten seconds at first, then twice as long each time, at most five minutes. */
export function rest(session: Session, alertGroup: string, now: Instant): void {
  const { resting } = session;
  const times = (resting.get(alertGroup)?.times ?? 0) + 1;
  resting.set(alertGroup, { until: now + Math.min(LONGEST, FIRST * 2 ** Math.min(times - 1, 16)), times });
}

/** Notes that all went well with an alert group. */
export function rouse(session: Session, alertGroup: string): void {
  session.resting.delete(alertGroup);
}

/** Whether an alert group is left alone at `now`. */
export function isResting(session: Session, alertGroup: string, now: Instant): boolean {
  const found = session.resting.get(alertGroup);
  return found !== undefined && now < found.until;
}

/** Alert groups with which it has not gone well since. */
export function restless(session: Session): readonly string[] {
  return [...session.resting.keys()];
}
