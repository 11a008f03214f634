import { hashId } from '../core/ids.ts';
import type { Problem } from '../core/problems.ts';
import type { CheckReport } from './check-report.ts';
import { printJson } from './json.ts';

const SEVERITIES = { error: 'major', warning: 'minor', note: 'info' } as const;

/** A check as GitLab's code quality report; a problem that no file holds is shown at the configuration, because GitLab wants a place. */
export function checkGitlab(report: CheckReport): string {
  const seen = new Map<string, number>();
  return printJson(
    report.problems.map((problem) => {
      // Lines move; what is wrong and where it is written stays, so that GitLab knows it again.
      const key = JSON.stringify([problem.code, problem.at?.file, problem.path, problem.message]);
      const times = seen.get(key) ?? 0;
      seen.set(key, times + 1);
      return issueOf(problem, hashId('code quality', key, times), report.configurations?.[0] ?? 'tocsin.yaml');
    }),
  );
}

function issueOf({ code, severity, message, hint, path, at }: Problem, fingerprint: string, otherwise: string) {
  return {
    description: `${path === undefined ? '' : `${path}: `}${message}${hint === undefined ? '' : ` (${hint})`}`,
    check_name: code,
    fingerprint,
    severity: SEVERITIES[severity],
    location: { path: (at?.file ?? otherwise).replace(/^(?:\.\/)+/, ''), lines: { begin: at?.line ?? 1 } },
  };
}
