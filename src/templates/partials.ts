import { nearest } from '../core/nearest.ts';
import { own } from '../core/record.ts';

/** A text with its partials in their places, and where a character of it was written; or why there is none. */
export type ExpandedText =
  | { readonly ok: true; readonly text: string; readonly placeOf: (offset: number) => TextPlace }
  | { readonly ok: false; readonly offset: number; readonly message: string; readonly hint: string };

/** A character of the text that was expanded; `partial`: it came out of this partial, which is rendered there. */
interface TextPlace {
  readonly offset: number;
  readonly partial?: string;
}

const RENDER = /\{%-?\s*render\s+(?:'([^']*)'|"([^"]*)")\s*-?%\}/g;

/**
 * Puts partials where a text renders them: `{% render 'who' %}`. They see what the text sees, and are formatted as it is. A partial contains no others, so that
 * no text grows without bound.
 */
export function expandPartials(text: string, partials: Readonly<Record<string, string>>): ExpandedText {
  const parts: { readonly from: number; readonly at: number; readonly length: number; readonly partial?: string }[] = [];
  let expanded = '';
  let written = 0;
  for (const found of text.matchAll(RENDER)) {
    const name = found[1] ?? found[2] ?? '';
    const partial = own(partials, name);
    if (partial === undefined) return unknown(name, found.index, Object.keys(partials));
    const before = text.slice(written, found.index);
    parts.push({ from: expanded.length, at: written, length: before.length });
    expanded += before;
    // A text of YAML ends with a line feed that is not meant.
    const inner = partial.replace(/\n$/, '');
    parts.push({ from: expanded.length, at: found.index, length: inner.length, partial: name });
    expanded += inner;
    written = found.index + found[0].length;
  }
  parts.push({ from: expanded.length, at: written, length: text.length - written });
  expanded += text.slice(written);
  const placeOf = (offset: number): TextPlace => {
    const part = parts.findLast(({ from }) => from <= offset);
    if (part === undefined) return { offset };
    return part.partial === undefined ? { offset: part.at + offset - part.from } : { offset: part.at, partial: part.partial };
  };
  return { ok: true, text: expanded, placeOf };
}

function unknown(name: string, offset: number, known: readonly string[]): ExpandedText {
  const near = nearest(name, known);
  const hint =
    near !== undefined
      ? `did you mean \`${near}\`?`
      : known.length === 0
        ? 'define it under `partials: { NAME: text }` in defaults.yaml, or in the rule'
        : `known: ${known.join(', ')}`;
  return { ok: false, offset, message: `unknown partial \`${name}\``, hint };
}
