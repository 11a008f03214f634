import type { AlertEpisode } from '../../backtest/alert-episodes.ts';
import {
  type EpisodeDifference,
  isDifferent,
  type ReceiverDifference,
  type RuleDifference,
} from '../../backtest/compare-stories.ts';
import { humanDuration } from '../../core/duration.ts';
import { type Duration, iso } from '../../core/time.ts';
import { counted, groupText } from '../wording.ts';
import type { DryRunComparison, SharedCost } from './comparison.ts';

/** One rule of a comparison in the words of a table, before → after. */
export interface DifferenceRow {
  readonly rule: string;
  readonly episodes: string;
  readonly alerting: string;
  readonly groups: string;
  readonly messages: string;
  readonly what: string;
}

/** One episode that differs, in the words of a table. */
export interface EpisodeRow {
  readonly at: string;
  readonly mark: '+' | '-' | '~';
  readonly group: string;
  readonly what: string;
}

/** A rule that differs, before → after. */
export function differenceRow(rule: RuleDifference): DifferenceRow {
  const { before, after, was } = rule;
  const pair = <K extends 'episodes' | 'groups' | 'messages'>(key: K) =>
    arrow(before && String(before[key]), after && String(after[key]));
  return {
    rule: was === undefined ? rule.name : `${rule.name} (was ${was})`,
    episodes: pair('episodes'),
    alerting: arrow(before && humanDuration(before.alerting), after && humanDuration(after.alerting)),
    groups: pair('groups'),
    messages: pair('messages'),
    what: whatDiffers(rule),
  };
}

/** An episode that differs: when, in which group, and how. */
export function episodeRow(one: EpisodeDifference): EpisodeRow {
  const group = groupText(one.group);
  if (one.kind === 'appears') return { at: iso(one.at), mark: '+', group, what: `appears: ${lengthOf(one.after)}` };
  if (one.kind === 'vanishes') return { at: iso(one.at), mark: '-', group, what: `vanishes: ${lengthOf(one.before)}` };
  const parts = [
    ...moved('starts', one.starts),
    ...(one.before.open === one.after.open
      ? moved('ends', one.ends)
      : [one.after.open ? 'does not end' : `ends at ${iso(one.after.to)}`]),
    ...(one.longer === 0
      ? []
      : [`${one.longer > 0 ? 'longer' : 'shorter'}: ${lengthText(one.before)} → ${lengthText(one.after)}`]),
    ...(one.before.severity === one.after.severity
      ? []
      : [
          `${one.loudness === 'same' ? 'severity' : one.loudness}: ${one.before.severity || 'unknown'} → ${one.after.severity || 'unknown'}`,
        ]),
  ];
  return { at: iso(one.at), mark: '~', group, what: parts.join(', ') };
}

/** Receivers whose number of messages differs: `slack 12 → 3`; empty without any. */
export function receiversText(receivers: readonly ReceiverDifference[]): string {
  return receivers
    .filter(({ before, after }) => before !== after)
    .map(({ receiver, before, after }) => `${receiver} ${before} → ${after}`)
    .join(', ');
}

/** One sentence about the whole of a comparison. */
export function comparisonSentence({ rules, receivers }: DryRunComparison): string {
  const different = rules.filter(isDifferent).length;
  const sum = (key: 'episodes' | 'messages') => (side: 'before' | 'after') =>
    rules.reduce((total, rule) => total + (rule[side]?.[key] ?? 0), 0);
  const [episodes, messages] = [sum('episodes'), sum('messages')];
  const notified = receiversText(receivers);
  const counts = `episodes ${episodes('before')} → ${episodes('after')}, messages ${messages('before')} → ${messages('after')}`;
  return `${counted(different, 'rule')} of ${rules.length} would behave differently: ${counts}${notified === '' ? '' : ` (${notified})`}`;
}

/** How many queries runs side by side had, and how many of them were sent. */
export function sharedSentence({ questions, asked }: SharedCost): string {
  const shared = `${counted(questions.asked, 'query', 'queries')} sent, ${counted(questions.all - questions.asked, 'result')} shared.`;
  if (asked === undefined) return shared;
  return `${shared} ${counted(asked.searches, 'search', 'searches')} took Elasticsearch ${humanDuration(asked.took)}.`;
}

function whatDiffers({ before, after, episodes }: RuleDifference): string {
  if (before === undefined) return 'new rule';
  if (after === undefined) return 'removed';
  const count = (is: (one: EpisodeDifference) => boolean, word: string) => {
    const found = episodes.filter(is).length;
    return found === 0 ? [] : [`${found} ${word}`];
  };
  const changes = (is: (one: EpisodeDifference & { readonly kind: 'changes' }) => boolean) => (one: EpisodeDifference) =>
    one.kind === 'changes' && is(one);
  return [
    ...count(({ kind }) => kind === 'appears', 'new'),
    ...count(({ kind }) => kind === 'vanishes', 'gone'),
    ...count(
      changes(({ starts, ends }) => starts !== 0 || ends !== 0),
      'moved',
    ),
    ...count(
      changes(({ longer }) => longer > 0),
      'longer',
    ),
    ...count(
      changes(({ longer }) => longer < 0),
      'shorter',
    ),
    ...count(
      changes(({ loudness }) => loudness === 'louder'),
      'louder',
    ),
    ...count(
      changes(({ loudness }) => loudness === 'quieter'),
      'quieter',
    ),
    ...(before.failed === after.failed ? [] : [`failed windows ${before.failed} → ${after.failed}`]),
  ].join(', ');
}

function arrow(before: string | undefined, after: string | undefined): string {
  if (before === after) return before ?? '';
  return `${before ?? '–'} → ${after ?? '–'}`;
}

function moved(word: 'starts' | 'ends', by: Duration): readonly string[] {
  return by === 0 ? [] : [`${word} ${humanDuration(Math.abs(by))} ${by > 0 ? 'later' : 'earlier'}`];
}

function lengthOf(episode: AlertEpisode): string {
  return `${lengthText(episode)}${episode.severity === '' ? '' : `, ${episode.severity}`}`;
}

function lengthText({ from, to, open }: AlertEpisode): string {
  return `${humanDuration(to - from)}${open ? '+' : ''}`;
}
