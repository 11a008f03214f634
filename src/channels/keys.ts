import { TocsinError } from '../core/errors.ts';
import { httpUrl } from '../core/http-url.ts';
import { own } from '../core/record.ts';
import type { Secret } from '../core/secret.ts';

/** The keys of one destination as `Channel.read` gets them: validated by the channel's schema, secrets as `Secret`. */
export type OptionKeys = Readonly<Record<string, unknown>>;

/** The secret under a key, undefined when it was not given; throws TocsinError when it is something else. */
export function secretAt(keys: OptionKeys, key: string): Secret | undefined {
  const value = own(keys, key);
  if (value === undefined) return undefined;
  if (typeof value === 'object' && value !== null && 'reveal' in value && typeof value.reveal === 'function')
    return value as Secret;
  throw new TocsinError('channel/secret', `${key} was not passed as a secret`);
}

/** The http(s) URL under a key that holds it as a secret; throws TocsinError, without the URL, if it is invalid. */
export function secretUrlAt(keys: OptionKeys, key: string): Secret {
  const value = secretAt(keys, key);
  if (value === undefined) throw new TocsinError('channel/url', `${key} is missing`);
  const url = httpUrl(value.reveal());
  if (url === undefined) {
    throw new TocsinError('channel/url', `${key} is not an http(s) URL`, {
      hint: 'write the complete URL, such as https://hooks.example.com/…',
    });
  }
  if (url.username !== '' || url.password !== '') {
    throw new TocsinError('channel/url', `${key} holds a user name or password`, {
      hint: 'use bearer_token, or a path that is hard to guess',
    });
  }
  return value;
}

/** The secret under a key that the schema requires. */
export function requiredSecretAt(keys: OptionKeys, key: string): Secret {
  const value = secretAt(keys, key);
  if (value === undefined) throw new TocsinError('channel/secret', `${key} is missing`);
  return value;
}

/** The text under a key; a number is given as text. Undefined without the key. */
export function textAt(keys: OptionKeys, key: string): string | undefined {
  const value = own(keys, key);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** The http(s) URL under a key that holds no secret, without a slash at its end; throws TocsinError if it is invalid. */
export function urlAt(keys: OptionKeys, key: string, otherwise: string): string {
  const text = textAt(keys, key) ?? otherwise;
  const url = httpUrl(text);
  if (url === undefined || url.username !== '' || url.password !== '') {
    throw new TocsinError('channel/url', `${key} is not an http(s) URL without a login`, { hint: `such as ${otherwise}` });
  }
  return text.replace(/\/+$/, '');
}

/** The list of texts under a key; empty without it. */
export function textsAt(keys: OptionKeys, key: string): readonly string[] {
  const value = own(keys, key);
  return Array.isArray(value) ? value.map(String) : [];
}
