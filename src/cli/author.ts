import { userInfo } from 'node:os';
import { TocsinError } from '../core/errors.ts';
import { own } from '../core/record.ts';
import type { CommandLine } from './command-line.ts';

const VARIABLES = ['USER', 'LOGNAME', 'USERNAME'];

/** Who changes something: the name that was given, else that of the session, else that of the system's user. Throws TocsinError if none of them is set. */
export function authorOf(
  given: string | undefined,
  { env, userName }: Pick<CommandLine, 'env' | 'userName'>,
  code: string,
): string {
  const names = [given, ...VARIABLES.map((name) => own(env, name)), userName?.()];
  const name = names.find((one) => one !== undefined && one.trim() !== '');
  if (name !== undefined) return name;
  throw new TocsinError(code, 'the author is unknown: this session and its system user have no name', {
    hint: 'set --author NAME',
  });
}

/** The name of the user that this process runs as; undefined where its number has none, as in many containers. */
export function systemUserName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
