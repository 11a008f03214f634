import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';

/** A program that was started and is ended with the benchmark at the latest. */
export interface Program {
  readonly pid: number;
  /** False once it has ended. */
  runs(): boolean;
  /** Ends it: SIGTERM, and after ten seconds SIGKILL. */
  stop(): Promise<void>;
}

/** How a program is started. */
export interface StartOptions {
  readonly cwd: string;
  /** The one core it may use, where the system can say so. */
  readonly core?: number;
  /** Where its output goes. */
  readonly log: string;
}

const PATIENCE = 10_000;
const living = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** Whether programs can be bound to one core here. */
const canPin = hasTaskset();

/** Starts a program, on one core if that is asked for and possible. */
export function startProgram(command: readonly [string, ...string[]], { cwd, core, log }: StartOptions): Program {
  const [program, ...words] = core !== undefined && canPin ? (['taskset', '-c', String(core), ...command] as const) : command;
  const output = openSync(log, 'a');
  const child = spawn(program, words, { cwd, stdio: ['ignore', output, output] });
  if (child.pid === undefined) throw new Error(`${program} cannot be started`);
  living.add(child);
  const ended = once(child, 'exit').finally(() => living.delete(child));
  const runs = () => child.exitCode === null && child.signalCode === null;
  return {
    pid: child.pid,
    runs,
    stop: async () => {
      if (!runs()) return;
      child.kill('SIGTERM');
      const kill = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
      await ended;
      clearTimeout(kill);
    },
  };
}

function hasTaskset(): boolean {
  try {
    execFileSync('taskset', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
