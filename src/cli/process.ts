import { type ChildProcess, fork } from 'node:child_process';
import { writeSync } from 'node:fs';
import type { WriteStream } from 'node:tty';
import { humanDuration } from '../core/duration.ts';
import { type Duration, deadline, systemClock } from '../core/time.ts';
import { plainLine } from '../reports/plain-text.ts';
import type { CommandLine, Output } from './command-line.ts';
import { errorText, runCommandLine } from './program.ts';

type Environment = CommandLine['env'];

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;
type SignalName = keyof typeof SIGNALS;

/**
 * Commands that read what strangers may have proposed, and need no end of their own. They are run in a process of their own: one that computes hears
 * no signal and no clock, and one that runs out of memory ends in the middle of a line. The first process does nothing but hear.
 */
const IN_A_CHILD = ['check', 'test', 'dry-run', 'pr'];
/** How long such a command may take to end by itself after a signal, and after its time is over. */
const GRACE: Duration = 1_000;
/** Names, in the environment of the second process, the first. */
const PARENT = 'TOCSIN_PARENT';

/** What the second process says to the first: how long it may take at most. */
interface TimeLimit {
  readonly limit: Duration;
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
  const line = { env, folder, stdout: outputTo(process.stdout), stderr, clock: systemClock };
  const command = words.find((word, index) => !word.startsWith('-') && words[index - 1] !== '--config');
  if (env[PARENT] === String(process.ppid) && process.send !== undefined) process.exitCode = await runAsChild(words, line);
  else if (command !== undefined && IN_A_CHILD.includes(command)) runInChild(entry, words, line);
  else process.exitCode = await runHere(words, line);
}

async function runHere(words: readonly string[], line: Omit<CommandLine, 'signal'>): Promise<number> {
  const stop = new AbortController();
  onSignal((code) => {
    // Who asks twice does not want to wait for an orderly end.
    if (stop.signal.aborted) process.exit(code);
    stop.abort();
  });
  return runCommandLine(words, { ...line, signal: stop.signal });
}

/** A terminal sends its signals to both processes: they only ask for an orderly end here, and the first process sees to it that there is one. */
async function runAsChild(words: readonly string[], line: Omit<CommandLine, 'signal'>): Promise<number> {
  const stop = new AbortController();
  onSignal(() => stop.abort());
  process.on('message', () => stop.abort());
  process.on('disconnect', () => process.exit(2));
  const limitTime = (limit: Duration) => process.send?.({ limit } satisfies TimeLimit);
  const code = await runCommandLine(words, { ...line, signal: stop.signal, limitTime });
  process.removeAllListeners('disconnect');
  process.disconnect();
  return code;
}

function runInChild(entry: string, words: readonly string[], line: Omit<CommandLine, 'signal'>): void {
  const child = fork(entry, words, { env: { ...line.env, [PARENT]: String(process.pid) }, stdio: 'inherit' });
  let asked = false;
  let why: string | undefined;
  const end = (after: Duration, reason: string) =>
    deadline(after).addEventListener('abort', () => {
      why = reason;
      child.kill('SIGKILL');
    });
  child.on('message', (message) => {
    const { limit } = message as TimeLimit;
    end(limit + GRACE, overdue(limit));
  });
  onSignal((code) => {
    if (asked) {
      child.kill('SIGKILL');
      process.exit(code);
    }
    asked = true;
    if (child.connected) child.send('stop');
    end(GRACE, 'interrupted before it was done [cli/interrupted]');
  });
  child.on('error', (error) => {
    line.stderr.write(errorText(error, line));
    process.exitCode = 2;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 2;
    if (code === null) line.stderr.write(`tocsin: ${why ?? brokenOff(signal)}\n`);
  });
}

function brokenOff(signal: ChildProcess['signalCode']): string {
  return `the work was broken off (${signal ?? 'no code'}), most likely for want of memory [cli/broken-off] (fewer files, rules or documents at once)`;
}

function overdue(time: Duration): string {
  return `it took longer than ${humanDuration(time)} and was ended [cli/time-limit] (fewer files, or a higher --time-limit)`;
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
  stderr.write('tocsin: the working folder is not there any more [cli/folder] (change to a folder that exists)\n');
  process.exitCode = 2;
}

function outputTo(stream: WriteStream): Output {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Who reads us has seen enough (`tocsin … | head`): that is no error, and nobody is left to tell.
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
    // Nobody is left to tell.
  }
}
