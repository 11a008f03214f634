import { compileCondition } from '../conditions/compile.ts';
import type { Condition, Variables } from '../conditions/condition.ts';
import type { Logic } from '../conditions/logic.ts';
import type { Complaints } from '../yaml/complaints.ts';
import type { Path } from '../yaml/path.ts';
import type { CommonKeys } from './common-keys.ts';
import { DEFAULTS } from './defaults.ts';
import type { Level, Rule } from './rule.ts';

/** A condition with the place it came from and the variables it reads. */
export interface CompiledKey {
  readonly path: Path;
  readonly condition: Condition;
  readonly uses: readonly string[];
  /** What can be known of it without values. */
  readonly logic: Logic;
}

/** The conditions of a rule: what a Rule holds of them, and each with its place for the checks that follow. */
export interface RuleConditions extends Pick<Rule, 'levels' | 'leveled' | 'recover'> {
  readonly bad: readonly CompiledKey[];
  readonly good: CompiledKey | undefined;
}

/**
 * Compiles `condition` or `levels`, and `recover`, over the variables of the rule's type; `fallback` is the condition of
 * the type itself, the empty text if one was given that the schema refused.
 */
export function readConditions(
  keys: CommonKeys,
  variables: Variables,
  fallback: string | undefined,
  complaints: Complaints,
): RuleConditions {
  const compile = (text: string, path: Path) => compileAt(text, path, variables, complaints);
  const good = keys.recover === undefined ? undefined : compile(keys.recover, ['recover']);
  const leveled = keys.levels !== undefined;
  const compiled = leveled ? readLevels(keys, complaints, compile) : readSingle(keys, variables, fallback, complaints, compile);
  return {
    leveled,
    levels: compiled.map(({ severity, key }): Level => ({ severity, condition: key.condition })),
    ...(good === undefined ? {} : { recover: good.condition }),
    bad: compiled.map(({ key }) => key),
    good,
  };
}

type Compile = (text: string, path: Path) => CompiledKey | undefined;
type Severe = { readonly severity: string; readonly key: CompiledKey };

function readSingle(
  keys: CommonKeys,
  variables: Variables,
  fallback: string | undefined,
  complaints: Complaints,
  compile: Compile,
): readonly Severe[] {
  const text = keys.condition ?? fallback;
  if (text === '') return [];
  if (text === undefined) {
    const hint = `add a condition over ${Object.keys(variables).join(', ')}, or \`levels\``;
    complaints.error('rule/missing-key', [], 'missing key "condition"', hint);
    return [];
  }
  const key = compile(text, ['condition']);
  return key === undefined ? [] : [{ severity: keys.labels?.['severity'] ?? DEFAULTS.severity, key }];
}

function readLevels(keys: CommonKeys, complaints: Complaints, compile: Compile): readonly Severe[] {
  const levels = keys.levels ?? [];
  if (keys.condition !== undefined) {
    const message = '`condition` and `levels` exclude each other';
    complaints.error('rule/invalid', ['condition'], message, 'keep one of them', 'key');
  }
  if (keys.labels?.['severity'] !== undefined) {
    const message = '`labels.severity` and `levels` exclude each other';
    complaints.error('rule/invalid', ['labels', 'severity'], message, 'remove the label: the level sets the severity', 'key');
  }
  const seen = new Map<string, number>();
  return levels.flatMap(({ severity, condition }, index) => {
    const first = seen.get(severity);
    if (first === undefined) seen.set(severity, index);
    else {
      const message = `duplicate severity "${severity}": levels[${first}] has it already`;
      complaints.error('rule/invalid', ['levels', index, 'severity'], message, 'give each level a different severity');
    }
    const key = compile(condition, ['levels', index, 'condition']);
    return key === undefined ? [] : [{ severity, key }];
  });
}

function compileAt(text: string, path: Path, variables: Variables, complaints: Complaints): CompiledKey | undefined {
  const compiled = compileCondition(text, variables);
  if (compiled.ok) return { path, condition: compiled.condition, uses: compiled.uses, logic: compiled.logic };
  complaints.errorInText('rule/condition', path, compiled.offset, compiled.message, compiled.hint);
  return undefined;
}
