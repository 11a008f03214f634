import { basename, isAbsolute, relative } from 'node:path';
import type { Config } from '../config/config.ts';
import { loadRules, type RuleSet } from '../rules/load-rules.ts';

/** Reads the rules of the paths given, or else of the configuration. `whole: false`: the receivers of the configuration are not known. */
export function openRules(paths: readonly string[], config: Config, folder: string, whole = true): Promise<RuleSet> {
  const rulePaths = paths.filter((path) => !isRuleTest(path));
  const wanted = rulePaths.length > 0 || paths.length > 0 ? rulePaths : config.rules;
  return loadRules(
    wanted.map((path) => nearPath(path, folder)),
    whole ? { receivers: Object.keys(config.routing.destinations) } : {},
  );
}

/** Rule tests stand beside the rules, and `rules/*.yaml` names both: they are no rules and no mistake either. */
function isRuleTest(path: string): boolean {
  return /\.test\.ya?ml$/i.test(basename(path));
}

/** The path as a person at this folder would write it: relative to it where it lies below. */
export function nearPath(path: string, folder: string): string {
  if (!isAbsolute(path)) return path;
  const near = relative(folder, path);
  return near === '' ? '.' : near.startsWith('..') || isAbsolute(near) ? path : near;
}
