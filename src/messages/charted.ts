import { type ComparedNumbers, numberOfTerm } from '../conditions/comparisons.ts';
import type { ConditionValues } from '../conditions/condition.ts';
import type { Json } from '../core/json.ts';
import type { Measures, Unit } from '../core/units.ts';
import { decidingComparisons, LARGEST_SHARE, labelOf, shareOf, unitOf } from './measured.ts';

/** What a chart draws of an alert: the number that decided, and its limit, out of whatever was measured at a time. */
export interface ChartedNumbers {
  readonly label: string;
  readonly unit: Unit | undefined;
  /** On which side of the limit it is bad. */
  readonly bad: 'above' | 'below';
  /** The limit is a number of the condition, and no value that is measured. */
  readonly isFixed: boolean;
  readonly value: (values: ConditionValues) => number | undefined;
  readonly limit: (values: ConditionValues) => number | undefined;
}

/** The first comparison that decided, as a chart draws it: a part of a whole as a share of it. Undefined where the condition compares no numbers. */
export function chartedNumbers(
  condition: string,
  decided: Readonly<Record<string, Json>>,
  measures: Measures,
): ChartedNumbers | undefined {
  const first = decidingComparisons({ condition, decided, measures }).find(({ op }) => op !== '==' && op !== '!=');
  return first === undefined ? undefined : (shareNumbers(first, measures) ?? plainNumbers(first, measures));
}

function shareNumbers({ op, left, right }: ComparedNumbers, measures: Measures): ChartedNumbers | undefined {
  const share = shareOf(left);
  if (share === undefined || right.kind !== 'number') return undefined;
  const isShare = Math.abs(right.value / share.factor) <= LARGEST_SHARE;
  return {
    label: `${termLabel(share.part, measures)} of ${termLabel(share.whole, measures)}`,
    unit: isShare ? 'ratio' : '×',
    bad: sideOf(op),
    isFixed: true,
    value: (values) => divided(numberOfTerm(left, values), share.factor),
    limit: () => right.value / share.factor,
  };
}

function plainNumbers({ op, left, right }: ComparedNumbers, measures: Measures): ChartedNumbers {
  return {
    label: termLabel(left, measures),
    unit: unitOf(left, { measures }) ?? unitOf(right, { measures }),
    bad: sideOf(op),
    isFixed: right.kind === 'number',
    value: (values) => numberOfTerm(left, values),
    limit: (values) => numberOfTerm(right, values),
  };
}

function termLabel(term: ComparedNumbers['left'], measures: Measures): string {
  return term.kind === 'name' ? labelOf(term.text, measures) : term.text;
}

function divided(number: number | undefined, by: number): number | undefined {
  return number === undefined ? undefined : number / by;
}

function sideOf(op: ComparedNumbers['op']): 'above' | 'below' {
  return op === '<' || op === '<=' ? 'below' : 'above';
}
