import type { MeasuredValues } from '../../backtest/measured-values.ts';
import type { RuleStory } from '../../backtest/rule-story.ts';
import { humanDuration } from '../../core/duration.ts';
import { iso, type TimeRange } from '../../core/time.ts';
import { counted, groupText, valuesText } from '../wording.ts';
import { chartedStories } from './charted-stories.ts';
import type { DryRunReport } from './dry-run-report.ts';
import { markdownCode, markdownRow, markdownTable } from './markdown.ts';
import { chartLines } from './story-chart.ts';
import { askedSentence, stoppedSentence, summaryRows, summarySentence } from './summary.ts';

const CHANGES_SHOWN = 20;
const CHARTS_SHOWN = 20;
const CHART_COLUMNS = 90;
const HEAD = ['Rule', 'Windows', 'Failed', 'Episodes', 'Longest', 'Messages', 'Noisiest groups'];

/** A dry run as Markdown, for the comment of a pull request: a table, and each rule's changes folded away. */
export function dryRunMarkdown(report: DryRunReport): string {
  const rows = summaryRows(report).map((row) => [
    markdownCode(row.rule),
    row.windows,
    row.failed,
    row.episodes,
    row.longest,
    markdownCode(row.messages),
    markdownCode(row.noisiest),
  ]);
  const head = `### Dry run of ${counted(report.rules.length, 'rule')}`;
  const range = `${iso(report.from)} – ${iso(report.to)} (${humanDuration(report.to - report.from)})`;
  return [
    head,
    range,
    report.stopped === undefined ? '' : `**${stoppedSentence(report)}**`,
    report.rules.length === 0 ? '' : markdownTable(HEAD, rows, [1, 2, 3, 4]),
    ...chartedStories(report, CHARTS_SHOWN).stories.map(({ story, measured }) => chartOf(story, measured, report)),
    ...report.rules.map(changesOf),
    ...report.rules.map(problemsOf),
    healthOf(report),
    `${summarySentence(report)}. Nothing was written, nothing was sent.${askedSentence(report)}`,
  ]
    .filter((part) => part !== '')
    .map((part) => `${part}\n`)
    .join('\n');
}

/** As text in a block of code: forges show no SVG in a comment. */
function chartOf(story: RuleStory, measured: MeasuredValues, range: TimeRange): string {
  const lines = chartLines(story, measured, range, { color: false, columns: CHART_COLUMNS });
  // A run of backticks in a group would end the block.
  const text = lines.map((line) => line.replaceAll('`', "'")).join('\n');
  return `<details><summary>${markdownCode(story.name)}: chart</summary>\n\n\`\`\`text\n${text}\n\`\`\`\n\n</details>`;
}

function changesOf(story: RuleStory): string {
  const transitions = [...story.transitions, ...story.late].sort((a, b) => a.at - b.at);
  if (transitions.length === 0) return '';
  const rows = transitions
    .slice(0, CHANGES_SHOWN)
    .map(({ at, group, from, to, reason, severity, values, quiet }) =>
      markdownRow([
        iso(at),
        markdownCode(groupText(group)),
        `${from} → ${to}`,
        quiet ? `${markdownCode(reason)} (not notified: flapping)` : markdownCode(reason),
        markdownCode(severity),
        markdownCode(valuesText(values)),
      ]),
    );
  const more = transitions.length > CHANGES_SHOWN ? `\n\n… ${counted(transitions.length - CHANGES_SHOWN, 'more change')}` : '';
  const summary = `<summary>${markdownCode(story.name)}: ${counted(transitions.length, 'change')}</summary>`;
  const body = [
    markdownRow(['At', 'Group', 'Change', 'Reason', 'Severity', 'Values']),
    markdownRow(Array.from({ length: 6 }, () => '---')),
    ...rows,
  ].join('\n');
  return `<details>${summary}\n\n${body}${more}\n\n</details>`;
}

function problemsOf(story: RuleStory): string {
  if (story.problems.length === 0 && story.gaps.length === 0) return '';
  const problems = story.problems.map(
    ({ code, message, hint, times }) =>
      `- \`${code}\` (${counted(times, 'time')}): ${markdownCode(message)} — ${markdownCode(hint)}`,
  );
  const gaps = story.gaps.map(({ from, to }) => `- a gap: the ticks after ${iso(from)} until ${iso(to)} were given up`);
  const count =
    story.failed === 0
      ? 'windows were evaluated at a later attempt only'
      : `${counted(story.failed, 'window')} could not be evaluated`;
  return [`**${markdownCode(story.name)}: ${count}**`, '', ...problems, ...gaps].join('\n');
}

function healthOf({ health }: DryRunReport): string {
  if (health.length === 0) return '';
  const items = health.slice(0, CHANGES_SHOWN).map(({ at, group, to, values }) => {
    const problem = typeof values['problem'] === 'string' ? `: ${markdownCode(values['problem'])}` : '';
    return `- ${iso(at)} ${to === 'firing' ? 'unhealthy' : 'healthy'}: ${markdownCode(groupText(group))}${problem}`;
  });
  return ['**Health of Tocsin itself**', '', ...items].join('\n');
}
