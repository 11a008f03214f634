import type { Duration } from '../../core/time.ts';
import type { Episode } from '../dry-run/episodes.ts';

/** How the episodes of two versions of a rule lie to each other. */
export interface EpisodeComparison {
  /** Episodes of the newer version that the older one had at that time for that group too. */
  readonly kept: number;
  /** Those of the older version of which the newer one has nothing. */
  readonly gone: number;
  /** Those of the newer version of which the older one had nothing. */
  readonly fresh: number;
}

/** Compares two lists of episodes of one rule: two are the same incident where they are of one group and touch each other in time. */
export function compareEpisodes(before: readonly Episode[], after: readonly Episode[]): EpisodeComparison {
  const missing = (all: readonly Episode[], among: readonly Episode[]) => {
    const byGroup = grouped(among);
    return all.filter((one) => !(byGroup.get(one.group) ?? []).some((other) => one.from <= other.to && other.from <= one.to)).length;
  };
  const fresh = missing(after, before);
  return { kept: after.length - fresh, gone: missing(before, after), fresh };
}

/** How long some alert of a rule fired, ms: where several fire at once the time counts once. */
export function timeInAlert(episodes: readonly Episode[], from: number, to: number): Duration {
  let total = 0;
  let until = from;
  for (const episode of episodes.toSorted((a, b) => a.from - b.from)) {
    const begin = Math.max(episode.from, until);
    const end = Math.min(episode.to, to);
    if (end <= begin) continue;
    total += end - begin;
    until = end;
  }
  return total;
}

function grouped(episodes: readonly Episode[]): Map<string, Episode[]> {
  const groups = new Map<string, Episode[]>();
  for (const episode of episodes) {
    const known = groups.get(episode.group);
    if (known === undefined) groups.set(episode.group, [episode]);
    else known.push(episode);
  }
  return groups;
}
