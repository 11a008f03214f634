import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configSchema } from '../../../../src/config/schema.ts';
import { isObject } from '../../../../src/core/json.ts';
import { generateRuleSchema } from '../../../../src/rules/rule-schema.ts';
import { SEARCH_PROBLEMS } from '../../../../src/search/search-problem.ts';

const ROOT = join(import.meta.dirname, '../../../..');

/** The names of all keys that a schema knows, at whatever depth. */
function keysOf(schema: unknown): readonly string[] {
  if (Array.isArray(schema)) return schema.flatMap(keysOf);
  if (!isObject(schema)) return [];
  const own = isObject(schema['properties']) ? Object.keys(schema['properties']) : [];
  return [...own, ...Object.values(schema).flatMap(keysOf)];
}

const known = new Set([...keysOf(configSchema()), ...keysOf(generateRuleSchema())]);

/** Texts of advice in a source file: those of `fix`, of a function that gives advice, and of hints. */
function adviceIn(text: string): readonly string[] {
  return [...text.matchAll(/(?:\bfix: |\bFIX\w* = |return |\? |: )(['`])((?:(?!\1)[\s\S])*)\1/g)].map(
    ([, , advice = '']) => advice,
  );
}

/** The keys of YAML that a text of advice names: `ca_file: …`. */
function namedKeys(advice: string): readonly string[] {
  const text = advice
    .replace(/\$\{[^}]*\}/g, 'X')
    .replace(/^(?:GET|PUT|POST|DELETE) [\s\S]*$/, '')
    .replace(/https?:\S+/g, '');
  return [
    ...text.matchAll(
      /(?<![\w.$/-])([a-z][a-z0-9]*(?:_[a-z0-9]+)+|rules|url|urls|ca|kibana|heartbeat|receivers|index|delay|window): /g,
    ),
  ].map(([, key = '']) => key);
}

describe('advice of doctor', () => {
  const files = readdirSync(join(ROOT, 'src/cli/doctor')).map((name) => `src/cli/doctor/${name}`);
  const texts = files.flatMap((file) =>
    adviceIn(readFileSync(join(ROOT, file), 'utf8')).map((advice) => [file, advice] as const),
  );

  test('is found in the sources', () => {
    const keys = new Set(texts.flatMap(([, advice]) => namedKeys(advice)));
    for (const key of ['ca_file', 'implicit_tls', 'require_tls', 'meta_receiver', 'kibana', 'api_url_file', 'time_field'])
      expect(keys).toContain(key);
  });

  test('names keys that a rule or tocsin.yaml has', () => {
    const unknown = texts.flatMap(([file, advice]) =>
      namedKeys(advice)
        .filter((key) => !known.has(key))
        .map((key) => `${file}: ${key}`),
    );
    expect(unknown).toEqual([]);
  });

  test('of failed searches too', () => {
    const hints = Object.values(SEARCH_PROBLEMS).map(({ hint }) => hint);
    const named = hints.flatMap((hint) => [...hint.matchAll(/`(\w+)(?::[^`]*)?`/g)].map(([, key = '']) => key));
    expect(named).toContain('ignore_missing_index');
    expect(named.filter((key) => !known.has(key) && !['read', 'view_index_metadata', 'test'].includes(key))).toEqual([]);
  });
});
