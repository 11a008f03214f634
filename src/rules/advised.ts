import type { Variables } from '../conditions/condition.ts';
import type { Ranges } from '../conditions/ranges.ts';
import type { CommonKeys } from './common-keys.ts';
import type { RuleConditions } from './rule-conditions.ts';
import type { RuleTimes } from './rule-times.ts';

/** Input of the checks that give warnings. */
export interface Advised {
  readonly keys: CommonKeys;
  readonly times: RuleTimes;
  readonly conditions: RuleConditions;
  readonly variables: Variables;
  /** What the values can be, as far as the type knows. */
  readonly ranges: Ranges;
  readonly absence: 'zero' | 'absent';
  /** The keys of the rule's type, as they were written. */
  readonly options: Readonly<Record<string, unknown>>;
}
