import { type Command, InvalidArgumentError, Option } from 'commander';
import { durationHint, humanDuration, parseDuration } from '../core/duration.ts';
import { own } from '../core/record.ts';
import type { Duration } from '../core/time.ts';
import { compileRegex, type LinearRegex } from '../routing/regex.ts';

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
  if (!/^[1-9]\d{0,11}$/.test(text)) throw new InvalidArgumentError('expected a whole number of 1 or more.');
  return Number(text);
}

/** Reads a percentage argument, from 0 to 100. */
export function percentArgument(text: string): number {
  if (!/^(?:100|[1-9]?\d)$/.test(text)) throw new InvalidArgumentError('expected a whole number from 0 to 100.');
  return Number(text);
}

/** Reads a regular expression that is matched in linear time; capitals matter only where the pattern has some. */
export function patternArgument(text: string): LinearRegex {
  const compiled = compileRegex(text, { fits: 'part', flags: /\p{Lu}/u.test(text) ? '' : 'i' });
  if (compiled.ok) return compiled.regex;
  const hint = compiled.hint === undefined ? '' : ` (${compiled.hint})`;
  throw new InvalidArgumentError(`${compiled.message}, at character ${compiled.offset + 1} of the pattern.${hint}`);
}

/** Reads a duration argument such as `1h30m`. */
export function durationArgument(text: string): Duration {
  const duration = parseDuration(text);
  if (duration === undefined) throw new InvalidArgumentError(`expected a duration (${durationHint(text)}).`);
  return duration;
}

/** What the exit codes of each command mean. */
const EXIT_CODES: Readonly<Record<string, string>> = {
  run: '0 stopped, or --once completed · 1 --once: something was not evaluated or delivered · 2 startup failed',
  check: '0 no errors · 1 errors, or findings selected by --strict or --fail-on · 2 files or the cluster could not be read',
  test: '0 all passed, or --watch ended · 1 a test failed, a file has errors, no test was found, or coverage is below --coverage-min or lint.coverage · 2 the tests could not be completed',
  init: '0 the test was written and passes · 2 no test was written',
  'dry-run':
    '0 every window was evaluated · 1 some windows were not, or a rule differs with --fail-on-change · 2 the command failed',
  pr: '0 no new problems · 1 new errors, failed tests, or windows not evaluated · 2 the command failed, or the cluster could not be searched',
  record: '0 all documents were written · 1 some were not · 2 the command failed',
  alerts: '0 success, firing alerts or not · 2 the alerts could not be read',
  explain: '0 success · 1 the window could not be evaluated, or the group is unknown · 2 the state could not be read',
  silence: '0 success · 2 the silences could not be read or written',
  expire: '0 success · 2 unknown silence, already expired, or could not be saved',
  extend: '0 success · 2 unknown silence, expired, or could not be saved',
  preview: '0 success, alerts or not · 2 the state could not be read',
  routes: '0 success · 2 the configuration could not be read',
  show: '0 success · 2 the configuration could not be read',
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
  return command.addHelpText('after', ({ error }) => {
    const { getErrHelpWidth, getOutHelpWidth } = command.configureOutput();
    const width = (error ? getErrHelpWidth : getOutHelpWidth)?.() ?? 80;
    const ends = codes === undefined ? '' : `\n${command.createHelp().boxWrap(`Exit codes: ${codes}`, width)}\n`;
    return `\nExamples:\n${lines.join('\n')}\n${ends}`;
  });
}
