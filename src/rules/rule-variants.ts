import { basename } from 'node:path';
import { isObject } from '../core/json.ts';
import type { YamlDocument } from '../yaml/document.ts';
import { type CompiledRule, compileRule, type RuleContext } from './compile-rule.ts';
import { defaultsFor, readDefaults, withDefaults } from './folder-defaults.ts';
import { parseFile } from './parse-file.ts';
import { isDefaultsFile, readRuleFiles } from './read-files.ts';

/** One rule as it is written, and as it would be with other keys. */
export interface VariantSource {
  /** Its keys, defaults of its folders included. */
  readonly keys: Readonly<Record<string, unknown>>;
  /** The rule with some keys replaced; its problems are those of any rule. */
  variant(keys: Readonly<Record<string, unknown>>): CompiledRule;
}

/** Finds a rule by its name in files and folders; undefined where they have none of this name. */
export async function readRuleSource(
  paths: readonly string[],
  name: string,
  context: RuleContext = {},
): Promise<VariantSource | undefined> {
  const { files, unread } = await readRuleFiles(paths);
  const isDefaults = (file: string) => isDefaultsFile(basename(file));
  const defaults = readDefaults(
    files.filter(({ file }) => isDefaults(file)),
    unread.filter(isDefaults),
  );
  for (const source of files) {
    if (isDefaults(source.file)) continue;
    const document = parseFile(source).documents.find(({ value }) => isObject(value) && value['name'] === name);
    if (document !== undefined) return sourceOf(withDefaults(document, defaultsFor(source.file, defaults).documents), context);
  }
  return undefined;
}

function sourceOf(document: YamlDocument, context: RuleContext): VariantSource | undefined {
  const { value } = document;
  if (!isObject(value)) return undefined;
  return { keys: value, variant: (keys) => compileRule({ ...document, value: { ...value, ...keys } }, context) };
}
