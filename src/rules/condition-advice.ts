import type { Atom, Logic } from '../conditions/logic.ts';
import { allOf, atomsOf, isPossible, not } from '../conditions/possible.ts';
import type { Ranges } from '../conditions/ranges.ts';
import { severityTier } from '../core/severity.ts';
import type { Complaints } from '../yaml/complaints.ts';
import type { Path } from '../yaml/path.ts';
import type { Advised } from './advised.ts';
import type { CompiledKey } from './rule-conditions.ts';

/** Warns of conditions that never or always hold, and of levels and `recover` that never apply. */
export function adviseOnConditions(rule: Advised, complaints: Complaints): void {
  const { bad, good } = rule.conditions;
  for (const [index, key] of bad.entries()) {
    // The default condition of a type has no place in a file.
    if (!isWritten(key.path, rule)) continue;
    if (adviseOnConstant(key, rule, complaints)) continue;
    if (!isOutOfOrder(index, rule)) adviseOnShadow(key, bad.slice(0, index), rule.ranges, complaints);
  }
  if (good !== undefined) adviseOnRecover(good, bad, rule.ranges, complaints);
}

function isWritten([first]: Path, { keys }: Advised): boolean {
  return first === 'levels' || keys.condition !== undefined;
}

/** A level that seems worse than the one above is reported already. */
function isOutOfOrder(index: number, { keys: { levels } }: Advised): boolean {
  const [above, here] = [levels?.[index - 1], levels?.[index]].map((level) => level && severityTier(level.severity));
  return above !== undefined && here !== undefined && here < above;
}

/** Whether something was found: a condition that never holds is not checked further. */
function adviseOnConstant(key: CompiledKey, rule: Advised, complaints: Complaints): boolean {
  const { ranges } = rule;
  if (!isPossible(key.logic, ranges)) {
    complaints.warning(
      'rule/never',
      key.path,
      `this is never true${because(key.logic, ranges)}`,
      'check for a wrong sign, number or unit',
    );
    return true;
  }
  const beginning = rangesOfBeginning(rule);
  if (beginning !== undefined && !isPossible(key.logic, beginning)) {
    const message =
      'this never becomes true: a group without documents is only evaluated while its alert is active, so `count` is 1 or more';
    complaints.warning('rule/never', key.path, message, 'use type: flatline, which remembers groups');
    return true;
  }
  if (!isPossible(not(key.logic), ranges)) {
    const message = `this is always true${because(not(key.logic), ranges)}`;
    complaints.warning('rule/always', key.path, message, 'make it stricter: it fires for each group, whatever is measured');
    return true;
  }
  return adviseOnParts(key, ranges, complaints);
}

/** A count has the groups of its documents: one without documents is absent unless its alert is active. */
function rangesOfBeginning({ keys, ranges }: Advised): Ranges | undefined {
  if (keys.type !== 'frequency' || keys.group_by === undefined) return undefined;
  const count = ranges['count'];
  return count === undefined ? undefined : { ...ranges, count: { ...count, low: 1 } };
}

function adviseOnParts({ logic, path, condition: { text } }: CompiledKey, ranges: Ranges, complaints: Complaints): boolean {
  const part = atomsOf(logic).find((atom) => decided(atom, ranges) !== undefined);
  if (part === undefined) return false;
  const always = decided(part, ranges) === true;
  const message = `the part \`${text.slice(part.offset, part.end)}\` is ${always ? 'always' : 'never'} true`;
  complaints.warning(
    'rule/constant-part',
    path,
    message,
    always ? 'remove it, or make it stricter' : 'check for a wrong sign, number or unit',
  );
  return true;
}

function decided(part: Atom, ranges: Ranges): boolean | undefined {
  if (!isPossible(part, ranges)) return false;
  return isPossible(not(part), ranges) ? undefined : true;
}

/** A level applies while none above it holds; the conditions above must be decided whenever this one is. */
function adviseOnShadow(key: CompiledKey, above: readonly CompiledKey[], ranges: Ranges, complaints: Complaints): void {
  const known = above.filter(({ uses }) => uses.every((name) => key.uses.includes(name)));
  if (known.length === 0 || isPossible(allOf(key.logic, ...known.map(({ logic }) => not(logic))), ranges)) return;
  const message = 'this level is never reached: whenever its condition is true, that of a level above it is too';
  complaints.warning('rule/unreachable-level', key.path, message, 'put the worst level first, with the strictest condition');
}

function adviseOnRecover(good: CompiledKey, bad: readonly CompiledKey[], ranges: Ranges, complaints: Complaints): void {
  if (!isPossible(good.logic, ranges)) {
    const message = `\`recover\` is never true${because(good.logic, ranges)}: alerts never end`;
    complaints.warning(
      'rule/recover-never',
      good.path,
      message,
      'remove `recover`: alerts then recover when the condition is false',
    );
    return;
  }
  const known = bad.filter(({ uses }) => uses.every((name) => good.uses.includes(name)));
  if (known.length === 0 || isPossible(allOf(good.logic, ...known.map(({ logic }) => not(logic))), ranges)) return;
  const message = 'whenever `recover` is true, the condition is true too and takes precedence: alerts never end';
  complaints.warning('rule/recover-never', good.path, message, 'change `recover` so that it is true when the condition is false');
}

/** The values whose ranges decide it, in words; empty if the condition contradicts itself. */
function because(logic: Logic, ranges: Ranges): string {
  if (!isPossible(logic, {})) return ', whatever the values';
  const all = Object.entries(ranges);
  const decisive = all.find(([name, range]) => !isPossible(logic, { [name]: range }));
  return decisive === undefined ? ' for measurable values' : `: \`${decisive[0]}\` is ${inWords(decisive[1])}`;
}

function inWords({ low, high, whole }: Ranges[string]): string {
  const kind = whole === true ? 'a whole number' : 'a number';
  if (Number.isFinite(low) && Number.isFinite(high)) return `${kind} from ${low} to ${high}`;
  return Number.isFinite(low) ? `${kind} of ${low} or more` : `${kind} of ${high} or less`;
}
