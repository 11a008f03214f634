import type { ReportedStatus, RuleStory, StatusChange } from '../../backtest/rule-story.ts';
import type { Duration, Instant } from '../../core/time.ts';
import { groupValues } from '../wording.ts';

/** A stretch of time in which an alert had one status. */
export interface Stretch {
  readonly group: string;
  readonly status: Exclude<ReportedStatus, 'inactive'>;
  readonly from: Instant;
  readonly to: Instant;
}

/** From firing to resolved; `open`: still firing when the dry run ended. */
export interface Episode {
  readonly group: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly open: boolean;
}

/** The stretches of all alerts of a rule within `(from, to]`, in the order of their ends. */
export function stretchesOf(
  story: Pick<RuleStory, 'standing' | 'transitions'>,
  range: { readonly from: Instant; readonly to: Instant },
): readonly Stretch[] {
  const open = new Map<string, { readonly status: ReportedStatus; readonly from: Instant }>();
  for (const { group, status } of story.standing) open.set(keyOf(group), { status, from: range.from });
  const done: Stretch[] = [];
  const close = (key: string, to: Instant) => {
    const stretch = open.get(key);
    if (stretch !== undefined && stretch.status !== 'inactive')
      done.push({ group: key, status: stretch.status, from: stretch.from, to });
    open.delete(key);
  };
  for (const { at, group, to } of story.transitions) {
    const key = keyOf(group);
    close(key, at);
    if (to !== 'inactive') open.set(key, { status: to, from: at });
  }
  for (const key of [...open.keys()]) close(key, range.to);
  return done;
}

/** The episodes of a rule, in the order in which they began. */
export function episodesOf(story: Pick<RuleStory, 'standing' | 'transitions'>, to: Instant): readonly Episode[] {
  const open = new Map<string, { readonly group: string; readonly from: Instant }>();
  const done: Episode[] = [];
  for (const { group, status, since } of story.standing) {
    if (status === 'firing' || status === 'recovering') open.set(keyOf(group), { group: groupValues(group), from: since });
  }
  for (const change of story.transitions) {
    const key = keyOf(change.group);
    if (begins(change)) open.set(key, { group: groupValues(change.group), from: change.at });
    const episode = open.get(key);
    if (change.to !== 'inactive' || episode === undefined) continue;
    done.push({ ...episode, to: change.at, open: false });
    open.delete(key);
  }
  for (const episode of open.values()) done.push({ ...episode, to, open: true });
  return done.sort((a, b) => a.from - b.from);
}

/** The longest of some episodes, ms; undefined without any. */
export function longestOf(episodes: readonly Episode[]): { readonly duration: Duration; readonly open: boolean } | undefined {
  return episodes
    .map((episode) => ({ duration: episode.to - episode.from, open: episode.open }))
    .reduce<{ readonly duration: Duration; readonly open: boolean } | undefined>(
      (longest, one) => (longest === undefined || one.duration > longest.duration ? one : longest),
      undefined,
    );
}

/** How often each key occurs, the most frequent first, equal ones in the order of their names. */
export function tally(keys: readonly string[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

function begins(change: StatusChange): boolean {
  return change.to === 'firing' && (change.from === 'inactive' || change.from === 'pending');
}

function keyOf(group: Readonly<Record<string, string | null>>): string {
  return JSON.stringify(group);
}
