import { type ChildProcess, fork } from 'node:child_process';
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { WriteStream } from 'node:tty';
import { humanDuration } from '../core/duration.ts';
import { type Duration, deadline, systemClock } from '../core/time.ts';
import { plainLine } from '../reports/plain-text.ts';
import { systemUserName } from './author.ts';
import type { CommandLine, Output } from './command-line.ts';
import { keepCompiledProgram } from './compiled-program.ts';
import { errorText } from './error-text.ts';

type Environment = CommandLine['env'];

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;
type SignalName = keyof typeof SIGNALS;

/**
 * Commands that read untrusted files and need no own shutdown. They run in a separate process: one that computes receives
 * no signal and no clock, and one that runs out of memory ends in the middle of a line. The first process only waits for signals.
 */
const IN_A_CHILD = ['check', 'test', 'dry-run', 'pr'];
/** How long such a command may take to end by itself after a signal, and after its time is up. */
const GRACE: Duration = 1_000;
/** Names, in the environment of the second process, the first. */
const PARENT = 'TOCSIN_PARENT';

/** What the second process says to the first: how long it may take at most from now on; null: as long as it likes. */
interface TimeLimit {
  readonly limit: Duration | null;
}

/** The commands, which a process that only starts another one does not need. */
function commands(env: Environment, command?: string) {
  // A service starts once, and should end at once.
  if (command !== 'run') keepCompiledProgram(env);
  return import('./program.ts');
}

/** Runs the command line of this process. `entry` is the file that a second process begins with. */
export async function runProcess(entry: string, env: Environment): Promise<void> {
  const words = process.argv.slice(2);
  const stderr = outputTo(process.stderr);
  process.on('uncaughtException', (error) => {
    stderr.write(errorText(error, { stderr, env }));
    process.exit(2);
  });
  const folder = workingFolder();
  if (folder === undefined) return refuseFolder(stderr);
  const line = { env, folder, stdout: outputTo(process.stdout), stderr, clock: systemClock, userName: systemUserName };
  const command = words.find((word, index) => !word.startsWith('-') && words[index - 1] !== '--config');
  if (env[PARENT] === String(process.ppid) && process.send !== undefined) process.exitCode = await runAsChild(words, line);
  else if (command !== undefined && IN_A_CHILD.includes(command)) runInChild(entry, words, line);
  else process.exitCode = await runHere(words, line, command);
}

async function runHere(
  words: readonly string[],
  line: Omit<CommandLine, 'signal'>,
  command: string | undefined,
): Promise<number> {
  const stop = new AbortController();
  onSignal((code) => {
    // Who asks twice does not want to wait for an orderly end.
    if (stop.signal.aborted) process.exit(code);
    stop.abort();
  });
  const { runCommandLine } = await commands(line.env, command);
  return runCommandLine(words, { ...line, signal: stop.signal });
}

/** A terminal sends its signals to both processes: they only ask for an orderly end here, and the first process sees to it that there is one. */
async function runAsChild(words: readonly string[], line: Omit<CommandLine, 'signal'>): Promise<number> {
  const stop = new AbortController();
  onSignal(() => stop.abort());
  process.on('message', () => stop.abort());
  process.on('disconnect', () => process.exit(2));
  const limitTime = (limit: Duration | undefined) => process.send?.({ limit: limit ?? null } satisfies TimeLimit);
  const { runCommandLine } = await commands(line.env);
  const code = await runCommandLine(words, { ...line, signal: stop.signal, limitTime, typedLines });
  process.removeAllListeners('disconnect');
  process.disconnect();
  return code;
}

function runInChild(entry: string, words: readonly string[], line: Omit<CommandLine, 'signal'>): void {
  const child = fork(entry, words, { env: { ...line.env, [PARENT]: String(process.pid) }, stdio: 'inherit' });
  let asked = false;
  let why: string | undefined;
  let limits = 0;
  const end = (after: Duration, reason: string, holds: () => boolean = () => true) =>
    deadline(after).addEventListener('abort', () => {
      if (!holds()) return;
      why = reason;
      child.kill('SIGKILL');
    });
  child.on('message', (message) => {
    const { limit } = message as TimeLimit;
    const mine = ++limits;
    if (limit !== null) end(limit + GRACE, overdue(limit), () => mine === limits);
  });
  onSignal((code) => {
    if (asked) {
      child.kill('SIGKILL');
      process.exit(code);
    }
    asked = true;
    if (child.connected) child.send('stop');
    end(GRACE, 'interrupted [cli/interrupted]');
  });
  child.on('error', (error) => {
    line.stderr.write(errorText(error, line));
    process.exitCode = 2;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 2;
    if (code === null) line.stderr.write(`tocsin: ${why ?? killedText(signal)}\n`);
  });
}

function killedText(signal: ChildProcess['signalCode']): string {
  return `the process was killed (${signal ?? 'no code'}), probably because it ran out of memory [cli/broken-off] (use fewer files, rules or documents at once)`;
}

function overdue(time: Duration): string {
  return `stopped after the time limit of ${humanDuration(time)} [cli/time-limit] (use fewer files, or a higher --time-limit)`;
}

/**
 * Lines, not single keys: for those the terminal would have to send no signals, and a process that computes would not receive Ctrl-C.
 */
function typedLines(heard: (text: string) => void): () => void {
  if (process.stdin.isTTY !== true) return () => undefined;
  const lines = createInterface({ input: process.stdin });
  const ended = () => heard('q');
  lines.on('line', heard);
  lines.on('close', ended);
  return () => {
    lines.off('close', ended);
    lines.close();
    process.stdin.destroy();
  };
}

function onSignal(heard: (code: number) => void): void {
  for (const signal of Object.keys(SIGNALS) as SignalName[]) process.on(signal, () => heard(SIGNALS[signal]));
}

/** A working folder may have been removed meanwhile; nothing can be found from there. */
function workingFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

function refuseFolder(stderr: Output): void {
  stderr.write('tocsin: the current folder no longer exists [cli/folder] (change to an existing folder)\n');
  process.exitCode = 2;
}

function outputTo(stream: WriteStream): Output {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader has closed the pipe (`tocsin … | head`): this is not an error, and there is no place to report one.
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
    sayUnwritable(stream, error);
    process.exit(2);
  });
  return {
    write: (text) => {
      stream.write(text);
    },
    get isTerminal() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.isTTY ? stream.columns : undefined;
    },
  };
}

/** A report that is not written must not look like one that had nothing to say: said on stderr, unless that is what cannot be written. */
function sayUnwritable(stream: WriteStream, error: NodeJS.ErrnoException): void {
  if (stream === process.stderr) return;
  try {
    writeSync(process.stderr.fd, `tocsin: the output cannot be written: ${plainLine(error.message)} [cli/output]\n`);
  } catch {
    // There is no place left to report it.
  }
}
