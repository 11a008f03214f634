import type { Clock, Duration } from '../core/time.ts';
import { DAY } from '../core/time.ts';
import {
  type DirectPorts,
  type DirectResult,
  metaDestinations,
  notifyDirectly,
} from '../engine/self-monitoring/notify-directly.ts';
import type { DirectNews } from '../messages/direct-message.ts';
import type { Log } from './log.ts';

/** One message to the meta receiver from memory, sent to each of its destinations again and again until it has arrived there. */
export interface DirectNotice {
  /** Destinations that have received it. */
  readonly reached: ReadonlySet<string>;
  /** An attempt is under way: who is `reached` may change. */
  isSending(): boolean;
  /** It has arrived everywhere, or is given up. */
  isOver(): boolean;
  /** To be called at every poll. Never throws. */
  poll(): void;
}

/** What a notice needs of the world. */
export interface DirectNoticeParts {
  readonly clock: Clock;
  readonly log: Log;
  /** The ports to notify with, as the configuration is now. */
  readonly ports: () => DirectPorts;
  readonly signal: AbortSignal;
}

const FIRST_PAUSE: Duration = 10_000;
const LONGEST_PAUSE: Duration = 300_000;
/** Nobody needs to hear of something that is a day old, ms. */
const GIVE_UP_AFTER: Duration = DAY;

/**
 * Makes a notice; its first attempt is at the first poll. `news` is asked for the words at each attempt; `among`: it is for these destinations
 * alone, undefined: for all of the meta receiver.
 */
export function createDirectNotice(
  news: () => Omit<DirectNews, 'now'>,
  among: ReadonlySet<string> | undefined,
  { clock, log, ports, signal }: DirectNoticeParts,
): DirectNotice {
  const began = clock.monotonic();
  const reached = new Set<string>();
  let inflight = false;
  let attempts = 0;
  let tryAt = began;
  const missing = () => (among === undefined ? metaDestinations(ports()) : [...among]).filter((id) => !reached.has(id));
  const isOver = () => (attempts > 0 && missing().length === 0) || clock.monotonic() - began >= GIVE_UP_AFTER;

  const attempt = async (): Promise<void> => {
    inflight = true;
    attempts++;
    tryAt = clock.monotonic() + Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(attempts - 1, 16));
    const notified = await notifyDirectly({ ...news(), now: clock.now() }, missing(), ports(), signal);
    for (const { destination, outcome } of notified) if (outcome === 'delivered') reached.add(destination);
    inflight = false;
    if (!signal.aborted) logNotified(notified, attempts, log);
  };
  return {
    reached,
    isSending: () => inflight,
    isOver,
    poll: () => {
      if (!inflight && !isOver() && clock.monotonic() >= tryAt && !signal.aborted) void attempt();
    },
  };
}

/** A receiver that stays away is one line at its first failure, not one at each attempt. */
function logNotified(notified: readonly DirectResult[], attempt: number, log: Log): void {
  for (const { destination, outcome, problem } of notified) {
    if (outcome === 'delivered') log.info({ destination }, 'the meta receiver was told from memory');
    else
      log[attempt === 1 ? 'error' : 'debug'](
        { destination, problem, attempt },
        'the meta receiver could not be notified; it is tried again at growing intervals',
      );
  }
}
