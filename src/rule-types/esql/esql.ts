import type { Variables } from '../../conditions/condition.ts';
import { VARIABLE_PATTERN, variableNameProblem } from '../../conditions/names.ts';
import { isObject } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import type { Answers, EsqlRow } from '../../search/answer.ts';
import { distinctGroups, groupKey } from '../../search/group-key.ts';
import type { EsqlQuery, Group, GroupsQuery } from '../../search/query.ts';
import { groupsQuery } from '../grouped-question.ts';
import { displayOf, MEASURE_KEYS } from '../measure.ts';
import type { Input, Measured, Reading, ReadTools, RuleType } from '../rule-type.ts';
import { countedColumns, readCommands } from './commands.ts';

/** Options of an ES|QL rule: the commands after `FROM`, and the columns that conditions use, with their types. */
export interface EsqlOptions {
  readonly commands: string;
  readonly variables: Variables;
}

type EsqlInput = Input<EsqlOptions, null>;

const QUESTION = 'rows';
const DOCUMENTS = 'documents';

/**
 * The rows of an ES|QL query over the documents of the window: `group_by` names the columns that make the group, the declared
 * columns are the values. A group without a row is absent, and so is every group of a window without a document.
 */
export const esql: RuleType<EsqlOptions> = {
  name: 'esql',
  description: 'Runs an ES|QL query over the window: each row is a group, its columns are the values.',
  schema: {
    type: 'object',
    properties: {
      esql: {
        type: 'string',
        minLength: 1,
        maxLength: 20_000,
        description:
          'The ES|QL commands after FROM. Tocsin adds FROM and the time range from `index`, `query`, `window` and `time_field`. ' +
          'Each group needs one row, so end with STATS … BY the columns of `group_by`.',
        examples: ['| STATS errors = COUNT(*) WHERE event.outcome == "failure", total = COUNT(*) BY service.name'],
      },
      variables: {
        type: 'object',
        description: 'Columns used in conditions and texts, with their types: { errors: number, state: string }.',
        propertyNames: { pattern: VARIABLE_PATTERN },
        additionalProperties: {
          description: 'Type of the column in conditions (dates are strings); or { type, unit, label }, to set how it is shown.',
          anyOf: [
            { enum: ['number', 'string', 'bool'], description: 'Type of the column in conditions; dates are strings.' },
            {
              type: 'object',
              description: 'A column, and how it is shown.',
              properties: {
                type: { enum: ['number', 'string', 'bool'], default: 'number', description: 'Type of the column in conditions.' },
                ...MEASURE_KEYS,
              },
              additionalProperties: false,
            },
          ],
        },
        minProperties: 1,
        maxProperties: 20,
      },
    },
    required: ['esql', 'variables'],
  },
  memoryVersion: 1,
  read,
  variables: (options) => options.variables,
  measures: ({ esql: text, variables }) => {
    const counted = countedColumns(typeof text === 'string' ? text : '');
    const columns = Object.entries(isObject(variables) ? variables : {});
    return Object.fromEntries(
      columns.map(([name, column]) => {
        const counts = counted.has(name) && typeOf(column) === 'number';
        return [name, displayOf(name, column, counts ? 'count' : undefined)];
      }),
    );
  },
  absence: () => 'absent',
  ask: (input, soFar) => [...(soFar.has(QUESTION) ? [] : [question(input)]), ...documentsQuestion(input, soFar)],
  measure: (input, answers) => ({ kind: 'groups', readings: readings(input, answers), memory: null }) satisfies Measured<null>,
};

/** Naming the columns makes a missing one an error of the query, which Elasticsearch explains, even while there is no row. */
function question({ spec, window }: EsqlInput): EsqlQuery {
  const columns = [...new Set([...spec.groupBy, ...Object.keys(spec.options.variables)])];
  const keep = `| KEEP ${columns.map((column) => `\`${column.replaceAll('`', '``')}\``).join(', ')}`;
  const { source, filter, maxGroups } = spec;
  return { kind: 'esql', name: QUESTION, source, window, filter, text: `${spec.options.commands}\n${keep}`, maxRows: maxGroups };
}

