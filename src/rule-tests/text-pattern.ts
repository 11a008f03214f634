import { isObject } from '../core/json.ts';
import { compileRegex, type LinearRegex } from '../routing/regex.ts';

/** How a text must look: it holds another, fits a regular expression, or is a text; `all`: several of these at once. */
export type TextPattern =
  | { readonly kind: 'contains' | 'is'; readonly text: string }
  | { readonly kind: 'regex'; readonly regex: LinearRegex; readonly written: string }
  | { readonly kind: 'not'; readonly inner: TextPattern }
  | { readonly kind: 'all'; readonly patterns: readonly TextPattern[] };

/** A pattern, or the error in the text between the slashes. */
export type ReadTextPattern =
  | { readonly ok: true; readonly pattern: TextPattern }
  | { readonly ok: false; readonly message: string; readonly hint?: string };

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
  const compiled = compileRegex(body, { fits: 'part', flags: flags ?? '' });
  return compiled.ok
    ? { ok: true, pattern: { kind: 'regex', regex: compiled.regex, written } }
    : {
        ok: false,
        message: `invalid regular expression: ${compiled.message}`,
        ...(compiled.hint !== undefined && { hint: compiled.hint }),
      };
}

/** Whether a text is what a pattern wants; `too slow`: to find out would take too long. */
export type Fit = 'fits' | 'fits not' | 'too slow';

/** Called with the maximum cost of an expression over a text before it is matched: characters times states. */
export type Spend = (cost: number) => void;

/** Looks whether a text is what a pattern wants. */
export function textFits(pattern: TextPattern, text: string, spend: Spend): Fit {
  switch (pattern.kind) {
    case 'contains':
      return fitOf(text.includes(pattern.text));
    case 'is':
      return fitOf(text === pattern.text);
    case 'regex': {
      spend(pattern.regex.cost(text));
      const fits = pattern.regex.matches(text);
      return fits === undefined ? 'too slow' : fitOf(fits);
    }
    case 'not': {
      const inner = textFits(pattern.inner, text, spend);
      return inner === 'too slow' ? inner : fitOf(inner === 'fits not');
    }
    case 'all': {
      const all = pattern.patterns.map((inner) => textFits(inner, text, spend));
      return all.find((one) => one === 'too slow') ?? fitOf(!all.includes('fits not'));
    }
  }
}

function fitOf(fits: boolean): Fit {
  return fits ? 'fits' : 'fits not';
}

/** A pattern in words, after a name: `holds "stub"`. */
export function describeTextPattern(pattern: TextPattern): string {
  switch (pattern.kind) {
    case 'contains':
      return `contains ${JSON.stringify(pattern.text)}`;
    case 'is':
      return `is ${JSON.stringify(pattern.text)}`;
    case 'regex':
      return `matches ${pattern.written}`;
    case 'not':
      return `not: ${describeTextPattern(pattern.inner)}`;
    case 'all':
      return pattern.patterns.map(describeTextPattern).join(', ');
  }
}
