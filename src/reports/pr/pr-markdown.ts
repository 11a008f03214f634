import { formatDuration, humanDuration } from '../../core/duration.ts';
import { jsonText } from '../../core/json.ts';
import type { TimeRange } from '../../core/time.ts';
import { episodesOf, longestOf } from '../dry-run/episodes.ts';
import { markdownCode as code, markdownBlock } from '../dry-run/markdown.ts';
import { counted } from '../wording.ts';
import { countsText, episodeCounts } from './episode-counts.ts';
import { prHead } from './pr-head.ts';
import { type ComparedNumber, comparedNumber, comparedNumbers, noisiestGroups, replayProblems } from './pr-numbers.ts';
import { failedTests, type PlayedVersion, type PrReport, type ReportedRule, shortened } from './pr-report.ts';
import { sparkline } from './sparkline.ts';

/** What a bot finds its own comment by. */
const MARKER = '<!-- tocsin-pr -->';
/** GitHub takes 65,536 characters of a comment; GitLab takes more. */
const MOST_CHARACTERS = 60_000;
const RULES_SHOWN = 50;
const PROBLEMS_SHOWN = 30;
const KEYS_SHOWN = 30;
const GROUPS_SHOWN = 3;
/** Failed tests that are shown with what led to it, and most characters of each. */
const FAILURES_SHOWN = 5;
const MOST_OF_A_FAILURE = 4_000;

/** The report of a change as one comment of a pull request: what changed, what it would have done, and what is wrong with it. */
export function prMarkdown(report: PrReport): string {
  const parts = [
    head(report),
    table(report),
    problemsOf(report),
    testsOf(report),
    ...failuresShown(report),
    ...report.rules.slice(0, RULES_SHOWN).map((rule) => detailsOf(rule, report)),
    notesOf(report),
  ];
  return fitted([MARKER, ...parts.filter((part) => part !== '')]);
}

/** Whole parts as long as there is room; what was left out is said. */
function fitted(parts: readonly string[]): string {
  const kept: string[] = [];
  let length = 0;
  let left = 0;
  for (const part of parts) {
    if (length + part.length + 2 > MOST_CHARACTERS) left++;
    else {
      kept.push(part);
      length += part.length + 2;
    }
  }
  const more = left === 0 ? [] : [`… ${counted(left, 'part')} of this report did not fit here: \`--html\` shows everything.`];
  return [...kept, ...more].map((part) => `${part}\n`).join('\n');
}

const SIGNS = { good: '✅ ', careful: '⚠️ ', bad: '❌ ', neutral: '' } as const;

function head(report: PrReport): string {
  const { title, states, time } = prHead(report);
  const said = states.map(({ standing, text }) => `${SIGNS[standing]}${text}`).join(' · ');
  return `### ${title}\n\n${said} · ${time} · compared with ${code(report.against.commit.slice(0, 12))}`;
}

const HEAD = ['Rule', 'Change', 'Episodes', 'Messages', 'Time in alert', 'Noisiest groups now', 'Searches', 'Tests'];

