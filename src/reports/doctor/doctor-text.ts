import { clockTime } from '../../messages/wording.ts';
import { broken } from '../explain/labelled.ts';
import { type Look, type Paint, type Palette, paletteOf } from '../look.ts';
import { plainLine, plainText } from '../plain-text.ts';
import { fitText, padText, textWidth } from '../text-width.ts';
import { counted } from '../wording.ts';
import { type CheckedPart, type CheckResult, countResults, type DoctorReport, type ResultSeverity } from './doctor-report.ts';

/** Widest column of what check results are about; a longer one has its text on the next line. */
const SUBJECT = 34;
const LABEL = 10;
const SIGNS: Readonly<Record<ResultSeverity, string>> = { good: '✓', note: '·', warning: '!', error: '✗' };

/** A checklist for people: each part with its results, what was expected and the fix below those that want it, and a summary. */
export function doctorText(report: DoctorReport, look: Look): string {
  const palette = paletteOf(look);
  const { version, namespace, config, now } = report;
  const head = `${palette.strong(`Tocsin ${version}`)} ${palette.faint(plainLine(`namespace ${namespace} · ${config ?? 'no tocsin.yaml'} · ${clockTime(now)}`))}`;
  const shown = report.parts.filter(({ results }) => results.length > 0);
  const subjects = shown.flatMap(({ results }) => results.map(({ subject }) => textWidth(plainLine(subject))));
  const width = Math.min(SUBJECT, Math.max(0, ...subjects));
  const parts = shown.flatMap((part) => ['', ...partLines(part, width, look, palette)]);
  return [head, ...parts, ...skippedLines(report.parts, look, palette), '', summary(report, palette)]
    .map((line) => `${line}\n`)
    .join('');
}

/** What was not looked at, by the reason: a line each, in place of a part each. */
function skippedLines(parts: readonly CheckedPart[], look: Look, palette: Palette): readonly string[] {
  const reasons = [...new Set(parts.flatMap(({ skipped }) => skipped ?? []))];
  return reasons.flatMap((reason) => {
    const titles = parts.filter(({ skipped }) => skipped === reason).map(({ title }) => title);
    const text = `Not looked at, because ${reason}: ${titles.join(' · ')}`;
    return ['', ...broken(plainLine(text), look.columns).map(palette.careful)];
  });
}

function partLines({ title, results }: CheckedPart, width: number, look: Look, palette: Palette): readonly string[] {
  return [palette.strong(plainLine(title)), ...results.flatMap((result) => findingLines(result, width, look, palette))];
}

function findingLines(result: CheckResult, width: number, look: Look, palette: Palette): readonly string[] {
  const { severity, found, expected, fix } = result;
  const paint = paints(palette)[severity];
  const subject = fitText(plainLine(result.subject), Math.max(width, look.columns - 4));
  const left = 4 + width + 2;
  const text = broken(plainLine(found), Math.max(30, look.columns - left)).map((line) =>
    severity === 'good' || severity === 'note' ? palette.faint(line) : line,
  );
  const indent = ' '.repeat(left);
  const first = `  ${paint(SIGNS[severity])} ${padText(subject, width)}`;
  const lines =
    textWidth(subject) > width
      ? [first, ...text.map((line) => `${indent}${line}`)]
      : [`${first}  ${text[0] ?? ''}`, ...text.slice(1).map((line) => `${indent}${line}`)];
  return [
    ...lines.map((line) => line.trimEnd()),
    ...(expected === undefined
      ? []
      : labelledLines('expected', broken(plainLine(expected), roomOf(look)), palette, (line) => line)),
    ...(fix === undefined
      ? []
      : labelledLines(
          'fix',
          plainText(fix)
            .split('\n')
            .flatMap((line) => wrapped(line, look)),
          palette,
          palette.calm,
        )),
  ];
}

function labelledLines(label: string, lines: readonly string[], palette: Palette, paint: Paint): readonly string[] {
  return lines.map((line, index) => {
    const head = index === 0 ? palette.faint(padText(label, LABEL)) : ' '.repeat(LABEL);
    return `      ${head}${paint(line)}`.trimEnd();
  });
}

/** Commands and YAML stay as they are, so that they can be copied; sentences are broken between words. */
function wrapped(line: string, look: Look): readonly string[] {
  return /^\s|^[A-Z]+ \/|[{}]|^\S+: |^\S+ -|^curl |^`/.test(line) ? [line] : broken(line, roomOf(look));
}

function roomOf(look: Look): number {
  return Math.max(30, look.columns - 6 - LABEL);
}

function paints({ good, faint, careful, bad }: Palette): Readonly<Record<ResultSeverity, Paint>> {
  return { good, note: faint, warning: careful, error: bad };
}

function summary(report: DoctorReport, { good, careful, bad }: Palette): string {
  const counts = countResults(report);
  const fine = `${counted(counts.good, 'thing')} as ${counts.good === 1 ? 'it' : 'they'} should be`;
  if (counts.error + counts.warning === 0) return good(`${fine}, nothing to fix`);
  const failure = [
    counts.error > 0 ? counted(counts.error, 'error') : '',
    counts.warning > 0 ? counted(counts.warning, 'warning') : '',
  ].filter((part) => part !== '');
  return (counts.error > 0 ? bad : careful)(`${failure.join(' and ')}; ${fine}`);
}
