import { Command, CommanderError } from 'commander';
import { asError, TocsinError } from '../core/errors.ts';
import { paletteOf } from '../reports/look.ts';
import { plainLine, plainText } from '../reports/plain-text.ts';
import { type Attach, type CommandLine, type ExitCode, lookOf } from './command-line.ts';
import { version } from './version.ts';

/** A command as the help lists it; its file is read only when it is asked for, so that the others start quickly. */
interface Listed {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Attach>;
}

/** Every command, in the order of the help. Adding one is a file and a line here. */
export const COMMANDS: readonly Listed[] = [
  {
    name: 'run',
    summary: 'evaluate rules on schedule and send notifications',
    load: async () => (await import('./run.ts')).attachRun,
  },
  {
    name: 'check',
    summary: 'show every problem of rule files and tocsin.yaml',
    load: async () => (await import('./check.ts')).attachCheck,
  },
  { name: 'test', summary: 'run the rule tests beside the rules', load: async () => (await import('./test.ts')).attachTest },
  {
    name: 'dry-run',
    summary: 'replay rules over past data; sends nothing',
    load: async () => (await import('./dry-run.ts')).attachDryRun,
  },
  {
    name: 'pr',
    summary: 'report what a change of rules means, for its review',
    load: async () => (await import('./pr.ts')).attachPr,
  },
  {
    name: 'record',
    summary: 'write the documents that a rule reads to a file',
    load: async () => (await import('./record.ts')).attachRecord,
  },
  {
    name: 'alerts',
    summary: 'list firing and pending alerts, and who was notified',
    load: async () => (await import('./alerts.ts')).attachAlerts,
  },
  {
    name: 'explain',
    summary: 'explain why an alert fires or not: query, values, condition, recipients',
    load: async () => (await import('./explain.ts')).attachExplain,
  },
  {
    name: 'routes',
    summary: 'show which receivers an alert would notify',
    load: async () => (await import('./routes.ts')).attachRoutes,
  },
  {
    name: 'doctor',
    summary: 'check the environment, and suggest fixes',
    load: async () => (await import('./doctor.ts')).attachDoctor,
  },
  { name: 'schema', summary: 'print the JSON schemas for editors', load: async () => (await import('./schema.ts')).attachSchema },
];

const EPILOGUE = `
Exit codes: 0 nothing wrong · 1 worked and found something · 2 could not do its work.
Data goes to stdout, everything else to stderr. NO_COLOR is honoured.
TOCSIN_DEBUG=1 shows where an unexpected error came from.

Start here:
  $ tocsin check                                 are my rules right?
  $ tocsin dry-run --from now-7d                 what would they have done last week?
  $ tocsin COMMAND --help                        examples of each command
`;

/** Runs one command line, `node` and the script left out, and gives its exit code. Never throws: errors are printed to stderr. */
export async function runCommandLine(words: readonly string[], line: CommandLine): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const settle = (code: ExitCode) => {
    exitCode = code;
  };
  try {
    const program = await createProgram(words, line, settle);
    await program.parseAsync([...words], { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
    line.stderr.write(errorText(orInterrupted(thrown, line.signal), line));
    return 2;
  }
}

/** Whatever fails once someone asked to stop fails for that reason. */
function orInterrupted(thrown: unknown, signal: AbortSignal): unknown {
  if (!signal.aborted || thrown instanceof TocsinError) return thrown;
  return new TocsinError('cli/interrupted', 'interrupted before it was done', { cause: thrown });
}

/** The program for some words: the commands that are named among them are whole, the others are there for the help alone. */
export async function createProgram(
  words: readonly string[],
  line: CommandLine,
  settle: (code: ExitCode) => void,
): Promise<Command> {
  const program = new Command('tocsin')
    .description('Alerting as code for the Elastic Stack: YAML rules, tested before they page anybody.')
    .version(version(), '--version', 'print the version')
    .option('--config <file>', 'the configuration (default: tocsin.yaml of this folder, if there is one)')
    .option('--no-color', 'no colours')
    .helpOption('-h, --help', 'explain this, with examples')
    .helpCommand('help [command]', 'explain a command')
    .addHelpText('after', EPILOGUE);
  for (const { name, summary, load } of COMMANDS) {
    const command = words.includes(name) ? (await load())(line, settle) : new Command(name);
    program.addCommand(command.summary(summary));
  }
  for (const command of withSubcommands(program)) prepare(command, line);
  return program;
}

function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function prepare(command: Command, line: CommandLine): void {
  command
    .exitOverride()
    .showSuggestionAfterError(true)
    .showHelpAfterError(`(${commandPath(command)} --help explains it)`)
    .configureHelp({ showGlobalOptions: command.parent !== null })
    .configureOutput({
      writeOut: (text) => line.stdout.write(text),
      writeErr: (text) => line.stderr.write(plainText(text)),
      getOutHelpWidth: () => lookOf(line.stdout, line.env, false).columns,
      getErrHelpWidth: () => lookOf(line.stderr, line.env, false).columns,
      getOutHasColors: () => lookOf(line.stdout, line.env, true).color,
      getErrHasColors: () => lookOf(line.stderr, line.env, true).color,
    });
}

function commandPath(command: Command): string {
  return command.parent === null ? command.name() : `${commandPath(command.parent)} ${command.name()}`;
}

/** One line for a person: what happened, and the next step. Where it came from only with TOCSIN_DEBUG. */
export function errorText(thrown: unknown, line: Pick<CommandLine, 'stderr' | 'env'>): string {
  const error = asError(thrown);
  const { bad, faint } = paletteOf(lookOf(line.stderr, line.env, true));
  const known = error instanceof TocsinError;
  const code = known ? error.code : 'unexpected';
  const hint = known ? error.hint : 'this is a fault of Tocsin; TOCSIN_DEBUG=1 shows where it came from';
  const text = `${bad(`tocsin: ${plainLine(error.message)}`)} ${faint(`[${code}]`)}${hint === undefined ? '' : ` (${plainLine(hint)})`}\n`;
  const debug = (line.env['TOCSIN_DEBUG'] ?? '') !== '' && error.stack !== undefined;
  return debug ? `${text}${plainText(error.stack ?? '')}\n${causesOf(error)}` : text;
}

function causesOf(error: Error): string {
  if (error.cause === undefined) return '';
  const cause = asError(error.cause);
  return `caused by: ${plainText(cause.stack ?? cause.message)}\n${causesOf(cause)}`;
}
