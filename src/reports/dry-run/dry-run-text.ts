import type { RuleStory, StatusChange } from '../../backtest/rule-story.ts';
import { humanDuration } from '../../core/duration.ts';
import { iso } from '../../core/time.ts';
import { type Look, type Palette, paletteOf } from '../look.ts';
import { plainLine } from '../plain-text.ts';
import { type Cell, type Column, table } from '../table.ts';
import { counted } from '../wording.ts';
import { storyChanges } from './changes-text.ts';
import { chartedStories } from './charted-stories.ts';
import type { DryRunReport } from './dry-run-report.ts';
import { chartLines } from './story-chart.ts';
import { askedSentence, type SummaryRow, stoppedSentence, summaryRows, summarySentence } from './summary.ts';
import { timeline } from './timeline.ts';

const COLUMNS: readonly (Column & { readonly key: keyof SummaryRow })[] = [
  { key: 'rule', title: 'RULE', least: 16 },
  { key: 'windows', title: 'WINDOWS', align: 'right' },
  { key: 'failed', title: 'FAILED', align: 'right' },
  { key: 'episodes', title: 'EPISODES', align: 'right' },
  { key: 'longest', title: 'LONGEST', align: 'right' },
  { key: 'messages', title: 'MESSAGES', least: 10 },
  { key: 'noisiest', title: 'NOISIEST GROUPS', least: 12 },
];

/** Of more rules than these, those that stayed quiet are counted only. */
const ALL_SHOWN = 30;
const HEALTH_SHOWN = 8;
/** Charts of the rules with the most messages. */
const CHARTS_SHOWN = 3;

/** A dry run for people: a timeline, a table, what changed in each rule, and whatever could not be evaluated. */
export function dryRunText(report: DryRunReport, look: Look): string {
  const palette = paletteOf(look);
  const warmUp = report.warmUp > 0 ? `, after a warm-up of ${humanDuration(report.warmUp)}` : '';
  const head = `${palette.strong('Dry run')} ${iso(report.from)} – ${iso(report.to)} (${humanDuration(report.to - report.from)}${warmUp})`;
  const rules = report.rules.length <= ALL_SHOWN ? report.rules : report.rules.filter((story) => !isQuiet(story));
  const quiet = report.rules.length - rules.length;
  const rows = summaryRows({ ...report, rules }).map((row) => cellsOf(row, palette));
  const parts = [
    `${head}\n`,
    report.stopped === undefined ? '' : `${palette.bad(stoppedSentence(report))}\n`,
    report.rules.length === 0 ? 'There is no rule to run.\n' : '',
    rules.length === 0 ? '' : timeline(rules, report, look),
    rules.length === 0 ? '' : table(COLUMNS, rows, look),
    quiet === 0 ? '' : `${palette.faint(`${counted(quiet, 'other rule')} stayed quiet.`)}\n`,
    ...chartsOf(report, look, palette),
    ...rules.map((story) => storyChanges(story, look)),
    ...rules.map((story) => failuresOf(story, palette)),
    healthOf(report.health, palette),
    `${palette.strong(summarySentence(report))}. Nothing was written, nothing was sent.${askedSentence(report)}\n`,
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function chartsOf(report: DryRunReport, look: Look, palette: Palette): readonly string[] {
  const { stories, others } = chartedStories(report, CHARTS_SHOWN);
  // What was measured is in parts of the range that was asked for.
  const asked = { from: report.from, to: report.stopped?.to ?? report.to };
  const charts = stories.map(({ story, measured }) =>
    [palette.strong(plainLine(story.name)), ...chartLines(story, measured, asked, look).map((line) => `  ${line}`)]
      .map((line) => `${line.trimEnd()}\n`)
      .join(''),
  );
  return others === 0
    ? charts
    : [...charts, `${palette.faint(`${counted(others, 'more chart')}: --rule NAME shows it, --format html all.`)}\n`];
}

function isQuiet({ transitions, standing, failed, problems, notifications }: RuleStory): boolean {
  return transitions.length + standing.length + failed + problems.length + notifications.length === 0;
}

function cellsOf(row: SummaryRow, palette: Palette): readonly Cell[] {
  return COLUMNS.map(({ key }): Cell => {
    if (key === 'failed' && row.failed !== '') return { text: row.failed, paint: palette.bad };
    return key === 'episodes' && row.episodes !== '' ? { text: row.episodes, paint: palette.strong } : row[key];
  });
}

function failuresOf(story: RuleStory, palette: Palette): string {
  if (story.problems.length === 0 && story.gaps.length === 0) return '';
  const { bad, faint } = palette;
  const problems = story.problems.flatMap(({ code, message, hint, times, first }) => [
    `  ${bad(plainLine(code))} ${plainLine(message)} ${faint(`(${counted(times, 'time')}, first at ${iso(first)})`)}`,
    faint(`    ${plainLine(hint)}`),
  ]);
  const gaps = story.gaps.map(({ from, to }) => `  given up: the ticks after ${iso(from)} until ${iso(to)}`);
  const count =
    story.failed === 0
      ? 'windows were evaluated at a later attempt only'
      : `${counted(story.failed, 'window')} could not be evaluated`;
  const head = `${plainLine(story.name)}: ${count}`;
  return [bad(head), ...problems, ...gaps].map((line) => `${line}\n`).join('');
}

function healthOf(changes: readonly StatusChange[], palette: Palette): string {
  if (changes.length === 0) return '';
  const lines = changes.slice(0, HEALTH_SHOWN).map(({ at, group, to, values }) => {
    const subject = plainLine(`${group['kind'] ?? ''} ${group['subject'] ?? ''}`);
    const problem = typeof values['problem'] === 'string' ? plainLine(values['problem']) : '';
    return `  ${palette.faint(iso(at))}  ${(to === 'firing' ? palette.bad : palette.good)(to === 'firing' ? 'unhealthy' : 'healthy')}  ${subject}  ${problem}`.trimEnd();
  });
  const more = changes.length - lines.length;
  return [palette.strong('Health of Tocsin itself'), ...lines, ...(more > 0 ? [`  … ${counted(more, 'more change')}`] : [])]
    .map((line) => `${line}\n`)
    .join('');
}
