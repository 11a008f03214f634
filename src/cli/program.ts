import { type Argument, Command, CommanderError, Help, InvalidArgumentError, type Option } from 'commander';
import { TocsinError } from '../core/errors.ts';
import { nearest } from '../core/nearest.ts';
import { plainText } from '../reports/plain-text.ts';
import { type Attach, type CommandLine, type ExitCode, lookOf } from './command-line.ts';
import { errorText } from './error-text.ts';
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
    summary: 'check rule files and tocsin.yaml',
    load: async () => (await import('./check.ts')).attachCheck,
  },
  { name: 'test', summary: 'run rule tests', load: async () => (await import('./test.ts')).attachTest },
  {
    name: 'dry-run',
    summary: 'replay rules over past data; sends nothing',
    load: async () => (await import('./dry-run.ts')).attachDryRun,
  },
  {
    name: 'pr',
    summary: 'report the effect of rule changes, for review',
    load: async () => (await import('./pr.ts')).attachPr,
  },
  {
    name: 'record',
    summary: 'record the documents that a rule reads, in a file',
    load: async () => (await import('./record.ts')).attachRecord,
  },
  {
    name: 'alerts',
    summary: 'list firing and pending alerts, and who was notified',
    load: async () => (await import('./alerts.ts')).attachAlerts,
  },
  {
    name: 'silence',
    summary: 'suppress notifications of alerts for a while',
    load: async () => (await import('./silence.ts')).attachSilence,
  },
  {
    name: 'ack',
    summary: 'acknowledge alerts: no reminders, no escalation',
    load: async () => (await import('./ack.ts')).attachAck,
  },
  {
    name: 'explain',
    summary: 'explain why an alert does or does not fire: query, values, condition, recipients',
    load: async () => (await import('./explain.ts')).attachExplain,
  },
  {
    name: 'noise',
    summary: 'show the noisiest rules of a week',
    load: async () => (await import('./noise.ts')).attachNoise,
  },
  {
    name: 'message',
    summary: 'preview the messages of a rule as Slack, mail or JSON',
    load: async () => (await import('./message.ts')).attachMessage,
  },
  {
    name: 'routes',
    summary: 'show which receivers an alert would notify',
    load: async () => (await import('./routes.ts')).attachRoutes,
  },
  {
    name: 'rules',
    summary: 'list the rule packs included with Tocsin, and copy them',
    load: async () => (await import('./rules.ts')).attachRules,
  },
  {
    name: 'doctor',
    summary: 'check the environment, and suggest fixes',
    load: async () => (await import('./doctor.ts')).attachDoctor,
  },
  { name: 'schema', summary: 'print the JSON schemas for editors', load: async () => (await import('./schema.ts')).attachSchema },
];

const EPILOGUE = `
Exit codes: 0 success · 1 problems found · 2 the command failed.
Data goes to stdout, everything else to stderr. NO_COLOR is honoured.
TOCSIN_DEBUG=1 shows the stack trace of an unexpected error.

Start here:
  $ tocsin check                                 check your rules
  $ tocsin dry-run --from now-7d                 replay them over last week
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
  return new TocsinError('cli/interrupted', 'interrupted', { cause: thrown });
}

/** The program for some words: the commands that are named among them are whole, the others are there for the help alone. */
export async function createProgram(
  words: readonly string[],
  line: CommandLine,
  settle: (code: ExitCode) => void,
): Promise<Command> {
  const program = new Command('tocsin')
    .description('Alerting as code for the Elastic Stack: YAML rules with tests and dry runs.')
    .version(version(), '--version', 'print the version')
    .option('--config <file>', 'configuration file (default: tocsin.yaml in the current folder, if it exists)')
    .option('--no-color', 'disable colors')
    .addHelpText('after', EPILOGUE);
  for (const { name, summary, load } of COMMANDS) {
    const command = words.includes(name) ? (await load())(line, settle) : new Command(name);
    program.addCommand(command.summary(summary));
  }
  for (const command of withSubcommands(program)) prepare(command, line, program);
  return program;
}

function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function prepare(command: Command, line: CommandLine, program: Command): void {
  for (const one of [...command.options, ...command.registeredArguments]) suggestNames(one);
  command
    .exitOverride()
    .helpOption('-h, --help', 'show help with examples')
    .showSuggestionAfterError(true)
    .showHelpAfterError(`(${commandPath(command)} --help shows the usage)`)
    // A subcommand takes the options of the program, and not those of the command that it belongs to.
    .configureHelp({
      showGlobalOptions: command.parent !== null,
      visibleGlobalOptions: () => [...program.options],
      subcommandDescription: (sub) =>
        sub.name() === 'help' ? 'show help for a command' : Help.prototype.subcommandDescription(sub),
      optionDescription: (option) => Help.prototype.optionDescription(option).replace(/ \(default: false\)$/, ''),
    })
    .configureOutput({
      writeOut: (text) => line.stdout.write(text),
      writeErr: (text) => line.stderr.write(plainText(text)),
      getOutHelpWidth: () => lookOf(line.stdout, line.env, false).columns,
      getErrHelpWidth: () => lookOf(line.stderr, line.env, false).columns,
      getOutHasColors: () => lookOf(line.stdout, line.env, true).color,
      getErrHasColors: () => lookOf(line.stderr, line.env, true).color,
    });
}

/** Whatever takes one of a list of names says which was most likely meant, and all of them. */
function suggestNames(one: Option | Argument): void {
  const { argChoices: names } = one;
  if (names === undefined) return;
  one.argParser((text: string) => {
    if (names.includes(text)) return text;
    const near = nearest(text, names);
    const meant = near === undefined ? '' : `Did you mean ${near}? `;
    throw new InvalidArgumentError(`${meant}Allowed choices are ${names.join(', ')}.`);
  });
}

function commandPath(command: Command): string {
  return command.parent === null ? command.name() : `${commandPath(command.parent)} ${command.name()}`;
}
