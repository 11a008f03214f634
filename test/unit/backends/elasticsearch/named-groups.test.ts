import { expect, test } from 'vitest';
import { fieldTypes } from '../../../../src/backends/elasticsearch/field-types.ts';
import { namedGroups } from '../../../../src/backends/elasticsearch/named-groups.ts';
import type { Wire } from '../../../../src/backends/elasticsearch/wire.ts';
import { groupsQuery } from '../../../support/elasticsearch-backend/queries.ts';

/** A server whose field `load` has some type. */
const wireOf = (type: string): Wire => ({
  requestTimeout: 1_000,
  send: async () => ({ kind: 'answered', status: 200, body: { fields: { load: { [type]: {} } } } }),
});

test.each<[string, string, string]>([
  ['scaled_float', '0.50', '0.5'],
  ['scaled_float', '1e3', '1000'],
  ['half_float', '0.1', '0.0999755859375'],
  ['long', '9007199254740993', '9007199254740993'],
  ['unsigned_long', '18446744073709551615', '18446744073709551615'],
  ['long', '80.0', '80'],
])('a number that a person wrote for a %s, %s, is %s', async (type, written, is) => {
  const wire = wireOf(type);
  const query = groupsQuery({ groupBy: ['load'], named: [{ load: written }] });
  const answer = await namedGroups(wire, fieldTypes(wire)).of(query, new AbortController().signal);
  expect(answer).toEqual({ ok: true, groups: [{ load: is }] });
});
