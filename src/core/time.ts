/** A point in time: milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;

/** A length of time in milliseconds. */
export type Duration = number;

export const SECOND: Duration = 1_000;
export const MINUTE: Duration = 60 * SECOND;
export const HOUR: Duration = 60 * MINUTE;
export const DAY: Duration = 24 * HOUR;

/** The end of the year 9999: no time that is stored lies after it. */
export const LAST_INSTANT: Instant = 253_402_300_799_999;

/** The earliest of some times; undefined of none. */
export function earliest(times: readonly (Instant | undefined)[]): Instant | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** Half-open range of time `[from, to)`. */
export interface TimeRange {
  readonly from: Instant;
  readonly to: Instant;
}

/** A clock and timer. Only the composition root, the clients' edges and tests have one; decisions take `at` and `now`. */
export interface Clock {
  /** Wall-clock time: may jump. */
  now(): Instant;
  /** Milliseconds of a clock that never jumps: for leases, timeouts and durations of work. */
  monotonic(): number;
  /** Resolves after `ms`, or at once (without an error) when the signal aborts. */
  sleep(ms: Duration, signal?: AbortSignal): Promise<void>;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(ms, 2 ** 31 - 1));
      signal?.addEventListener('abort', done, { once: true });
    }),
};

/** The processor time that this process has used, ms: for limits on work, which a busy machine must not shorten. */
export function cpuTime(): Duration {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** A clock that a test or a simulation turns by hand; `sleep` resolves when the time is reached. */
export interface ManualClock extends Clock {
  /** Moves the time forward (or, for clock-jump tests, back) and wakes who slept long enough. */
  set(to: Instant): void;
}

/** Makes a ManualClock that shows `start`. */
export function manualClock(start: Instant): ManualClock {
  let time = start;
  let sleepers: { readonly until: Instant; readonly wake: () => void }[] = [];
  return {
    now: () => time,
    monotonic: () => time,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted || ms <= 0) return resolve();
        const wake = () => {
          sleepers = sleepers.filter((sleeper) => sleeper.wake !== wake);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        sleepers.push({ until: time + ms, wake });
        signal?.addEventListener('abort', wake, { once: true });
      }),
    set: (to) => {
      time = to;
      const due = sleepers.filter((sleeper) => sleeper.until <= to);
      sleepers = sleepers.filter((sleeper) => sleeper.until > to);
      for (const sleeper of due) sleeper.wake();
    },
  };
}

/** The farthest time from 1970 that a date can hold, ms. */
const FARTHEST: Instant = 8.64e15;

/** ISO 8601 in UTC with milliseconds, as Elasticsearch writes dates. A number that no date can hold, which only data can bring, stays a number. */
export function iso(instant: Instant): string {
  return Math.abs(instant) <= FARTHEST ? new Date(instant).toISOString() : String(instant);
}

/** A time to the minute, in UTC, for people: `2026-01-31 10:00 UTC`. */
export function minuteText(at: Instant): string {
  return `${iso(at).slice(0, 16).replace('T', ' ')} UTC`;
}

/** A time in UTC, for people, with seconds where it has some: `2026-01-31 10:00 UTC`. */
export function timeText(at: Instant): string {
  return at % 60_000 === 0 ? minuteText(at) : `${iso(at).slice(0, 19).replace('T', ' ')} UTC`;
}

/** A time that something may take. */
export interface TimeLimit {
  readonly signal: AbortSignal;
  /** To be called when it is done: nothing is kept of it then. */
  end(): void;
}

/** What is called when a signal aborts. */
interface Followers {
  readonly all: Set<() => void>;
  readonly leave: () => void;
}

/** One listener for all that follow a signal: a signal looks through its listeners for each that is added or removed. */
const followed = new WeakMap<AbortSignal, Followers>();

/** Calls `abort` when the parent aborts, in a time that does not grow with how many follow it; gives what stops that. The last one leaves no listener. */
function follow(parent: AbortSignal, abort: () => void): () => void {
  const followers = followed.get(parent) ?? followersOf(parent);
  followers.all.add(abort);
  return () => {
    if (followers.all.delete(abort) && followers.all.size === 0) followers.leave();
  };
}

function followersOf(parent: AbortSignal): Followers {
  const all = new Set<() => void>();
  const leave = () => {
    followed.delete(parent);
    parent.removeEventListener('abort', abortAll);
  };
  const abortAll = () => {
    for (const abort of all) abort();
  };
  const followers = { all, leave };
  followed.set(parent, followers);
  parent.addEventListener('abort', abortAll, { once: true });
  return followers;
}

/**
 * Limits something to `ms` of the machine's time, and to the life of a parent; the signal's reason is a `TimeoutError` in the first case. Written
 * by hand because Node 20 may garbage-collect `AbortSignal.any` of an `AbortSignal.timeout` before it fires, so that a hanging server would block
 * its caller permanently (https://github.com/nodejs/node/pull/57867). The timer keeps a reference to this signal.
 */
export function timeLimit(ms: Duration, parent?: AbortSignal): TimeLimit {
  const controller = new AbortController();
  const end = () => {
    clearTimeout(timer);
    leave?.();
  };
  const abort = (reason: unknown) => {
    end();
    controller.abort(reason);
  };
  const timer = setTimeout(
    () => abort(Object.assign(new DOMException('The operation was aborted due to timeout', 'TimeoutError'), { ms })),
    Math.max(0, Math.min(ms, 2 ** 31 - 1)),
  );
  timer.unref();
  const leave = parent === undefined || parent.aborted ? undefined : follow(parent, () => abort(parent.reason));
  if (parent?.aborted === true) abort(parent.reason);
  return { signal: controller.signal, end };
}

/** A limit without time: it ends with its parent alone, for virtual time and tests. */
export function untimed(_ms: Duration, parent: AbortSignal): TimeLimit {
  return { signal: parent, end: () => {} };
}

/** The signal of a time limit, for work without a completion signal: it is kept until the time is up. */
export function deadline(ms: Duration, parent?: AbortSignal): AbortSignal {
  return timeLimit(ms, parent).signal;
}
