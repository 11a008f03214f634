import type { Problem } from '../../core/problems.ts';
import type { CheckResult } from '../../reports/doctor/doctor-report.ts';
import type { Rule } from '../../rules/rule.ts';
import { documentProblems } from '../check/check-cluster.ts';
import { fieldFailures } from '../check/field-problems.ts';
import { type DoctorCheck, LONG } from './check.ts';
import { atMost, brief, error, good, note, warning } from './check-result.ts';

const MOST = 20;

/** Whether rules wait long enough for their documents, and whether what they ask can be answered; `check --cluster` asks the same. */
export const waitingCheck: DoctorCheck = {
  name: 'rules',
  title: 'Searches and delays of rules',
  needs: 'cluster',
  limit: LONG,
  // The check of fields reports those that no index maps, or of the wrong type.
  run: async ({ enabled, backend, now }, signal) => {
    const { unmapped, unmeasurable } = await fieldFailures(enabled, backend.inspection, signal);
    const reported = [...unmapped, ...unmeasurable];
    return ruleFindings(await documentProblems(enabled, backend.search, now, signal, reported), enabled);
  },
};

/** What is said elsewhere: of indices and their documents as a whole. */
const SAID_ELSEWHERE = new Set(['search/no_index', 'cluster/no-documents']);
/** Right for many rules. */
const NO_FAULT = new Set(['cluster/no-match', 'cluster/no-match-week']);

/** Without documents no delay can be compared with theirs. */
const NO_DOCUMENTS = new Set([...SAID_ELSEWHERE, ...NO_FAULT]);
const NOTHING_TO_COMPARE = 'there are no documents yet with which delays could be compared';

/** The problems that the cluster has with rules, as findings about them. */
export function ruleFindings(problems: readonly Problem[], rules: readonly Rule[]): readonly CheckResult[] {
  const notified = problems.filter(({ code }) => !SAID_ELSEWHERE.has(code));
  const failing = new Set(problems.filter(({ severity }) => severity !== 'note').map(({ at }) => `${at?.file}:${at?.line}`));
  const fine = rules.filter(({ position }) => !failing.has(`${position.file}:${position.line}`)).length;
  const silent = new Set(problems.filter(({ code }) => NO_DOCUMENTS.has(code)).map(({ at }) => `${at?.file}:${at?.line}`));
  const isCompared = rules.some(
    ({ position: { file, line } }) => !failing.has(`${file}:${line}`) && !silent.has(`${file}:${line}`),
  );
  const results = notified.map((problem) => findingOf(problem, rules));
  return [
    ...(fine === 0
      ? []
      : [
          good(
            'rules',
            `${fine} of ${rules.length} succeed; ${isCompared ? 'delays are long enough where this can be checked' : NOTHING_TO_COMPARE}`,
          ),
        ]),
    ...atMost(MOST, results, 'remarks'),
  ];
}

function findingOf({ code, severity, at, message, hint }: Problem, rules: readonly Rule[]): CheckResult {
  const rule = rules.find(({ position }) => position.file === at?.file && position.line === at.line);
  const subject = rule?.name ?? `${at?.file}:${at?.line}`;
  if (NO_FAULT.has(code)) return note(subject, hint === undefined ? message : `${message} (${hint})`);
  if (severity === 'note') return note('delay', hint === undefined ? message : `${message} (${hint})`);
  const failure = { found: brief(message), ...(hint !== undefined && { fix: hint }) };
  return code.startsWith('search/') ? error(subject, failure) : warning(subject, failure);
}
