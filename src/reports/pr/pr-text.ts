import { formatDuration } from '../../core/duration.ts';
import { jsonText } from '../../core/json.ts';
import type { Problem } from '../../core/problems.ts';
import type { TimeRange } from '../../core/time.ts';
import { episodesOf, longestOf } from '../dry-run/episodes.ts';
import { type Look, type Palette, paletteOf } from '../look.ts';
import { plainLine } from '../plain-text.ts';
import { type Cell, type Column, table } from '../table.ts';
import { counted } from '../wording.ts';
import { countsText, episodeCounts } from './episode-counts.ts';
import { prHead } from './pr-head.ts';
import { comparedNumbers, noisiestGroups, replayProblems } from './pr-numbers.ts';
import { failedTests, type PlayedVersion, type PrReport, type ReportedRule, shortened } from './pr-report.ts';
import { sparkline } from './sparkline.ts';

const GROUPS_SHOWN = 3;

const COLUMNS: readonly Column[] = [
  { title: 'RULE', least: 16 },
  { title: 'CHANGE', least: 8 },
  { title: 'EPISODES', align: 'right' },
  { title: 'MESSAGES', align: 'right' },
  { title: 'TIME IN ALERT', align: 'right' },
  { title: 'TESTS', least: 8 },
  { title: 'NOISIEST GROUPS NOW', least: 12 },
];

