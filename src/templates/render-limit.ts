import type { Duration } from '../core/time.ts';

/** Most processor time that one text may take to render, ms: nothing else happens meanwhile. */
const MAX_TIME: Duration = 500;

/** By the clock, ms: to ask for the processor time takes as long as to render a short text, so short ones are never asked about. */
const GRACE: Duration = 50;

/** The message of the error that ends a rendering which takes too long. */
export const RENDERS_TOO_LONG = 'template render limit exceeded';

/**
 * Watches one rendering. Call it with the clock's time, ms, at each step; it throws once the rendering has used its processor time. The clock says only
 * when to ask for it: on a busy machine much of the time between two steps belongs to other programs.
 */
export function renderLimit(cpu: () => Duration): (now: number) => void {
  let begun: Duration | undefined;
  let next: number | undefined;
  return (now) => {
    next ??= now + GRACE;
    if (now < next) return;
    begun ??= cpu() - GRACE;
    const left = MAX_TIME - (cpu() - begun);
    if (left <= 0) throw new Error(RENDERS_TOO_LONG);
    next = now + left;
  };
}
