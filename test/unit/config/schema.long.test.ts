import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { channels } from '../../../src/channels/registry.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { isObject } from '../../../src/core/json.ts';

const FULL = resolve(import.meta.dirname, '../../fixtures/config/good/full.yaml');

/** Every key of every object in a schema, with its path. */
function keysOf(schema: unknown, path = ''): readonly (readonly [string, Readonly<Record<string, unknown>>])[] {
  if (Array.isArray(schema)) return schema.flatMap((one) => keysOf(one, path));
  if (!isObject(schema)) return [];
  const own = Object.entries(isObject(schema['properties']) ? schema['properties'] : {});
  const here = own.map(([key, value]) => [`${path}.${key}`, isObject(value) ? value : {}] as const);
  const below = own.flatMap(([key, value]) => keysOf(value, `${path}.${key}`));
  return [...here, ...below, ...keysOf(schema['items'], path), ...keysOf(schema['anyOf'], path)];
}

describe('the schema of tocsin.yaml', () => {
  test('is plain JSON that a validator takes without remarks', () => {
    const schema = JSON.parse(JSON.stringify(configSchema()));
    expect(schema).toEqual(configSchema());
    expect(() => new Ajv({ strict: true, strictRequired: false, strictTypes: false }).compile(schema)).not.toThrow();
    const read: unknown = parse(readFileSync(FULL, 'utf8'), { merge: true });
    expect(new Ajv({ strict: false }).compile(schema)(read)).toBe(true);
  });

  test('explains every key', () => {
    const schema = configSchema();
    const definitions = isObject(schema['definitions']) ? schema['definitions'] : {};
    const keys = [...keysOf(schema), ...keysOf(definitions['route'], 'route')];
    expect(keys.length).toBeGreaterThan(70);
    expect(keys.filter(([, value]) => typeof value['description'] !== 'string').map(([path]) => path)).toEqual([]);
  });

  test('has a list for every channel, and a file for every secret', () => {
    const paths = new Set(keysOf(configSchema()).map(([path]) => path));
    for (const channel of Object.values(channels)) {
      const list = `.receivers.${channel.name}_configs`;
      expect(paths).toContain(list);
      for (const key of channel.secrets) expect(paths).toContain(`${list}.${key}_file`);
    }
    for (const key of ['api_key', 'password', 'bearer_token']) expect(paths).toContain(`.elasticsearch.${key}_file`);
  });
});
