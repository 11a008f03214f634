import { describe, expect, test } from 'vitest';
import { type EsqlOptions, esql } from '../../../src/rule-types/esql/esql.ts';
import type { Arrived, EsqlRow } from '../../../src/search/answer.ts';
import type { Group } from '../../../src/search/query.ts';
import { EMPTY, inputAt, MINUTE, optionsOf, readTools, specOf } from './measuring.ts';

const at = 1_000 * MINUTE;
const KEYS = { esql: '| STATS errors = COUNT(*), state = MAX(state) BY host', variables: { errors: 'number', state: 'string' } };

const spec = (groupBy: readonly string[] = ['host'], keys: Record<string, unknown> = KEYS) =>
  specOf<EsqlOptions>({ options: optionsOf(esql, keys, groupBy), groupBy, maxGroups: 50 });

interface Setting {
  readonly groupBy?: readonly string[];
  readonly known?: readonly Group[];
  readonly missing?: 'include' | 'exclude';
  readonly kind?: Arrived['kind'];
}

function readings(table: readonly EsqlRow[], { groupBy, known = [], missing = 'exclude', kind = 'complete' }: Setting = {}) {
  const input = inputAt<EsqlOptions>({ ...spec(groupBy), missing }, at, { known });
  const measured = esql.measure(input, new Map([['rows', { ...EMPTY, kind, table }]]));
  return measured.kind === 'groups' ? measured.readings : [];
}

const present = (group: Group, errors: number | null, state: string | null = null) => ({
  group,
  present: true,
  values: { errors, state },
});
const absent = (group: Group) => ({ group, present: false, values: { errors: null, state: null } });

describe('esql', () => {
  test('asks one question of the window, and keeps the columns that the rule speaks of', () => {
    const input = inputAt<EsqlOptions>(spec(), at);
    expect(esql.ask(input, new Map())).toEqual([
      {
        kind: 'esql',
        name: 'rows',
        source: input.spec.source,
        window: input.window,
        filter: { match_all: {} },
        text: '| STATS errors = COUNT(*), state = MAX(state) BY host\n| KEEP `host`, `errors`, `state`',
        maxRows: 50,
      },
    ]);
  });

  test('names each column once and quotes it', () => {
    const odd = spec(['errors', 'a`b'], { ...KEYS, variables: { errors: 'number' } });
    expect(esql.ask(inputAt<EsqlOptions>(odd, at), new Map())[0]).toMatchObject({
      text: expect.stringMatching(/\n\| KEEP `errors`, `a``b`$/),
    });
  });

  test.each<[string, readonly EsqlRow[], Setting, readonly object[]]>([
    [
      'each row is a group',
      [
        { host: 'a', errors: 2, state: 'x' },
        { host: 'b', errors: 0, state: null },
      ],
      {},
      [present({ host: 'a' }, 2, 'x'), present({ host: 'b' }, 0)],
    ],
    ['values of group columns are text', [{ host: 500, errors: 1, state: null }], {}, [present({ host: '500' }, 1)]],
    [
      'a known group without a row is absent',
      [{ host: 'a', errors: 2, state: 'x' }],
      { known: [{ host: 'a' }, { host: 'b' }] },
      [present({ host: 'a' }, 2, 'x'), absent({ host: 'b' })],
    ],
    [
      'a known group that a truncated answer left out is unknown',
      [{ host: 'a', errors: 2, state: 'x' }],
      { known: [{ host: 'b' }], kind: 'truncated' },
      [present({ host: 'a' }, 2, 'x')],
    ],
    ['a row without a group is left out', [{ host: null, errors: 1, state: null }], {}, []],
    [
      'a row without a group is one of its own with missing: include',
      [{ host: null, errors: 1, state: null }],
      { missing: 'include' },
      [present({ host: null }, 1)],
    ],
    [
      'without group_by the one row is the group',
      [{ errors: 3, state: 'x' }],
      { groupBy: [], known: [{}] },
      [present({}, 3, 'x')],
    ],
    ['without group_by and without a row it is absent', [], { groupBy: [], known: [{}] }, [absent({})]],
  ])('%s', (_name, table, setting, expected) => {
    expect(readings(table, setting)).toEqual(expected);
  });

  test('several rows for one group contradict each other, so none is believed', () => {
    const table = [
      { host: 'a', errors: 1, state: null },
      { host: 'a', errors: 9, state: null },
      { host: 'b', errors: 1, state: null },
    ];
    expect(readings(table)).toEqual([
      { ...present({ host: 'a' }, null), note: expect.stringContaining('2 rows') },
      present({ host: 'b' }, 1),
    ]);
  });
});

