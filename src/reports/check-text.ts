import { formatProblem, type Problem } from '../core/problems.ts';
import { type CheckReport, countProblems, hasFailed } from './check-report.ts';
import { type Look, type Palette, paletteOf } from './look.ts';
import { plainLine } from './plain-text.ts';
import { unifiedDiff } from './unified-diff.ts';
import { counted } from './wording.ts';

/** A check for people: one line a problem, as editors read them, and a summary. */
export function checkText(report: CheckReport, look: Look): string {
  const palette = paletteOf(look);
  const lines = report.problems.map((problem) => problemLine(problem, palette));
  const fixed = fixLines(report, palette);
  return [...fixed, ...lines, ...(lines.length === 0 ? [] : ['']), summary(report, palette)].map((line) => `${line}\n`).join('');
}

/** What --fix did, or the lines that it would change. */
function fixLines({ fixes }: CheckReport, { good, strong, careful }: Palette): readonly string[] {
  if (fixes === undefined) return [];
  const placed = ({ at }: Problem) => strong(plainLine(`${at?.file}:${at?.line}`));
  const left = fixes.left.map((one) => `${placed(one)} ${careful('left: edit it by hand')} [${plainLine(one.code)}]`);
  const end = left.length === 0 ? [] : [...left, ''];
  if (fixes.files.length === 0) return left.length === 0 ? ['nothing to repair', ''] : end;
  if (!fixes.written) {
    return [...fixes.files.flatMap(({ file, before, after }) => [unifiedDiff(file, before, after), '']), ...end];
  }
  const done = fixes.files.flatMap(({ file, problems }) =>
    problems.map((one) => `${strong(plainLine(`${file}:${one.at?.line ?? 1}`))} ${good('repaired')} [${plainLine(one.code)}]`),
  );
  return [...done, '', ...end];
}

/** Problems for people without a summary, for commands that stumble over them on their way. */
export function problemsText(problems: readonly Problem[], look: Look): string {
  const palette = paletteOf(look);
  return problems.map((problem) => `${problemLine(problem, palette)}\n`).join('');
}

function problemLine(problem: Problem, { bad, careful, strong, faint }: Palette): string {
  const paint = { error: bad, warning: careful, note: (text: string) => text }[problem.severity];
  const text = plainLine(formatProblem(problem));
  const code = faint(`[${plainLine(problem.code)}]`);
  if (problem.at === undefined) return `${paint(text)} ${code}`;
  const place = plainLine(`${problem.at.file}:${problem.at.line}:${problem.at.column}`);
  return `${strong(place)}${paint(text.slice(place.length))} ${code}`;
}

function summary(report: CheckReport, { good, bad, careful }: Palette): string {
  const { errors, warnings, notes } = countProblems(report);
  const rules = `${counted(report.rules, 'rule')} in ${counted(report.files, 'file')}`;
  const { configurations = [] } = report;
  const configured = configurations.length > 1 ? [`${configurations.length} configurations`] : configurations.map(plainLine);
  const what = [...(report.files === 0 && configurations.length > 0 ? [] : [rules]), ...configured].join(' and ');
  const found = [
    ...(errors > 0 ? [counted(errors, 'error')] : []),
    ...(warnings > 0 ? [counted(warnings, 'warning')] : []),
    ...(errors + warnings === 0 ? ['no problems'] : []),
    ...(notes > 0 ? [counted(notes, 'note')] : []),
    ...((report.ignored ?? []).length > 0 ? [`${counted(report.ignored?.length ?? 0, 'finding')} ignored`] : []),
  ];
  const paint = hasFailed(report) ? bad : warnings > 0 ? careful : good;
  return paint(`${what}: ${found.join(', ')}`);
}
