import { formatDuration } from '../core/duration.ts';
import { ruleTypeNamed } from '../rule-types/registry.ts';
import type { Complaints } from '../yaml/complaints.ts';
import type { CommonKeys } from './common-keys.ts';
import { DEFAULTS } from './defaults.ts';
import type { Rule } from './rule.ts';
import { readConditions } from './rule-conditions.ts';
import { readDuration, readFor } from './rule-times.ts';

/** The keys of a rule that decide about its alerts from what was measured: with other values of them nothing else is measured. */
export type DecidingKeys = Pick<CommonKeys, 'condition' | 'levels' | 'recover' | 'for' | 'keep_firing_for'>;

/** The deciding keys that a rule has, defaults included. */
export function decidingKeys({ levels, leveled, recover, lifecycle }: Rule): DecidingKeys {
  const bad = leveled
    ? { levels: levels.map(({ severity, condition }) => ({ severity, condition: condition.text })) }
    : { condition: levels[0]?.condition.text ?? '' };
  const held = lifecycle.for;
  return {
    ...bad,
    ...(recover !== undefined && { recover: recover.text }),
    for: typeof held === 'number' ? formatDuration(held) : { breaches: held.breaches, of: held.of },
    keep_firing_for: formatDuration(lifecycle.keepFiringFor),
  };
}

/** A rule with other deciding keys, read as they are read of a file; undefined where one of them has an error. */
export function withDecidingKeys(rule: Rule, keys: DecidingKeys, complaints: Complaints): Rule | undefined {
  const type = ruleTypeNamed(rule.type);
  if (type === undefined) return undefined;
  const variables = type.variables(rule.options);
  const labels = keys.levels === undefined ? { labels: rule.labels } : {};
  const common: CommonKeys = { name: rule.name, index: '*', type: rule.type, ...labels, ...keys };
  const conditions = readConditions(common, variables, type.defaultCondition, complaints);
  const held = readFor(keys.for ?? DEFAULTS.for, complaints);
  const keepFiringFor = readDuration(keys.keep_firing_for ?? DEFAULTS.keep_firing_for, ['keep_firing_for'], complaints);
  if (complaints.problems.some(({ severity }) => severity === 'error')) return undefined;
  const uses = [...conditions.bad, ...(conditions.good === undefined ? [] : [conditions.good])].flatMap((key) => key.uses);
  const { recover: _recover, ...rest } = rule;
  return {
    ...rest,
    options: type.used?.(rule.options, new Set(uses)) ?? rule.options,
    levels: conditions.levels,
    leveled: conditions.leveled,
    ...(conditions.recover !== undefined && { recover: conditions.recover }),
    lifecycle: {
      ...rule.lifecycle,
      for: held,
      keepFiringFor,
      levels: conditions.levels.map(({ severity }) => severity),
    },
  };
}
