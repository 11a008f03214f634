import type { CommandLine, ExitCode } from '../../../src/cli/command-line.ts';
import { runCommandLine } from '../../../src/cli/program.ts';
import { manualClock } from '../../../src/core/time.ts';

/** What one command line gave. */
export interface Ran {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command line of a test differs from a plain one. */
export interface Surroundings extends Partial<Pick<CommandLine, 'env' | 'signal'>> {
  readonly now?: number;
  readonly terminal?: boolean;
}

/** A command line in memory, and what was written to it. */
export function fakeCommandLine(given: Surroundings = {}): {
  readonly line: CommandLine;
  readonly written: () => Omit<Ran, 'code'>;
} {
  const texts = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      texts[name] += text;
    },
    isTerminal: given.terminal ?? false,
    columns: given.terminal === true ? 100 : undefined,
  });
  const line: CommandLine = {
    env: given.env ?? {},
    folder: process.cwd(),
    stdout: output('stdout'),
    stderr: output('stderr'),
    signal: given.signal ?? new AbortController().signal,
    clock: { ...manualClock(given.now ?? 0), sleep: async () => undefined },
  };
  return { line, written: () => ({ ...texts }) };
}

/** Runs words as `tocsin WORDS` would, in this process. */
export async function runWords(words: readonly string[], given: Surroundings = {}): Promise<Ran> {
  const { line, written } = fakeCommandLine(given);
  const code = await runCommandLine(words, line);
  return { code, ...written() };
}
