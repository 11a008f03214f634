import type { Static } from 'typebox';
import { parseDuration } from '../core/duration.ts';
import type { Problem } from '../core/problems.ts';
import type { Duration } from '../core/time.ts';
import { compileRegex, type LinearRegex } from '../routing/regex.ts';
import type { Path } from '../yaml/path.ts';
import type { LINT_SCHEMA } from './lint-schema.ts';
import type { Report } from './report.ts';

type RawLint = Static<typeof LINT_SCHEMA>;

/** How bad a finding is in this house; `off`: it is not reported. */
type LintSeverity = Problem['severity'] | 'off';

/** What a house asks of a label. */
export interface LabelPolicy {
  readonly required: boolean;
  readonly values?: readonly string[];
  readonly pattern?: PatternPolicy;
}

/** A regular expression that a whole text has to fit, with its source for messages. */
export interface PatternPolicy {
  readonly text: string;
  readonly regex: LinearRegex;
}

/** The least and the most that a length of time may be, ms. */
export interface LengthPolicy {
  readonly min?: Duration;
  readonly max?: Duration;
}

/** What rule tests have to reach in this house. */
export interface CoveragePolicy {
  /** Parts of the life of each rule, by the names that `tocsin.yaml` has for them. */
  readonly require: NonNullable<NonNullable<RawLint['coverage']>['require']>;
  /** Percent of the parts of all rules. */
  readonly min?: number;
}

/** Your policy for rules, and the severity of findings of `tocsin check`. */
export interface LintPolicy {
  readonly severity: Readonly<Record<string, LintSeverity>>;
  readonly require: readonly ('description' | 'runbook' | 'test')[];
  /** Labels of which each rule has one; none: no owner is asked for. */
  readonly owner: readonly string[];
  readonly labels: Readonly<Record<string, LabelPolicy>>;
  readonly name?: PatternPolicy;
  /** Words for severities; undefined: any. */
  readonly severities?: readonly string[];
  readonly every?: LengthPolicy;
  readonly window?: LengthPolicy;
  readonly coverage?: CoveragePolicy;
}

/** The policy of a house that has none. */
export const NO_POLICY: LintPolicy = { severity: {}, require: [], owner: [], labels: {} };

/** Reads `lint`; patterns and lengths that cannot be read are reported. */
export function readLint(raw: RawLint | undefined, report: Report): LintPolicy {
  if (raw === undefined) return NO_POLICY;
  const labels = Object.entries(raw.labels ?? {}).map(([name, { required = true, values, pattern }]) => {
    const read = pattern === undefined ? undefined : readPattern(pattern, ['lint', 'labels', name, 'pattern'], report);
    return [name, { required, ...(values !== undefined && { values }), ...(read !== undefined && { pattern: read }) }] as const;
  });
  const name = raw.name === undefined ? undefined : readPattern(raw.name, ['lint', 'name'], report);
  const every = readLength(raw.every, ['lint', 'every'], report);
  const window = readLength(raw.window, ['lint', 'window'], report);
  return {
    severity: raw.severity ?? {},
    require: raw.require ?? [],
    owner: raw.owner === undefined ? [] : typeof raw.owner === 'string' ? [raw.owner] : raw.owner,
    labels: Object.fromEntries(labels),
    ...(name !== undefined && { name }),
    ...(raw.severities !== undefined && { severities: raw.severities }),
    ...(every !== undefined && { every }),
    ...(window !== undefined && { window }),
    ...(raw.coverage !== undefined && {
      coverage: {
        require: raw.coverage.require ?? [],
        ...(raw.coverage.min !== undefined && { min: raw.coverage.min }),
      },
    }),
  };
}

function readPattern(text: string, path: Path, report: Report): PatternPolicy | undefined {
  const compiled = compileRegex(text);
  if (compiled.ok) return { text, regex: compiled.regex };
  report.error(
    'config/value',
    path,
    `the expression cannot be read: ${compiled.message}`,
    compiled.hint ?? 'such as [a-z][a-z0-9-]*',
  );
  return undefined;
}

function readLength(
  raw: { readonly min?: string; readonly max?: string } | undefined,
  path: Path,
  report: Report,
): LengthPolicy | undefined {
  if (raw === undefined) return undefined;
  const [min, max] = [raw.min, raw.max].map((text) => (text === undefined ? undefined : parseDuration(text)));
  if (min !== undefined && max !== undefined && min > max)
    report.error('config/value', [...path, 'min'], 'the minimum is longer than the maximum', 'make `min` shorter than `max`');
  return { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
}
