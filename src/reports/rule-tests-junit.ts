import { formatProblem } from '../core/problems.ts';
import type { RuleTestReport, RuleTestResult } from '../rule-tests/report.ts';
import { junitXml } from './junit.ts';
import { PLAIN_COLUMNS } from './look.ts';
import { failureLines } from './rule-tests-text.ts';
import type { ReportedCase, SuiteReport } from './suite-report.ts';

/** What came of rule tests as JUnit XML, the failures with the whole story. */
export function ruleTestsJunit(report: RuleTestReport): string {
  return junitXml(suitesOf(report));
}

function suitesOf(report: RuleTestReport): SuiteReport {
  const unread = report.problems.map((problem) => ({
    file: problem.at?.file ?? 'tocsin test',
    cases: [],
    problems: [formatProblem(problem)],
  }));
  const suites = report.files.map((file) => ({
    file: file.file,
    cases: file.tests.map(caseOf),
    problems: file.problems.filter(({ severity }) => severity === 'error').map(formatProblem),
  }));
  return { suites: [...unread, ...suites], duration: report.took };
}

function caseOf(test: RuleTestResult): ReportedCase {
  const { name, took: duration } = test;
  if (test.outcome === 'passed') return { name, outcome: 'passed', duration };
  const message = test.failures[0]?.message ?? test.problems[0]?.message ?? 'failed';
  const details = failureLines(test, { color: false, columns: PLAIN_COLUMNS }).join('\n');
  return { name, outcome: 'failed', duration, message, details };
}
