import fc from 'fast-check';
import type { IncreaseQuestion } from '../../../src/rule-types/increase.ts';
import type { Group, Metric, Query, QueryDsl, Source } from '../../../src/search/query.ts';
import { HOUR_START, LARGE, WORDS } from './corpus.ts';
import { filters } from './filters.ts';

const MINUTE = 60_000;

/** The value one time in four. */
function rarely<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
}

const numeric = fc.constantFrom(
  ...['code', 'load', 'ok', 'started', 'never', 'unmapped'],
  ...['big', 'half', 'small', 'filled', 'unindexed', 'day', 'seconds', 'bound'],
);
const countable = fc.oneof(
  numeric,
  fc.constantFrom(...['level', 'host.name', 'address', 'message.keyword', 'lower', 'nick', 'flat.k', 'flat']),
);

const metric: fc.Arbitrary<Metric> = fc
  .tuple(
    fc.oneof(
      fc.constant<Metric>({ of: 'count' }),
      fc.record({ of: fc.constantFrom('avg', 'min', 'max', 'sum'), field: numeric }),
      fc.record({ of: fc.constantFrom('cardinality', 'value_count'), field: countable }),
      fc.record({ of: fc.constant('percentile'), field: numeric, percent: fc.constantFrom(0, 50, 95, 99, 100) }),
    ) as fc.Arbitrary<Metric>,
    rarely(filters),
  )
  .map(([of, where]) => (where === undefined ? of : { ...of, where }));

const groupField = fc.constantFrom(
  'level',
  'host.name',
  'code',
  'load',
  'ok',
  'address',
  'started',
  'never',
  'unmapped',
  'message.keyword',
  ...['big', 'half', 'small', 'filled', 'lower', 'brief', 'nick', 'flat', 'flat.k', 'day', 'seconds', 'nano', 'bound'],
);
const groupBy = fc.uniqueArray(groupField, { maxLength: 3 });

const window = fc
  .tuple(fc.integer({ min: -2, max: 50 }), fc.integer({ min: 1, max: 60 }), fc.constantFrom(0, 0, 1, -1))
  .map(([start, length, nudge]) => ({
    from: HOUR_START + start * MINUTE + nudge,
    to: HOUR_START + (start + length) * MINUTE + nudge,
  }));

const groupValue = (field: string, orNull: boolean): fc.Arbitrary<string | null> => {
  const values: Readonly<Record<string, readonly string[]>> = {
    level: ['info', 'warn', 'error', 'gone'],
    'host.name': WORDS,
    'message.keyword': WORDS,
    code: ['200', '404', '-1'],
    load: ['0.1', '1', '2.5'],
    ok: ['true', 'false'],
    address: ['10.0.0.1', '::1'],
    started: ['2026-03-01T12:00:00.000Z', '2026-03-01T00:00:00.000Z'],
    never: ['1'],
    unmapped: ['x'],
    big: LARGE,
    half: ['0.0999755859375', '1', '-7.25'],
    small: ['0.30000001192092896', '1'],
    filled: ['7', '1'],
    lower: WORDS.map((word) => word.toLowerCase()),
    brief: ['error', 'a.b'],
    bound: WORDS,
    nick: ['info', 'gone'],
    flat: WORDS,
    'flat.k': WORDS,
    day: ['2026-03-01T00:00:00.000Z', '2026-03-09T00:00:00.000Z'],
    seconds: ['2026-03-01T12:00:00.000Z', '2026-03-01T12:00:03.000Z'],
    nano: ['2026-03-01T12:00:00.123Z', '2026-03-01T12:00:00.000Z'],
  };
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...(values[field] ?? [])) },
    { weight: orNull ? 1 : 0, arbitrary: fc.constant(null) },
  );
};

const onlyOf = (fields: readonly string[], orNull: boolean) =>
  fc
    .uniqueArray(fc.tuple(...fields.map((field) => groupValue(field, orNull))), {
      minLength: 1,
      maxLength: 4,
      selector: (values) => JSON.stringify(values),
    })
    .map((groups) => groups.map((values) => Object.fromEntries(fields.map((field, at) => [field, values[at] ?? null]))));

/** Questions about a source: groups with metrics, buckets and limits, and hits. */
export function questions(source: Source): fc.Arbitrary<Query> {
  const asked = { name: fc.constant('main'), source: fc.constant(source), window, filter: filters };
  const groups = fc.tuple(groupBy, fc.constantFrom('exclude', 'include')).chain(([fields, missing]) =>
    fc.record({
      ...asked,
      kind: fc.constant('groups'),
      groupBy: fc.constant(fields),
      missing: fc.constant(missing),
      metrics: fc.dictionary(fc.constantFrom('a', 'b', 'c'), metric, { maxKeys: 3 }),
      maxGroups: fc.constantFrom(3, 1_000, 1_000, 1_000),
      bucket: rarely(fc.constantFrom(MINUTE, 90_000, 7 * MINUTE)),
      only: rarely(fields.length === 0 ? fc.constant<Group[]>([{}]) : onlyOf(fields, missing === 'include')),
    }),
  );
  const hits = fc.record({
    ...asked,
    kind: fc.constant('hits'),
    fields: fc.constantFrom(['id'], ['*'], ['code', 'host.name'], ['l*', 'message'], ['big', 'half', 'day', 'seconds', 'nano']),
    keys: fc.constantFrom<string[]>([], ['day', 'seconds', 'nano', 'started']),
    limit: fc.constantFrom(5, 1_000),
  });
  // Keys are fields that are named, never a part of what a pattern brings.
  const named = hits.map((one) => (one.fields.some((field) => field.includes('*')) ? { ...one, keys: [] } : one));
  return fc.oneof({ weight: 4, arbitrary: groups }, { weight: 1, arbitrary: named }).map(withoutUndefined) as fc.Arbitrary<Query>;
}

/** Increases of counters over a source: the corpus's values jump up and down, as counters that are reset all the time. */
export function increases(source: Source): fc.Arbitrary<IncreaseQuestion> {
  const narrow = fc.constantFrom<QueryDsl>(
    { match_all: {} },
    { exists: { field: 'ok' } },
    { terms: { level: ['info', 'warn'] } },
  );
  const spec = fc.record({
    ...{ id: fc.constant('r'), source: fc.constant(source), filter: narrow, options: fc.constant(null) },
    groupBy: fc.uniqueArray(fc.constantFrom('level', 'host.name', 'ok'), { maxLength: 2 }),
    missing: fc.constantFrom('exclude' as const, 'include' as const),
    ...{ window: fc.constant(MINUTE), maxGroups: fc.constant(1_000) },
  });
  const by = fc.uniqueArray(fc.constantFrom('address', 'message.keyword', 'unmapped', 'level'), { maxLength: 2 });
  const increase = fc
    .record({
      of: fc.constant('increase' as const),
      field: fc.constantFrom('code', 'load', 'never', 'unmapped'),
      by,
      where: rarely(narrow),
    })
    .map(({ where, ...rest }) => (where === undefined ? rest : { ...rest, where }));
  return fc.record({ spec, name: fc.constant('more'), window, increase, known: fc.constant([]) });
}

function withoutUndefined(question: object): object {
  return Object.fromEntries(Object.entries(question).filter(([, value]) => value !== undefined));
}
