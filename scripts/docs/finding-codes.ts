import {
  CLUSTER_FINDINGS,
  CONFIG_ERRORS,
  CONFIG_FINDINGS,
  type FindingCode,
  IGNORE_FINDINGS,
  POLICY_FINDINGS,
  RULE_ERRORS,
  RULE_FINDINGS,
  SILENCE_ERRORS,
  SILENCE_FINDINGS,
} from '../../src/core/finding-codes.ts';

type Codes = Readonly<Record<string, FindingCode>>;

/** The codes of rule files: those that keep a rule from loading first. */
export function ruleCodes(): string {
  return table(RULE_ERRORS, RULE_FINDINGS);
}

/** The codes of `tocsin check --cluster`. */
export function clusterCodes(): string {
  return table(CLUSTER_FINDINGS);
}

/** The codes of `tocsin.yaml`. */
export function configCodes(): string {
  return table(CONFIG_ERRORS, CONFIG_FINDINGS);
}

/** The codes of files of silences. */
export function silenceCodes(): string {
  return table(SILENCE_ERRORS, SILENCE_FINDINGS);
}

/** The codes of the policy and of comments. */
export function policyCodes(): string {
  return table(POLICY_FINDINGS, IGNORE_FINDINGS);
}

function table(...groups: readonly Codes[]): string {
  const rows = groups.flatMap((codes) => Object.entries(codes)).map(([code, known]) => row(code, known));
  return ['| code | severity | means |', '|---|---|---|', ...rows].join('\n');
}

function row(code: string, { severity, means, fixable }: FindingCode): string {
  const repaired = fixable === true ? ' Repaired by `--fix`.' : '';
  return `| \`${code}\` | ${severity} | ${means.replaceAll('|', '\\|')}${repaired} |`;
}
