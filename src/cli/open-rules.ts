import { isAbsolute, relative } from 'node:path';
import type { Config } from '../config/config.ts';
import { configuredNames } from '../config/names.ts';
import type { RuleContext } from '../rules/compile-rule.ts';
import { loadRules, type RuleSet } from '../rules/load-rules.ts';
import { isRuleTest } from '../rules/read-files.ts';

/** Reads the rules of the paths given, or else of the configuration. `whole: false`: the receivers of the configuration are not known. */
export function openRules(paths: readonly string[], config: Config, folder: string, whole = true): Promise<RuleSet> {
  return openRulesOf(paths, config.rules, folder, whole ? configuredNames(config) : {});
}

/** Reads the rules of the paths given, or else of `otherwise`. */
export function openRulesOf(
  paths: readonly string[],
  otherwise: readonly string[],
  folder: string,
  context: RuleContext = {},
): Promise<RuleSet> {
  // Tests are skipped without an error.
  const wanted = paths.length > 0 ? paths.filter((path) => !isRuleTest(path)) : otherwise;
  return loadRules(
    wanted.map((path) => nearPath(path, folder)),
    context,
  );
}

/** The path as a person at this folder would write it: relative to it where it lies below. */
export function nearPath(path: string, folder: string): string {
  if (!isAbsolute(path)) return path;
  const near = relative(folder, path);
  return near === '' ? '.' : near.startsWith('..') || isAbsolute(near) ? path : near;
}
