import type { Variables } from '../../conditions/condition.ts';
import { DURATION_PATTERN } from '../../core/duration.ts';
import { own } from '../../core/record.ts';
import type { Duration } from '../../core/time.ts';
import type { Answers } from '../../search/answer.ts';
import { distinctGroups } from '../../search/group-key.ts';
import type { Group, Query, Value } from '../../search/query.ts';
import { type Counted, countedBy, groupsQuery, stillToAsk } from '../grouped-question.ts';
import { displayOf } from '../measure.ts';
import type { Input, Measured, Reading, ReadTools, RuleType } from '../rule-type.ts';
import { isForgotten, lastHeard, readForgetAfter, rememberedGroups, withinLimit } from '../silent-groups.ts';
import { subjectOf } from '../subject.ts';
import { type ChangeMemory, changeMemoryProblem, type Remembered } from './memory.ts';
import { askSteps, newestStep, stepsOf } from './steps.ts';

/** Options of a change rule: the field that is watched, the type of its values, and how long a silent group is remembered, ms. */
export interface ChangeOptions {
  readonly field: string;
  readonly as: Variables[string];
  /** False: no document of the window having the field is a change too. */
  readonly ignoreNull: boolean;
  readonly forgetAfter: Duration;
}

type ChangeInput = Input<ChangeOptions, ChangeMemory>;

const VALUE = 'value';

/**
 * The value of a field in each group's newest document, beside the one before. A change is an event: it is seen by the evaluation
 * after it and by no other. A group that is seen for the first time is learned silently.
 */
export const change: RuleType<ChangeOptions, ChangeMemory> = {
  name: 'change',
  description: 'Watches a field of each group and detects when its value differs from the previous one.',
  schema: {
    type: 'object',
    properties: {
      field: {
        type: 'string',
        minLength: 1,
        maxLength: 512,
        pattern: '^\\S+$',
        description:
          'The field to watch, of a type that can be grouped by. A value that changes and changes back between two evaluations is ' +
          'detected, unless this takes less than a 60th of the time between them. A field with several values is compared as a set: ' +
          'their order is ignored, and `previous` and `current` list them (`["admin","viewer"]`).',
      },
      as: {
        enum: ['string', 'number', 'bool'],
        default: 'string',
        description: 'Type of `previous` and `current` in conditions; with string, every value is converted to a string.',
      },
      ignore_null: {
        type: 'boolean',
        default: true,
        description:
          'false: it is also a change when the documents of a group no longer have the field; `current` then has no value.',
      },
      forget_after: {
        type: 'string',
        pattern: DURATION_PATTERN,
        default: '7d',
        description:
          'How long the value of a group is remembered without documents; if the group returns later, it is learned again.',
      },
    },
    required: ['field'],
  },
  memoryVersion: 1,
  memoryProblem: changeMemoryProblem,
  defaultCondition: 'changed',
  read,
  measures: (keys) => {
    const shown = displayOf('', keys, 'field');
    return { previous: { ...shown, label: 'before' }, current: { ...shown, label: 'now' }, changed: { aside: true } };
  },
  variables: ({ as }) => ({ previous: as, current: as, changed: 'bool' }),
  absence: () => 'zero',
  ask,
  measure,
};

function ask(input: ChangeInput, soFar: Answers): readonly Query[] {
  const wanted = wantedGroups(input);
  const steps = recall(input) === undefined ? [] : askSteps(input, wanted, soFar);
  return [...stillToAsk(windowQuestion(input), wanted, soFar), ...steps];
}

