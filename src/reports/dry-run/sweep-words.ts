import type { SweepPoint } from '../../backtest/sweep-curve.ts';
import { humanDuration } from '../../core/duration.ts';
import { counted } from '../wording.ts';
import type { SweepReport } from './sweep.ts';

/** What is swept, as it was asked: `count >= N, N = 1 … 50`. */
export function sweptText({ spec }: Pick<SweepReport, 'spec'>): string {
  const conditions = spec.conditions.map(({ of, text }) => (of === undefined ? text : `${of}: ${text}`));
  const [first] = spec.values;
  const last = spec.values.at(-1);
  const range = first === last ? first?.text : `${first?.text} … ${last?.text}`;
  return [...conditions, `${spec.name} = ${range} (${counted(spec.values.length, 'value')})`].join(', ');
}

/** What a point is beside its numbers: the rule as it is, the knee. */
export function marksOf(point: SweepPoint, { knee }: Pick<SweepReport, 'knee'>): string {
  return [...(point.current ? ['current'] : []), ...(point === knee ? ['knee'] : [])].join(', ');
}

/** Where the knee of the curve is, or that there is none. */
export function kneeSentence({ knee, current, spec }: Pick<SweepReport, 'knee' | 'current' | 'spec'>): string {
  if (knee?.value === undefined) return 'The episode curve has no knee: it is too short, flat, or nearly straight.';
  const now = current.value === undefined ? 'unchanged' : `${spec.name}=${current.value.text}`;
  const versus = knee === current ? 'which is the current value' : `the rule now (${now}): ${numbersText(current)}`;
  return `Knee: ${spec.name}=${knee.value.text}, ${numbersText(knee)}; ${versus}.`;
}

/** The value of a point, or that it is the rule as it is. */
export function valueText({ value }: SweepPoint): string {
  return value === undefined ? 'unchanged' : value.text;
}

function numbersText({ episodes, messages, alerting }: SweepPoint): string {
  return `${counted(episodes, 'episode')}, ${counted(messages, 'message')}, ${humanDuration(alerting)} in alert`;
}
