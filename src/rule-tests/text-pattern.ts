import { runInNewContext } from 'node:vm';
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

/** Whether a text is what a pattern wants; `too slow`: its regular expression did not come to an end. */
export type Fit = 'fits' | 'fits not' | 'too slow';

/** Longest time of one regular expression over one text, ms: who proposes a rule test must not be able to hold up a CI for ever. */
const PATIENCE = 1_000;

/** Looks whether a text is what a pattern wants. */
export function fitText(pattern: TextPattern, text: string): Fit {
  switch (pattern.kind) {
    case 'contains':
      return fitOf(text.includes(pattern.text));
    case 'is':
      return fitOf(text === pattern.text);
    case 'regex':
      return fitRegex(pattern.regex, text);
    case 'not': {
      const inner = fitText(pattern.inner, text);
      return inner === 'too slow' ? inner : fitOf(inner === 'fits not');
    }
    case 'all': {
      const all = pattern.patterns.map((inner) => fitText(inner, text));
      return all.find((one) => one === 'too slow') ?? fitOf(!all.includes('fits not'));
    }
  }
}

function fitOf(fits: boolean): Fit {
  return fits ? 'fits' : 'fits not';
}

/** JavaScript's expressions backtrack, and only a context of its own can be stopped in the middle of one. */
function fitRegex(regex: RegExp, text: string): Fit {
  try {
    return fitOf(runInNewContext('regex.test(text)', { regex, text }, { timeout: PATIENCE }) === true);
  } catch (thrown) {
    if ((thrown as { readonly code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'too slow';
    throw thrown;
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
