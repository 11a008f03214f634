import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import type { SecretNeeds } from '../config/report.ts';
import { TocsinError } from '../core/errors.ts';
import { formatProblem } from '../core/problems.ts';
import { problemsText } from '../reports/check-text.ts';
import { type CommandLine, type GlobalOptions, lookOf } from './command-line.ts';

const CONFIG_FILES = ['tocsin.yaml', 'tocsin.yml'];

/** The configuration file that commands use: the one named, else `tocsin.yaml` of the folder, else none. */
export async function configFile(
  line: Pick<CommandLine, 'folder'>,
  options: Pick<GlobalOptions, 'config'>,
): Promise<string | undefined> {
  if (options.config !== undefined) return options.config;
  for (const name of CONFIG_FILES) if (await exists(join(line.folder, name))) return name;
  return undefined;
}

/** Reads the configuration with all its problems; a secret that is not there is one only where the command needs it. */
export async function checkConfig(line: CommandLine, options: GlobalOptions, needed: SecretNeeds = 'all'): Promise<LoadedConfig> {
  return loadConfig(await configFile(line, options), line.env, needed);
}

/** Reads the configuration for a command that cannot work without one; its problems go to stderr, and an error ends the command. */
export async function openConfig(line: CommandLine, options: GlobalOptions, needed: SecretNeeds = 'all'): Promise<Config> {
  const checked = await checkConfig(line, options, needed);
  if (!checked.ok) {
    const errors = checked.problems.filter((problem) => problem.severity === 'error');
    const [first] = errors;
    if (errors.length === 1 && first !== undefined) throw new TocsinError(first.code, formatProblem(first));
    line.stderr.write(problemsText(errors, lookOf(line.stderr, line.env, options.color)));
    throw new TocsinError('cli/config', `the configuration has ${errors.length} errors`, { hint: '`tocsin check` shows them' });
  }
  return checked.value;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
