import type { Duration } from '../../core/time.ts';

const GRACE: Duration = 300;

/**
 * Ends the process soon, with this exit code, if something still holds it after an orderly stop: an answer that never comes must not
 * outlive it. Where nothing does, the process ends by itself before.
 */
export function leaveSoon(exitCode: number): void {
  setTimeout(() => process.exit(exitCode), GRACE).unref();
}
