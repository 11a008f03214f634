import { groupedBy } from '../core/grouped-by.ts';
import { compareSeverities } from '../core/severity.ts';
import { compareTexts } from '../core/text-order.ts';
import type { Duration, Instant, TimeRange } from '../core/time.ts';
import { type AlertEpisode, alertEpisodes, groupName, timeInAlert } from './alert-episodes.ts';
import { pairEpisodes } from './pair-episodes.ts';
import type { ReportedGroup, RuleStory } from './rule-story.ts';

/** What a rule did in one of the two runs, in numbers. */
export interface StoryNumbers {
  readonly episodes: number;
  /** Groups that fired. */
  readonly groups: number;
  /** How long at least one of its alerts fired, ms. */
  readonly alerting: Duration;
  readonly messages: number;
  /** Windows that could not be evaluated. */
  readonly failed: number;
}

/** The outcome of one episode. `starts`, `ends` and `longer` are ms; a start that is earlier, and an episode that is shorter, is negative. */
export type EpisodeDifference =
  | { readonly kind: 'appears'; readonly group: ReportedGroup; readonly at: Instant; readonly after: AlertEpisode }
  | { readonly kind: 'vanishes'; readonly group: ReportedGroup; readonly at: Instant; readonly before: AlertEpisode }
  | {
      readonly kind: 'changes';
      readonly group: ReportedGroup;
      readonly at: Instant;
      readonly before: AlertEpisode;
      readonly after: AlertEpisode;
      readonly starts: Duration;
      readonly ends: Duration;
      readonly longer: Duration;
      readonly loudness: 'louder' | 'quieter' | 'same';
    };

/** How many messages a receiver got in each of the two runs. */
export interface ReceiverDifference {
  readonly receiver: string;
  readonly before: number;
  readonly after: number;
}

/** What differs between two runs of one rule over the same time. */
export interface RuleDifference {
  readonly name: string;
  /** The name before, where it is another. */
  readonly was?: string;
  /** Undefined: the rule is new. */
  readonly before: StoryNumbers | undefined;
  /** Undefined: the rule no longer exists. */
  readonly after: StoryNumbers | undefined;
  /** In the order of their times, then of their groups. */
  readonly episodes: readonly EpisodeDifference[];
  /** Episodes that both runs have, to the tick and with one severity. */
  readonly same: number;
  /** By name, those without a message left out. */
  readonly receivers: readonly ReceiverDifference[];
}

/** Compares what rules did before and after a change, by their ids: in the order of their names. Both are of the same range. */
export function compareStories(
  before: readonly RuleStory[],
  after: readonly RuleStory[],
  range: TimeRange,
): readonly RuleDifference[] {
  const old = new Map(before.map((story) => [story.id, story]));
  const present = new Set(after.map(({ id }) => id));
  const pairs: readonly (readonly [RuleStory | undefined, RuleStory | undefined])[] = [
    ...after.map((story) => [old.get(story.id), story] as const),
    ...before.filter(({ id }) => !present.has(id)).map((story) => [story, undefined] as const),
  ];
  return pairs
    .flatMap(([one, other]) => compareStory(one, other, range) ?? [])
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Says whether a rule did anything else after the change than before. */
export function isDifferent({ before, after, episodes, receivers }: RuleDifference): boolean {
  if (before === undefined || after === undefined || before.failed !== after.failed) return true;
  return episodes.length > 0 || receivers.some((one) => one.before !== one.after);
}

/** The counts of messages of several rules together, by receiver. */
export function receiversOfAll(rules: readonly Pick<RuleDifference, 'receivers'>[]): readonly ReceiverDifference[] {
  const sums = new Map<string, ReceiverDifference>();
  for (const { receiver, before, after } of rules.flatMap(({ receivers }) => receivers)) {
    const sum = sums.get(receiver) ?? { receiver, before: 0, after: 0 };
    sums.set(receiver, { receiver, before: sum.before + before, after: sum.after + after });
  }
  return [...sums.values()].sort(byReceiver);
}

function compareStory(before: RuleStory | undefined, after: RuleStory | undefined, range: TimeRange): RuleDifference | undefined {
  const named = after ?? before;
  if (named === undefined) return undefined;
  const old = episodesIn(before, range);
  const present = episodesIn(after, range);
  const differences = differencesOf(old, present);
  return {
    name: named.name,
    ...(before !== undefined && after !== undefined && before.name !== after.name && { was: before.name }),
    before: before && numbersOf(before, old, range),
    after: after && numbersOf(after, present, range),
    episodes: differences.filter((one) => one !== 'same'),
    same: differences.filter((one) => one === 'same').length,
    receivers: receiversOf(before, after),
  };
}

function episodesIn(story: RuleStory | undefined, { to }: TimeRange): readonly AlertEpisode[] {
  return story === undefined ? [] : alertEpisodes(story, to);
}

function numbersOf(story: RuleStory, episodes: readonly AlertEpisode[], range: TimeRange): StoryNumbers {
  return {
    episodes: episodes.length,
    groups: new Set(episodes.map(({ group }) => groupName(group))).size,
    alerting: timeInAlert(episodes, range),
    messages: story.notifications.length,
    failed: story.failed,
  };
}

function differencesOf(before: readonly AlertEpisode[], after: readonly AlertEpisode[]): readonly (EpisodeDifference | 'same')[] {
  const old = byGroup(before);
  const present = byGroup(after);
  const names = [...new Set([...old.keys(), ...present.keys()])].sort();
  const all = names.flatMap((name) =>
    pairEpisodes(old.get(name) ?? [], present.get(name) ?? []).map(({ before: one, after: other }) => differenceOf(one, other)),
  );
  const at = (one: EpisodeDifference | 'same') => (one === 'same' ? 0 : one.at);
  return all.sort((a, b) => at(a) - at(b));
}

function differenceOf(before: AlertEpisode | undefined, after: AlertEpisode | undefined): EpisodeDifference | 'same' {
  if (before === undefined) return after === undefined ? 'same' : { kind: 'appears', group: after.group, at: after.from, after };
  if (after === undefined) return { kind: 'vanishes', group: before.group, at: before.from, before };
  const starts = after.from - before.from;
  const ends = after.to - before.to;
  const order = compareSeverities(after.severity, before.severity);
  const loudness = order < 0 ? 'louder' : order > 0 ? 'quieter' : 'same';
  if (starts === 0 && ends === 0 && before.open === after.open && before.severity === after.severity) return 'same';
  return {
    kind: 'changes',
    group: after.group,
    at: Math.min(before.from, after.from),
    before,
    after,
    starts,
    ends,
    longer: ends - starts,
    loudness,
  };
}

function byGroup(episodes: readonly AlertEpisode[]): ReadonlyMap<string, readonly AlertEpisode[]> {
  return groupedBy(episodes, ({ group }) => groupName(group));
}

function receiversOf(before: RuleStory | undefined, after: RuleStory | undefined): readonly ReceiverDifference[] {
  const counts = (story: RuleStory | undefined, side: 'before' | 'after') =>
    (story?.notifications ?? []).map(({ receiver }) => ({ receivers: [{ receiver, before: 0, after: 0, [side]: 1 }] }));
  return receiversOfAll([...counts(before, 'before'), ...counts(after, 'after')]);
}

function byReceiver(a: ReceiverDifference, b: ReceiverDifference): number {
  return compareTexts(a.receiver, b.receiver);
}
