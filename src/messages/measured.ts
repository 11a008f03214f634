import { type ComparedNumbers, comparisonsOf, numberOfTerm } from '../conditions/comparisons.ts';
import type { ConditionValues } from '../conditions/condition.ts';
import type { NumberTerm } from '../conditions/logic.ts';
import { formatDuration } from '../core/duration.ts';
import type { Json } from '../core/json.ts';
import type { Locale } from '../core/locale.ts';
import { own } from '../core/record.ts';
import type { Duration } from '../core/time.ts';
import { inUnit, type Measures, type Unit } from '../core/units.ts';
import type { MeasuredText } from './message.ts';

/** What decided about an alert, and what is measured of it. */
export interface MeasuredInput {
  readonly condition: string;
  /** The values of which the condition was true. */
  readonly decided: Readonly<Record<string, Json>>;
  /** The values to show: those, or what is measured now. */
  readonly values: Readonly<Record<string, Json>>;
  readonly window: Duration;
  readonly measures: Measures;
  readonly locale: Locale | undefined;
}

/** What a condition that compares numbers says in words, which values it names, and how far beyond the limit the first is (1 is at the limit). */
export interface MeasuredWords extends MeasuredText {
  readonly names: ReadonlySet<string>;
  readonly excess: number | undefined;
}

/** Comparisons that a message names. */
const NAMED = 2;
/** A quotient with a limit up to this is a share, and read in percent; beyond it, it is a multiple. */
export const LARGEST_SHARE = 2;

/** The numbers that decided, against their limits; undefined where the condition compares none, or one has no value now. */
export function measuredWords(input: MeasuredInput): MeasuredWords | undefined {
  const chosen = decidingComparisons(input).slice(0, NAMED);
  const words = chosen.flatMap((one) => wordsOf(one, input) ?? []);
  const [first, ...others] = words;
  if (first === undefined) return undefined;
  const [value, limit] = others.length === 0 ? [first.value, first.limit] : [words.map(inFull).join('; '), undefined];
  return {
    value,
    ...(limit !== undefined && { limit }),
    names: new Set(chosen.flatMap(({ left, right }) => [...namesIn(left), ...namesIn(right)])),
    excess: excessOf(chosen[0], input),
  };
}

/** The comparisons that decided. `total >= 50 && errors / total > 0.05`: that there is enough traffic is not news. */
export function decidingComparisons(
  input: Pick<MeasuredInput, 'condition' | 'decided' | 'measures'>,
): readonly ComparedNumbers[] {
  const all = comparisonsOf(input.condition, comparable(input.decided), input.measures);
  const weights = all.map((one) => (isPlainCount(one, input) ? 1 : 0));
  const lightest = Math.min(...weights);
  return all.filter((_, index) => weights[index] === lightest);
}

/** `249 MiB of 256 MiB, 97 % · limit 95 %`. */
export function inFull({ value, limit }: MeasuredText): string {
  return limit === undefined ? value : `${value} · ${limit}`;
}

/** A value under its label, in its unit. */
export function shownValue(name: string, value: Json, measures: Measures, locale?: Locale): string {
  return inUnit(value, own(measures, name)?.unit, locale);
}

/** What a value is called. */
export function labelOf(name: string, measures: Measures): string {
  return own(measures, name)?.label ?? name.replaceAll('_', ' ');
}

function isPlainCount({ left, right }: ComparedNumbers, { measures }: Pick<MeasuredInput, 'measures'>): boolean {
  return left.kind === 'name' && right.kind === 'number' && own(measures, left.text)?.counts === true;
}

/** A term as it is shown: its number, its unit and its name. */
interface Quantity {
  readonly term: NumberTerm;
  readonly number: number;
  readonly unit: Unit | undefined;
}

function wordsOf(one: ComparedNumbers, input: MeasuredInput): MeasuredText | undefined {
  const left = quantity(one.left, input);
  const right = quantity(one.right, input);
  if (left === undefined || right === undefined) return undefined;
  return shareWords(one, right, input) ?? timesWords(one, left, input) ?? plainWords(one, { left, right }, input);
}

