import { isDifferent, type RuleDifference } from '../../backtest/compare-stories.ts';
import { humanDuration } from '../../core/duration.ts';
import { iso, type TimeRange } from '../../core/time.ts';
import { counted } from '../wording.ts';
import type { DryRunComparison } from './comparison.ts';
import { comparisonSentence, differenceRow, episodeRow, receiversText, sharedSentence } from './comparison-words.ts';
import { dryRunPage, pageLine, pageTable } from './dry-run-html.ts';
import { headOf } from './story-chart.ts';
import { type StoryVersion, versionsSvg } from './story-svg.ts';
import { stoppedSentence } from './summary.ts';

const HEAD = ['Rule', 'Episodes', 'Time in alert', 'Groups', 'Messages', 'What differs'];
const RULES_SHOWN = 100;
const EPISODES_SHOWN = 200;
/** Before and after by colour and by words, in light and dark. */
const STYLE = `
:root{--before:#9a6700}@media(prefers-color-scheme:dark){:root{--before:#d29922}}
body{overflow-wrap:anywhere}.wide{overflow-x:auto}.wide table{display:table;width:100%}.wide:focus-visible,a:focus-visible{outline:2px solid var(--a);outline-offset:2px}td,th{vertical-align:top;overflow-wrap:normal}a{color:var(--a)}
.value.before{stroke:var(--before)}.limit.before{stroke:var(--before)}.limit.after{stroke:var(--a)}.fires.before{fill:var(--before)}.fires.after{fill:var(--a)}`;

/** A comparison as one page that needs nothing else: the table, and for each rule that differs a chart of both versions and its episodes. */
export function comparisonHtml(comparison: DryRunComparison): string {
  const { from, to, ref, commit, stopped } = comparison;
  const different = comparison.rules.filter(isDifferent);
  const same = comparison.rules.length - different.length;
  const shown = different.slice(0, RULES_SHOWN);
  const rows = different.map(differenceRow).map(({ rule, episodes, alerting, groups, messages, what }, place) => {
    const name = place < shown.length ? { html: `<a href="#r${place}">${pageLine(rule)}</a>` } : rule;
    return [name, episodes, alerting, groups, messages, what];
  });
  const body = [
    '<main>',
    `<h1>Dry run against ${pageLine(ref)}</h1>`,
    `<p class="faint">${iso(from)} – ${iso(to)} (${humanDuration(to - from)}), <code>${pageLine(commit.slice(0, 10))}</code> → working tree</p>`,
    ...(stopped === undefined ? [] : [`<p><strong>${pageLine(stoppedSentence({ to, stopped }))}</strong></p>`]),
    ...(rows.length === 0 ? [] : [pageTable('Rules that differ', HEAD, rows)]),
    ...(same === 0 ? [] : [`<p>${counted(same, different.length === 0 ? 'rule' : 'other rule')} would behave the same.</p>`]),
    ...shown.map((rule, place) => sectionOf(rule, place, comparison)),
    ...(different.length > shown.length
      ? [
          `<p class="faint">${counted(different.length - shown.length, 'more rule')}: name fewer rules, or choose them with --rule.</p>`,
        ]
      : []),
    `<p>${pageLine(`${comparisonSentence(comparison)}. Nothing was written, nothing was sent. ${sharedSentence(comparison)}`)}</p>`,
    '</main>',
  ];
  return dryRunPage('Dry run against a revision', body, { style: STYLE });
}

function sectionOf(rule: RuleDifference, place: number, comparison: DryRunComparison): string {
  const receivers = receiversText(rule.receivers);
  const rows = rule.episodes
    .slice(0, EPISODES_SHOWN)
    .map(episodeRow)
    .map(({ mark, at, group, what }) => [mark, at, group, what]);
  const left = rule.episodes.length - rows.length;
  return [
    `<section aria-labelledby="r${place}"><h2 id="r${place}">${pageLine(rule.name)}</h2>`,
    chartOf(rule, comparison),
    ...(rows.length === 0 ? [] : [pageTable(`Episodes of ${rule.name}`, ['', 'At', 'Group', 'What differs'], rows)]),
    ...(left > 0 ? [`<p class="faint">… ${counted(left, 'more episode')}</p>`] : []),
    ...(receivers === '' ? [] : [`<p>Messages: ${pageLine(receivers)}</p>`]),
    '</section>',
  ].join('\n');
}

function chartOf(rule: RuleDifference, { sides, from, to, stopped }: DryRunComparison): string {
  const version = (name: 'before' | 'after', of: string): readonly StoryVersion[] =>
    sides[name].stories
      .filter((story) => story.name === of)
      .map((story) => ({ name, story, measured: sides[name].measured.get(story.id) }));
  const versions = [
    ...(rule.before === undefined ? [] : version('before', rule.was ?? rule.name)),
    ...(rule.after === undefined ? [] : version('after', rule.name)),
  ];
  // What was measured is in parts of the range that was asked for.
  const range: TimeRange = { from, to: stopped?.to ?? to };
  const measured = versions.flatMap((one) => (one.measured === undefined ? [] : [`${one.name}: ${headOf(one.measured)}`]));
  return `<p class="faint">${pageLine(measured.join('; '))}</p>${versionsSvg(versions, range)}`;
}
