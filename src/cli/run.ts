import { Command } from 'commander';
import { createBackend } from '../backends/create-backend.ts';
import { machineOf } from '../channels/http-client/fetch.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { configuredNames } from '../config/names.ts';
import { asError, TocsinError } from '../core/errors.ts';
import { formatProblem } from '../core/problems.ts';
import type { Parts } from '../engine/assemble.ts';
import { loadRules, type RuleSet, type TextMemory } from '../rules/load-rules.ts';
import { createLog, type Log } from '../service/log.ts';
import type { FileSources } from '../service/reload/reload.ts';
import { type OnceOutcome, runOnce } from '../service/scheduler/once.ts';
import { startTicker } from '../service/scheduler/ticker.ts';
import { type Service, startService } from '../service/service.ts';
import { leaveSoon } from '../service/stop.ts';
import { withExamples } from './arguments.ts';
import type { Attach, CommandLine, ExitCode, GlobalOptions } from './command-line.ts';
import { configFile, openConfig } from './open-config.ts';
import { nearPath } from './open-rules.ts';
import { openSilences } from './open-silences.ts';
import { livePagesProgram } from './page-program.ts';
import { ruleFiles } from './rule-files.ts';
import { version } from './version.ts';

interface RunOptions extends GlobalOptions {
  readonly strict: boolean;
  readonly once: boolean;
}

/** `tocsin run`: the service. */
export const attachRun: Attach = (line, settle) => {
  const command = new Command('run')
    .description('Evaluate rules on schedule and send notifications, until stopped. The log goes to stdout.')
    .argument('[paths...]', 'rule files and folders (default: the rules of tocsin.yaml, else rules/)')
    .option('--strict', 'do not start if a rule file, or a file of silences, does not load', false)
    .option('--once', 'evaluate and send what is due now, then exit', false)
    .action(async (paths: string[], _local: unknown, self: Command) => {
      const exitCode = await runCommand(paths, line, self.optsWithGlobals<RunOptions>());
      settle(exitCode);
      leaveSoon(exitCode);
    });
  return withExamples(command, [
    ['Use tocsin.yaml and rules/ in this folder', 'tocsin run'],
    ['Run in a container', 'tocsin run --config /etc/tocsin/tocsin.yaml'],
    ['Run from cron or CI', 'tocsin run --once --strict'],
  ]);
};

const EXIT_CODES: Readonly<Record<OnceOutcome, ExitCode>> = { done: 0, failing: 1, away: 2 };

/** Runs the service until `line.signal` aborts, or one turn with `once`; gives the exit code: 0 after an orderly stop. */
async function runCommand(paths: readonly string[], line: CommandLine, options: RunOptions): Promise<ExitCode> {
  const config = await openConfig(line, options);
  const sources = fileSources(paths, line, options, await configFile(line, options));
  const ruleSet = await sources.rules(config);
  let secrets = config.secrets;
  const log = createLog(
    config.log,
    () => secrets,
    (text) => line.stdout.write(text),
  );
  if (!checkRules(ruleSet, { ...options, areNone: config.rules.length === 0 }, log)) return 2;
  const silences = await openSilences(config, line.folder);
  if (options.strict && silences.files.some(({ ok }) => !ok)) {
    log.error(
      { problems: silences.problems.map(formatProblem) },
      'some files of silences do not load; not starting because of --strict',
    );
    return 2;
  }
  const parts = {
    config,
    ruleSet,
    silences,
    backend: await createBackend(config),
    clock: line.clock,
    log,
    io: ioOf(config, line, log),
  };
  if (options.once) return EXIT_CODES[await runOnce(parts, line.signal)];
  const watched: FileSources = {
    ...sources,
    config: async () => {
      const checked = await sources.config();
      // Before anything is logged about them: a new file may bring new secrets.
      if (checked.ok) secrets = [...config.secrets, ...checked.value.secrets];
      return checked;
    },
  };
  // Pages work without their program, and rules are evaluated without pages.
  const program = await livePagesProgram().catch(() => undefined);
  const service = await startService({
    ...{ ...parts, version: version(), sources: watched, ticker: startTicker, ruleFiles: ruleFiles(line) },
    ...(program !== undefined && { program }),
  }).catch(cannotStart);
  return serve(service, line.signal, log);
}

/** Stops on the signal, reloads on SIGHUP. */
async function serve(service: Service, signal: AbortSignal, log: Log): Promise<ExitCode> {
  const reload = () => {
    log.info('received SIGHUP, reloading configuration and rules');
    void service.reload();
  };
  process.on('SIGHUP', reload);
  if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  await service.stop();
  process.off('SIGHUP', reload);
  return 0;
}

/**
 * Where `tocsin run` reloads from. `started`: the configuration file at the start, if there was one. When it no longer exists, that is a problem, and
 * does not put the defaults in force.
 */
export function fileSources(
  paths: readonly string[],
  line: CommandLine,
  options: Pick<RunOptions, 'config'>,
  started: string | undefined,
): FileSources {
  const memory: TextMemory = { texts: new Map() };
  return {
    config: async () => loadConfig((await configFile(line, options)) ?? started, line.env),
    rules: (config, previous) => {
      const wanted = (paths.length === 0 ? config.rules : paths).map((path) => nearPath(path, line.folder));
      return loadRules(wanted, configuredNames(config), previous, memory);
    },
    silences: (config) => openSilences(config, line.folder),
  };
}

/** Logs what is wrong with the rules; false when that forbids to start. */
function checkRules(
  { rules, problems }: RuleSet,
  { strict, areNone }: RunOptions & { readonly areNone: boolean },
  log: Log,
): boolean {
  const errors = problems.filter(({ severity }) => severity === 'error').map(formatProblem);
  const warnings = problems.filter(({ severity }) => severity === 'warning').map(formatProblem);
  if (warnings.length > 0) log.warn({ problems: warnings }, 'rule files with warnings');
  if (errors.length > 0)
    log.error(
      { problems: errors },
      strict ? 'some rule files do not load; not starting because of --strict' : 'some rule files do not load and are skipped',
    );
  else if (rules.length === 0 && !areNone) log.error('no rules found; nothing is evaluated until there is one');
  return !strict || errors.length === 0;
}

/** A log of JSON lines stays one: there, what the console channel prints is a line of the log. */
function ioOf(config: Config, line: CommandLine, log: Log): Parts['io'] {
  const print =
    config.log.format === 'pretty'
      ? (text: string) => line.stdout.write(`${text}\n`)
      : (text: string) => log.info({ channel: 'console' }, text);
  return { ...machineOf(line.env), print };
}

function cannotStart(thrown: unknown): never {
  const error = asError(thrown);
  const taken = 'code' in error && error.code === 'EADDRINUSE';
  const hint = taken
    ? 'another process uses the port: stop it, or set server.port'
    : 'check the section `server` of the configuration';
  throw new TocsinError('run/listen', `the server cannot listen: ${error.message}`, { hint, cause: error });
}