function quantity(term: NumberTerm, input: MeasuredInput): Quantity | undefined {
  const number = numberOfTerm(term, comparable(input.values));
  return number === undefined ? undefined : { term, number, unit: unitOf(term, input) };
}

/** `used / limit > 0.95`, `100 * errors / total > 5`: a part of a whole, if both are in the same unit. */
function shareWords({ op, left }: ComparedNumbers, right: Quantity, input: MeasuredInput): MeasuredText | undefined {
  const share = shareOf(left);
  if (share === undefined) return undefined;
  const [part, whole] = [quantity(share.part, input), quantity(share.whole, input)];
  if (part === undefined || whole === undefined || part.unit !== whole.unit || whole.number === 0) return undefined;
  const quotient = part.number / whole.number;
  const limit = right.number / share.factor;
  const isShare = Math.abs(limit) <= LARGEST_SHARE;
  const [value, bound] = apart(quotient, limit, (number, more) =>
    isShare ? inUnit(number, 'ratio', input.locale, more) : inUnit(number, '×', input.locale),
  );
  const parts = `${partOf(part, input)} ${isShare ? 'of' : 'against'} ${amount(whole, input)}${since(part, input)}`;
  return { value: `${parts}, ${value}`, ...limitOf(op, bound) };
}

/** A part of a whole is only called something where the rule says what, or where it is counted. */
function partOf(part: Quantity, input: MeasuredInput): string {
  const measure = part.term.kind === 'name' ? own(input.measures, part.term.text) : undefined;
  return measure?.label !== undefined || measure?.counts === true ? withLabel(part, input) : amount(part, input);
}

/** A part of a whole that a condition computes. */
interface Share {
  readonly part: NumberTerm;
  readonly whole: NumberTerm;
  /** 100 where the condition computes a percentage itself. */
  readonly factor: number;
}

/** Reads a term as a part of a whole; undefined: it has another form. */
export function shareOf(term: NumberTerm): Share | undefined {
  if (term.kind !== 'computed') return undefined;
  const [a, b] = term.of;
  if (a === undefined || b === undefined) return undefined;
  if (term.by === '/' && a.kind !== 'number' && b.kind !== 'number') {
    const part = withoutFactor(a);
    return { part: part.term, whole: b, factor: part.factor };
  }
  if (term.by !== '*') return undefined;
  const { term: inner, factor } = withoutFactor(term);
  const share = factor === 1 ? undefined : shareOf(inner);
  return share === undefined ? undefined : { ...share, factor: share.factor * factor };
}

/** `100 * errors` is `errors`, a hundred times. Other factors change what is meant, and stay. */
function withoutFactor(term: NumberTerm): { readonly term: NumberTerm; readonly factor: number } {
  if (term.kind !== 'computed' || term.by !== '*') return { term, factor: 1 };
  const [a, b] = term.of;
  if (a?.kind === 'number' && a.value === 100 && b !== undefined) return { term: b, factor: 100 };
  if (b?.kind === 'number' && b.value === 100 && a !== undefined) return { term: a, factor: 100 };
  return { term, factor: 1 };
}

/** `current >= 3 * reference`: how many times as much. */
function timesWords({ op, left: term, right }: ComparedNumbers, left: Quantity, input: MeasuredInput): MeasuredText | undefined {
  if (term.kind === 'number' || right.kind !== 'computed' || right.by !== '*') return undefined;
  const [a, b] = right.of;
  const [factor, base] = a?.kind === 'number' ? [a, b] : [b, a];
  if (factor?.kind !== 'number' || base?.kind !== 'name') return undefined;
  const other = quantity(base, input);
  if (other === undefined) return undefined;
  const times = (number: number) => inUnit(number, '×', input.locale);
  const value = `${withLabel(left, input)}${since(left, input)} against ${withLabel(other, input)}`;
  return {
    value: other.number === 0 ? value : `${value}, ${times(left.number / other.number)}`,
    ...limitOf(op, times(factor.value)),
  };
}

