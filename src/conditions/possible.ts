import { own } from '../core/record.ts';
import type { Atom, Comparison, Logic, NumberTerm } from './logic.ts';
import { ANY, both, computed, isEmpty, type Range, type Ranges, withoutNumber } from './ranges.ts';

/** Ways in which a condition can hold that are looked at; of one with more nothing is said. */
const MOST_CASES = 256;
/** Rounds in which what is known of one value narrows another. */
const ROUNDS = 3;

interface Literal {
  readonly atom: Atom;
  readonly holds: boolean;
}

/**
 * False: no values within their ranges make the condition true, whatever they are. True: some do, or it could not be found out. Values
 * that are missing are not looked at: they make a condition unknown, and never true.
 */
export function isPossible(logic: Logic, ranges: Ranges): boolean {
  const cases = casesOf(logic, true);
  return cases === undefined || cases.some((literals) => isConsistent(literals, ranges));
}

/** All conditions at once. */
export function allOf(...of: readonly Logic[]): Logic {
  return { kind: 'all', of };
}

/** The opposite of a condition. */
export function not(of: Logic): Logic {
  return { kind: 'not', of };
}

/** The parts of a condition, from left to right. */
export function atomsOf(logic: Logic): readonly Atom[] {
  switch (logic.kind) {
    case 'constant':
      return [];
    case 'not':
      return atomsOf(logic.of);
    case 'all':
    case 'any':
      return logic.of.flatMap(atomsOf);
    default:
      return [logic];
  }
}

/** The ways in which a condition is true (or false), each as parts that hold or do not; undefined: too many. */
function casesOf(logic: Logic, holds: boolean): readonly (readonly Literal[])[] | undefined {
  switch (logic.kind) {
    case 'constant':
      return logic.value === holds ? [[]] : [];
    case 'not':
      return casesOf(logic.of, !holds);
    case 'all':
    case 'any':
      return (logic.kind === 'all') === holds ? joined(logic.of, holds) : eachOf(logic.of, holds);
    default:
      return [[{ atom: logic, holds }]];
  }
}

function eachOf(parts: readonly Logic[], holds: boolean): readonly (readonly Literal[])[] | undefined {
  const found: (readonly Literal[])[] = [];
  for (const part of parts) {
    const cases = casesOf(part, holds);
    if (cases === undefined || found.length + cases.length > MOST_CASES) return undefined;
    found.push(...cases);
  }
  return found;
}

function joined(parts: readonly Logic[], holds: boolean): readonly (readonly Literal[])[] | undefined {
  let found: readonly (readonly Literal[])[] = [[]];
  for (const part of parts) {
    const cases = casesOf(part, holds);
    if (cases === undefined || found.length * cases.length > MOST_CASES) return undefined;
    found = found.flatMap((before) => cases.map((more) => [...before, ...more]));
  }
  return found;
}

type Comparing = { readonly op: Comparison; readonly left: NumberTerm; readonly right: NumberTerm };
type Narrowed = Map<string, Range>;

function isConsistent(literals: readonly Literal[], ranges: Ranges): boolean {
  if (!isTextConsistent(literals)) return false;
  const comparisons = literals.flatMap(({ atom, holds }) => (atom.kind === 'compare' ? [comparingOf(atom, holds)] : []));
  const known: Narrowed = new Map();
  for (let round = 0; round < ROUNDS; round += 1) {
    if (!comparisons.every((one) => narrow(one, known, ranges))) return false;
  }
  return true;
}

/** A text has one value at a time, and what holds does not fail as well. */
function isTextConsistent(literals: readonly Literal[]): boolean {
  const truths = new Map<string, boolean>();
  const values = new Map<string, string>();
  for (const { atom, holds } of literals) {
    if (atom.kind === 'compare') continue;
    const key = atom.kind === 'is' ? `${atom.text} == ${JSON.stringify(atom.value)}` : atom.text;
    if ((truths.get(key) ?? holds) !== holds) return false;
    truths.set(key, holds);
    if (atom.kind !== 'is' || !holds) continue;
    if ((values.get(atom.text) ?? atom.value) !== atom.value) return false;
    values.set(atom.text, atom.value);
  }
  return true;
}

const OPPOSITE: Readonly<Record<Comparison, Comparison>> = {
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
  '==': '!=',
  '!=': '==',
};
/** Each comparison with its sides exchanged. */
export const MIRRORED: Readonly<Record<Comparison, Comparison>> = {
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  '==': '==',
  '!=': '!=',
};

