import type { Command } from 'commander';
import type { Clock, Duration } from '../core/time.ts';
import type { Look } from '../reports/look.ts';
import { withoutCommands } from '../reports/plain-text.ts';

/** 0: nothing wrong; 1: worked and found something; 2: could not do its work. */
export type ExitCode = 0 | 1 | 2;

/** Where text goes: stdout or stderr, a terminal or not. */
export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Width of the terminal, undefined where there is none. */
  readonly columns: number | undefined;
}

/** What commands use of the process; main gives the real one, tests their own. */
export interface CommandLine {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborts when the process is asked to stop. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** The name of the user that the process runs as; undefined where it has none. Main gives it. */
  userName?(): string | undefined;
  /**
   * Ends the process, with a word about it, when a command takes longer than this in spite of its own care; main gives it. Each call replaces the one
   * before; undefined: there is no limit any more.
   */
  limitTime?(time: Duration | undefined): void;
  /** Calls back with each line that is typed on a terminal, and with `q` at its end; returns a function that stops it. Set by main if there is a terminal. */
  typedLines?(heard: (text: string) => void): () => void;
}

/** Makes one command; its action runs on this command line, and `settle` takes an exit code that is not 0. */
export type Attach = (line: CommandLine, settle: (code: ExitCode) => void) => Command;

/** Options that every command takes. */
export interface GlobalOptions {
  readonly config?: string;
  /** False after --no-color. */
  readonly color: boolean;
}

/** What a command found, and how it is to be answered; a report prints the data. */
export interface Result<D> {
  readonly data: D;
  readonly exitCode: ExitCode;
}

/** How a command's data is printed, by the name that --format takes. */
export type Printers<D, F extends string> = Readonly<Record<F, (data: D, look: Look) => string>>;

const DEFAULT_COLUMNS = 120;
const LEAST_COLUMNS = 40;

/** How text for an output may look: colours on a terminal only, unless NO_COLOR or --no-color forbid or FORCE_COLOR demands them. */
export function lookOf(output: Output, env: CommandLine['env'], wanted: boolean): Look {
  const forced = (env['FORCE_COLOR'] ?? '') !== '' && env['FORCE_COLOR'] !== '0';
  const refused = !wanted || (env['NO_COLOR'] ?? '') !== '';
  const able = output.isTerminal && env['TERM'] !== 'dumb';
  const columns = Math.max(LEAST_COLUMNS, output.columns ?? DEFAULT_COLUMNS);
  return { color: !refused && (forced || able), columns, ...(!output.isTerminal && { whole: true }) };
}

/** Prints a command's data in the format that was asked for. */
export function print<D, F extends string>(
  data: D,
  format: F,
  printers: Printers<D, F>,
  line: CommandLine,
  options: GlobalOptions,
): void {
  const text = printers[format](data, lookOf(line.stdout, line.env, options.color));
  // Pieces that are harmless each by itself may have come together where a line begins. Annotations are commands on purpose.
  line.stdout.write(format === 'text' || format === 'markdown' ? withoutCommands(text) : text);
}
