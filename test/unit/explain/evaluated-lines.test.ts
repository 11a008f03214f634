import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Condition, Verdict } from '../../../src/conditions/condition.ts';
import { evaluateReading } from '../../../src/evaluation/evaluate-reading.ts';
import { evaluateLines, unevaluatedLines } from '../../../src/explain/evaluated-lines.ts';

const said = (verdict: Verdict['kind'], text: string): Condition => ({
  text,
  evaluate: () => (verdict === 'unknown' ? { kind: verdict, because: `${text} has no value` } : { kind: verdict }),
});
const verdict = fc.constantFrom<Verdict['kind'][]>('true', 'false', 'unknown');

/** Any rule, by what its lines say of the one reading there is. */
const rules = fc
  .record({
    levels: fc.array(verdict, { minLength: 1, maxLength: 4 }),
    recover: fc.option(verdict, { nil: undefined }),
    leveled: fc.boolean(),
  })
  .map(({ levels, recover, leveled }) => ({
    leveled,
    levels: levels.map((kind, index) => ({ severity: `s${index}`, condition: said(kind, `level ${index}`) })),
    ...(recover !== undefined && { recover: said(recover, 'recover') }),
  }));
const reading = fc.boolean().map((present) => ({ group: {}, present, values: {} }));

describe('the lines of a rule', () => {
  test('evaluate as the cycle does, and exactly one of them decides unless there is no document', () => {
    fc.assert(
      fc.property(rules, reading, fc.constantFrom('zero' as const, 'absent' as const), (rule, measured, absence) => {
        const { finding, condition, lines } = evaluateLines(rule, measured, absence);
        expect({ finding, condition }).toEqual(evaluateReading(rule, measured, absence));
        const decided = lines.filter((line) => line.decided);
        expect(decided.map(({ text }) => text)).toEqual(finding.kind === 'absent' ? [] : [condition]);
      }),
    );
  });

  test('the verdict of the line that decided fits the finding', () => {
    fc.assert(
      fc.property(rules, (rule) => {
        const { finding, lines } = evaluateLines(rule, { group: {}, present: true, values: {} }, 'zero');
        const line = lines.find(({ decided }) => decided);
        const fits = {
          breach: line?.key !== 'recover' && line?.verdict === 'true',
          clear: line?.key === 'recover' ? line.verdict === 'true' : line?.verdict === 'false',
          between: line?.key === 'recover' && line.verdict === 'false',
          unknown: line?.verdict === 'unknown' && line.because !== undefined,
          absent: false,
        };
        expect(fits[finding.kind]).toBe(true);
      }),
    );
  });

  test('are not looked at where nothing was measured', () => {
    fc.assert(
      fc.property(rules, (rule) => {
        const lines = unevaluatedLines(rule);
        expect(lines.every(({ verdict, decided }) => verdict === 'skipped' && !decided)).toBe(true);
        expect(lines).toHaveLength(rule.levels.length + (rule.recover === undefined ? 0 : 1));
      }),
    );
  });
});
