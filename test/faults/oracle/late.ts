import type { Receiver } from '../stage/files.ts';
import type { Stage } from '../stage/stage.ts';
import { everything } from './audience.ts';
import { hearing } from './hearing.ts';

/** How late things may come at most, s: a message in flight when its holder was killed waits for the end of its lease. */
export const LATE = 30;

/** How late a receiver that is notified of everything at once read of something at worst, ms: by what failed, or because the machine is busy. */
export function worstDelay(receiver: Receiver, stage: Stage): number {
  const { readAt } = hearing(everything(receiver), stage);
  const { transitions } = stage.story;
  return Math.max(0, ...transitions.map((one) => (readAt(one) ?? Date.now()) - (stage.zero + one.at * 1_000)));
}
