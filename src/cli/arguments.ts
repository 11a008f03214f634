import { type Command, InvalidArgumentError, Option } from 'commander';
import { humanDuration, parseDuration } from '../core/duration.ts';
import { own } from '../core/record.ts';
import type { Duration } from '../core/time.ts';

/** The option --format with the formats of a command; the first one is the default. */
export function formatOption(formats: readonly string[]): Option {
  return new Option('--format <format>', 'output format').choices(formats).default(formats[0] ?? 'text');
}

/** The option --time-limit of a command that reads untrusted files. */
export function timeLimitOption(otherwise: Duration): Option {
  const option = new Option('--time-limit <duration>', 'time limit for the whole command');
  return option.argParser(durationArgument).default(otherwise, humanDuration(otherwise));
}

/** An option that is a whole number from 1. */
export function countOption(flags: string, what: string, otherwise: number): Option {
  return new Option(flags, `maximum number of ${what}`).argParser(countArgument).default(otherwise, String(otherwise));
}

function countArgument(text: string): number {
  if (!/^[1-9]\d{0,11}$/.test(text)) throw new InvalidArgumentError('expected a whole number from 1.');
  return Number(text);
}

/** Reads a duration argument such as `1h30m`. */
export function durationArgument(text: string): Duration {
  const duration = parseDuration(text);
  if (duration === undefined) throw new InvalidArgumentError('expected a duration such as 90s, 5m, 1h30m or 7d.');
  return duration;
}

/** What the exit codes of each command mean. */
const EXIT_CODES: Readonly<Record<string, string>> = {
  run: '0 stopped, or --once completed · 1 --once: something was not evaluated or delivered · 2 startup failed',
  check: '0 no errors · 1 errors, or what --strict and --fail-on count · 2 files or the cluster could not be read',
  test: '0 all passed · 1 a test failed or a file has errors · 2 the tests could not be completed',
  'dry-run': '0 every window was evaluated · 1 some windows were not · 2 the command failed',
  alerts: '0 success, firing alerts or not · 2 the alerts could not be read',
  explain: '0 success · 1 the window could not be evaluated, or the group is unknown · 2 the state could not be read',
  routes: '0 success · 2 tocsin.yaml could not be read',
  show: '0 success · 2 tocsin.yaml could not be read',
  rules: '0 success · 1 add: a changed file was kept · 2 unknown pack, or a file could not be written',
  list: '0 success · 2 unknown pack',
  add: '0 all files are in place · 1 a changed file was kept · 2 unknown pack, or a file could not be written',
  doctor: '0 all checks passed · 1 warnings or errors · 2 the command failed',
  schema: '0 success · 2 unknown schema',
};

/** Adds examples to a command's help, pairs of what it does and what to type, and the meaning of its exit codes. */
export function withExamples(
  command: Command,
  examples: readonly (readonly [what: string, type: string])[],
  codes = own(EXIT_CODES, command.name()),
): Command {
  const lines = examples.map(([what, type]) => `  ${what}${what.endsWith('?') ? '' : ':'}\n    $ ${type}`);
  return command.addHelpText(
    'after',
    `\nExamples:\n${lines.join('\n')}\n${codes === undefined ? '' : `\nExit codes: ${codes}\n`}`,
  );
}
