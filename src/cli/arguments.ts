import { type Command, InvalidArgumentError, Option } from 'commander';
import { humanDuration, parseDuration } from '../core/duration.ts';
import { own } from '../core/record.ts';
import type { Duration } from '../core/time.ts';

/** The option --format with the formats of a command; the first one is the default. */
export function formatOption(formats: readonly string[]): Option {
  return new Option('--format <format>', 'how to print').choices(formats).default(formats[0] ?? 'text');
}

/** The option --time-limit of a command that works on what strangers may have proposed. */
export function timeLimitOption(otherwise: Duration): Option {
  const option = new Option('--time-limit <duration>', 'longest time that the whole of it may take');
  return option.argParser(durationArgument).default(otherwise, humanDuration(otherwise));
}

/** An option that is a whole number from 1. */
export function countOption(flags: string, what: string, otherwise: number): Option {
  return new Option(flags, `most ${what}`).argParser(countArgument).default(otherwise, String(otherwise));
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
  run: '0 stopped in order, or all done with --once · 1 --once: something was not evaluated or delivered · 2 it could not start',
  check: '0 no errors · 1 errors, or warnings with --strict · 2 files or the cluster could not be read',
  test: '0 all passed · 1 a test failed or a file has errors · 2 the tests could not be run to the end',
  'dry-run':
    '0 every window was evaluated · 1 some windows were not, or a rule differs with --fail-on-change · 2 it could not run',
  pr: '0 nothing new is wrong · 1 new errors, failed tests, or windows not evaluated · 2 it could not be done, or the cluster not be asked',
  record: '0 written · 1 some of it could not be had · 2 it could not run',
  alerts: '0 the alerts were read, whether or not any fires · 2 they could not be read',
  explain: '0 explained · 1 the window could not be evaluated, or the group is not known · 2 nothing could be read',
  routes: '0 done · 2 tocsin.yaml could not be read',
  show: '0 done · 2 tocsin.yaml could not be read',
  doctor: '0 all checks passed · 1 warnings or errors · 2 it could not run',
  schema: '0 done · 2 the format is not known',
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
