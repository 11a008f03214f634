import { isAbsolute, join, relative, sep } from 'node:path';
import { CONFIG_DEFAULTS } from '../config/defaults.ts';
import { NO_POLICY } from '../config/lint.ts';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import { configuredNames } from '../config/names.ts';
import { TocsinError } from '../core/errors.ts';
import type { Problem } from '../core/problems.ts';
import { isThere } from '../files/open-file.ts';
import { routingProblems } from '../lint/routing-problems.ts';
import { settleFindings } from '../lint/settle.ts';
import type { Repository } from '../revisions/git.ts';
import { nearProblem, type RulesOfRevision, rulesOfRevision } from '../revisions/rule-changes.ts';
import { type WrittenRevision, withRevision } from '../revisions/write-out.ts';
import { loadRules, type RuleSet } from '../rules/load-rules.ts';
import { isRuleTest } from '../rules/read-files.ts';
import { offlineFindings } from './check/offline-findings.ts';
import type { CommandLine, GlobalOptions } from './command-line.ts';
import { configFile } from './open-config.ts';

/** The rules and the configuration of one commit, or of the working tree where there is no commit. */
export interface OpenedRevision {
  readonly commit: string | undefined;
  readonly config: LoadedConfig;
  readonly set: RuleSet;
  readonly rules: RulesOfRevision;
  /** The files and folders in which rules were looked for. */
  readonly paths: readonly string[];
  /** What check finds in it, with files as they are named from the folder. */
  readonly problems: readonly Problem[];
  /** Files that were not read of the commit, and why. */
  readonly leftOut: WrittenRevision['leftOut'];
}

/**
 * Reads the rules and `tocsin.yaml` of a commit as the working tree's are read: those of the paths given that are there, or else of its own
 * configuration. Nothing of it stays on disk. Throws TocsinError where git cannot give it.
 */
export function openRevision(
  repository: Repository,
  commit: string,
  paths: readonly string[],
  line: CommandLine,
  options: GlobalOptions,
): Promise<OpenedRevision> {
  return withRevision(repository, commit, async ({ folder, leftOut }) => {
    const there = { ...line, folder };
    const named = options.config === undefined ? undefined : pathThere(options.config, line.folder, folder);
    const file = await configFile(there, named !== undefined && (await isThere(named)) ? { config: named } : {});
    const opened = await openIn(folder, file === undefined || isAbsolute(file) ? file : join(folder, file), paths, line);
    return { ...opened, commit, leftOut };
  });
}

/** Reads the rules and `tocsin.yaml` of the working tree, changes that are not committed included. */
export async function openWorkingTree(
  paths: readonly string[],
  line: CommandLine,
  options: GlobalOptions,
): Promise<OpenedRevision> {
  const file = await configFile(line, options);
  const found = file === undefined || isAbsolute(file) ? file : join(line.folder, file);
  return { ...(await openIn(line.folder, found, paths, line)), commit: undefined, leftOut: [] };
}

async function openIn(folder: string, file: string | undefined, paths: readonly string[], line: CommandLine) {
  const config = await loadConfig(file, line.env, 'none');
  const given: string[] = [];
  for (const path of paths) {
    const there = pathThere(path, line.folder, folder);
    if (!isRuleTest(path) && (await isThere(there))) given.push(there);
  }
  const wanted = paths.length > 0 ? given : await configured(config, file, folder);
  const set = await loadRules(wanted, {
    ...(config.ok && configuredNames(config.value)),
    keepKeys: true,
  });
  const known = config.ok ? config.value : (config.parts ?? {});
  const complete = paths.length === 0 && set.files.every(({ ok }) => ok) && set.unread.length === 0;
  const routing = config.ok ? routingProblems(config.value, set.rules, complete) : [];
  const offline = await offlineFindings(set.rules, known, wanted);
  const { problems } = settleFindings(
    [...config.problems, ...set.problems, ...routing, ...offline],
    [...(config.ignores ?? []), ...set.ignores],
    set.ignored,
    known.lint ?? NO_POLICY,
    {
      rules: complete && config.ok,
      cluster: false,
      broken: new Set(set.files.flatMap(({ file: name, ok }) => (ok ? [] : [name]))),
    },
  );
  return {
    config,
    set,
    rules: rulesOfRevision(set, folder),
    paths: wanted,
    // A finding may name the file of another rule in its words.
    problems: problems.map((problem) =>
      nearProblem({ ...problem, message: problem.message.replaceAll(`${folder}${sep}`, '') }, folder),
    ),
  };
}

/** Where rules are unless paths were given. A revision of before the rules, which no configuration names, has none. */
async function configured(config: LoadedConfig, file: string | undefined, folder: string): Promise<readonly string[]> {
  if (file !== undefined) return (config.ok ? config.value.rules : config.parts?.rules) ?? [join(folder, CONFIG_DEFAULTS.rules)];
  const usual = join(folder, CONFIG_DEFAULTS.rules);
  return (await isThere(usual)) ? [usual] : [];
}

/** A path of the repository's folder as it is in another folder. Throws TocsinError for one that leads out of the folder. */
function pathThere(path: string, here: string, there: string): string {
  const near = isAbsolute(path) ? relative(here, path) : path;
  if (here === there || !(isAbsolute(near) || near.split(/[\\/]/).includes('..'))) return join(there, near);
  throw new TocsinError('cli/outside', `${path} is outside of this folder; only files in it can be read from a revision`, {
    hint: 'change to a folder that holds all the rules',
  });
}
