import { escapeTags } from '../core/html-text.ts';
import type { Duration } from '../core/time.ts';
import { plainText } from './plain-text.ts';
import { countCases, type ReportedCase, type ReportedSuite, type SuiteReport } from './suite-report.ts';

/** A run of tests as JUnit XML, which every CI reads. */
export function junitXml(report: SuiteReport): string {
  const { passed, failed } = countCases(report.suites);
  const head = `<testsuites name="tocsin" tests="${passed + failed}" failures="${failed}" errors="0" time="${seconds(report.duration)}">`;
  return ['<?xml version="1.0" encoding="UTF-8"?>', head, ...report.suites.map(suiteXml), '</testsuites>']
    .map((line) => `${line}\n`)
    .join('');
}

function suiteXml(suite: ReportedSuite): string {
  const { passed, failed } = countCases([suite]);
  const time = seconds(suite.cases.reduce((sum, one) => sum + one.duration, 0));
  // Some readers want the count of errors; what could not be played counts as failed here.
  const head = `  <testsuite name="${xml(suite.file)}" tests="${passed + failed}" failures="${failed}" errors="0" time="${time}">`;
  const problems = suite.problems.map(
    (problem) =>
      `    <testcase name="loads" classname="${xml(suite.file)}" time="0.000"><failure message="${xml(problem)}"/></testcase>`,
  );
  return [
    head,
    ...propertiesXml(suite),
    ...problems,
    ...suite.cases.map((one) => caseXml(one, suite.file)),
    '  </testsuite>',
  ].join('\n');
}

function propertiesXml({ properties = [] }: ReportedSuite): readonly string[] {
  if (properties.length === 0) return [];
  const lines = properties.map(({ name, value }) => `      <property name="${xml(name)}" value="${xml(value)}"/>`);
  return ['    <properties>', ...lines, '    </properties>'];
}

function caseXml(one: ReportedCase, file: string): string {
  const open = `    <testcase name="${xml(one.name)}" classname="${xml(file)}" time="${seconds(one.duration)}"`;
  if (one.outcome === 'passed') return `${open}/>`;
  return `${open}><failure message="${xml(one.message ?? 'failed')}">${xml(one.details ?? '')}</failure></testcase>`;
}

function seconds(duration: Duration): string {
  return (duration / 1000).toFixed(3);
}

/** XML 1.0 has no way to write most controls, so they are made visible first. */
function xml(text: string): string {
  return escapeTags(plainText(text)).replaceAll('"', '&quot;').replaceAll('\n', '&#10;');
}
