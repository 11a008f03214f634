import { isObject } from '../core/json.ts';

/** How a text must look: it holds another, fits a regular expression, or is a text; `all`: several of these at once. */
export type TextPattern =
  | { readonly kind: 'contains' | 'is'; readonly text: string }
  | { readonly kind: 'regex'; readonly regex: RegExp; readonly written: string }
  | { readonly kind: 'not'; readonly inner: TextPattern }
  | { readonly kind: 'all'; readonly patterns: readonly TextPattern[] };

/** A pattern, or why the text between the slashes is none. */
export type ReadTextPattern =
  | { readonly ok: true; readonly pattern: TextPattern }
  | { readonly ok: false; readonly message: string };

/** Reads what a test file has for a text: `part of it`, `/regular expression/i`, `{is: all of it}`, `{not: …}`, or a list of these. */
export function readTextPattern(given: unknown): ReadTextPattern {
  if (Array.isArray(given)) {
    const read = given.map(readTextPattern);
    const wrong = read.find((one) => !one.ok);
    return wrong ?? { ok: true, pattern: { kind: 'all', patterns: read.flatMap((one) => (one.ok ? [one.pattern] : [])) } };
  }
  if (isObject(given)) {
    if (given['is'] !== undefined) return { ok: true, pattern: { kind: 'is', text: String(given['is']) } };
    const inner = readTextPattern(given['not']);
    return inner.ok ? { ok: true, pattern: { kind: 'not', inner: inner.pattern } } : inner;
  }
  const text = String(given);
  const [written, body, flags] = /^\/(.+)\/([imsu]*)$/s.exec(text) ?? [];
  if (written === undefined || body === undefined) return { ok: true, pattern: { kind: 'contains', text } };
  try {
    return { ok: true, pattern: { kind: 'regex', regex: new RegExp(body, flags), written } };
  } catch (thrown) {
    return { ok: false, message: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

/** Says whether a text is what a pattern wants. */
export function fitsText(pattern: TextPattern, text: string): boolean {
  switch (pattern.kind) {
    case 'contains':
      return text.includes(pattern.text);
    case 'is':
      return text === pattern.text;
    case 'regex':
      return pattern.regex.test(text);
    case 'not':
      return !fitsText(pattern.inner, text);
    case 'all':
      return pattern.patterns.every((inner) => fitsText(inner, text));
  }
}

/** A pattern in words, after a name: `holds "stub"`. */
export function describeTextPattern(pattern: TextPattern): string {
  switch (pattern.kind) {
    case 'contains':
      return `holds ${JSON.stringify(pattern.text)}`;
    case 'is':
      return `is ${JSON.stringify(pattern.text)}`;
    case 'regex':
      return `fits ${pattern.written}`;
    case 'not':
      return `not: ${describeTextPattern(pattern.inner)}`;
    case 'all':
      return pattern.patterns.map(describeTextPattern).join(', ');
  }
}
