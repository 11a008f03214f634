import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { keyRows } from '../../../scripts/docs/key-rows.ts';
import { limitsOf } from '../../../scripts/docs/markdown.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { isObject, type JsonSchema } from '../../../src/core/json.ts';
import { CommonKeys } from '../../../src/rules/common-keys.ts';
import { frequency, linesOf } from '../rules/rule-files.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-limits-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Every key of a schema with its row of the reference: path, type, default, meaning. */
function durationsOf(schema: JsonSchema): readonly (readonly [string, string])[] {
  return keyRows(schema)
    .filter(([, type = '']) => type.includes('duration'))
    .map(([path = '', , , meaning = '']) => [path.replaceAll('`', ''), meaning]);
}

function nested(path: string, value: unknown): unknown {
  return path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
}

const plain = (schema: unknown): JsonSchema => JSON.parse(JSON.stringify(schema));
const { receivers: _receivers, route: _route, ...sections } = plain(configSchema())['properties'] as Record<string, JsonSchema>;

describe('a limit that the code enforces is one of the reference', () => {
  test.each(durationsOf({ properties: sections }))('%s of tocsin.yaml', async (path, meaning) => {
    for (const value of ['1ms', '9999d']) {
      const file = join(folder, 'tocsin.yaml');
      const beside = path.startsWith('heartbeat.')
        ? { heartbeat: { url: 'https://example.com/x', ...(nested(path.slice(10), value) as object) } }
        : nested(path, value);
      await writeFile(file, stringify(beside));
      const { problems } = await loadConfig(file, {});
      for (const { message, path: at } of problems.filter((problem) => problem.path === path)) {
        const limit = /expected (at (?:least|most) \w+)/.exec(message)?.[1];
        if (limit !== undefined) expect(meaning, `${at}: ${message}`).toContain(limit);
      }
    }
  });

  test.each(durationsOf(plain({ properties: CommonKeys.properties })))('%s of a rule', (path, meaning) => {
    const lines = linesOf(
      `${frequency().replace('condition: count > 5\n', '')}${stringify({ condition: 'count > 5', ...(nested(path, '1ms') as object) })}`,
    );
    for (const line of lines.filter((one) => one.includes(` ${path}: `))) {
      const limit = /expected (at least \w+)/.exec(line)?.[1];
      if (limit !== undefined) expect(meaning, line).toContain(limit);
    }
  });

  test('of texts, lists and numbers, at whatever depth', () => {
    const limited = (schema: unknown): readonly JsonSchema[] =>
      isObject(schema)
        ? [
            schema as JsonSchema,
            ...Object.values(schema).flatMap((inner) => (Array.isArray(inner) ? inner.flatMap(limited) : limited(inner))),
          ]
        : [];
    const keys = ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'] as const;
    const silent = limited(plain(configSchema())).filter(
      (schema) => keys.some((key) => typeof schema[key] === 'number' && Number(schema[key]) > 1) && limitsOf(schema) === '',
    );
    expect(silent).toEqual([]);
    expect(limitsOf({ type: 'string', minLength: 8, description: 'x' })).toBe('At least 8 characters.');
    expect(limitsOf({ anyOf: [{ type: 'string' }, { type: 'array', minItems: 2, maxItems: 5 }] })).toBe(
      'At least 2, at most 5 entries.',
    );
    expect(limitsOf({ type: 'object', maxProperties: 1 })).toBe('At most 1 key.');
    expect(limitsOf({ type: 'integer', minimum: 1, maximum: 5 })).toBe('');
    expect(limitsOf({ type: 'number', minimum: 0 })).toBe('At least 0.');
  });

  test('of a secret, also where a file holds it', async () => {
    const file = join(folder, 'tocsin.yaml');
    await writeFile(join(folder, 'short'), 'abc\n', { mode: 0o600 });
    await writeFile(
      file,
      'receivers:\n  - name: a\n    webhook_configs: [{ url: "https://example.com", signing_secret_file: short }]\n',
    );
    expect((await loadConfig(file, {})).problems).toEqual([
      expect.objectContaining({
        code: 'config/secret-file',
        path: 'receivers[0].webhook_configs[0].signing_secret_file',
        message: 'signing_secret has fewer than 8 characters',
      }),
    ]);
  });
});
