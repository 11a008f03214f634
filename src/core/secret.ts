import { inspect } from 'node:util';

/** A secret value: prints, logs and serialises as `[redacted]`; only `reveal` gives the text. */
export interface Secret {
  reveal(): string;
  toString(): string;
  toJSON(): string;
}

const HIDDEN = '[redacted]';

/** Wraps a secret's text. */
export function secret(text: string): Secret {
  return Object.freeze({
    reveal: () => text,
    toString: () => HIDDEN,
    toJSON: () => HIDDEN,
    [inspect.custom]: () => HIDDEN,
  });
}

/**
 * Replaces every occurrence of the given secrets in a text (an error message of a library, an answer of a server) by `[redacted]`: as they are, as
 * they stand in a URL or in JSON, and in base64, where they may be a part of what was encoded (a user and a password together).
 */
export function redact(text: string, secrets: readonly Secret[]): string {
  return secrets.reduce((clean, hidden) => clean.replace(spellingsOf(hidden), HIDDEN), text);
}

/** Secrets are few and texts are many. */
const spellings = new WeakMap<Secret, RegExp>();
/** What is shorter is no secret, and would shred the text. */
const LEAST = 4;
const NOTHING = /(?!)/g;

function spellingsOf(hidden: Secret): RegExp {
  const known = spellings.get(hidden) ?? makeSpellings(hidden.reveal());
  spellings.set(hidden, known);
  return known;
}

function makeSpellings(plain: string): RegExp {
  if (plain.length < LEAST) return NOTHING;
  const written = [plain, encodeURIComponent(plain.replace(/\p{Cs}/gu, '\uFFFD')), JSON.stringify(plain).slice(1, -1)];
  const encoded = [0, 1, 2].map((offset) => base64Core(plain, offset)).filter((core) => core.length > LEAST);
  const urlSafe = encoded.map((core) => core.replaceAll('+', '-').replaceAll('/', '_'));
  const whole = [...new Set([...encoded, ...urlSafe])].map((core) => `[\\w+/-]*${escapeRegExp(core)}[\\w+/-]*={0,2}`);
  return new RegExp([...[...new Set(written)].map(escapeRegExp), ...whole].join('|'), 'g');
}

/** The part of a text's base64 that depends on nothing but the text when `offset` bytes (mod 3) stand before it. */
function base64Core(plain: string, offset: number): string {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(plain)]);
  return bytes.toString('base64').slice(Math.ceil((offset * 8) / 6), Math.floor((bytes.length * 8) / 6));
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
