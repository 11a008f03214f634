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
 * they appear in a URL or in JSON, and in base64, where they may be a part of what was encoded (a user and a password together).
 */
export function redact(text: string, secrets: readonly Secret[]): string {
  return secrets.reduce((clean, hidden) => {
    const { written, encoded } = spellingsOf(hidden);
    const plain = written.reduce((rest, spelling) => rest.replaceAll(spelling, HIDDEN), clean);
    return encoded.reduce(withoutToken, plain);
  }, text);
}

interface Spellings {
  readonly written: readonly string[];
  readonly encoded: readonly string[];
}

/** Secrets are few and texts are many. */
const spellings = new WeakMap<Secret, Spellings>();
/** Shorter texts are not secrets, and redacting them would destroy the text. */
const LEAST = 4;

function spellingsOf(hidden: Secret): Spellings {
  const known = spellings.get(hidden) ?? makeSpellings(hidden.reveal());
  spellings.set(hidden, known);
  return known;
}

function makeSpellings(plain: string): Spellings {
  if (plain.length < LEAST) return { written: [], encoded: [] };
  const written = [plain, encodeURIComponent(plain.replace(/\p{Cs}/gu, '\uFFFD')), JSON.stringify(plain).slice(1, -1)];
  const cores = [0, 1, 2].map((offset) => base64Core(plain, offset)).filter((core) => core.length > LEAST);
  const urlSafe = cores.map((core) => core.replaceAll('+', '-').replaceAll('/', '_'));
  return { written: [...new Set(written)], encoded: [...new Set([...cores, ...urlSafe])] };
}

/** Hides the whole of each word that holds a piece of base64: text next to the secret belongs to it. Linear in the text. */
function withoutToken(text: string, core: string): string {
  const pieces: string[] = [];
  let from = 0;
  for (let at = text.indexOf(core); at >= 0; at = text.indexOf(core, from)) {
    let start = at;
    let end = at + core.length;
    while (start > from && BASE64.test(text.charAt(start - 1))) start--;
    while (end < text.length && BASE64.test(text.charAt(end))) end++;
    pieces.push(text.slice(from, start), HIDDEN);
    from = end;
  }
  return pieces.length === 0 ? text : pieces.join('') + text.slice(from);
}

const BASE64 = /[\w+/=-]/;

/** The part of a text's base64 that depends on nothing but the text when `offset` bytes (mod 3) precede it. */
function base64Core(plain: string, offset: number): string {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(plain)]);
  return bytes.toString('base64').slice(Math.ceil((offset * 8) / 6), Math.floor((bytes.length * 8) / 6));
}
