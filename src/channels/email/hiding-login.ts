import { secret } from '../../core/secret.ts';
import { hiding } from '../http-client/answer.ts';
import type { EmailOptions } from './options.ts';

/**
 * Makes a cleaner for what an SMTP server says: an answer may echo the login, as it is or as it was sent. A user name that is an address of the mail
 * itself is not a secret, and stays: it says which recipient is meant.
 */
export function hidingLogin({ auth, from, to, cc, bcc }: EmailOptions): (text: string) => string {
  if (auth === undefined) return hiding();
  const known = [from, ...to, ...cc, ...bcc].some(({ address }) => address === auth.username);
  return hiding(auth.password, known ? undefined : secret(auth.username));
}
