import type { Target } from './route.ts';

/** Says whether two targets are the same alert group. */
export function sameTarget(a: Target, b: Target): boolean {
  return (
    a.destination === b.destination && a.route === b.route && JSON.stringify(a.group_labels) === JSON.stringify(b.group_labels)
  );
}

/** Targets without repetition, in the order of their first appearance. */
export function distinctTargets(targets: readonly Target[]): readonly Target[] {
  return targets.filter((target, index) => targets.findIndex((other) => sameTarget(other, target)) === index);
}
