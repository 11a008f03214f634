import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Secret } from '../../core/secret.ts';

/** Where the server listens, and the tokens with which silences may be changed. */
export interface AccessRules {
  readonly host: string;
  readonly tokens: readonly { readonly name: string; readonly token: Secret }[];
}

/** Whether a request may change something: by whose token (undefined: on the machine itself), or the status and text of the refusal. */
export type Access =
  | { readonly ok: true; readonly by: string | undefined }
  | { readonly ok: false; readonly status: 401 | 403; readonly message: string };

/**
 * Decides whether a request may change silences. With tokens one of them is needed. Without, the server has to listen on a loopback address, and the
 * request has to be made for one by name: a page from elsewhere that a browser shows can make its own name lead to this machine, and not that.
 */
export function mayChange({ authorization, host }: IncomingHttpHeaders, rules: AccessRules): Access {
  if (rules.tokens.length > 0) {
    const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    const known = given === undefined ? undefined : rules.tokens.find(({ token }) => isSame(given, token.reveal()));
    if (known !== undefined) return { ok: true, by: known.name };
    const message = 'silences are changed with a token of `server.tokens`: send the header Authorization: Bearer TOKEN';
    return { ok: false, status: 401, message };
  }
  if (!isLoopback(rules.host))
    return {
      ok: false,
      status: 403,
      message: 'silences cannot be changed here: the server can be reached from other machines, and `server.tokens` is empty',
    };
  if (isLoopback(hostName(host ?? ''))) return { ok: true, by: undefined };
  return { ok: false, status: 403, message: 'silences can be changed only under the address localhost' };
}

/** Says whether an address leads to this machine alone. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function hostName(header: string): string {
  return header.replace(/:\d+$/, '');
}

/** Takes as long whatever the texts have in common. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
