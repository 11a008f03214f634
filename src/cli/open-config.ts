import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import type { SecretNeeds } from '../config/report.ts';
import { TocsinError } from '../core/errors.ts';
import { formatProblem, type Problem } from '../core/problems.ts';
import { isThere } from '../files/open-file.ts';
import type { CommandLine, GlobalOptions } from './command-line.ts';
import { showErrors } from './show-errors.ts';

const CONFIG_FILES = ['tocsin.yaml', 'tocsin.yml'];

/** The configuration file that commands use: the one named, else `tocsin.yaml` of the folder, else none. */
export async function configFile(
  line: Pick<CommandLine, 'folder'>,
  options: Pick<GlobalOptions, 'config'>,
): Promise<string | undefined> {
  if (options.config !== undefined) return options.config;
  for (const name of CONFIG_FILES) if (await isThere(join(line.folder, name))) return name;
  return undefined;
}

/** Reads the configuration with all its problems; a missing secret is a problem only if the command needs it. */
export async function checkConfig(line: CommandLine, options: GlobalOptions, needed: SecretNeeds = 'all'): Promise<LoadedConfig> {
  return loadConfig(await configFile(line, options), line.env, needed);
}

/** Reads the configuration for a command that cannot work without one; its problems go to stderr, and an error ends the command. */
export async function openConfig(line: CommandLine, options: GlobalOptions, needed: SecretNeeds = 'all'): Promise<Config> {
  const checked = await checkConfig(line, options, needed);
  return checked.ok ? checked.value : refuse(checked.problems, line, options);
}

/** A configuration that a command can read the state with; `whole`: it has no error, so that receivers and routes are known. */
export interface ConfigForReading {
  readonly config: Config;
  readonly whole: boolean;
}

/**
 * Reads the configuration for a command that only reads the state: errors outside of `elasticsearch` and `namespace` are shown as a warning and
 * do not end it. What is wrong with receivers must not hide from anyone what is firing.
 */
export async function openConfigForReading(line: CommandLine, options: GlobalOptions): Promise<ConfigForReading> {
  const checked = await checkConfig(line, options, 'elasticsearch');
  if (checked.ok) return { config: checked.value, whole: true };
  if (checked.usable === undefined) return refuse(checked.problems, line, options);
  showErrors(checked.problems, line, options);
  line.stderr.write('warning: the configuration has errors; only `elasticsearch`, `namespace` and other valid parts are used\n');
  return { config: checked.usable, whole: false };
}

function refuse(problems: readonly Problem[], line: CommandLine, options: GlobalOptions): never {
  const errors = problems.filter((problem) => problem.severity === 'error');
  const [first] = errors;
  if (errors.length === 1 && first !== undefined) throw new TocsinError(first.code, formatProblem(first));
  showErrors(errors, line, options);
  throw new TocsinError('cli/config', `the configuration has ${errors.length} errors`, { hint: '`tocsin check` shows them' });
}
