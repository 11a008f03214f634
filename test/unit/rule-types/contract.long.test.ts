import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileCondition } from '../../../src/conditions/compile.ts';
import { variableNameProblem } from '../../../src/conditions/names.ts';
import { deepFreeze } from '../../../src/core/freeze.ts';
import type { Json } from '../../../src/core/json.ts';
import { ruleTypeNamed, ruleTypes } from '../../../src/rule-types/registry.ts';
import type { RuleType } from '../../../src/rule-types/rule-type.ts';
import { answer, type Doc, EMPTY, evaluate, inputAt, MINUTE, optionsOf, readTools, specOf } from './measuring.ts';

/** Keys of each type that use all of it; a type without them here fails the suite. */
const EXAMPLES: Readonly<Record<string, readonly Record<string, unknown>[]>> = {
  frequency: [{}, { exact: true }],
  threshold: [
    {
      metrics: {
        used: { max: 'memory' },
        slow: { 'p99.9': 'took', where: 'status:ok' },
        errors: { count: 'status:bad' },
        all: { count: '*' },
        state: { last: 'state', as: 'string' },
      },
    },
  ],
  spike: [{}, { reference: { offset: '1d' } }, { reference: { average_of: 4, step: '7d' }, metrics: { slow: { avg: 'took' } } }],
  flatline: [{}, { expect: ['node-1', 2], forget_after: '1h' }],
  change: [{ field: 'memory' }, { field: 'took', as: 'number', ignore_null: false, forget_after: '1h' }],
  match: [{}, { late: '1h', max_events: 3, key: ['took'], throttle: '2m' }],
  new_term: [{ field: 'host' }, { field: ['host'], lookback: '1h' }],
  esql: [{ esql: '| STATS errors = COUNT(*) BY host', variables: { errors: 'number' } }],
};

const at = 1_000 * MINUTE;
const group = fc.constantFrom('a', 'b', 'c', 'd');
const documents: fc.Arbitrary<Doc[]> = fc.array(
  fc.record({
    at: fc.integer({ min: at - 20 * MINUTE, max: at }),
    host: group,
    memory: fc.integer(),
    took: fc.double({ noNaN: true }),
  }),
  { maxLength: 40 },
);
const knownGroups = fc.uniqueArray(group).map((names) => names.map((host) => ({ host })));

