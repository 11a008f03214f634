import type { Instant } from '../../core/time.ts';

/** Holds several runs through virtual time together: at each moment only those are let on whose moment is the earliest. */
export interface SideBySide {
  /** Resolves when no other run is before this moment. */
  arrive(now: Instant): Promise<void>;
  /** One run has ended. */
  leave(): void;
}

/** Starts so many runs side by side; `onMoment` is called before the runs of the next moment go on. */
export function sideBySide(runs: number, onMoment: () => void): SideBySide {
  let running = runs;
  const waiting: { readonly now: Instant; readonly go: () => void }[] = [];
  const next = () => {
    if (running > 0 || waiting.length === 0) return;
    const earliest = waiting.reduce((least, { now }) => Math.min(least, now), Number.POSITIVE_INFINITY);
    const ready = waiting.filter(({ now }) => now === earliest);
    const others = waiting.filter(({ now }) => now !== earliest);
    waiting.splice(0, waiting.length, ...others);
    running = ready.length;
    onMoment();
    for (const { go } of ready) go();
  };
  return {
    arrive: (now) =>
      new Promise((go) => {
        waiting.push({ now, go });
        running--;
        next();
      }),
    leave: () => {
      running--;
      next();
    },
  };
}
