import { formatDuration, parseDuration } from '../core/duration.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../core/time.ts';

/** One value of a sweep: as it is written in the rule, and as a number (durations in ms). */
export interface SweepValue {
  readonly text: string;
  readonly number: number;
}

/** A condition with the name of the swept number in it; `of`: the severity of its level, or `recover`; undefined: `condition`. */
interface SweptCondition {
  readonly of: string | undefined;
  readonly text: string;
}

/** What is swept: a number that conditions name, or a duration that a key of the rule holds. */
export interface SweepSpec {
  readonly name: string;
  readonly unit: 'number' | 'duration';
  /** Ascending, without repetition. */
  readonly values: readonly SweepValue[];
  readonly conditions: readonly SweptCondition[];
}

/** What is wrong with the words of a sweep, and what to write instead. */
interface SweepComplaint {
  readonly message: string;
  readonly hint: string;
}

export type ReadSweep =
  | { readonly ok: true; readonly spec: SweepSpec }
  | { readonly ok: false; readonly complaint: SweepComplaint };

/** Keys that decide about alerts and not about what is asked: any value of theirs is played from the same answers. */
const SWEPT_KEYS: readonly string[] = ['for', 'keep_firing_for', 'no_data_after', 'settle'];
export const MOST_VALUES = 200;
/** Values of a range without a step, at most. */
const STEPS = 50;
const ASSIGNED = /^\s*([A-Za-z_]\w*)\s*=(?!=)\s*(.+?)\s*$/;
const NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
/** Texts in a condition, in which names do not count, and the words outside of them. */
const TOKENS = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[A-Za-z_][\w.]*/g;
const EXAMPLE = "for example --sweep 'count >= N' N=1..50, or --sweep for=0s..30m";

/** Reads the words of `--sweep`: one `NAME=VALUES`, and for a number the conditions that name it. */
export function readSweep(words: readonly string[]): ReadSweep {
  const assigned = words.flatMap((word) => {
    const match = ASSIGNED.exec(word);
    return match === null ? [] : [{ name: match[1] ?? '', values: match[2] ?? '' }];
  });
  const conditions = words.filter((word) => !ASSIGNED.test(word)).map(conditionOf);
  const [one] = assigned;
  if (one === undefined || assigned.length > 1) {
    const count = assigned.length === 0 ? 'no values' : `${assigned.length} lists of values`;
    return complain(`a sweep has exactly one list of values, got ${count}`, EXAMPLE);
  }
  const { name } = one;
  const unit = SWEPT_KEYS.includes(name) ? 'duration' : 'number';
  if (unit === 'duration' && conditions.length > 0)
    return complain(`${name} is a key of the rule, not a number in a condition`, `--sweep ${name}=${one.values}`);
  if (unit === 'number' && conditions.length === 0) {
    const hint = `say which: --sweep 'count >= ${name}' ${name}=${one.values}; durations are those of ${SWEPT_KEYS.join(', ')}`;
    return complain(`no condition contains the number ${name}`, hint);
  }
  const without = conditions.find(({ text }) => !namesIn(text).includes(name));
  if (without !== undefined) return complain(`the condition \`${without.text}\` does not name ${name}`, EXAMPLE);
  const values = valuesOf(one.values, unit);
  return 'message' in values ? { ok: false, complaint: values } : { ok: true, spec: { name, unit, values, conditions } };
}

/** A condition with a value in the place of the name; texts within it stay as they are. */
export function conditionWith(text: string, name: string, value: string): string {
  return text.replace(TOKENS, (token) => (token === name ? value : token));
}