function table(report: PrReport): string {
  if (report.rules.length === 0) return '';
  const rows = report.rules.slice(0, RULES_SHOWN).map((rule) => row(rule, report.range));
  const more = report.rules.length > RULES_SHOWN ? `\n\n… and ${report.rules.length - RULES_SHOWN} more` : '';
  return `${[line(HEAD), line(HEAD.map((_title, index) => (index >= 2 && index <= 4 ? '---:' : '---'))), ...rows].join('\n')}${more}`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function row(rule: ReportedRule, range: TimeRange | undefined): string {
  const numbers = comparedNumbers(rule, range);
  const kind =
    rule.kind === 'broken' ? '❌ broken' : rule.renamedFrom === undefined ? rule.kind : `renamed from ${code(rule.renamedFrom)}`;
  const cells = [
    code(rule.name),
    rule.after?.played?.story.paused === true ? `${kind}, paused` : kind,
    ...(range === undefined || numbers === undefined
      ? [rule.notPlayed === true ? 'not replayed: budget' : '', '', '', '', '']
      : [
          ...numbers.map(arrow),
          rule.after?.played === undefined ? '' : noisiest(rule.after.played, range),
          arrow(
            comparedNumber(rule, ({ asked }) =>
              asked === undefined ? '–' : `${asked.searches.toLocaleString('en-US')}, ${humanDuration(asked.took)}`,
            ),
          ),
        ]),
    rule.tests === undefined ? (rule.kind === 'removed' ? '' : 'none') : testCell(rule.tests),
  ];
  return line(cells);
}

function arrow({ before, after }: ComparedNumber): string {
  if (before === undefined || after === undefined) return before === undefined ? (after ?? '') : `${before} → –`;
  return before === after ? before : `${before} → **${after}**`;
}

function testCell({ passed, failed, reached, parts }: NonNullable<ReportedRule['tests']>): string {
  const covered = parts === undefined ? '' : `, ${reached} of ${parts} parts`;
  return `${failed > 0 ? `❌ ${failed} of ${passed + failed} failed` : `✅ ${passed}`}${covered}`;
}

function noisiest(played: PlayedVersion, range: TimeRange): string {
  const groups = noisiestGroups(played, range);
  const named = groups.slice(0, GROUPS_SHOWN).map(([group, count]) => `${code(shortened(group))} ×${count}`);
  return [...named, ...(groups.length > GROUPS_SHOWN ? [`${groups.length - GROUPS_SHOWN} more`] : [])].join('<br>');
}

function problemsOf({ problems, knownProblems }: PrReport): string {
  if (problems.length === 0) return '';
  const items = problems.slice(0, PROBLEMS_SHOWN).map(({ severity, message, hint, path, at, code: name }) => {
    const sign = severity === 'error' ? '❌' : severity === 'warning' ? '⚠️' : 'ℹ️';
    const place = at === undefined ? '' : ` ${code(`${at.file}:${at.line}`)}`;
    return `- ${sign}${place} ${path === undefined ? '' : `${code(path)} `}${code(shortened(message))}${hint === undefined ? '' : ` — ${code(shortened(hint))}`} (${code(name)})`;
  });
  const more = problems.length > PROBLEMS_SHOWN ? `\n- … and ${problems.length - PROBLEMS_SHOWN} more` : '';
  const known = knownProblems === 0 ? '' : `\n\n${counted(knownProblems, 'finding')} more existed before.`;
  return `#### New findings\n\n${items.join('\n')}${more}${known}`;
}

function testsOf({ tests }: PrReport): string {
  const failed = tests.files.flatMap(({ file, tests: all, problems }) => [
    ...problems
      .filter(({ severity }) => severity === 'error')
      .map(({ message }) => `- ❌ ${code(file)} ${code(shortened(message))}`),
    ...all.flatMap(({ name, outcome, failures, problems: own }) =>
      outcome === 'passed'
        ? []
        : [
            `- ❌ ${code(file)} ${code(shortened(name))}: ${code(shortened(failures[0]?.message ?? own[0]?.message ?? 'failed'))}`,
          ],
    ),
  ]);
  const all = [...tests.problems.map(({ message }) => `- ❌ ${code(shortened(message))}`), ...failed];
  if (all.length === 0) return '';
  const more = all.length > PROBLEMS_SHOWN ? `\n- … and ${all.length - PROBLEMS_SHOWN} more` : '';
  return `#### Failed tests\n\n${all.slice(0, PROBLEMS_SHOWN).join('\n')}${more}`;
}

/** What was expected, what was there, and what led to it, folded away. */
function failuresShown(report: PrReport): readonly string[] {
  return failedTests(report)
    .slice(0, FAILURES_SHOWN)
    .map(({ file, test: { name, position }, lines }) => {
      const title = `${code(`${file}:${position.line}`)} ${code(shortened(name))}`;
      return `<details><summary>${title}</summary>\n\n${markdownBlock(lines, MOST_OF_A_FAILURE)}\n\n</details>`;
    });
}

function detailsOf(rule: ReportedRule, { range }: PrReport): string {
  const parts = [keysOf(rule), range === undefined ? '' : chartOf(rule, range), failuresOf(rule)].filter((part) => part !== '');
  if (parts.length === 0) return '';
  return `<details><summary>${code(rule.name)}</summary>\n\n${parts.join('\n\n')}\n\n</details>`;
}

function keysOf({ keys }: ReportedRule): string {
  if (keys.length === 0) return '';
  const rows = keys
    .slice(0, KEYS_SHOWN)
    .map(({ path, before, after }) => line([code(path), valueCell(before), valueCell(after)]));
  const more = keys.length > KEYS_SHOWN ? `\n\n… and ${keys.length - KEYS_SHOWN} more keys` : '';
  return `${[line(['Key', 'Before', 'After']), line(['---', '---', '---']), ...rows].join('\n')}${more}`;
}

function valueCell(value: unknown): string {
  if (value === undefined) return '–';
  return code(shortened(typeof value === 'string' ? value : jsonText(value)));
}

function chartOf(rule: ReportedRule, range: TimeRange): string {
  const sides = (['before', 'after'] as const).flatMap((side) => {
    const played = rule[side]?.played;
    if (played === undefined) return [];
    const episodes = episodesOf(played.story, range.to);
    const longest = longestOf(episodes);
    const said = longest === undefined ? '' : ` longest ${formatDuration(Math.round(longest.duration / 1000) * 1000)}`;
    return [`${side.padEnd(6)} ${sparkline(episodes, range)} ${counted(episodes.length, 'episode')}${said}`];
  });
  if (sides.length === 0) return '';
  const { before, after } = { before: rule.before?.played, after: rule.after?.played };
  const sentence =
    before === undefined || after === undefined ? '' : `\n\n${countsText(episodeCounts(before.story, after.story, range))}`;
  return `\`\`\`text\n${sides.join('\n')}\n\`\`\`${sentence}`;
}

function failuresOf(rule: ReportedRule): string {
  return replayProblems(rule)
    .map(
      ({ side, code: name, message, hint, times }) =>
        `- ${side}: ${code(name)} (${counted(times, 'time')}): ${code(shortened(message))} — ${code(shortened(hint))}`,
    )
    .join('\n');
}

function notesOf({ notes }: PrReport): string {
  return notes.map((note) => `- ${code(note)}`).join('\n');
}
