import type { Clock, Duration } from '../core/time.ts';
import type { Log } from './log.ts';
import type { Scheduler } from './scheduler/scheduler.ts';
import { within } from './within.ts';

/** Bounds of an orderly stop, ms; together below 10 s. */
const FINISH: Duration = 4_000;
const CALL_OFF: Duration = 1_000;
const CHECKPOINT: Duration = 1_500;
const RELEASE: Duration = 1_000;
const CLOSE: Duration = 1_000;
/** What may still hold the process after that. */
const GRACE: Duration = 300;

/** What ends, and how what it has is kept. */
export interface OrderlyStop {
  readonly scheduler: Pick<Scheduler, 'quiet' | 'abort'>;
  /** Work beside the turns. */
  readonly pending: ReadonlySet<Promise<void>>;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly log: Pick<Log, 'warn'>;
  /** Saves what is evaluated; undefined: there is no store to save it in. */
  save(): Promise<unknown> | undefined;
  /** Gives the leases back, so that other replicas need not wait for their ends. */
  release(): Promise<unknown>;
  close(): Promise<unknown>;
}

/** Lets work finish, saves what is evaluated, releases what is held and closes what is open, each within its bound. */
export async function endInOrder(parts: OrderlyStop): Promise<void> {
  const { clock, save, release, close } = parts;
  await finish(parts);
  // What is evaluated is saved before another replica may go on with it; a store that does not answer will not release anything either.
  const saving = save();
  const saved = saving !== undefined && (await within(CHECKPOINT, saving, clock));
  if (saved) await within(RELEASE, release(), clock);
  await within(CLOSE, close(), clock);
}

/** Lets what runs finish, then calls it off: what is not acknowledged stays outstanding. */
async function finish({ scheduler, pending, clock, log }: OrderlyStop): Promise<void> {
  const quiet = () => Promise.all([scheduler.quiet(), ...pending]);
  if (await within(FINISH, quiet(), clock)) {
    scheduler.abort();
    return;
  }
  log.warn('some turns did not finish in time and were cancelled; their work is retried');
  scheduler.abort();
  await within(CALL_OFF, quiet(), clock);
}

/**
 * Ends the process soon, with this exit code, if something still holds it after an orderly stop: an answer that never comes must not
 * outlive it. Where nothing does, the process ends by itself before.
 */
export function leaveSoon(exitCode: number): void {
  setTimeout(() => process.exit(exitCode), GRACE).unref();
}
