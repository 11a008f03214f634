import { COUNTED } from '../../conditions/ranges.ts';
import { DURATION_PATTERN } from '../../core/duration.ts';
import { DAY, type Duration } from '../../core/time.ts';
import type { Answers } from '../../search/answer.ts';
import { distinctGroups, groupKey, groupOfKey } from '../../search/group-key.ts';
import type { Group, GroupsQuery, Query } from '../../search/query.ts';
import { FIELD_LIST, readFieldList } from '../field-list.ts';
import { countedBy, groupsQuery, stillToAsk } from '../grouped-question.ts';
import { DOCUMENTS } from '../measure.ts';
import type { Input, Measured, Reading, ReadTools, RuleType } from '../rule-type.ts';
import { subjectOf } from '../subject.ts';
import { afterWindow, emptyMemory, isRemembered, type NewTermMemory, termMemoryProblem } from './memory.ts';
import { hasNoPast, learnedTerms, learningQuestion, pastQuestions, verdicts } from './past.ts';

/** Options of a new_term rule: the fields whose values are terms, all of them in `group_by`, and how far back a term is known, ms. */
export interface NewTermOptions {
  readonly fields: readonly string[];
  readonly lookback: Duration;
}

type NewTermInput = Input<NewTermOptions, NewTermMemory>;

/**
 * Whether a value was there before. A term is new in every window that holds a document of it while the lookback before that window
 * holds none: for one window's length after its first document. Memory only saves questions, and outlives the documents; what it
 * does not know is asked, so that a gap or a lost memory makes no term new.
 */
export const newTerm: RuleType<NewTermOptions, NewTermMemory> = {
  name: 'new_term',
  description: 'Reports values that were not seen in the lookback before the window; each is a group.',
  schema: {
    type: 'object',
    properties: {
      field: {
        description:
          'The field whose values are tracked, or several fields, whose combinations are; each must be in `group_by`. The other ' +
          'fields of `group_by` are the scope in which a value is new, such as a process on a host.',
        anyOf: FIELD_LIST,
      },
      lookback: {
        type: 'string',
        pattern: DURATION_PATTERN,
        default: '7d',
        description:
          'How long a value must not have been seen to be new. The first evaluation learns from this much of the past; if there is ' +
          'no data, it learns the values of its window silently.',
      },
    },
    required: ['field'],
  },
  memoryVersion: 1,
  memoryProblem: termMemoryProblem,
  defaultCondition: 'is_new',
  recovers: false,
  read,
  measures: () => ({ count: DOCUMENTS, known: { aside: true }, is_new: { aside: true } }),
  variables: () => ({ count: 'number', is_new: 'bool', known: 'number' }),
  ranges: () => ({ count: COUNTED, known: COUNTED }),
  absence: () => 'zero',
  ask,
  measure,
};

function ask(input: NewTermInput, soFar: Answers): readonly Query[] {
  const learning = learns(input) && !soFar.has('lookback') ? [learningQuestion(input)] : [];
  const open = [...learning, ...stillToAsk(windowQuestion(input), input.known, soFar)];
  return [...open, ...questionsOfPast(input, soFar).filter(({ name }) => !soFar.has(name))];
}

function measure(input: NewTermInput, answers: Answers): Measured<NewTermMemory> {
  const { spec, window, known } = input;
  const memory = recall(input);
  const counted = countedBy(windowQuestion(input), known, answers);
  const verdictOf = verdicts(input, questionsOfPast(input, answers), answers);
  const isSilent = learns(input) && hasNoPast(answers);
  const came = [...counted.rows.values()].map((row) => row.group);
  const contextSize = contexts(input, memory, answers);
  const old = new Set<string>();
  const fresh = new Set<string>();
  const readings: Reading[] = [];
  for (const [key, group] of distinctGroups(spec.groupBy, [...came, ...known])) {
    if (!counted.settled(key)) continue;
    const count = counted.rows.get(key)?.docs ?? 0;
    const isOld = isSilent || isRemembered(memory, key, window, spec.options.lookback);
    const verdict = count === 0 || isOld ? 'old' : verdictOf(key);
    if (verdict === 'undecided') continue;
    if (count > 0) (verdict === 'old' ? old : fresh).add(key);
    readings.push({ group, present: true, values: { count, is_new: verdict === 'new', known: contextSize(group) } });
  }
  const learned = learnedTerms(input, answers);
  const bounds = { lookback: spec.options.lookback, limit: spec.maxGroups };
  return { kind: 'groups', readings, memory: afterWindow(memory, { learned, old, fresh }, window, bounds) };
}