/** The value that a condition has where the swept one has a name; undefined where it is another condition. */
export function valueIn(condition: string, swept: string, name: string): number | undefined {
  const pattern = conditionWith(swept, name, '\u0000')
    .split('\u0000')
    .map((part) => part.replace(/\s+/g, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const [before = '', ...after] = pattern;
  const value = String.raw`(-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)`;
  const whole = new RegExp(`^${before}${value}${after.join('\\1')}$`, 'i');
  const found = whole.exec(condition.replace(/\s+/g, ''))?.[1];
  return found === undefined ? undefined : Number(found);
}

function namesIn(text: string): readonly string[] {
  return [...text.matchAll(TOKENS)].map(([token]) => token);
}

function conditionOf(word: string): SweptCondition {
  const match = /^\s*([\w-]+)\s*:\s+(.+)$/s.exec(word);
  return { of: match?.[1], text: (match?.[2] ?? word).trim() };
}

function valuesOf(text: string, unit: SweepSpec['unit']): readonly SweepValue[] | SweepComplaint {
  const read = unit === 'duration' ? parseDuration : numberOf;
  const what = unit === 'duration' ? 'a duration such as 5m' : 'a number';
  const range = /^(.+?)\.\.([^/]+)(?:\/(.+))?$/.exec(text);
  const listed =
    range === null ? text.split(',') : [range[1] ?? '', range[2] ?? '', ...(range[3] === undefined ? [] : [range[3]])];
  const numbers = listed.map((part) => read(part.trim()));
  const wrong = listed.find((_part, place) => numbers[place] === undefined);
  if (wrong !== undefined)
    return { message: `expected ${what}, got ${JSON.stringify(wrong.trim().slice(0, 40))}`, hint: EXAMPLE };
  const known = numbers.filter((number) => number !== undefined);
  const all = range === null ? known : rangeOf(known, unit);
  if ('message' in all) return all;
  const sorted = [...new Set(all)].sort((a, b) => a - b);
  if (sorted.length > MOST_VALUES) return tooMany(sorted.length);
  return sorted.map((number) => ({ number, text: unit === 'duration' ? formatDuration(number) : String(number) }));
}

function numberOf(text: string): number | undefined {
  const number = NUMBER.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

function rangeOf(bounds: readonly number[], unit: SweepSpec['unit']): readonly number[] | SweepComplaint {
  const [from = 0, to = 0, given] = bounds;
  if (from >= to) return { message: `the range ends at ${to}, before it begins`, hint: 'write the smaller value first' };
  const step = given ?? (unit === 'duration' ? durationStep(to - from) : numberStep(from, to));
  if (!(step > 0)) return { message: 'the step of a range is more than 0', hint: `for example N=0.5..0.99/0.01` };
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  if (count > MOST_VALUES) return tooMany(count);
  // Steps such as 0.01 have no exact binary form: their sums are rounded to what a person would write.
  return Array.from({ length: count }, (_, place) => Number((from + place * step).toPrecision(12)));
}

function tooMany(count: number): SweepComplaint {
  return { message: `${count} values are more than the ${MOST_VALUES} of one sweep`, hint: 'a larger step: N=1..1000/10' };
}

const DURATION_STEPS = [1, 2, 5, 10, 15, 30]
  .flatMap((count) => [count * SECOND, count * MINUTE])
  .concat(
    [1, 2, 3, 6, 12].map((count) => count * HOUR),
    DAY,
  )
  .sort((a, b) => a - b);

function durationStep(length: number): number {
  return DURATION_STEPS.find((step) => length / step <= STEPS) ?? Math.ceil(length / STEPS / DAY) * DAY;
}

/** A round step; whole numbers are stepped in whole numbers. */
function numberStep(from: number, to: number): number {
  const least = Number.isInteger(from) && Number.isInteger(to) ? 1 : 0;
  const power = 10 ** Math.floor(Math.log10((to - from) / STEPS));
  const step = [1, 2, 5, 10].map((count) => count * power).find((size) => (to - from) / size <= STEPS) ?? 10 * power;
  return Math.max(least, step);
}

function complain(message: string, hint: string): ReadSweep {
  return { ok: false, complaint: { message, hint } };
}