function measure(input: ChangeInput, answers: Answers): Measured<ChangeMemory> {
  const { spec, at } = input;
  const memory = recall(input);
  const wanted = wantedGroups(input);
  const counted = countedBy(windowQuestion(input), wanted, answers);
  const steps = stepsOf(spec.groupBy, answers);
  const came = [...counted.rows.values()].map((row) => row.group);
  const known = new Set(distinctGroups(spec.groupBy, [...input.known, ...came]).keys());
  const readings: Reading[] = [];
  const last = new Map<string, Remembered>();
  for (const [key, group] of distinctGroups(spec.groupBy, [...wanted, ...came])) {
    const before = own(memory?.last, key);
    const values = counted.settled(key) ? valueIn(counted, key, spec.options) : [];
    const after = remember(values, counted.settled(key), before, input);
    if (after !== undefined && !isForgotten(after.heard, at, spec.options.forgetAfter)) last.set(key, after);
    if (!counted.settled(key) || !known.has(key)) continue;
    readings.push(reading(group, before, values.length === 0 ? [] : [...(steps.get(key) ?? []), ...values], spec.options.as));
  }
  const subject = subjectNow(input);
  // What an old window would have been compared with is not known any more.
  if (input.purpose === 'revisit') return { kind: 'groups', readings: [], memory: memory ?? { subject, last: {} } };
  return { kind: 'groups', readings, memory: { subject, last: withinLimit(last, spec.maxGroups, ({ heard }) => heard) } };
}

function windowQuestion({ spec, window }: ChangeInput) {
  return groupsQuery(spec, 'window', window, { [VALUE]: { of: 'last', field: spec.options.field, all: true } });
}

/** Remembered groups are asked for by name where the answer is truncated: a change must not hide behind busier groups. */
function wantedGroups(input: ChangeInput): readonly Group[] {
  const { groupBy } = input.spec;
  return [...distinctGroups(groupBy, [...input.known, ...rememberedGroups(recall(input)?.last, groupBy)]).values()];
}

function subjectNow({ spec }: ChangeInput): string {
  return subjectOf(spec, spec.options.field);
}

function recall(input: ChangeInput): ChangeMemory | undefined {
  return input.memory?.subject === subjectNow(input) ? input.memory : undefined;
}

/** The group's newest value as a list of one; of none when its documents say nothing that counts. */
function valueIn(counted: Counted, key: string, { ignoreNull }: ChangeOptions): readonly (Value | null)[] {
  const row = counted.rows.get(key);
  if (row === undefined || row.docs === 0) return [];
  const value = row.values[VALUE] ?? null;
  return value === null && ignoreNull ? [] : [value];
}

function remember(
  values: readonly (Value | null)[],
  settled: boolean,
  before: Remembered | undefined,
  ticks: ChangeInput,
): Remembered | undefined {
  const step = newestStep(values);
  if (step !== undefined) return { value: step.current, heard: null };
  if (before === undefined || !settled) return before;
  return { value: before.value, heard: lastHeard('silent', before.heard, ticks) };
}

function reading(
  group: Group,
  before: Remembered | undefined,
  values: readonly (Value | null)[],
  as: ChangeOptions['as'],
): Reading {
  const remembered = before === undefined ? [] : [before.value];
  const { previous, current, changed } = newestStep([...remembered, ...values]) ?? {
    previous: null,
    current: null,
    changed: false,
  };
  const measured = { previous: typed(previous, as), current: typed(current, as), changed };
  return { group, present: true, values: measured, ...(changed && { happened: true }) };
}

function typed(value: Value | null, as: ChangeOptions['as']): Value | null {
  return value !== null && as === 'string' ? String(value) : value;
}

function read(keys: Readonly<Record<string, unknown>>, tools: ReadTools): ChangeOptions {
  const { field, as } = keys;
  if (typeof field !== 'string' || field.trim() === '')
    tools.problem('field', 'expected the field to watch', 'such as host.os.kernel');
  else if (tools.groupBy.includes(field))
    tools.problem(
      'field',
      'a field of `group_by` cannot change within its group',
      'group by the entity that has the value, such as host.name',
    );
  return {
    field: typeof field === 'string' ? field : '',
    as: as === 'number' || as === 'bool' ? as : 'string',
    ignoreNull: keys['ignore_null'] !== false,
    forgetAfter: readForgetAfter(keys['forget_after'], tools),
  };
}
