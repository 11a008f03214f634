import { formatProblem } from '../core/problems.ts';
import { iso } from '../core/time.ts';
import { type Failure, isGood, type RuleTestFileResult, type RuleTestReport, type RuleTestResult } from '../rule-tests/report.ts';
import { relativeTime } from '../rule-tests/times.ts';
import { type Look, paletteOf } from './look.ts';
import { plainLine } from './plain-text.ts';
import { coverageText } from './rule-tests-coverage.ts';
import { differenceLines, diffLines } from './rule-tests-diff.ts';
import { timelineLines } from './rule-tests-timeline.ts';
import { counted } from './wording.ts';

/** What came of rule tests, for people: each test on a line; of a failed one what was expected, what was there, and what led to it. */
export function ruleTestsText(report: RuleTestReport, look: Look): string {
  const lines = [
    ...report.problems.map((problem) => paletteOf(look).bad(plainLine(formatProblem(problem)))),
    ...report.files.flatMap((file) => fileLines(file, look)),
    ...orphanLines(report, look),
    ...(report.coverage === undefined ? [] : [...coverageText(report.coverage, look), '']),
    ...(isEmpty(report) && report.problems.length > 0 ? [] : [summaryLine(report, look)]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** One file's tests, as `ruleTestsText` shows them: to be printed as soon as it is done. */
function fileLines(file: RuleTestFileResult, look: Look): readonly string[] {
  const { strong, bad, careful } = paletteOf(look);
  const problems = file.problems.map(
    (problem) => `  ${(problem.severity === 'error' ? bad : careful)(plainLine(formatProblem(problem)))}`,
  );
  return [
    strong(plainLine(file.file)),
    ...problems,
    ...withoutRepeats(file.tests).flatMap((test) => testLines(test, look)),
    ...snapshotLines(file, look),
    '',
  ];
}

/** The tests of a file, each with the problems that none before it has: that a rule cannot be tested in memory is said once. */
function withoutRepeats(tests: readonly RuleTestResult[]): readonly RuleTestResult[] {
  const said = new Set<string>();
  return tests.map((test) => {
    const news = test.problems.filter(({ code, message }) => !said.has(`${code} ${message}`));
    for (const { code, message } of test.problems) said.add(`${code} ${message}`);
    return { ...test, problems: news };
  });
}

function snapshotLines({ snapshots }: RuleTestFileResult, look: Look): readonly string[] {
  if (snapshots === undefined) return [];
  const { faint, careful } = paletteOf(look);
  const { file, written, updated, obsolete, removed } = snapshots;
  const parts = [
    ...(written.length > 0 ? [`${written.length} written`] : []),
    ...(updated.length > 0 ? [`${updated.length} updated`] : []),
    ...(removed ? [`${obsolete.length} removed`] : []),
  ];
  const left = removed
    ? []
    : obsolete.map((key) => `  obsolete snapshot in ${file}: ${key} (\`tocsin test --update\` removes it)`);
  return [
    ...(parts.length === 0 ? [] : [`  ${faint(plainLine(`snapshots: ${parts.join(', ')} in ${file}`))}`]),
    ...left.map((line) => `  ${careful(plainLine(line))}`),
  ];
}

function orphanLines({ orphans = [] }: RuleTestReport, look: Look): readonly string[] {
  const { careful } = paletteOf(look);
  return orphans.map((file) => careful(plainLine(`obsolete snapshots: ${file}: its test file no longer exists (remove it)`)));
}

/** Nothing ran, and nothing was to run: where a problem says so, a summary would say it again. */
function isEmpty({ files, passed, failed, broken, skipped }: RuleTestReport): boolean {
  return files.length + passed + failed + broken + skipped === 0;
}

/** The last line: how many passed and failed. */
function summaryLine(report: RuleTestReport, look: Look): string {
  const { good, bad, careful, faint } = paletteOf(look);
  const unread = report.files.filter((file) => file.problems.some(({ severity }) => severity === 'error')).length;
  const parts = [
    `${report.passed} passed`,
    ...(report.failed > 0 ? [`${report.failed} failed`] : []),
    ...(report.broken > 0 ? [`${report.broken} could not run`] : []),
    ...(unread > 0 ? [`${counted(unread, 'file')} with problems`] : []),
    ...(report.skipped > 0 ? [`${report.skipped} skipped`] : []),
  ];
  const none = report.passed + report.failed + report.broken + unread === 0;
  const paint = !isGood(report) ? bad : none ? careful : good;
  return `${paint(none ? 'no rule tests' : parts.join(', '))} ${faint(`in ${(report.took / 1000).toFixed(2)} s`)}`;
}

/** Everything about a failed test, uncoloured unless the look says so: for the text report, and for JUnit. */
export function failureLines(test: RuleTestResult, look: Look): readonly string[] {
  const palette = paletteOf(look);
  const problems = test.problems.map((problem) => palette.bad(plainLine(formatProblem(problem))));
  const failures = test.failures.flatMap((failure) => oneFailure(failure, test, look));
  const notes = test.notes.map((note) => palette.careful(plainLine(note)));
  if (test.timeline.length === 0) return [...problems, ...failures, ...notes];
  const last = test.failures.reduce((latest, { at }) => Math.max(latest, at), test.start);
  const led = timelineLines(test.timeline, test.start, last, look);
  return [
    ...problems,
    ...failures,
    ...notes,
    palette.faint(`timeline from ${iso(test.start)}:`),
    ...led.map((line) => `  ${line}`),
  ];
}

function testLines(test: RuleTestResult, look: Look): readonly string[] {
  const { good, bad, faint } = paletteOf(look);
  const name = plainLine(test.name);
  const took = faint(`${Math.round(test.took)} ms`);
  if (test.outcome === 'passed') return [`  ${good('✓')} ${name} ${took}`];
  // Its problem is that of a test above.
  if (test.outcome === 'broken' && test.problems.length === 0) return [`  ${bad('✗')} ${bad(name)} ${faint('as above')}`];
  return [`  ${bad('✗')} ${bad(name)} ${took}`, ...failureLines(test, look).map((line) => (line === '' ? '' : `      ${line}`))];
}

function oneFailure(failure: Failure, { start }: RuleTestResult, look: Look): readonly string[] {
  const { file, line, column } = failure.position;
  const list = failure.list === undefined ? '' : `${failure.list}: `;
  const { strong, good, bad } = paletteOf(look);
  const labelled = (label: string, texts: readonly string[], paint: (text: string) => string) =>
    texts.map((text, index) => `  ${(index === 0 ? label : '').padEnd(9)} ${paint(plainLine(text))}`);
  return [
    `${strong(plainLine(`${file}:${line}:${column}`))} at ${relativeTime(failure.at, start)}, ${list}${plainLine(failure.message)}`,
    // What differs says all of the expectation that matters.
    ...(failure.differences.length > 0 ? [] : labelled('expected', failure.expected, good)),
    ...(failure.diff === undefined ? labelled('got', failure.got.length === 0 ? ['nothing'] : failure.got, bad) : []),
    ...differenceLines(failure.differences, look),
    ...diffLines(failure.diff ?? [], look).map((line) => `  ${line}`),
    '',
  ];
}
