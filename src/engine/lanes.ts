/**
 * Lets only so much go to one destination at once, whoever begins it: a receiver that hangs fills its own lane, and nobody waits for it who
 * goes elsewhere. One for the life of a process, shared by its overlapping turns.
 */
export interface Lanes {
  /** Does the work when there is room in the destination's lane; first come, first served. */
  enter<T>(destination: string, work: () => Promise<T>): Promise<T>;
}

interface Lane {
  inside: number;
  readonly waiting: (() => void)[];
}

/** Makes lanes of this width. */
export function createLanes(width: number): Lanes {
  const lanes = new Map<string, Lane>();
  const leave = (destination: string, lane: Lane): void => {
    const next = lane.waiting.shift();
    // The place goes to the next in line; it is not free in between.
    if (next !== undefined) next();
    else if (--lane.inside === 0) lanes.delete(destination);
  };
  return {
    enter: async (destination, work) => {
      const lane = lanes.get(destination) ?? { inside: 0, waiting: [] };
      lanes.set(destination, lane);
      if (lane.inside < width) lane.inside++;
      else await new Promise<void>((resolve) => void lane.waiting.push(resolve));
      try {
        return await work();
      } finally {
        leave(destination, lane);
      }
    },
  };
}