function windowQuestion({ spec, window }: NewTermInput): GroupsQuery {
  return groupsQuery(spec, 'window', window);
}

/** Terms of the window that memory does not know, asked for by name; those that only a second question brought, a round later. */
function questionsOfPast(input: NewTermInput, soFar: Answers): readonly GroupsQuery[] {
  if (learns(input) && (!soFar.has('lookback') || hasNoPast(soFar) || soFar.get('lookback')?.kind === 'complete')) return [];
  const { spec, window } = input;
  const memory = recall(input);
  const learned = learnedTerms(input, soFar);
  const isOpen = (group: Group) => {
    const key = groupKey(spec.groupBy, group);
    return !learned.has(key) && !isRemembered(memory, key, window, spec.options.lookback);
  };
  const first = (soFar.get('window')?.groups ?? []).map((row) => row.group).filter(isOpen);
  const named = new Set(first.map((group) => groupKey(spec.groupBy, group)));
  const { rows } = countedBy(windowQuestion(input), input.known, soFar);
  const later = [...rows]
    .filter(([key, row]) => !named.has(key) && row.docs > 0 && isOpen(row.group))
    .map(([, row]) => row.group);
  return [...pastQuestions(input, first, 'before'), ...pastQuestions(input, later, 'before/late')];
}

/** A revisit asks for everything: what memory knows may have come after its window. */
function recall(input: NewTermInput): NewTermMemory {
  const subject = subjectOf(input.spec, input.spec.options.fields);
  return input.memory?.subject === subject && input.purpose !== 'revisit' ? input.memory : emptyMemory(subject);
}

function learns(input: NewTermInput): boolean {
  return input.purpose !== 'revisit' && input.memory?.subject !== subjectOf(input.spec, input.spec.options.fields);
}

/** How many terms were known before, for a group's own values of the fields that are not terms; the group itself is not counted. */
function contexts({ spec }: NewTermInput, memory: NewTermMemory, answers: Answers): (group: Group) => number {
  const around = spec.groupBy.filter((field) => !spec.options.fields.includes(field));
  const keys = new Set(Object.keys(memory.seen));
  for (const row of answers.get('lookback')?.groups ?? []) keys.add(groupKey(spec.groupBy, row.group));
  const sizes = new Map<string, number>();
  for (const key of keys) {
    const group = groupOfKey(spec.groupBy, key);
    if (group === undefined) continue;
    const context = groupKey(around, group);
    sizes.set(context, (sizes.get(context) ?? 0) + 1);
  }
  return (group) => (sizes.get(groupKey(around, group)) ?? 0) - (keys.has(groupKey(spec.groupBy, group)) ? 1 : 0);
}

/** A field that is not in `group_by` is reported, with the `group_by` that would have it. */
function read(keys: Readonly<Record<string, unknown>>, tools: ReadTools): NewTermOptions {
  const fields = readFieldList(keys['field'], 'field', tools);
  const lacking = fields.filter((field) => !tools.groupBy.includes(field));
  if (lacking.length > 0) {
    const message = `not in \`group_by\`: ${lacking.join(', ')}; each new value has its own alert`;
    tools.problem('field', message, `group_by: [${[...tools.groupBy, ...lacking].join(', ')}]`);
  }
  return { fields, lookback: readLookback(keys['lookback'], tools) };
}

function readLookback(text: unknown, tools: ReadTools): number {
  if (typeof text !== 'string') return 7 * DAY;
  const lookback = tools.duration(text, 'lookback');
  if (lookback > 0 && lookback < tools.window)
    tools.problem('lookback', 'the lookback is shorter than the window', 'for example 7d');
  return Math.max(1, lookback);
}
