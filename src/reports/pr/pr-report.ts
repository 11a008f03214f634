import type { RuleStory } from '../../backtest/rule-story.ts';
import type { Thresholds } from '../../conditions/thresholds.ts';
import type { Problem } from '../../core/problems.ts';
import type { Duration, TimeRange } from '../../core/time.ts';
import { truncate } from '../../core/truncate.ts';
import type { ReadingSeries } from '../../replay/readings.ts';
import type { KeyChange } from '../../revisions/key-changes.ts';
import type { RuleTestReport, RuleTestResult } from '../../rule-tests/report.ts';
import type { PackedSandbox } from '../../sandbox/pack.ts';
import type { CheckReport } from '../check-report.ts';
import { PLAIN_COLUMNS } from '../look.ts';
import { failureLines } from '../rule-tests-text.ts';

/** One version of a rule over the history. */
export interface PlayedVersion {
  readonly story: RuleStory;
  readonly readings: readonly ReadingSeries[];
  /** False: there were more readings than are kept. */
  readonly complete: boolean;
  /** What its conditions compare with numbers; undefined where they do not. */
  readonly thresholds?: Thresholds;
  /** What a sandbox needs to play it with other keys; undefined: the page gets none. */
  readonly sandbox?: PackedSandbox;
  /** What it cost the cluster; undefined without one. */
  readonly asked?: { readonly searches: number; readonly took: Duration };
}

/** One version of a rule, and its replay. */
interface ReportedVersion {
  /** Its keys as they hold, as lines of YAML. */
  readonly lines: readonly string[];
  readonly played?: PlayedVersion;
}

/** One rule that the change is about. */
export interface ReportedRule {
  readonly name: string;
  readonly kind: 'added' | 'changed' | 'removed' | 'broken' | 'repaired';
  readonly renamedFrom?: string;
  readonly file?: string;
  readonly keys: readonly KeyChange[];
  readonly before?: ReportedVersion;
  readonly after?: ReportedVersion;
  /** Undefined: there is no test of it. `reached` of the `parts` of its life, and those that are `missing`, where it loads. */
  readonly tests?: {
    readonly passed: number;
    readonly failed: number;
    readonly reached?: number;
    readonly parts?: number;
    readonly missing?: readonly string[];
  };
  /** The budget ended before both versions had been played. */
  readonly notPlayed?: true;
}

/** What a change of rules means. */
export interface PrReport {
  readonly against: { readonly ref: string; readonly commit: string };
  /** Undefined: nothing was played, and a note says why. */
  readonly range: TimeRange | undefined;
  readonly rules: readonly ReportedRule[];
  /** What check finds now and did not find before. */
  readonly problems: readonly Problem[];
  /** How much of what check finds was there before. */
  readonly knownProblems: number;
  readonly tests: RuleTestReport;
  /** What a reader has to know of the report, a sentence each. */
  readonly notes: readonly string[];
  readonly strict: boolean;
}

/** What check and the tests found, as a check reports it: for the formats that put problems beside lines. */
export function prCheckReport(report: PrReport): CheckReport {
  return {
    files: report.rules.length,
    rules: report.rules.length,
    ignored: [],
    failOn: report.strict ? 'warning' : 'error',
    problems: [...report.problems, ...report.tests.problems, ...report.tests.files.flatMap(testProblems)],
  };
}

/** The tests as they ran, with what check found as problems of the run: for JUnit. */
export function prTestReport(report: PrReport): RuleTestReport {
  const failing = report.problems.filter(({ severity }) => severity === 'error' || (report.strict && severity === 'warning'));
  return { ...report.tests, problems: [...failing, ...report.tests.problems] };
}

/** Lines of a failed test that are shown: what was expected comes first, what led to the failure last. */
const [FIRST_LINES, LAST_LINES] = [30, 20];
const MOST_OF_A_LINE = 200;
const MOST_OF_A_VALUE = 300;

/** Tests that did not pass, with their files, and what was expected, what was there and what led to it, as lines of bounded length. */
export function failedTests({ tests }: Pick<PrReport, 'tests'>): readonly {
  readonly file: string;
  readonly test: RuleTestResult;
  readonly lines: readonly string[];
}[] {
  return tests.files.flatMap(({ file, tests: all }) =>
    all.filter(({ outcome }) => outcome !== 'passed').map((test) => ({ file, test, lines: boundedFailure(test) })),
  );
}

/** A value, a name or a sentence as reports of a change show it. */
export function shortened(text: string): string {
  return truncate(text, MOST_OF_A_VALUE);
}

function boundedFailure(test: RuleTestResult): readonly string[] {
  const lines = failureLines(test, { color: false, columns: PLAIN_COLUMNS }).map((line) => truncate(line, MOST_OF_A_LINE));
  const left = lines.length - FIRST_LINES - LAST_LINES;
  return left <= 0 ? lines : [...lines.slice(0, FIRST_LINES), `… ${left} lines left out …`, ...lines.slice(-LAST_LINES)];
}

function testProblems({ problems, tests }: RuleTestReport['files'][number]): readonly Problem[] {
  const failed = tests.filter(({ outcome }) => outcome !== 'passed');
  return [
    ...problems.filter(({ severity }) => severity === 'error'),
    ...failed.flatMap(({ name, position, failures, problems: own }): readonly Problem[] => [
      ...failures.map(({ message, position: at }): Problem => {
        return { code: 'rule-test/failed', severity: 'error', message: `${name}: ${message}`, at };
      }),
      ...(failures.length > 0
        ? []
        : [
            {
              code: 'rule-test/broken',
              severity: 'error' as const,
              message: `${name}: ${own[0]?.message ?? 'it could not be played'}`,
              at: position,
            },
          ]),
    ]),
  ];
}
