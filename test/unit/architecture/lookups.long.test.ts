import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { lookupsByName } from '../../support/architecture/lookups.ts';

describe('data never indexes plain objects', () => {
  const fixture = 'test/fixtures/lookups/';
  let found: readonly string[] = [];
  beforeAll(() => {
    found = lookupsByName(join(import.meta.dirname, '../../..'), ['src', fixture]);
  });

  test('names out of data are looked up with own() and put(), of src/core/record.ts', () => {
    expect(found.filter((one) => !one.startsWith(fixture) && !one.startsWith('src/core/record.ts'))).toEqual([]);
  });

  test('and a lookup by any other way is found', () => {
    expect(found.filter((one) => one.startsWith(fixture)).map((one) => one.replace(/^.*?:\d+ /, ''))).toEqual([
      'record[name]',
      'record[name.trim()]',
      'name in record',
      'record[name]',
    ]);
  });
});
