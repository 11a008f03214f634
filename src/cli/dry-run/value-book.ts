import { collectValues, type MeasuredValues, type ValueCollector } from '../../backtest/measured-values.ts';
import { thresholdsOf } from '../../conditions/thresholds.ts';
import type { TimeRange } from '../../core/time.ts';
import type { TurnLog } from '../../engine/turn-log.ts';
import type { Rule } from '../../rules/rule.ts';

/** Collects, of each rule, the value that its conditions compare, for the charts of a report. */
export interface ValueBook {
  take(log: Pick<TurnLog, 'runs'>): void;
  measured(rule: string): MeasuredValues | undefined;
}

/** Starts a book about the windows in `(from, to]`. */
export function valueBook(rules: readonly Rule[], range: TimeRange): ValueBook {
  const collectors = new Map(
    rules.map((rule): [string, ValueCollector] => {
      const conditions = rule.levels.map(({ condition }) => condition.text);
      return [rule.id, collectValues(range, thresholdsOf(conditions))];
    }),
  );
  return {
    take: ({ runs }) => {
      for (const { rule, at, findings = [] } of runs) {
        const collector = collectors.get(rule);
        for (const { values } of findings) collector?.take(at, values);
      }
    },
    measured: (rule) => collectors.get(rule)?.measured(),
  };
}

/** What a book has of the rules of some stories, by their ids. */
export function measuredBy(
  stories: readonly { readonly id: string }[],
  book: Pick<ValueBook, 'measured'> | undefined,
): ReadonlyMap<string, MeasuredValues> {
  return new Map(
    stories.flatMap(({ id }) => {
      const measured = book?.measured(id);
      return measured === undefined ? [] : [[id, measured] as const];
    }),
  );
}
