import { humanDuration } from '../core/duration.ts';
import { asError } from '../core/errors.ts';
import type { StoreAnswer } from '../core/stored.ts';
import { type Clock, type Duration, type Instant, iso } from '../core/time.ts';
import { type DirectNews, type DirectPorts, type Told, tellDirectly } from '../engine/tell-directly.ts';
import type { Log } from './log.ts';

/** Watches whether the store is there, opens it when it comes, and tells the meta receiver when it stays away. */
export interface StoreWatch {
  /** The indices were found or made: turns may begin. */
  isOpen(): boolean;
  /** The store answered when it was last asked. */
  isUp(): boolean;
  problem(): string | undefined;
  /** To be called at every beat: tries to open the store while it is not, and tells what is to be told. Never throws. */
  beat(): void;
  /** What a turn that looked for work saw of the store: it has asked each index that matters. */
  saw(problems: readonly string[]): void;
}

/** What watching needs of the world. */
export interface StoreWatchParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly open: () => Promise<StoreAnswer<string>>;
  /** The ports to tell with, as the configuration is now. */
  readonly ports: () => DirectPorts;
  readonly signal: AbortSignal;
}

/** How long the store may be away before the meta receiver is told, ms. */
export const PATIENCE: Duration = 60_000;
const FIRST_RETRY = 1_000;
const LONGEST_RETRY = 30_000;

/** One absence of the store. */
interface Outage {
  readonly since: Instant;
  readonly began: Duration;
  problem: string;
  told: boolean;
}

/** Starts a watch; the store counts as away until it was opened. */
export function watchStore({ clock, log, open, ports, signal }: StoreWatchParts): StoreWatch {
  let opened = false;
  let opening = false;
  let tries = 0;
  let tryAt = clock.monotonic();
  let outage: Outage | undefined;

  const tell = async (news: Pick<DirectNews, 'title' | 'text' | 'status' | 'since'>) => {
    const told = await tellDirectly({ ...news, subject: 'store', now: clock.now() }, ports(), signal);
    if (told.length === 0 && news.status === 'firing') log.warn('nobody was told of it: no meta_receiver is configured');
    logTold(told, log);
  };
  const away = (problem: string) => {
    if (outage === undefined) {
      outage = { since: clock.now(), began: clock.monotonic(), problem, told: false };
      log.warn({ problem }, 'the store does not answer: nothing is judged or told until it does');
    } else if (outage.problem !== problem) {
      outage.problem = problem;
      log.warn({ problem }, 'the store still does not answer');
    }
  };
  const back = () => {
    if (outage === undefined) return;
    const { since, began, told } = outage;
    outage = undefined;
    const lasted = humanDuration(clock.monotonic() - began);
    log.info({ since: iso(since) }, `the store answers again after ${lasted}; what was missed is judged now`);
    if (told)
      void tell({
        title: '[RESOLVED] Tocsin reaches its store again',
        text: `It was away for ${lasted}. Windows that were missed are judged now.`,
        status: 'resolved',
        since,
      });
  };
  const tryToOpen = async () => {
    opening = true;
    const answer = await open().catch((thrown: unknown) => ({ ok: false, message: asError(thrown).message }) as const);
    opening = false;
    if (signal.aborted) return;
    if (answer.ok) {
      opened = true;
      back();
      log.info(answer.value);
      return;
    }
    away(answer.message);
    tryAt = clock.monotonic() + Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** Math.min(tries++, 10));
  };

  return {
    isOpen: () => opened,
    isUp: () => opened && outage === undefined,
    problem: () => outage?.problem,
    saw: (problems) => {
      const [problem] = problems;
      if (problem === undefined) back();
      else away(problem);
    },
    beat: () => {
      if (!opened && !opening && clock.monotonic() >= tryAt) void tryToOpen();
      if (outage === undefined || outage.told || clock.monotonic() - outage.began < PATIENCE) return;
      outage.told = true;
      const { since, problem } = outage;
      log.error({ since: iso(since), problem }, 'the store stays away: no rule is judged and nobody is alerted');
      const text = `Since ${iso(since)} Elasticsearch does not answer, so no rule is judged and nobody is alerted. ${problem}`;
      void tell({ title: '[FIRING] Tocsin does not reach its store', text, status: 'firing', since });
    },
  };
}

function logTold(told: readonly Told[], log: Log): void {
  for (const { destination, outcome, problem } of told) {
    if (outcome === 'delivered') log.info({ destination }, 'the meta receiver was told from memory');
    else log.error({ destination, problem }, 'the meta receiver could not be told');
  }
}
