import { humanDuration } from '../../core/duration.ts';
import { iso } from '../../core/time.ts';
import { markdownCode as escaped } from '../markdown-code.ts';
import { counted, groupText, valuesText } from '../wording.ts';
import type { DryRunReport, RuleStory } from './dry-run-report.ts';
import { askedSentence, summaryRows, stoppedSentence, summarySentence } from './summary.ts';

const CHANGES_SHOWN = 20;
const HEAD = ['Rule', 'Windows', 'Failed', 'Episodes', 'Longest', 'Messages', 'Noisiest groups'];

/** A dry run as Markdown, for the comment of a pull request: a table, and each rule's changes folded away. */
export function dryRunMarkdown(report: DryRunReport): string {
  const rows = summaryRows(report).map((row) => [
    escaped(row.rule),
    row.windows,
    row.failed,
    row.episodes,
    row.longest,
    escaped(row.messages),
    escaped(row.noisiest),
  ]);
  const head = `### Dry run of ${counted(report.rules.length, 'rule')}`;
  const range = `${iso(report.from)} – ${iso(report.to)} (${humanDuration(report.to - report.from)})`;
  return [
    head,
    range,
    report.stopped === undefined ? '' : `**${stoppedSentence(report)}**`,
    report.rules.length === 0
      ? ''
      : [line(HEAD), line(HEAD.map((_title, index) => (index >= 1 && index <= 4 ? '---:' : '---'))), ...rows.map(line)].join(
          '\n',
        ),
    ...report.rules.map(changesOf),
    ...report.rules.map(problemsOf),
    healthOf(report),
    `${summarySentence(report)}. Nothing was written, nothing was sent.${askedSentence(report)}`,
  ]
    .filter((part) => part !== '')
    .map((part) => `${part}\n`)
    .join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function changesOf(story: RuleStory): string {
  const transitions = [...story.transitions, ...story.late].sort((a, b) => a.at - b.at);
  if (transitions.length === 0) return '';
  const rows = transitions
    .slice(0, CHANGES_SHOWN)
    .map(({ at, group, from, to, reason, severity, values, quiet }) =>
      line([
        iso(at),
        escaped(groupText(group)),
        `${from} → ${to}`,
        quiet ? `${escaped(reason)} (not notified: it flaps)` : escaped(reason),
        escaped(severity),
        escaped(valuesText(values)),
      ]),
    );
  const more = transitions.length > CHANGES_SHOWN ? `\n\n… ${counted(transitions.length - CHANGES_SHOWN, 'more change')}` : '';
  const summary = `<summary>${escaped(story.name)}: ${counted(transitions.length, 'change')}</summary>`;
  const body = [
    line(['At', 'Group', 'Change', 'Reason', 'Severity', 'Values']),
    line(Array.from({ length: 6 }, () => '---')),
    ...rows,
  ].join('\n');
  return `<details>${summary}\n\n${body}${more}\n\n</details>`;
}

function problemsOf(story: RuleStory): string {
  if (story.problems.length === 0 && story.gaps.length === 0) return '';
  const problems = story.problems.map(
    ({ code, message, hint, times }) => `- \`${code}\` (${counted(times, 'time')}): ${escaped(message)} — ${escaped(hint)}`,
  );
  const gaps = story.gaps.map(({ from, to }) => `- a gap: the ticks after ${iso(from)} until ${iso(to)} were given up`);
  const count =
    story.failed === 0
      ? 'windows were evaluated at a later attempt only'
      : `${counted(story.failed, 'window')} could not be evaluated`;
  return [`**${escaped(story.name)}: ${count}**`, '', ...problems, ...gaps].join('\n');
}

function healthOf({ health }: DryRunReport): string {
  if (health.length === 0) return '';
  const items = health.slice(0, CHANGES_SHOWN).map(({ at, group, to, values }) => {
    const problem = typeof values['problem'] === 'string' ? `: ${escaped(values['problem'])}` : '';
    return `- ${iso(at)} ${to === 'firing' ? 'unhealthy' : 'healthy'}: ${escaped(groupText(group))}${problem}`;
  });
  return ['**Health of Tocsin itself**', '', ...items].join('\n');
}