function plainWords(
  { op }: ComparedNumbers,
  { left, right }: { readonly left: Quantity; readonly right: Quantity },
  input: MeasuredInput,
): MeasuredText {
  const unit = left.unit ?? right.unit;
  const shown = (number: number, more: number) => inUnit(number, unit, input.locale, more);
  const [value, bound] = apart(left.number, right.number, shown);
  const exact = exactly(left.term, unit, input) ?? value;
  const called = right.term.kind === 'name' ? ` (${labelOf(right.term.text, input.measures)})` : '';
  return { value: `${withLabel({ ...left, unit }, input, exact)}${since(left, input)}`, ...limitOf(op, `${bound}${called}`) };
}

/** Integers beyond 2^53 are shown digit by digit. */
function exactly(term: NumberTerm, unit: Unit | undefined, { values, locale }: MeasuredInput): string | undefined {
  const value = term.kind === 'name' ? own(values, term.text) : undefined;
  return typeof value === 'string' ? inUnit(value, unit, locale) : undefined;
}

/** Two numbers written so that they differ where the numbers do: `94.96 %` and `95 %`, not `95 %` twice. */
function apart(a: number, b: number, write: (number: number, more: number) => string): readonly [string, string] {
  for (const more of [0, 1, 2, 4, 8]) {
    const [one, other] = [write(a, more), write(b, 0)];
    if (one !== other || a === b) return [one, other];
  }
  return [write(a, 0), write(b, 0)];
}

function limitOf(op: ComparedNumbers['op'], bound: string): Pick<MeasuredText, 'limit'> {
  if (op === '==') return {};
  if (op === '!=') return { limit: `expected ${bound}` };
  return { limit: `${op === '<' || op === '<=' ? 'minimum' : 'limit'} ${bound}` };
}

function amount({ number, unit }: Quantity, { locale }: MeasuredInput): string {
  return inUnit(number, unit, locale);
}

/** `7 documents`, `p95 latency 2.3 s`; of a part of a whole without a label of its own the number alone. */
function withLabel(quantity: Quantity, input: MeasuredInput, shown = amount(quantity, input)): string {
  const { term } = quantity;
  if (term.kind !== 'name') return term.kind === 'number' ? shown : `${shown} (${term.text})`;
  const measure = own(input.measures, term.text);
  const label = labelOf(term.text, input.measures);
  return measure?.counts === true ? `${shown} ${label}` : `${label} ${shown}`;
}

/** What is counted is counted in a window. */
function since({ term }: Quantity, { measures, window }: MeasuredInput): string {
  return term.kind === 'name' && own(measures, term.text)?.counts === true ? ` in ${formatDuration(window)}` : '';
}

/** The unit of a computation of things in one unit; none where a factor or a quotient changes it. */
export function unitOf(term: NumberTerm, input: Pick<MeasuredInput, 'measures'>): Unit | undefined {
  if (term.kind === 'number') return undefined;
  if (term.kind === 'name') return own(input.measures, term.text)?.unit;
  if (!['+', '-', 'min', 'max', 'abs', 'round', 'negative'].includes(term.by)) return undefined;
  const units = new Set(term.of.flatMap((part) => (part.kind === 'number' ? [] : [unitOf(part, input)])));
  return units.size === 1 ? [...units][0] : undefined;
}

function namesIn(term: NumberTerm): readonly string[] {
  if (term.kind === 'name') return [term.text];
  return term.kind === 'computed' ? term.of.flatMap(namesIn) : [];
}

function excessOf(one: ComparedNumbers | undefined, input: MeasuredInput): number | undefined {
  if (one === undefined) return undefined;
  const [a, b] = [one.left, one.right].map((term) => numberOfTerm(term, comparable(input.values)));
  if (a === undefined || b === undefined) return undefined;
  const isMinimum = one.op === '<' || one.op === '<=';
  return isMinimum ? (a === 0 ? Number.MAX_VALUE : b / a) : b === 0 ? a : a / b;
}

function comparable(values: Readonly<Record<string, Json>>): ConditionValues {
  return Object.fromEntries(
    Object.entries(values).filter(
      (entry): entry is [string, number | string | boolean | null] => typeof entry[1] !== 'object' || entry[1] === null,
    ),
  );
}