describe.each(Object.entries(ruleTypes) as [string, RuleType<unknown, Json>][])('the rule type %s', (name, type) => {
  const cases = (EXAMPLES[name] ?? []).map((keys) => ({ keys, options: optionsOf(type, keys, ['host']) }));
  const ajv = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true });

  test('is found by its name, and has an example here', () => {
    expect(type.name).toBe(name);
    expect(ruleTypeNamed(name)).toBe(type);
    expect(cases.length).toBeGreaterThan(0);
  });

  test('describes itself in a sentence', () => {
    expect(type.description).toMatch(/^[A-Z].+\.$/);
    expect(type.description).not.toContain('\n');
  });

  test('has a strict schema in which every key is described', () => {
    const properties = type.schema['properties'] as Record<string, Record<string, unknown>>;
    expect(type.schema['type']).toBe('object');
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(type.schema['required'] as string[]));
    for (const key of Object.values(properties)) expect(key['description']).toMatch(/\S/);
    expect(undescribed(type.schema)).toEqual([]);
    expect(() => ajv.compile(type.schema)).not.toThrow();
  });

  test('accepts its own examples by its schema, and refuses nonsense', () => {
    const validate = ajv.compile(type.schema);
    for (const { keys } of cases) expect(validate(keys) ? [] : validate.errors).toEqual([]);
    for (const key of Object.keys(type.schema['properties'] as object))
      expect(validate({ [key]: { nonsense: [[]] } })).toBe(false);
  });

  test('reads whatever comes without an exception, and reports rather than guesses', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(type.schema['properties'] as object)), fc.jsonValue()), (keys) => {
        const tools = readTools(['host']);
        type.variables(type.read(keys, tools));
        return tools.problems.every((problem) => /^\S.*: \S/.test(problem));
      }),
    );
  });

  test('has variables that conditions can use, and a default condition that compiles', () => {
    for (const { options } of cases) {
      const variables = type.variables(options);
      expect(
        Object.keys(variables)
          .map(variableNameProblem)
          .filter((problem) => problem !== undefined),
      ).toEqual([]);
      expect(Object.keys(variables)).not.toEqual([]);
      if (type.defaultCondition !== undefined)
        expect(compileCondition(type.defaultCondition, variables)).toMatchObject({ ok: true });
      expect(['zero', 'absent']).toContain(type.absence(options));
    }
  });

  test('ends within three rounds, gives the same for the same, only its variables, and memory that JSON keeps', () => {
    const maxGroups = fc.constantFrom(1, 2, 1_000);
    fc.assert(
      fc.property(fc.constantFrom(...cases), documents, knownGroups, maxGroups, ({ options }, docs, known, limit) => {
        const spec = specOf({ options, groupBy: ['host'], maxGroups: limit });
        const first = evaluate(type, deepFreeze(inputAt<unknown, Json>(spec, at, { known, previous: at - MINUTE })), docs);
        const memory = JSON.parse(JSON.stringify(first.measured.memory)) as Json;
        expect(memory).toEqual(first.measured.memory);
        const input = deepFreeze(inputAt<unknown, Json>(spec, at + MINUTE, { known, previous: at, memory }));
        const second = evaluate(type, input, docs);
        expect(type.ask(input, second.answers).filter((query) => !second.answers.has(query.name))).toEqual([]);
        expect(evaluate(type, input, docs).measured).toEqual(second.measured);
        const names = Object.keys(type.variables(options)).sort();
        for (const reading of second.measured.readings) expect(Object.keys(reading.values).sort()).toEqual(names);
        const keys = second.measured.readings.map((reading) => JSON.stringify(reading.group));
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });

  test('reads every known group from whole answers, and none as absent from a truncated one', () => {
    fc.assert(
      fc.property(fc.constantFrom(...cases), documents, knownGroups, ({ options }, docs, known) => {
        const spec = specOf({ options, groupBy: ['host'] });
        const input = inputAt<unknown, Json>(spec, at, { known });
        const { measured } = evaluate(type, input, docs);
        const read = measured.readings.map((reading) => reading.group);
        // Of events no group outlives its window: there is none to be known.
        if (type.notifies !== 'events') expect(read).toEqual(expect.arrayContaining(known));
        expect(measured.kind).toBe(type.notifies ?? 'groups');

        const cut = new Map(
          type.ask(input, new Map()).map((query) => [query.name, { ...answer(query, []), kind: 'truncated' as const }]),
        );
        const unproven = type.measure(input, cut);
        expect(unproven.readings).toEqual([]);
      }),
    );
  });

  test('tolerates answers that hold nothing, and no answer at all', () => {
    for (const { options } of cases) {
      for (const groupBy of [[], ['host']]) {
        const input = inputAt<unknown, Json>(specOf({ options, groupBy }), at, { previous: at - MINUTE });
        const empty = new Map(type.ask(input, new Map()).map((query) => [query.name, EMPTY]));
        expect(() => type.ask(input, empty)).not.toThrow();
        expect(() => type.measure(input, empty)).not.toThrow();
        expect(type.measure(input, new Map())).toMatchObject({ readings: [] });
      }
    }
  });

  test('asks one question a name, within bounds', () => {
    for (const { options } of cases) {
      const queries = type.ask(
        inputAt<unknown, Json>(specOf({ options, groupBy: ['host'] }), at, { previous: at - MINUTE }),
        new Map(),
      );
      expect(new Set(queries.map((query) => query.name)).size).toBe(queries.length);
      expect(queries.length).toBeGreaterThan(0);
      expect(queries.length).toBeLessThanOrEqual(31);
    }
  });
});

test.each(['constructor', 'toString', '', 'Frequency', 'cardinality'])('there is no rule type %j', (name) => {
  expect(ruleTypeNamed(name)).toBeUndefined();
});

/** Paths of the schemas of keys, at any depth, that lack a description. */
function undescribed(schema: unknown, path = ''): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    const here = `${path}/${key}`;
    if (key !== 'properties' && key !== 'patternProperties') return undescribed(value, here);
    const lacking = Object.entries(value as object).filter(
      ([, inner]) => typeof (inner as { description?: unknown }).description !== 'string',
    );
    return [
      ...lacking.map(([name]) => `${here}/${name}`),
      ...Object.values(value as object).flatMap((inner) => undescribed(inner, here)),
    ];
  });
}