describe('the keys of an esql rule', () => {
  test.each([
    ['| STATS c = COUNT(*)', '| STATS c = COUNT(*)'],
    ['STATS c = COUNT(*)', '| STATS c = COUNT(*)'],
    ['\n  // how many\n  /* of\n all */ | STATS c = COUNT(*)  \n', '| STATS c = COUNT(*)'],
    ['FROMAGE | LIMIT 1', '| FROMAGE | LIMIT 1'],
    [
      '| WHERE KQL("message: \\"buy now\\" and a < 3") // KQL("a < now")',
      '| WHERE KQL("message: \\"buy now\\" and a < 3") // KQL("a < now")',
    ],
    [
      '| WHERE end > NOW() - 1d AND text : "now" | EVAL s = "now-1d"',
      '| WHERE end > NOW() - 1d AND text : "now" | EVAL s = "now-1d"',
    ],
  ])('%j reads as commands', (given, commands) => {
    expect(optionsOf(esql, { ...KEYS, esql: given })).toMatchObject({ commands });
  });

  test.each<[string, Record<string, unknown>, string]>([
    [
      'name no source',
      { ...KEYS, esql: 'FROM logs-* | LIMIT 1' },
      'esql: the source is set by `index`, so the query must not have its own',
    ],
    [
      'name no source behind a comment',
      { ...KEYS, esql: '/* x */ from logs-*' },
      'esql: the source is set by `index`, so the query must not have its own',
    ],
    ['hold commands', { ...KEYS, esql: ' // nothing' }, 'esql: expected ES|QL commands'],
    ['hold more than a bar', { ...KEYS, esql: '|' }, 'esql: expected ES|QL commands'],
    ['declare a column', { esql: KEYS.esql, variables: {} }, 'variables: expected at least one column'],
    ['declare types', { esql: KEYS.esql, variables: { errors: 'long' } }, 'variables.errors: expected number, string or bool'],
    [
      'declare names that conditions can use',
      { esql: KEYS.esql, variables: { in: 'number' } },
      'variables.in: `in` is a reserved word of conditions',
    ],
  ])('%s', (_name, keys, problem) => {
    const tools = readTools(['host']);
    esql.read(keys, tools);
    expect(tools.problems).toEqual([problem]);
  });
});

describe('`now` in a query within ES|QL, which is the wall clock, is refused', () => {
  test.each([
    'KQL("end < now+14d")',
    'kql ( "end >= \\"now-1d/d\\"")',
    'KQL("""end > now""")',
    'KQL("end: now-1d")',
    'QSTR("end:[now-1d TO now]")',
    'QSTR("end:>now")',
    'QSTR("end:{* TO now\\\\/d}")',
    'MATCH(end, "now-1d/d")',
    'end : "now/d"',
  ])('%s', (part) => {
    const tools = readTools(['host']);
    esql.read({ ...KEYS, esql: `| WHERE ok == true AND ${part} | STATS errors = COUNT(*)` }, tools);
    expect(tools.problems).toEqual([expect.stringMatching(/^esql: .* is the wall clock of Elasticsearch/)]);
  });
});

describe('a row that no document made', () => {
  const input = inputAt<EsqlOptions>(spec([]), at, { known: [{}] });
  const rows = { ...EMPTY, table: [{ errors: 0, state: null }], matched: 1 };

  test('a single row is asked for its documents, several are not', () => {
    expect(esql.ask(input, new Map([['rows', rows]])).map(({ name, kind }) => [name, kind])).toEqual([['documents', 'groups']]);
    expect(esql.ask(input, new Map([['rows', { ...rows, table: [...rows.table, ...rows.table] }]]))).toEqual([]);
    expect(
      esql.ask(
        input,
        new Map([
          ['rows', rows],
          ['documents', EMPTY],
        ]),
      ),
    ).toEqual([]);
  });

  test.each([
    [0, absent({})],
    [3, present({}, 0)],
  ])('of %i documents', (matched, expected) => {
    const answers = new Map([
      ['rows', rows],
      ['documents', { ...EMPTY, matched }],
    ]);
    expect(esql.measure(input, answers).readings).toEqual([expected]);
  });
});
