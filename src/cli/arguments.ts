import { type Command, InvalidArgumentError, Option } from 'commander';
import { humanDuration, parseDuration } from '../core/duration.ts';
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

/** Adds examples to a command's help: pairs of what it does and what to type. */
export function withExamples(command: Command, examples: readonly (readonly [what: string, type: string])[]): Command {
  const lines = examples.map(([what, type]) => `  ${what}${what.endsWith('?') ? '' : ':'}\n    $ ${type}`);
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}\n`);
}
