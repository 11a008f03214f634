import { compileCondition } from '../../../src/conditions/compile.ts';
import type { Condition } from '../../../src/conditions/condition.ts';
import { hashId } from '../../../src/core/ids.ts';
import { kqlToDsl } from '../../../src/kql/kql.ts';
import { ruleTypeNamed } from '../../../src/rule-types/registry.ts';
import type { Rule } from '../../../src/rules/rule.ts';

const MINUTE = 60_000;

/** What a test says of a rule; everything else has the defaults of rule files. */
export interface TestRule extends Partial<Omit<Rule, 'levels' | 'recover' | 'filter' | 'query' | 'lifecycle'>> {
  readonly name: string;
  readonly kql?: string;
  readonly condition?: string;
  readonly levels?: readonly { readonly severity: string; readonly condition: string }[];
  readonly recover?: string;
  readonly lifecycle?: Partial<Rule['lifecycle']>;
  readonly type?: string;
  readonly index?: string;
}

/** Builds a rule without a file: for tests of what rules do, not of how they are read. */
export function testRule(given: TestRule): Rule {
  const type = given.type ?? 'frequency';
  const options = given.options ?? readOptions(type, {});
  const condition = (text: string): Condition => {
    const compiled = compileCondition(text, ruleTypeNamed(type)?.variables(options) ?? {});
    if (!compiled.ok) throw new Error(compiled.message);
    return compiled.condition;
  };
  const { kql: _kql, condition: _condition, levels, recover, lifecycle, index, ...rest } = given;
  const kql = kqlToDsl(given.kql ?? '');
  if (!kql.ok) throw new Error(kql.message);
  const severity = given.labels?.['severity'] ?? 'warning';
  const stated = levels ?? [{ severity, condition: given.condition ?? 'count >= 1' }];
  const groupBy = given.groupBy ?? [];
  return {
    id: given.name,
    source: { indices: [index ?? 'logs-*'], timeField: '@timestamp', ignoreMissingIndex: false, timeout: 30_000, frozen: false },
    missing: 'exclude',
    window: 5 * MINUTE,
    maxGroups: 1_000,
    schedule: { kind: 'every', every: MINUTE },
    delay: 0,
    leveled: levels !== undefined,
    catchUp: 60 * MINUTE,
    errorAfter: 3,
    labels: { severity },
    message: {},
    evidence: { fields: ['message'], samples: 1, top: [] },
    enabled: true,
    position: { file: 'test.yaml', line: 1, column: 1 },
    ...rest,
    type,
    options,
    groupBy,
    filter: kql.dsl,
    query: { language: 'kql', text: given.kql ?? '' },
    shape: hashId(groupBy, type),
    levels: stated.map((level) => ({ severity: level.severity, condition: condition(level.condition) })),
    ...(recover !== undefined && { recover: condition(recover) }),
    lifecycle: {
      for: 0,
      keepFiringFor: 0,
      noData: 'resolve',
      noDataAfter: 5 * MINUTE,
      settle: 0,
      forgetAfter: 7 * 24 * 60 * MINUTE,
      levels: stated.map((level) => level.severity),
      ...lifecycle,
    },
  };
}

/** Reads a type's options as the loader does, failing the test at a problem. */
export function readOptions(type: string, keys: Readonly<Record<string, unknown>>, groupBy: readonly string[] = []): unknown {
  const ruleType = ruleTypeNamed(type);
  if (ruleType === undefined) throw new Error(`no rule type ${type}`);
  return ruleType.read(keys, {
    groupBy,
    window: 5 * MINUTE,
    kql: (text) => {
      const compiled = kqlToDsl(text);
      if (!compiled.ok) throw new Error(compiled.message);
      return compiled.dsl;
    },
    duration: (text) => {
      const found = /^(\d+)([smhd])$/.exec(text);
      return Number(found?.[1]) * { s: 1_000, m: MINUTE, h: 60 * MINUTE, d: 1_440 * MINUTE }[found?.[2] as 's' | 'm' | 'h' | 'd'];
    },
    problem: (path, message) => {
      throw new Error(`${path}: ${message}`);
    },
  });
}
