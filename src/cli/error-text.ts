import { asError, TocsinError } from '../core/errors.ts';
import { paletteOf } from '../reports/look.ts';
import { plainLine, plainText } from '../reports/plain-text.ts';
import { type CommandLine, lookOf } from './command-line.ts';

/** One line for a person: what happened, and the next step. Where it came from only with TOCSIN_DEBUG. */
export function errorText(thrown: unknown, line: Pick<CommandLine, 'stderr' | 'env'>): string {
  const error = asError(thrown);
  const { bad, faint } = paletteOf(lookOf(line.stderr, line.env, true));
  const known = error instanceof TocsinError;
  const code = known ? error.code : 'unexpected';
  const hint = known ? error.hint : 'this is a bug in Tocsin; set TOCSIN_DEBUG=1 to see the stack trace';
  const text = `${bad(`tocsin: ${plainLine(error.message)}`)} ${faint(`[${code}]`)}${hint === undefined ? '' : ` (${plainLine(hint)})`}\n`;
  const debug = (line.env['TOCSIN_DEBUG'] ?? '') !== '' && error.stack !== undefined;
  return debug ? `${text}${plainText(error.stack ?? '')}\n${causesOf(error)}` : text;
}

function causesOf(error: Error): string {
  if (error.cause === undefined) return '';
  const cause = asError(error.cause);
  return `caused by: ${plainText(cause.stack ?? cause.message)}\n${causesOf(cause)}`;
}
