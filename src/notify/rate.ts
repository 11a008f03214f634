import type { DestinationTerms } from '../channels/channel.ts';
import type { Duration, Instant } from '../core/time.ts';

/** When this process last sent to each destination with a `rate_limit`, oldest first. */
export type SentTimes = Map<string, readonly Instant[]>;

/**
 * Takes one place within a destination's `rate_limit` and gives 0, or how long it takes until one is free, ms. A clock that was turned back delays a
 * message by one interval at most.
 */
export function takePlace(destination: string, { rate }: DestinationTerms, now: Instant, sent: SentTimes): Duration {
  if (rate === undefined) {
    sent.delete(destination);
    return 0;
  }
  const times = (sent.get(destination) ?? []).filter((at) => at > now - rate.per).slice(-rate.count);
  const [oldest] = times;
  if (oldest !== undefined && times.length >= rate.count) return Math.min(rate.per, oldest + rate.per - now);
  sent.set(destination, [...times, now]);
  return 0;
}
