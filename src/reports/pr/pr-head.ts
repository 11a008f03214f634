import { humanDuration } from '../../core/duration.ts';
import { iso } from '../../core/time.ts';
import { counted } from '../wording.ts';
import type { PrReport } from './pr-report.ts';

/** How good something is that a report says in its first lines. */
type Standing = 'good' | 'careful' | 'bad' | 'neutral';

/** What the first lines of a report say, for whatever prints them. */
export interface PrHead {
  readonly title: string;
  readonly states: readonly { readonly standing: Standing; readonly text: string }[];
  readonly time: string;
}

/** Sums a report up. Only what was looked at whole is good: a report without findings says nothing about rules that the budget left out. */
export function prHead(report: PrReport): PrHead {
  const { rules, range } = report;
  const kinds = (['added', 'changed', 'removed', 'repaired', 'broken'] as const).flatMap((kind) => {
    const count = rules.filter((rule) => rule.kind === kind).length;
    return count === 0 ? [] : [`${count} ${kind}`];
  });
  const time =
    range === undefined
      ? 'not replayed'
      : `replayed ${iso(range.from).slice(0, 16)}Z – ${iso(range.to).slice(0, 16)}Z (${humanDuration(range.to - range.from)})`;
  return {
    title: rules.length === 0 ? 'No rule changes' : `${counted(rules.length, 'rule')}: ${kinds.join(', ')}`,
    states: [...leftOut(report), findings(report), tests(report)],
    time,
  };
}

type State = PrHead['states'][number];

function leftOut({ rules }: PrReport): readonly State[] {
  const left = rules.filter(({ notPlayed }) => notPlayed).length;
  if (left === 0) return [];
  return [{ standing: 'careful', text: `${left} of ${counted(rules.length, 'rule')} not replayed: the budget was exhausted` }];
}

function findings({ problems, rules }: PrReport): State {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  if (errors > 0) return { standing: 'bad', text: counted(errors, 'error') };
  if (problems.length > 0) return { standing: 'careful', text: counted(problems.length, 'finding') };
  return { standing: rules.some(({ notPlayed }) => notPlayed) ? 'neutral' : 'good', text: 'no new findings' };
}

function tests({ tests: { passed, failed, broken, problems } }: PrReport): State {
  if (failed + broken > 0) return { standing: 'bad', text: `${counted(failed + broken, 'test')} failed` };
  if (problems.length > 0) return { standing: 'bad', text: `${counted(problems.length, 'problem')} with tests` };
  return passed > 0 ? { standing: 'good', text: `${counted(passed, 'test')} passed` } : { standing: 'neutral', text: 'no tests' };
}
