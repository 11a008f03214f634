import type { Duration, Instant } from '../core/time.ts';
import type { Session } from '../evaluation/session.ts';

interface Rest {
  readonly until: Instant;
  readonly times: number;
}

const FIRST: Duration = 10_000;
const LONGEST: Duration = 300_000;

/** Alert groups over which a step threw, in this process: trying them at every look would only fill the log. */
const resting = new WeakMap<Session, Map<string, Rest>>();

/** Puts an alert group to rest from `now` on: ten seconds at first, then twice as long each time, at most five minutes. */
export function rest(session: Session, alertGroup: string, now: Instant): void {
  const all = resting.get(session) ?? new Map<string, Rest>();
  resting.set(session, all);
  const times = (all.get(alertGroup)?.times ?? 0) + 1;
  all.set(alertGroup, { until: now + Math.min(LONGEST, FIRST * 2 ** Math.min(times - 1, 16)), times });
}

/** Notes that all went well with an alert group. */
export function rouse(session: Session, alertGroup: string): void {
  resting.get(session)?.delete(alertGroup);
}

/** Whether an alert group is left alone at `now`. */
export function isResting(session: Session, alertGroup: string, now: Instant): boolean {
  const found = resting.get(session)?.get(alertGroup);
  return found !== undefined && now < found.until;
}

/** Alert groups with which it has not gone well since. */
export function restless(session: Session): readonly string[] {
  return [...(resting.get(session)?.keys() ?? [])];
}
