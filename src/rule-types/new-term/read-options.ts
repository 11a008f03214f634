import { DAY, type Duration } from '../../core/time.ts';
import type { ReadTools } from '../rule-type.ts';

/** Options of a new_term rule: the fields whose values are terms, all of them in `group_by`, and how far back a term is known, ms. */
export interface NewTermOptions {
  readonly fields: readonly string[];
  readonly lookback: Duration;
}

/** Reads `field` and `lookback`; a field that is not in `group_by` is reported, with the `group_by` that would have it. */
export function readOptions(keys: Readonly<Record<string, unknown>>, tools: ReadTools): NewTermOptions {
  const given: readonly unknown[] = Array.isArray(keys['field']) ? keys['field'] : [keys['field']];
  const fields = given.filter((field): field is string => typeof field === 'string' && field.trim() !== '');
  if (fields.length === 0 || fields.length < given.length)
    tools.problem('field', 'expected a field, or a list of fields', 'such as user.name');
  const lacking = fields.filter((field) => !tools.groupBy.includes(field));
  if (lacking.length > 0) {
    const message = `not in \`group_by\`: ${lacking.join(', ')}; each new value has its own alert`;
    tools.problem('field', message, `group_by: [${[...tools.groupBy, ...lacking].join(', ')}]`);
  }
  return { fields, lookback: readLookback(keys['lookback'], tools) };
}

function readLookback(text: unknown, tools: ReadTools): number {
  if (typeof text !== 'string') return 7 * DAY;
  const lookback = tools.duration(text, 'lookback');
  if (lookback > 0 && lookback < tools.window)
    tools.problem('lookback', 'the lookback is shorter than the window', 'for example 7d');
  return Math.max(1, lookback);
}
