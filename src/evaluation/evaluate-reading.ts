import type { Finding } from '../alerts/finding.ts';
import type { Reading } from '../rule-types/rule-type.ts';
import type { Rule } from '../rules/rule.ts';

/** A finding and the rule's own words that decided it, for messages and `explain`. */
export interface Evaluated {
  readonly finding: Finding;
  readonly condition: string;
}

/** What a type says of groups without documents: a count of zero, or nothing at all. */
export type Absence = 'zero' | 'absent';

/**
 * Evaluates one reading by the rule's conditions, worst level first. Breach wins over recover; a condition that is neither true nor false
 * makes the finding unknown unless a condition that could be decided holds.
 */
export function evaluateReading(
  rule: Pick<Rule, 'levels' | 'leveled' | 'recover'>,
  reading: Reading,
  absence: Absence,
): Evaluated {
  const { finding, condition } = decide(rule, reading, absence);
  if (finding.kind !== 'unknown' || reading.note === undefined) return { finding, condition };
  return { finding: { kind: 'unknown', because: `${finding.because}: ${reading.note}` }, condition };
}

function decide(rule: Pick<Rule, 'levels' | 'leveled' | 'recover'>, reading: Reading, absence: Absence): Evaluated {
  const first = rule.levels[0]?.condition.text ?? '';
  if (!reading.present && absence === 'absent') return { finding: { kind: 'absent' }, condition: first };
  let undecided: { readonly because: string; readonly text: string } | undefined;
  for (const level of rule.levels) {
    const verdict = level.condition.evaluate(reading.values);
    if (verdict.kind === 'true') {
      return {
        finding: {
          kind: 'breach',
          ...(rule.leveled && { level: reading.level ?? level.severity }),
          ...(reading.happened && { again: true }),
          ...(reading.began !== undefined && { began: reading.began }),
        },
        condition: level.condition.text,
      };
    }
    if (verdict.kind === 'unknown') undecided ??= { because: verdict.because, text: level.condition.text };
  }
  if (undecided !== undefined) return { finding: { kind: 'unknown', because: undecided.because }, condition: undecided.text };
  if (rule.recover === undefined) return { finding: { kind: 'clear' }, condition: first };
  const recovered = rule.recover.evaluate(reading.values);
  if (recovered.kind === 'unknown')
    return { finding: { kind: 'unknown', because: recovered.because }, condition: rule.recover.text };
  return { finding: { kind: recovered.kind === 'true' ? 'clear' : 'between' }, condition: rule.recover.text };
}
