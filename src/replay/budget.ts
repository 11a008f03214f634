import { humanDuration } from '../core/duration.ts';
import { TocsinError } from '../core/errors.ts';
import type { Clock, Duration } from '../core/time.ts';

/** The time that a run may take, from its start: what it asks then is called off, and it ends with what it has. */
export interface RunBudget {
  readonly of: Duration;
  /** Aborts when the budget is spent, or the run is interrupted. */
  readonly signal: AbortSignal;
  isSpent(): boolean;
  /** To be called when the run has ended: nothing is kept of it then. */
  end(): void;
}

/** Starts a budget of `of` ms by a clock. */
export function startBudget(of: Duration, clock: Pick<Clock, 'monotonic' | 'sleep'>, parent: AbortSignal): RunBudget {
  const began = clock.monotonic();
  const over = new AbortController();
  const spent = new AbortController();
  const end = () => over.abort();
  void clock.sleep(of, AbortSignal.any([over.signal, parent])).then(() => {
    if (!over.signal.aborted) spent.abort();
  });
  return { of, signal: AbortSignal.any([spent.signal, parent]), isSpent: () => clock.monotonic() - began >= of, end };
}

/** The error of a run whose budget was spent before there was anything to report. */
export function spentBeforeAnAnswer({ of }: RunBudget): TocsinError {
  return new TocsinError('cli/budget', `Elasticsearch did not answer within the budget of ${humanDuration(of)}`, {
    hint: 'nothing was replayed: `tocsin doctor` shows whether the cluster can be reached',
  });
}
