import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FINDING_CODES } from '../core/finding-codes.ts';
import type { Problem } from '../core/problems.ts';
import { own } from '../core/record.ts';
import type { CheckReport } from './check-report.ts';
import { printJson } from './json.ts';

/** A check as SARIF 2.1.0, for code scanning. */
export function checkSarif(report: CheckReport, version: string): string {
  const { problems, ignored = [] } = report;
  const codes = [...new Set([...problems, ...ignored.map(({ problem }) => problem)].map(({ code }) => code))].sort();
  return printJson({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'tocsin', version, rules: codes.map(ruleOf) } },
        columnKind: 'utf16CodeUnits',
        results: [
          ...report.problems.map((problem) => resultOf(problem, codes)),
          ...ignored.map(({ problem, ignore }) => ({
            ...resultOf(problem, codes),
            suppressions: [{ kind: 'inSource', justification: ignore.reason }],
          })),
        ],
      },
    ],
  });
}

function ruleOf(id: string) {
  const known = own(FINDING_CODES, id);
  if (known === undefined) return { id };
  return {
    id,
    shortDescription: { text: known.means.replaceAll('`', "'") },
    help: { text: known.means.replaceAll('`', "'"), markdown: known.means },
    defaultConfiguration: { level: known.severity },
    properties: { tags: [id.slice(0, id.indexOf('/'))] },
  };
}

function resultOf(problem: Problem, codes: readonly string[]) {
  const { code, severity, message, hint, path, at } = problem;
  const text = `${path === undefined ? '' : `${path}: `}${message}${hint === undefined ? '' : ` (${hint})`}`;
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: severity,
    message: { text },
    ...(at !== undefined && {
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: uriOf(at.file) },
            region: { startLine: at.line, startColumn: at.column },
          },
        },
      ],
    }),
  };
}

/** Relative paths stay relative, so that code scanning finds them in the repository. */
function uriOf(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  // Half a character has no escape.
  return file
    .replace(/\p{Surrogate}/gu, '\uFFFD')
    .split(/[\\/]/)
    .map(encodeURIComponent)
    .join('/')
    .replace(/^(?:\.\/)+/, '');
}
