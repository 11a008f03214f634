import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { isObject } from '../../../src/core/json.ts';
import { printJson } from '../../../src/reports/json.ts';
import { isDefaultsFile } from '../../../src/rules/read-files.ts';
import { generateRuleSchema } from '../../../src/rules/rule-schema.ts';
import { filesIn } from './rule-files.ts';

const FILE = join(import.meta.dirname, '../../../schema/rule.schema.json');

/** Every place of a schema that says what a key is, without a description. */
function undescribed(schema: unknown, path: string): readonly string[] {
  if (Array.isArray(schema)) return schema.flatMap((inner, index) => undescribed(inner, `${path}[${index}]`));
  if (!isObject(schema)) return [];
  const properties = isObject(schema['properties']) ? Object.entries(schema['properties']) : [];
  const isChoice = path.includes('.if');
  const here = properties.flatMap(([key, inner]) =>
    !isChoice && isObject(inner) && inner['description'] === undefined && inner['$ref'] === undefined ? [`${path}.${key}`] : [],
  );
  return [...here, ...Object.entries(schema).flatMap(([key, inner]) => undescribed(inner, `${path}.${key}`))];
}

describe('the schema of rule files', () => {
  const validate = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true }).compile(
    generateRuleSchema(),
  );
  const documents = (folder: string) =>
    filesIn(folder).flatMap(({ file, text }) =>
      parseAllDocuments(text, { merge: true }).flatMap((document) => {
        const value: unknown = document.toJS();
        return value === null ? [] : [{ file, value }];
      }),
    );

  it('is the one that is committed: `tocsin schema > schema/rule.schema.json` writes it again', () => {
    expect(readFileSync(FILE, 'utf8')).toBe(printJson(generateRuleSchema()));
  });

  it('describes every key', () => {
    expect(undescribed(generateRuleSchema(), '')).toEqual([]);
  });

  it.each([
    ...documents('rules').filter(({ file }) => !isDefaultsFile(basename(file))),
    ...documents('test/fixtures/rules/good'),
  ])('takes the rules of $file', ({ value }) => {
    validate(value);
    expect(validate.errors ?? []).toEqual([]);
  });

  it.each([
    ['an unknown key', { name: 'a', type: 'frequency', index: 'x', condition: 'count > 1', windw: '5m' }],
    ['a key of another type', { name: 'a', type: 'frequency', index: 'x', condition: 'count > 1', metrics: {} }],
    ['an unknown type', { name: 'a', type: 'frequencey', index: 'x' }],
    ['a number for a duration', { name: 'a', type: 'frequency', index: 'x', window: 5 }],
    ['a threshold without metrics', { name: 'a', type: 'threshold', index: 'x', condition: 'a > 1' }],
  ])('refuses %s', (_what, value) => {
    expect(validate(value)).toBe(false);
  });
});