/** The report of a change for a terminal: the same as the comment, as text. */
export function prText(report: PrReport, look: Look): string {
  const palette = paletteOf(look);
  const parts = [
    headOf(report, palette),
    report.rules.length === 0
      ? ''
      : table(
          COLUMNS,
          report.rules.map((rule) => rowOf(rule, report.range, palette)),
          look,
        ),
    problemsOf(report, palette),
    testsOf(report, palette),
    ...report.rules.map((rule) => detailsOf(rule, report.range, { look, palette })),
    report.notes.map((note) => `${palette.careful('note')} ${plainLine(note)}\n`).join(''),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function headOf(report: PrReport, palette: Palette): string {
  const { title, states, time } = prHead(report);
  const paints = { good: palette.good, careful: palette.careful, bad: palette.bad, neutral: palette.faint };
  const said = states.map(({ standing, text }) => paints[standing](text)).join(' · ');
  return `${palette.strong(title)}\n${said} · ${time} · compared with ${report.against.commit.slice(0, 12)}\n`;
}

function rowOf(rule: ReportedRule, range: TimeRange | undefined, palette: Palette): readonly Cell[] {
  const numbers = numbersOf(rule, range, palette);
  return [rule.name, kindOf(rule, palette), ...numbers.slice(0, 3), testCell(rule, palette), numbers[3] ?? ''];
}

function kindOf(rule: ReportedRule, { bad }: Palette): Cell {
  if (rule.kind === 'broken') return { text: 'broken', paint: bad };
  const kind = rule.renamedFrom === undefined ? rule.kind : `renamed from ${rule.renamedFrom}`;
  return rule.after?.played?.story.paused === true ? `${kind}, paused` : kind;
}

function numbersOf(rule: ReportedRule, range: TimeRange | undefined, palette: Palette): readonly Cell[] {
  const numbers = comparedNumbers(rule, range);
  if (range === undefined || numbers === undefined)
    return ['', '', '', rule.notPlayed === true ? { text: 'not replayed: budget', paint: palette.careful } : ''];
  const cells = numbers.map(({ before, after }): Cell => {
    if (before === undefined || before === after) return after ?? '';
    return { text: `${before} → ${after ?? '–'}`, paint: palette.strong };
  });
  return [...cells, rule.after?.played === undefined ? '' : noisiest(rule.after.played, range)];
}

function noisiest(played: PlayedVersion, range: TimeRange): string {
  const groups = noisiestGroups(played, range);
  const named = groups.slice(0, GROUPS_SHOWN).map(([group, count]) => `${shortened(group)} ×${count}`);
  return [...named, ...(groups.length > GROUPS_SHOWN ? [`${groups.length - GROUPS_SHOWN} more`] : [])].join(', ');
}

function testCell({ tests, kind }: ReportedRule, { good, bad, faint }: Palette): Cell {
  if (tests === undefined) return kind === 'removed' ? '' : { text: 'none', paint: faint };
  const { passed, failed, reached, parts } = tests;
  const covered = parts === undefined ? '' : `, ${reached} of ${parts} parts`;
  return failed > 0
    ? { text: `${failed} of ${passed + failed} failed${covered}`, paint: bad }
    : { text: `${passed} passed${covered}`, paint: good };
}

function problemsOf({ problems, knownProblems }: PrReport, palette: Palette): string {
  if (problems.length === 0) return '';
  const known = knownProblems === 0 ? [] : [palette.faint(`${counted(knownProblems, 'finding')} more existed before.`)];
  return linesOf([palette.strong('New findings'), ...problems.flatMap((problem) => problemLines(problem, palette)), ...known]);
}

function problemLines({ severity, message, hint, path, at, code }: Problem, palette: Palette): readonly string[] {
  const paint = { error: palette.bad, warning: palette.careful, note: palette.faint }[severity];
  const place = at === undefined ? '' : `${plainLine(`${at.file}:${at.line}:${at.column}`)} `;
  const what = `${path === undefined ? '' : `${plainLine(path)}: `}${plainLine(message)}`;
  return [
    `  ${paint(severity)} ${place}${what} ${palette.faint(`[${plainLine(code)}]`)}`,
    ...(hint === undefined ? [] : [palette.faint(`    ${plainLine(hint)}`)]),
  ];
}

function testsOf(report: PrReport, palette: Palette): string {
  const { files, problems } = report.tests;
  const broken = files.flatMap(({ file, problems: all }) =>
    all.filter(({ severity }) => severity === 'error').map(({ message }) => `${file} ${message}`),
  );
  const lines = [
    ...[...problems.map(({ message }) => message), ...broken].map((text) => `  ${palette.bad(plainLine(text))}`),
    ...failedTests(report).flatMap(({ file, test: { name, position }, lines: shown }) => [
      `  ${palette.bad(plainLine(name))} ${palette.faint(plainLine(`${file}:${position.line}`))}`,
      ...shown.map((line) => `    ${plainLine(line)}`),
    ]),
  ];
  return lines.length === 0 ? '' : linesOf([palette.strong('Failed tests'), ...lines]);
}

interface Looks {
  readonly look: Look;
  readonly palette: Palette;
}

function detailsOf(rule: ReportedRule, range: TimeRange | undefined, { look, palette }: Looks): string {
  const parts = [...keysOf(rule, look), ...(range === undefined ? [] : chartOf(rule, range)), ...failuresOf(rule, palette)];
  return parts.length === 0 ? '' : linesOf([palette.strong(plainLine(rule.name)), ...parts.map((line) => `  ${line}`)]);
}

function keysOf({ keys }: ReportedRule, look: Look): readonly string[] {
  if (keys.length === 0) return [];
  const rows = keys.map(({ path, before, after }): readonly Cell[] => [path, valueText(before), valueText(after)]);
  const columns = [
    { title: 'KEY', least: 12 },
    { title: 'BEFORE', least: 12 },
    { title: 'AFTER', least: 12 },
  ];
  return table(columns, rows, { ...look, columns: look.columns - 2 })
    .trimEnd()
    .split('\n');
}

function valueText(value: unknown): string {
  if (value === undefined) return '–';
  return shortened(typeof value === 'string' ? value : jsonText(value));
}

function chartOf(rule: ReportedRule, range: TimeRange): readonly string[] {
  const { before, after } = { before: rule.before?.played, after: rule.after?.played };
  const sides = [['before', before] as const, ['after', after] as const].flatMap(([side, played]) => {
    if (played === undefined) return [];
    const episodes = episodesOf(played.story, range.to);
    const longest = longestOf(episodes);
    const said = longest === undefined ? '' : `, longest ${formatDuration(Math.round(longest.duration / 1000) * 1000)}`;
    return [`${side.padEnd(6)} ${sparkline(episodes, range)} ${counted(episodes.length, 'episode')}${said}`];
  });
  const both = before !== undefined && after !== undefined;
  return both ? [...sides, countsText(episodeCounts(before.story, after.story, range))] : sides;
}

function failuresOf(rule: ReportedRule, { bad, faint }: Palette): readonly string[] {
  return replayProblems(rule).flatMap(({ side, code, message, hint, times }) => [
    `${side}: ${bad(plainLine(code))} ${plainLine(message)} ${faint(`(${counted(times, 'time')})`)}`,
    faint(`  ${plainLine(hint)}`),
  ]);
}

function linesOf(lines: readonly string[]): string {
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}
