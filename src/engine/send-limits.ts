/**
 * Lets only so much go to one destination at once, whoever begins it: a receiver that hangs uses up its own limit, and nobody waits for it who
 * goes elsewhere. One for the life of a process, shared by its overlapping turns.
 */
export interface SendLimits {
  /** Does the work when there is room within the destination's limit; first come, first served. */
  enter<T>(destination: string, work: () => Promise<T>): Promise<T>;
}

interface SendQueue {
  inside: number;
  readonly waiting: (() => void)[];
}

/** Sends to one destination side by side. */
export const SENDS_TO_ONE = 8;

/** Makes limits of this width. */
export function createSendLimits(width = SENDS_TO_ONE): SendLimits {
  const limits = new Map<string, SendQueue>();
  const leave = (destination: string, queue: SendQueue): void => {
    const next = queue.waiting.shift();
    // The place goes to the next in line; it is not free in between.
    if (next !== undefined) next();
    else if (--queue.inside === 0) limits.delete(destination);
  };
  return {
    enter: async (destination, work) => {
      const queue = limits.get(destination) ?? { inside: 0, waiting: [] };
      limits.set(destination, queue);
      if (queue.inside < width) queue.inside++;
      else await new Promise<void>((resolve) => void queue.waiting.push(resolve));
      try {
        return await work();
      } finally {
        leave(destination, queue);
      }
    },
  };
}
