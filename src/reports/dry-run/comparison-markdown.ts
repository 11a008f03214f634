import { isDifferent, type RuleDifference } from '../../backtest/compare-stories.ts';
import { humanDuration } from '../../core/duration.ts';
import { iso } from '../../core/time.ts';
import { counted } from '../wording.ts';
import type { DryRunComparison } from './comparison.ts';
import { comparisonSentence, differenceRow, episodeRow, receiversText, sharedSentence } from './comparison-words.ts';
import { markdownCode, markdownTable } from './markdown.ts';
import { stoppedSentence } from './summary.ts';

const HEAD = ['Rule', 'Episodes', 'Time in alert', 'Groups', 'Messages', 'What differs'];
const EPISODES_SHOWN = 20;
const RULES_DETAILED = 50;

/** A comparison as Markdown, for the comment of a pull request: a line a rule that differs, and its episodes folded away. */
export function comparisonMarkdown(comparison: DryRunComparison): string {
  const { from, to, ref, commit, stopped } = comparison;
  const different = comparison.rules.filter(isDifferent);
  const same = comparison.rules.length - different.length;
  const rows = different.map(differenceRow).map(({ rule, episodes, alerting, groups, messages, what }) => {
    return [markdownCode(rule), episodes, alerting, groups, messages, what];
  });
  return [
    `### Dry run against ${markdownCode(ref)}`,
    `${iso(from)} – ${iso(to)} (${humanDuration(to - from)}), ${markdownCode(commit.slice(0, 10))} → working tree`,
    stopped === undefined ? '' : `**${stoppedSentence({ to, stopped })}**`,
    rows.length === 0 ? '' : markdownTable(HEAD, rows, [1, 2, 3, 4]),
    same === 0 ? '' : `${counted(same, different.length === 0 ? 'rule' : 'other rule')} would behave the same.`,
    ...different.slice(0, RULES_DETAILED).map(detailsOf),
    `${sentenceOf(comparison)}. Nothing was written, nothing was sent. ${sharedSentence(comparison)}`,
  ]
    .filter((part) => part !== '')
    .map((part) => `${part}\n`)
    .join('\n');
}

/** Names of receivers are as the configuration has them. */
function sentenceOf(comparison: DryRunComparison): string {
  const receivers = receiversText(comparison.receivers);
  const sentence = comparisonSentence({ ...comparison, receivers: [] });
  return receivers === '' ? sentence : `${sentence}: ${markdownCode(receivers)}`;
}

function detailsOf(rule: RuleDifference): string {
  const receivers = receiversText(rule.receivers);
  if (rule.episodes.length === 0 && receivers === '') return '';
  const rows = rule.episodes
    .slice(0, EPISODES_SHOWN)
    .map(episodeRow)
    .map(({ at, mark, group, what }) => [`\`${mark}\``, at, markdownCode(group), markdownCode(what)]);
  const left = rule.episodes.length - rows.length;
  const body = [
    rows.length === 0 ? '' : markdownTable(['', 'At', 'Group', 'What differs'], rows),
    left > 0 ? `… ${counted(left, 'more episode')}` : '',
    receivers === '' ? '' : `Messages: ${markdownCode(receivers)}`,
  ].filter((part) => part !== '');
  return `<details><summary>${markdownCode(rule.name)}: ${counted(rule.episodes.length, 'episode')}</summary>\n\n${body.join('\n\n')}\n\n</details>`;
}
