import type { Duration, Instant } from '../core/time.ts';
import type { TurnLog } from '../engine/turn-log.ts';
import type { Log } from './log.ts';

/** Writes internal errors and invalid documents into the log. */
export interface Failures {
  note(turn: Pick<TurnLog, 'now' | 'errors' | 'invalid'>): void;
}

/** The same problem is a line again after this long, ms: it is met in every turn. */
const AGAIN: Duration = 3_600_000;
/** Problems that are remembered; when there are more, some are written again. */
const REMEMBERED = 1_000;

/** Starts a log of problems; it remembers what it wrote, so that one that lasts for hours is not a line every few seconds. */
export function startFailures(log: Log): Failures {
  const written = new Map<string, Instant>();
  const isNew = (key: string, now: Instant): boolean => {
    const last = written.get(key);
    if (last !== undefined && Math.abs(now - last) < AGAIN) return false;
    if (written.size >= REMEMBERED) written.clear();
    written.set(key, now);
    return true;
  };
  return {
    note: ({ now, errors, invalid }) => {
      for (const { kind, subject, step, error } of errors) {
        if (!isNew(JSON.stringify([kind, subject, step, error.message]), now)) continue;
        const facts = { err: error, [kind]: subject, step };
        log.error(
          facts,
          'internal error: please report this with the stack; everything else goes on, and what it was about is tried again',
        );
      }
      for (const { kind, id, problem } of invalid) {
        if (!isNew(JSON.stringify([kind, id, problem]), now)) continue;
        log.error({ kind, id, problem }, 'a stored document is invalid and is put aside: correct it or delete it');
      }
    },
  };
}
