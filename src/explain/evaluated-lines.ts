import type { Condition } from '../conditions/condition.ts';
import type { Absence, Evaluated } from '../evaluation/evaluate-reading.ts';
import { evaluateReading } from '../evaluation/evaluate-reading.ts';
import type { Reading } from '../rule-types/rule-type.ts';
import type { Rule } from '../rules/rule.ts';
import type { EvaluatedLine } from './explanation.ts';

/** A reading evaluated as the engine evaluates it, and what each line of the rule said on the way. */
export interface Explained extends Evaluated {
  readonly lines: readonly EvaluatedLine[];
}

type Lines = Pick<Rule, 'levels' | 'leveled' | 'recover'>;

/** Evaluates a reading and shows every line of the rule beside its verdict; the line that decided is marked. */
export function evaluateLines(rule: Lines, reading: Reading, absence: Absence): Explained {
  const evaluated = evaluateReading(rule, reading, absence);
  const absent = evaluated.finding.kind === 'absent';
  const lines = linesOf(rule).map((line): Omit<EvaluatedLine, 'decided'> => {
    const verdict = absent ? undefined : line.condition.evaluate(reading.values);
    return {
      ...headOf(line),
      verdict: verdict?.kind ?? 'skipped',
      ...(verdict?.kind === 'unknown' && { because: verdict.because }),
    };
  });
  const decider = absent ? -1 : decidingLine(lines, evaluated, rule);
  return { ...evaluated, lines: lines.map((line, index) => ({ ...line, decided: index === decider })) };
}

/** The lines of a rule for a group that nothing was measured of. */
export function unevaluatedLines(rule: Lines): readonly EvaluatedLine[] {
  return linesOf(rule).map((line) => ({ ...headOf(line), verdict: 'skipped', decided: false }));
}

interface Line extends Pick<EvaluatedLine, 'key' | 'severity'> {
  readonly condition: Condition;
}

function linesOf({ levels, leveled, recover }: Lines): readonly Line[] {
  const bad = levels.map(
    ({ severity, condition }): Line => (leveled ? { key: 'level', severity, condition } : { key: 'condition', condition }),
  );
  return recover === undefined ? bad : [...bad, { key: 'recover', condition: recover }];
}

function headOf({ key, severity, condition }: Line): Pick<EvaluatedLine, 'key' | 'severity' | 'text'> {
  return { key, ...(severity !== undefined && { severity }), text: condition.text };
}

/** Mirrors the order of `evaluateReading`: the first level that holds, else the first that cannot be decided, else recover, else the worst level. */
function decidingLine(
  lines: readonly Omit<EvaluatedLine, 'decided'>[],
  { finding }: Evaluated,
  { levels, recover }: Lines,
): number {
  const bad = lines.slice(0, levels.length);
  if (finding.kind === 'breach') return bad.findIndex(({ verdict }) => verdict === 'true');
  const undecided = bad.findIndex(({ verdict }) => verdict === 'unknown');
  if (finding.kind === 'unknown' && undecided >= 0) return undecided;
  return recover === undefined ? 0 : lines.length - 1;
}
