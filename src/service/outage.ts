import { humanDuration } from '../core/duration.ts';
import { type Clock, type Duration, type Instant, iso } from '../core/time.ts';
import { type DirectNews, type DirectPorts, type Told, tellDirectly } from '../engine/tell-directly.ts';
import type { Log } from './log.ts';

/** How long a trouble may last before the meta receiver is notified from memory, ms. */
export const PATIENCE: Duration = 60_000;

/** What is said of one kind of trouble. */
export interface OutageWords {
  /** What the message is about, for its labels: `store`. */
  readonly subject: string;
  /** One line of the log when it begins. */
  readonly began: string;
  /** One line of the log when it has lasted for `PATIENCE`. */
  readonly stays: string;
  /** One line of the log when it is over. */
  readonly ended: (lasted: string) => string;
  readonly firing: { readonly title: string; readonly text: (since: string, problem: string) => string };
  readonly resolved: { readonly title: string; readonly text: (lasted: string) => string };
}

/** One trouble of this process, from its beginning to its end: logged once each, and reported to the meta receiver when it lasts. */
export interface Outage {
  /** Says what the problem is now, or that there is none. `from`: when it began by the monotonic clock, if that was earlier. */
  is(problem: string | undefined, words: OutageWords, from?: Duration): void;
  problem(): string | undefined;
  /** To be called at every beat. Never throws. */
  beat(): void;
}

/** What an outage needs of the world. */
export interface OutageParts {
  readonly clock: Clock;
  readonly log: Log;
  /** The ports to notify with, as the configuration is now. */
  readonly ports: () => DirectPorts;
  readonly signal: AbortSignal;
}

interface Current {
  readonly since: Instant;
  readonly began: Duration;
  problem: string;
  /** As it began: its end must be told in the same words. */
  readonly words: OutageWords;
  notified: boolean;
}

/** Makes an outage that has not begun. */
export function createOutage({ clock, log, ports, signal }: OutageParts): Outage {
  let current: Current | undefined;

  const notify = async (news: Pick<DirectNews, 'title' | 'text' | 'status' | 'since' | 'subject'>) => {
    const told = await tellDirectly({ ...news, now: clock.now() }, ports(), signal);
    if (told.length === 0 && news.status === 'firing') log.warn('nobody was told of it: no meta_receiver is configured');
    logTold(told, log);
  };
  const begin = (problem: string, words: OutageWords, from: Duration) => {
    const began = Math.min(from, clock.monotonic());
    current = { since: clock.now() - (clock.monotonic() - began), began, problem, words, notified: false };
    log.warn({ problem }, words.began);
  };
  const end = ({ since, began, words, notified }: Current) => {
    current = undefined;
    const lasted = humanDuration(clock.monotonic() - began);
    log.info({ since: iso(since) }, words.ended(lasted));
    if (!notified) return;
    const { title, text } = words.resolved;
    void notify({ subject: words.subject, title, text: text(lasted), status: 'resolved', since });
  };
  return {
    problem: () => current?.problem,
    is: (problem, words, from = clock.monotonic()) => {
      if (problem === undefined) {
        if (current !== undefined) end(current);
      } else if (current === undefined) begin(problem, words, from);
      else if (current.problem !== problem) {
        log.debug({ problem }, 'it is not over, and has changed');
        current.problem = problem;
      }
    },
    beat: () => {
      if (current === undefined || current.notified || clock.monotonic() - current.began < PATIENCE) return;
      current.notified = true;
      const { since, problem, words } = current;
      log.error({ since: iso(since), problem }, words.stays);
      const { title, text } = words.firing;
      void notify({ subject: words.subject, title, text: text(iso(since), problem), status: 'firing', since });
    },
  };
}

function logTold(told: readonly Told[], log: Log): void {
  for (const { destination, outcome, problem } of told) {
    if (outcome === 'delivered') log.info({ destination }, 'the meta receiver was told from memory');
    else log.error({ destination, problem }, 'the meta receiver could not be told');
  }
}
