import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../core/duration.ts';
import type { Duration } from '../core/time.ts';

/** The option --format with the formats of a command; the first one is the default. */
export function formatOption(formats: readonly string[]): Option {
  return new Option('--format <format>', 'how to print').choices(formats).default(formats[0] ?? 'text');
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
