import { COUNTED } from '../../conditions/ranges.ts';
import { DURATION_PATTERN } from '../../core/duration.ts';
import { isObject } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import type { Duration } from '../../core/time.ts';
import type { Answers } from '../../search/answer.ts';
import { distinctGroups, groupKey } from '../../search/group-key.ts';
import type { Group, GroupsQuery } from '../../search/query.ts';
import { type Counted, countedBy, groupsQuery, stillToAsk } from '../grouped-question.ts';
import { DOCUMENTS } from '../measure.ts';
import type { Input, Measured, Reading, ReadTools, RuleType } from '../rule-type.ts';
import { type Heard, isForgotten, lastHeard, readForgetAfter, rememberedGroups, withinLimit } from '../silent-groups.ts';
import { type FlatlineMemory, flatlineMemoryProblem } from './memory.ts';

/** Options of a flatline rule: groups known from the start and never forgotten, and how long a silent group is remembered, ms. */
export interface FlatlineOptions {
  readonly expect: readonly Group[];
  readonly forgetAfter: Duration;
}

type FlatlineInput = Input<FlatlineOptions, FlatlineMemory>;

const WINDOW = 'window';

/** How many documents each group has in the window, groups that were seen before and went quiet included. */
export const flatline: RuleType<FlatlineOptions, FlatlineMemory> = {
  name: 'flatline',
  description: 'Counts the documents of each group and remembers groups, to detect groups that stop sending.',
  schema: {
    type: 'object',
    properties: {
      expect: {
        type: 'array',
        default: [],
        maxItems: 1_000,
        description:
          'Groups that are expected from the first evaluation on and never forgotten: ' +
          'strings with one `group_by` field, objects with several.',
        items: {
          anyOf: [
            { type: ['string', 'number', 'boolean'], description: 'Value of the one `group_by` field.' },
            {
              type: 'object',
              description: 'A value for each field of `group_by`.',
              additionalProperties: { type: ['string', 'number', 'boolean'] },
            },
          ],
        },
      },
      forget_after: {
        type: 'string',
        pattern: DURATION_PATTERN,
        default: '7d',
        description: 'How long a group is remembered without documents; then its alert ends as expired.',
      },
    },
    required: [],
  },
  memoryVersion: 1,
  memoryProblem: flatlineMemoryProblem,
  defaultCondition: 'count < 1',
  read,
  variables: () => ({ count: 'number' }),
  measures: () => ({ count: DOCUMENTS }),
  ranges: () => ({ count: COUNTED }),
  absence: () => 'zero',
  expected: unforgettableGroups,
  ask: (input, soFar) => stillToAsk(windowQuestion(input), expectedInWindow(input, soFar), soFar),
  measure,
};

function windowQuestion({ spec, window }: FlatlineInput): GroupsQuery {
  const question = groupsQuery(spec, WINDOW, window);
  return spec.options.expect.length === 0 ? question : { ...question, named: spec.options.expect };
}

/** The groups of `expect` by the values that rows have; as they are written until an answer says. */
function unforgettableGroups({ expect }: FlatlineOptions, answers: Answers): readonly Group[] {
  return answers.get(WINDOW)?.named ?? expect;
}

/** Every group that must have a reading, whether it has documents or not. */
function expectedInWindow(input: FlatlineInput, answers: Answers): readonly Group[] {
  const { spec, known, memory } = input;
  const all = [...unforgettableGroups(spec.options, answers), ...known, ...rememberedGroups(memory?.last, spec.groupBy)];
  return [...distinctGroups(spec.groupBy, all).values()];
}

function measure(input: FlatlineInput, answers: Answers): Measured<FlatlineMemory> {
  const { spec, at } = input;
  const expected = expectedInWindow(input, answers);
  const counted = countedBy(windowQuestion(input), expected, answers);
  const came = [...counted.rows.values()].map((row) => row.group);
  const unforgettable = new Set(unforgettableGroups(spec.options, answers).map((group) => groupKey(spec.groupBy, group)));
  const readings: Reading[] = [];
  const expired: Group[] = [];
  const last = new Map<string, number | null>();
  for (const [key, group] of distinctGroups(spec.groupBy, [...expected, ...came])) {
    const count = counted.rows.get(key)?.docs ?? 0;
    const remembers = spec.groupBy.length > 0 && !unforgettable.has(key);
    const heard = lastHeard(heardIn(counted, key), own(input.memory?.last, key), input);
    if (remembers && isForgotten(heard, at, spec.options.forgetAfter)) {
      expired.push(group);
      continue;
    }
    if (remembers) last.set(key, heard);
    if (counted.settled(key)) readings.push({ group, present: true, values: { count } });
  }
  return { kind: 'groups', readings, expired, memory: { last: withinLimit(last, spec.maxGroups, (heard) => heard) } };
}

function heardIn(counted: Counted, key: string): Heard {
  if (!counted.settled(key)) return 'unknown';
  return (counted.rows.get(key)?.docs ?? 0) > 0 ? 'heard' : 'silent';
}

function read(keys: Readonly<Record<string, unknown>>, tools: ReadTools): FlatlineOptions {
  const forgetAfter = readForgetAfter(keys['forget_after'], tools);
  return { expect: readExpected(keys['expect'], tools), forgetAfter };
}

/** Reads the key `expect`: texts with one `group_by` field, objects with several; what does not fit `group_by` is reported. */
function readExpected(value: unknown, tools: ReadTools): readonly Group[] {
  const entries: readonly unknown[] = Array.isArray(value) ? value : [];
  if (entries.length > 0 && tools.groupBy.length === 0) {
    tools.problem('expect', '`expect` needs `group_by`', 'set `group_by`, or remove `expect`');
    return [];
  }
  return entries.flatMap((entry, index) => expectedGroup(entry, `expect[${index}]`, tools));
}

function expectedGroup(entry: unknown, path: string, tools: ReadTools): readonly Group[] {
  const { groupBy } = tools;
  const [only] = groupBy;
  if (!isObject(entry)) {
    if (groupBy.length === 1 && only !== undefined && isPlain(entry)) return [{ [only]: String(entry) }];
    tools.problem(path, `expected an object with ${groupBy.join(', ')}`, 'set a value for each field of `group_by`');
    return [];
  }
  const extra = Object.keys(entry).find((field) => !groupBy.includes(field));
  if (extra !== undefined)
    tools.problem(`${path}.${extra}`, `\`${extra}\` is not in \`group_by\``, `known: ${groupBy.join(', ')}`);
  const lacking = groupBy.filter((field) => !isPlain(own(entry, field)));
  if (lacking.length > 0)
    tools.problem(path, `expected a value for ${lacking.join(', ')}`, 'set a value for each field of `group_by`');
  if (extra !== undefined || lacking.length > 0) return [];
  return [Object.fromEntries(groupBy.map((field) => [field, String(own(entry, field))]))];
}

function isPlain(value: unknown): value is string | number | bigint | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
}
