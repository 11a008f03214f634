import { humanDuration } from '../../core/duration.ts';
import { type Duration, type Instant, iso } from '../../core/time.ts';
import { metaDestinations } from '../../engine/self-monitoring/notify-directly.ts';
import type { DirectTexts } from '../../messages/direct-texts.ts';
import { clockTime } from '../../messages/wording.ts';
import { createDirectNotice, type DirectNotice, type DirectNoticeParts } from '../direct-notice.ts';

/** How long a problem may last before the meta receiver is notified from memory, ms. */
const PATIENCE: Duration = 60_000;

/** What is said of one kind of problem. */
export interface OutageWords extends DirectTexts {
  /** What the message is about, for its labels: `store`. */
  readonly subject: string;
  /** One line of the log when it begins. */
  readonly began: string;
  /** One line of the log when it has lasted for `PATIENCE`. */
  readonly stays: string;
  /** One line of the log when it has ended. */
  readonly ended: (lasted: string) => string;
}

/** One problem of this process, from its beginning to its end: logged once each, and reported to the meta receiver when it lasts. */
export interface StoreOutage {
  /** Says what the problem is now, or that there is none. `from`: when it began by the monotonic clock, if that was earlier. */
  is(problem: string | undefined, words: OutageWords, from?: Duration): void;
  problem(): string | undefined;
  /** To be called at every poll. Never throws. */
  poll(): void;
}

/** What an outage needs of the world. */
export type OutageParts = DirectNoticeParts;

interface Current {
  readonly since: Instant;
  readonly began: Duration;
  problem: string;
  /** As it began: its end must be notified in the same words. */
  readonly words: OutageWords;
  /** The message to the meta receiver; undefined until it has lasted. */
  notice: DirectNotice | undefined;
}

/** An ended outage that was notified, or is being notified. */
interface Over {
  readonly current: Current;
  readonly lasted: string;
  notice: DirectNotice | undefined;
}

/** Makes an outage that has not begun. */
export function createOutage(parts: OutageParts): StoreOutage {
  const { clock, log, ports } = parts;
  let current: Current | undefined;
  let over: readonly Over[] = [];

  const begin = (problem: string, words: OutageWords, from: Duration) => {
    const began = Math.min(from, clock.monotonic());
    current = { since: clock.now() - (clock.monotonic() - began), began, problem, words, notice: undefined };
    log.warn({ problem }, words.began);
  };
  const end = (ended: Current) => {
    current = undefined;
    const lasted = humanDuration(clock.monotonic() - ended.began);
    log.info({ since: iso(ended.since) }, ended.words.ended(lasted));
    if (ended.notice === undefined) return;
    over = [...over, { current: ended, lasted, notice: undefined }];
    endings();
  };
  const report = (one: Current) => {
    log.error({ since: iso(one.since), problem: one.problem }, one.words.stays);
    if (metaDestinations(ports()).length === 0) log.warn('no notification of the outage: meta_receiver is not configured');
    const { subject, firing } = one.words;
    const news = () => {
      const { since, problem } = one;
      return { subject, title: firing.title, text: firing.text(clockTime(since), problem), status: 'firing' as const, since };
    };
    one.notice = createDirectNotice(news, undefined, parts);
  };
  /** The end is sent only where the start was delivered. */
  const endings = () => {
    for (const one of over) {
      const { since, words, notice } = one.current;
      if (notice?.isSending() !== false) continue;
      const { subject, resolved } = words;
      const news = { subject, title: resolved.title, text: resolved.text(one.lasted), status: 'resolved' as const, since };
      one.notice ??= createDirectNotice(() => news, notice.reached, parts);
      one.notice.poll();
    }
    over = over.filter(({ notice }) => notice === undefined || notice.isSending() || !notice.isOver());
  };
  return {
    problem: () => current?.problem,
    is: (problem, words, from = clock.monotonic()) => {
      if (problem === undefined) {
        if (current !== undefined) end(current);
      } else if (current === undefined) begin(problem, words, from);
      else if (current.problem !== problem) {
        log.debug({ problem }, 'the outage continues, with another problem');
        current.problem = problem;
      }
    },
    poll: () => {
      endings();
      if (current === undefined) return;
      if (current.notice === undefined && clock.monotonic() - current.began >= PATIENCE) report(current);
      current.notice?.poll();
    },
  };
}