/** A comparison with its constant on the right and, where that is plain, nothing but a name on the left. */
function comparingOf({ op, left, right }: Comparing, holds: boolean): Comparing {
  const meant = holds ? op : OPPOSITE[op];
  return left.kind === 'number' && right.kind !== 'number'
    ? solved({ op: MIRRORED[meant], left: right, right: left })
    : solved({ op: meant, left, right });
}

/** `count * 2 > 10` is `count > 5`. */
function solved(comparing: Comparing): Comparing {
  const { op, left, right } = comparing;
  if (left.kind !== 'computed' || right.kind !== 'number') return comparing;
  const [a, b] = left.of;
  if (a === undefined || b === undefined) return comparing;
  const factor = b.kind === 'number' ? b.value : undefined;
  const to = (term: NumberTerm, value: number, turned = false): Comparing =>
    Number.isFinite(value)
      ? solved({ op: turned ? MIRRORED[op] : op, left: term, right: { kind: 'number', text: String(value), value } })
      : comparing;
  if (factor !== undefined) {
    if (left.by === '+') return to(a, right.value - factor);
    if (left.by === '-') return to(a, right.value + factor);
    if (left.by === '*' && factor !== 0) return to(a, right.value / factor, factor < 0);
    if (left.by === '/' && factor !== 0) return to(a, right.value * factor, factor < 0);
  }
  if (a.kind === 'number') {
    if (left.by === '+') return to(b, right.value - a.value);
    if (left.by === '-') return to(b, a.value - right.value, true);
    if (left.by === '*' && a.value !== 0) return to(b, right.value / a.value, a.value < 0);
  }
  return comparing;
}

/** Takes one comparison for true; false: then nothing is left of a value. */
function narrow(comparing: Comparing, known: Narrowed, ranges: Ranges): boolean {
  const { op, left, right } = comparing;
  const [ofLeft, ofRight] = [rangeOf(left, known, ranges), rangeOf(right, known, ranges)];
  const [newLeft, newRight] = [limited(ofLeft, op, ofRight), limited(ofRight, MIRRORED[op], ofLeft)];
  if (isEmpty(newLeft) || isEmpty(newRight)) return false;
  remember(left, newLeft, known);
  remember(right, newRight, known);
  if (left.kind === 'number' || right.kind === 'number') return true;
  // Two values are held against each other by their difference, in the order of the alphabet.
  const turned = left.text > right.text;
  const difference: NumberTerm = { kind: 'computed', by: '-', ...(turned ? pair(right, left) : pair(left, right)) };
  const range = limited(rangeOf(difference, known, ranges), turned ? MIRRORED[op] : op, { low: 0, high: 0 });
  if (isEmpty(range)) return false;
  remember(difference, range, known);
  return true;
}

function pair(a: NumberTerm, b: NumberTerm) {
  return { text: `${a.text} - ${b.text}`, of: [a, b] };
}

function remember(term: NumberTerm, range: Range, known: Narrowed): void {
  if (term.kind !== 'number') known.set(term.text, range);
}

function rangeOf(term: NumberTerm, known: Narrowed, ranges: Ranges): Range {
  if (term.kind === 'number') return { low: term.value, high: term.value, whole: Number.isInteger(term.value) };
  const found = both(own(ranges, term.text) ?? ANY, known.get(term.text) ?? ANY);
  if (term.kind === 'name') return found;
  // What is taken from itself, or divided by itself.
  const [a, b] = term.of;
  if (a !== undefined && a.text === b?.text && (term.by === '-' || term.by === '/')) {
    const value = term.by === '-' ? 0 : 1;
    return both(found, { low: value, high: value });
  }
  return both(
    found,
    computed(
      term.by,
      term.of.map((part) => rangeOf(part, known, ranges)),
    ),
  );
}

/** What a range can be where its number compares so to a number of the other. */
function limited(range: Range, op: Comparison, other: Range): Range {
  switch (op) {
    case '<':
      return both(range, { ...ANY, high: other.high, openHigh: true });
    case '<=':
      return both(range, { ...ANY, high: other.high, openHigh: other.openHigh === true });
    case '>':
      return both(range, { ...ANY, low: other.low, openLow: true });
    case '>=':
      return both(range, { ...ANY, low: other.low, openLow: other.openLow === true });
    case '==':
      return both(range, { ...other, whole: false });
    case '!=':
      return other.low === other.high ? withoutNumber(range, other.low) : range;
  }
}
