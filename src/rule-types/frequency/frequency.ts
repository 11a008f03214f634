import { COUNTED } from '../../conditions/ranges.ts';
import type { Answers } from '../../search/answer.ts';
import { distinctGroups } from '../../search/group-key.ts';
import type { Group } from '../../search/query.ts';
import { countedBy, groupsQuery, stillToAsk } from '../grouped-question.ts';
import { DOCUMENTS } from '../measure.ts';
import type { Input, Reading, RuleType } from '../rule-type.ts';
import { askPeak, type Peak, peakOf } from './peak.ts';

/** Options of a frequency rule. */
export interface FrequencyOptions {
  /**
   * True: the highest count of any range of the window's length that ended since the last tick, not only of the tick's own
   * window.
   */
  readonly exact: boolean;
}

type FrequencyInput = Input<FrequencyOptions, null>;

/** How many documents each group has in the window. A known group without documents counts 0. */
export const frequency: RuleType<FrequencyOptions> = {
  name: 'frequency',
  description: 'Counts the documents of each group in the window.',
  schema: {
    type: 'object',
    properties: {
      exact: {
        type: 'boolean',
        default: false,
        description:
          'true: `count` is the highest count of any range of length `window` that ended since the last evaluation, ' +
          'so that a burst that spans two windows is not missed.',
      },
    },
    required: [],
  },
  memoryVersion: 1,
  read: (keys) => ({ exact: keys['exact'] === true }),
  variables: () => ({ count: 'number' }),
  measures: () => ({ count: DOCUMENTS }),
  ranges: () => ({ count: COUNTED }),
  absence: () => 'zero',
  ask(input, soFar) {
    const plain = stillToAsk(windowQuestion(input), input.known, soFar);
    return input.spec.options.exact ? [...plain, ...askPeak(input, soFar)] : plain;
  },
  measure(input, answers) {
    return { kind: 'groups', readings: readings(input, answers), memory: null };
  },
};

function windowQuestion({ spec, window }: FrequencyInput) {
  return groupsQuery(spec, 'window', window);
}

function readings(input: FrequencyInput, answers: Answers): Reading[] {
  const { groupBy, options } = input.spec;
  const counted = countedBy(windowQuestion(input), input.known, answers);
  const peak = options.exact ? peakOf(input, answers) : undefined;
  const all: Reading[] = [];
  for (const [key, { group, docs }] of counted.rows) all.push(reading(group, key, docs, peak));
  const others = distinctGroups(groupBy, peak === undefined ? input.known : [...peak.groups, ...input.known]);
  for (const [key, group] of others) if (!counted.rows.has(key) && counted.settled(key)) all.push(reading(group, key, 0, peak));
  return all;
}

function reading(group: Group, key: string, count: number, peak: Peak | undefined): Reading {
  if (peak === undefined) return { group, present: true, values: { count } };
  const highest = Math.max(count, peak.highest.get(key) ?? 0);
  const note = peak.isExact(key) ? {} : { note: 'at least this many: not all ranges were counted' };
  return { group, present: true, values: { count: highest }, ...note };
}
