import { formatProblem } from '../core/problems.ts';
import type { Coverage } from '../rule-tests/coverage.ts';
import type { RuleTestReport, RuleTestResult } from '../rule-tests/report.ts';
import { junitXml } from './junit.ts';
import { PLAIN_COLUMNS } from './look.ts';
import { failureLines } from './rule-tests-text.ts';
import type { ReportedCase, ReportedSuite, SuiteReport } from './suite-report.ts';

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
  const covered = report.coverage === undefined ? [] : [coverageSuite(report.coverage)];
  return { suites: [...unread, ...suites, ...covered], duration: report.took };
}

/** A suite without tests, whose properties say what the tests reached. */
function coverageSuite({ percent, reached, parts, rules }: Coverage): ReportedSuite {
  const total = [
    { name: 'coverage', value: `${percent}%` },
    { name: 'coverage.parts', value: `${reached}/${parts}` },
  ];
  const own = rules.map(({ rule, tests, parts: ofRule }) => {
    const missing = ofRule.filter((one) => one.tests === 0).map(({ part }) => part);
    const lacking = tests === 0 ? '; no test' : missing.length === 0 ? '' : `; not reached: ${missing.join(', ')}`;
    return { name: `coverage.rule.${rule}`, value: `${ofRule.length - missing.length}/${ofRule.length}${lacking}` };
  });
  return { file: 'coverage', cases: [], problems: [], properties: [...total, ...own] };
}

function caseOf(test: RuleTestResult): ReportedCase {
  const { name, took: duration } = test;
  if (test.outcome === 'passed') return { name, outcome: 'passed', duration };
  const message = test.failures[0]?.message ?? test.problems[0]?.message ?? 'failed';
  const details = failureLines(test, { color: false, columns: PLAIN_COLUMNS }).join('\n');
  return { name, outcome: 'failed', duration, message, details };
}
