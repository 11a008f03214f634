import { formatProblem } from '../../core/problems.ts';
import type { CheckResult } from '../../reports/doctor/doctor-report.ts';
import { type DoctorCheck, type DoctorContext, SHORT } from './check.ts';
import { atMost, error, good, note, warning } from './check-result.ts';

const MOST = 10;

/** Whether files load: the doctor looks at what they say, and `tocsin check` at how they say it. */
export const configurationCheck: DoctorCheck = {
  name: 'configuration',
  title: 'Configuration and rules',
  needs: 'nothing',
  limit: SHORT,
  run: async (context) => [...configFindings(context), ...ruleFindings(context)],
};

function configFindings({
  configFile,
  configProblems,
}: Pick<DoctorContext, 'configFile' | 'configProblems'>): readonly CheckResult[] {
  const warnings = configProblems.map((problem) =>
    warning(configFile ?? 'tocsin.yaml', { found: formatProblem(problem), fix: 'tocsin check' }),
  );
  if (configFile === undefined) return [note('tocsin.yaml', 'not found: the defaults and ELASTICSEARCH_URL apply'), ...warnings];
  return warnings.length > 0 ? warnings : [good(configFile, 'loads without problems')];
}

function ruleFindings({ rules, enabled, config }: Pick<DoctorContext, 'rules' | 'enabled' | 'config'>): readonly CheckResult[] {
  const errors = rules.problems.filter((problem) => problem.severity === 'error');
  const broken = errors.map((problem) =>
    error(problem.at?.file ?? 'rules', {
      found: formatProblem(problem),
      expected: 'a rule file that loads',
      fix: 'tocsin check',
    }),
  );
  const paused = rules.rules.length - enabled.length;
  const files = `${rules.files.length} ${rules.files.length === 1 ? 'file' : 'files'}`;
  const count = `${rules.rules.length} in ${files}${paused === 0 ? '' : `, ${paused} of them paused`}`;
  if (enabled.length > 0) return [...atMost(MOST, broken, 'errors'), good('rules', count)];
  if (config.rules.length === 0) return [note('rules', 'none: `rules: []`; alerts come over `received_alerts`')];
  const none = error('rules', {
    found: rules.rules.length === 0 ? 'there are no rules' : `${count}: none is evaluated`,
    expected: 'at least one rule that is enabled',
    fix: 'rules: [rules/]   # in tocsin.yaml, and a file with a rule there',
  });
  return [...atMost(MOST, broken, 'errors'), none];
}
