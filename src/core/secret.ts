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

/** Replaces every occurrence of the given secrets in a text (an error message of a library, say) by `[redacted]`. */
export function redact(text: string, secrets: readonly Secret[]): string {
  return secrets.reduce((clean, hidden) => {
    const plain = hidden.reveal();
    return plain.length < 4 ? clean : clean.replaceAll(plain, HIDDEN).replaceAll(encodeURIComponent(plain), HIDDEN);
  }, text);
}
