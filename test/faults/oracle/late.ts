/** How late things may come at most, s: a message in flight when its holder was killed waits for the end of its lease. */
export const LATE = 30;

/** The same while nothing fails, on a machine that is busy. */
export const STEADY_LATE = 5;
