import { own } from '../../core/record.ts';
import { type Duration, MINUTE } from '../../core/time.ts';
import type { ReadTools } from '../rule-type.ts';

/** Options of a match rule; durations in ms. */
export interface MatchOptions {
  /** How far before the window documents that came late are looked for. */
  readonly late: Duration;
  /** Documents of one evaluation that are looked at one by one. */
  readonly maxEvents: number;
  /** Fields whose values make documents the same event; empty: each document is its own. */
  readonly key: readonly string[];
  /** A key that was notified is not notified again for so long. */
  readonly throttle: Duration;
}

/** Reads `late`, `max_events`, `key` and `throttle`; a throttle without a key is reported, since it would throttle nothing. */
export function readMatchOptions(keys: Readonly<Record<string, unknown>>, tools: ReadTools): MatchOptions {
  const given: readonly unknown[] = keys['key'] === undefined ? [] : Array.isArray(keys['key']) ? keys['key'] : [keys['key']];
  const key = given.filter((field): field is string => typeof field === 'string' && field.trim() !== '');
  if (key.length < given.length) tools.problem('key', 'expected a field, or a list of fields', 'such as user.name');
  if (keys['throttle'] !== undefined && given.length === 0) {
    const group = tools.groupBy.length === 0 ? 'user.name' : tools.groupBy.join(', ');
    tools.problem('throttle', '`throttle` has no effect without `key`', `for example key: [${group}]`);
  }
  const max = keys['max_events'];
  return {
    late: durationOr(15 * MINUTE, 'late', keys, tools),
    maxEvents: typeof max === 'number' && max >= 1 ? Math.floor(max) : 100,
    key,
    throttle: durationOr(10 * MINUTE, 'throttle', keys, tools),
  };
}

function durationOr(fallback: Duration, key: string, keys: Readonly<Record<string, unknown>>, tools: ReadTools): Duration {
  const text = own(keys, key);
  return typeof text === 'string' ? tools.duration(text, key) : fallback;
}
