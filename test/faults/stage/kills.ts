import type { Receiver } from './files.ts';
import type { Step } from './steps.ts';

/** When a process dies: before a request has an effect, after it had one and before its answer, or right after the answer. */
export const MOMENTS = ['before', 'done', 'answered'] as const;
type Moment = (typeof MOMENTS)[number];

/** A point at which a process can be killed: a request to the cluster, or a message to a receiver. */
export interface KillPoint {
  readonly step: Step | `send to ${Receiver}`;
  readonly moment: Moment;
}

/** Waits for kill points to be reached. */
export interface Kills {
  /** Arms a point; resolves with the replica once one was killed there. */
  arm(point: KillPoint, replica?: number): Promise<number>;
  /** Forgets what is armed. */
  disarm(): void;
  /** Says that a replica has reached a point; kills it when that is armed, and says so. */
  reached(step: KillPoint['step'], moment: Moment, replica: number): Promise<boolean>;
  /** Points at which someone was killed. */
  readonly made: readonly KillPoint[];
}

interface Armed extends KillPoint {
  readonly replica: number | undefined;
  readonly hit: (replica: number) => void;
}

/** Makes the waiting list; `kill` ends a replica at once. */
export function kills(kill: (replica: number) => Promise<void>): Kills {
  let armed: Armed[] = [];
  const made: KillPoint[] = [];
  return {
    made,
    arm: (point, replica) => new Promise((hit) => void armed.push({ ...point, replica, hit })),
    disarm: () => {
      armed = [];
    },
    reached: async (step, moment, replica) => {
      const found = armed.find(
        (one) => one.step === step && one.moment === moment && (one.replica === undefined || one.replica === replica),
      );
      if (found === undefined) return false;
      armed = armed.filter((one) => one !== found);
      made.push({ step, moment });
      await kill(replica);
      found.hit(replica);
      return true;
    },
  };
}