/**
 * A STATS without BY gives its one row from no document too. So where there is a single row, the documents of the window are counted: of
 * none, no row says anything, and `no_data` applies.
 */
function documentsQuestion({ spec, window }: EsqlInput, soFar: Answers): readonly GroupsQuery[] {
  if (soFar.get(QUESTION)?.table.length !== 1 || soFar.has(DOCUMENTS)) return [];
  return [groupsQuery({ ...spec, groupBy: [], maxGroups: 1 }, DOCUMENTS, window)];
}

function readings({ spec, known }: EsqlInput, answers: Answers): Reading[] {
  const answer = answers.get(QUESTION);
  if (answer === undefined) return [];
  const { groupBy, options } = spec;
  const rows = rowsByGroup(spec, answers.get(DOCUMENTS)?.matched === 0 ? [] : answer.table);
  const present = [...rows.values()].map(({ group, rows: [row, ...others] }) => reading(group, row, others.length, options));
  if (answer.kind === 'truncated') return present;
  const absent = [...distinctGroups(groupBy, known)].filter(([key]) => !rows.has(key));
  return [...present, ...absent.map(([, group]) => ({ group, present: false, values: noValues(options) }))];
}

interface GroupRows {
  readonly group: Group;
  readonly rows: [EsqlRow, ...EsqlRow[]];
}

function rowsByGroup({ groupBy, missing }: EsqlInput['spec'], table: readonly EsqlRow[]): ReadonlyMap<string, GroupRows> {
  const groups = new Map<string, GroupRows>();
  for (const row of table) {
    const group = Object.fromEntries(groupBy.map((column) => [column, textOf(own(row, column))]));
    if (missing === 'exclude' && Object.values(group).includes(null)) continue;
    const key = groupKey(groupBy, group);
    const same = groups.get(key);
    if (same === undefined) groups.set(key, { group, rows: [row] });
    else same.rows.push(row);
  }
  return groups;
}

/** Several rows for one group contradict each other: none is believed, so that the group is unknown. */
function reading(group: Group, row: EsqlRow, others: number, options: EsqlOptions): Reading {
  if (others > 0) {
    const note = `the query gave ${others + 1} rows for this group: end it with STATS … BY the columns of group_by`;
    return { group, present: true, values: noValues(options), note };
  }
  const values = Object.keys(options.variables).map((name) => [name, own(row, name) ?? null] as const);
  return { group, present: true, values: Object.fromEntries(values) };
}

function noValues({ variables }: EsqlOptions): Reading['values'] {
  return Object.fromEntries(Object.keys(variables).map((name) => [name, null]));
}

function textOf(value: EsqlRow[string] | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

function read(keys: Readonly<Record<string, unknown>>, tools: ReadTools): EsqlOptions {
  const given = isObject(keys['variables']) ? Object.entries(keys['variables']) : [];
  if (given.length === 0) tools.problem('variables', 'expected at least one column', 'such as errors: number');
  const variables = given.flatMap(([name, type]) => {
    const problem = variableNameProblem(name);
    if (problem !== undefined) tools.problem(`variables.${name}`, problem, 'rename the column with RENAME or STATS name = …');
    const known = typeOf(type);
    if (problem === undefined && isType(known)) return [[name, known] as const];
    if (problem === undefined) tools.problem(`variables.${name}`, 'expected number, string or bool', 'the type of the column');
    return [];
  });
  return { commands: readCommands(keys['esql'], tools), variables: Object.fromEntries(variables) };
}

function typeOf(column: unknown): unknown {
  return isObject(column) ? (column['type'] ?? 'number') : column;
}

function isType(type: unknown): type is Variables[string] {
  return type === 'number' || type === 'string' || type === 'bool';
}
