import { worstSeverity } from '../core/severity.ts';
import type { Duration, Instant, TimeRange } from '../core/time.ts';
import type { ReportedGroup, RuleStory, StatusChange } from './rule-story.ts';

/** One alert from firing to resolved. */
export interface AlertEpisode {
  readonly group: ReportedGroup;
  readonly from: Instant;
  readonly to: Instant;
  /** It still fired when the time that was played ended. */
  readonly open: boolean;
  /** The worst severity that it reached; empty for an episode of a warm-up, of which only the end was seen. */
  readonly severity: string;
}

/** What of a story says when alerts fired. */
export type FiringStory = Pick<RuleStory, 'standing' | 'transitions' | 'levels'>;

interface OpenEpisode {
  readonly group: ReportedGroup;
  readonly from: Instant;
  readonly severities: readonly string[];
}

/** The episodes of a rule in the order in which they began; those still open end at `to`. */
export function alertEpisodes({ standing, transitions, levels = [] }: FiringStory, to: Instant): readonly AlertEpisode[] {
  const open = new Map<string, OpenEpisode>();
  const done: AlertEpisode[] = [];
  for (const { group, status, since } of standing) {
    if (status === 'firing' || status === 'recovering') open.set(groupName(group), { group, from: since, severities: [] });
  }
  const raise = (group: ReportedGroup, severity: string) => {
    const episode = open.get(groupName(group));
    if (episode !== undefined) open.set(groupName(group), { ...episode, severities: [...episode.severities, severity] });
  };
  for (const change of inOrder(transitions, levels)) {
    if (!('severity' in change)) {
      raise(change.group, change.to);
      continue;
    }
    const key = groupName(change.group);
    if (isBegin(change)) open.set(key, { group: change.group, from: change.at, severities: [change.severity] });
    const episode = open.get(key);
    if (change.to !== 'inactive' || episode === undefined) continue;
    done.push(closed(episode, change.at, false));
    open.delete(key);
  }
  for (const episode of open.values()) done.push(closed(episode, to, true));
  return done.sort((a, b) => a.from - b.from);
}

/** How long at least one of some alerts fired within a range, ms. */
export function timeInAlert(episodes: readonly Pick<AlertEpisode, 'from' | 'to'>[], { from, to }: TimeRange): Duration {
  let [sum, covered] = [0, from];
  for (const episode of [...episodes].sort((a, b) => a.from - b.from)) {
    const begin = Math.max(covered, episode.from);
    const end = Math.min(to, episode.to);
    if (end <= begin) continue;
    sum += end - begin;
    covered = end;
  }
  return sum;
}

/** The text by which a group is known in a report. */
export function groupName(group: ReportedGroup): string {
  return JSON.stringify(group);
}

function closed({ group, from, severities }: OpenEpisode, to: Instant, open: boolean): AlertEpisode {
  return { group, from, to, open, severity: worstSeverity(severities) ?? '' };
}

function isBegin({ from, to }: StatusChange): boolean {
  return to === 'firing' && (from === 'inactive' || from === 'pending');
}

/** A level that changes at the tick of a change of status belongs to what began there, and to what ended there. */
function inOrder(transitions: FiringStory['transitions'], levels: NonNullable<FiringStory['levels']>) {
  if (levels.length === 0) return transitions;
  const rank = (change: { readonly to: string }) => (change.to === 'inactive' ? 1 : 0);
  return [...transitions, ...levels].sort((a, b) => a.at - b.at || rank(a) - rank(b));
}
