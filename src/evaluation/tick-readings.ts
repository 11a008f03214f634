import { collectInternalErrors } from '../core/internal-errors.ts';
import type { Json } from '../core/json.ts';
import type { Instant, TimeRange } from '../core/time.ts';
import type { Input, Reading, RuleType } from '../rule-types/rule-type.ts';
import type { Rule } from '../rules/rule.ts';
import type { Search } from '../search/search.ts';
import { askAll } from './ask.ts';
import { inputAt, ticksOf } from './series-ticks.ts';

/** Ticks that are asked about one by one, at most: each is as much work as an evaluation. */
export const TICKS_ASKED = 30;
/** Ticks that are asked about at once. */
const AT_ONCE = 3;
/** Fewer points show no course. */
const LEAST = 5;

/** What a rule measured of all of its groups at one tick. */
export interface TickReadings {
  readonly at: Instant;
  readonly readings: readonly Reading[];
}

/**
 * What a rule measured of its groups at ticks in `(from, to]`, oldest first: the questions of its evaluations again, about at most 30 ticks, from far
 * apart to near, until the signal aborts or a search fails. The answers are of all groups, since an ES|QL query may compute a group from others. Empty with
 * fewer than five answers.
 */
export async function tickReadings(
  { rule, type }: { readonly rule: Rule; readonly type: RuleType<unknown, Json> },
  range: TimeRange,
  search: Search,
  signal: AbortSignal,
): Promise<readonly TickReadings[]> {
  const ticks = ticksOf(rule.schedule, range, TICKS_ASKED);
  const found: TickReadings[] = [];
  const order = farToNear(ticks);
  for (let place = 0; place < order.length && !signal.aborted; place += AT_ONCE) {
    const inputs = order.slice(place, place + AT_ONCE).map((at) => inputAt(rule, [], at));
    const questions = inputs.map((input) => ({ type, input }));
    const asked = await askAll(questions, search, collectInternalErrors(), signal);
    for (const [index, one] of asked.entries()) {
      const input = inputs[index];
      const readings = one.ok && input !== undefined ? measured(type, input, one.answers) : undefined;
      if (input !== undefined && readings !== undefined) found.push({ at: input.at, readings });
    }
    if (asked.some(({ ok }) => !ok)) break;
  }
  return found.length < Math.min(LEAST, ticks.length) ? [] : found.sort((a, b) => a.at - b.at);
}

function measured(
  type: RuleType<unknown, Json>,
  input: Input<unknown, Json>,
  answers: Parameters<RuleType<unknown, Json>['measure']>[1],
): readonly Reading[] | undefined {
  try {
    return type.measure(input, answers).readings;
  } catch {
    return undefined;
  }
}

/** Newest first, then every sixteenth before it, every eighth, and so on: whenever it ends, what was asked is spread over the whole time. */
function farToNear(ticks: readonly Instant[]): readonly Instant[] {
  const newestFirst = [...ticks].reverse();
  const strides = [16, 8, 4, 2, 1];
  return [...new Set(strides.flatMap((stride) => newestFirst.filter((_, place) => place % stride === 0)))];
}
