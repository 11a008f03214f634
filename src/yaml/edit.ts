import { type Document, isScalar, type Pair, parseAllDocuments, type Scalar, visit, type YAMLMap } from 'yaml';
import type { SourceFile } from './parse.ts';

/** A change of a file at the place of a problem, 1-based; `text` gives the replacement of a text, undefined if there is none. */
export type Edit = { readonly line: number; readonly column: number } & (
  | { readonly kind: 'remove-key' | 'quote' | 'remove-comment' }
  | { readonly kind: 'text'; readonly text: (before: string) => string | undefined }
);

/** A text with changes in it, and which of them could be made. */
export interface Edited<E extends Edit> {
  readonly text: string;
  readonly done: readonly E[];
}

/** A stretch of a text, and what takes its place. */
interface Cut {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Most changes of one file at a time. */
const MOST_EDITS = 200;

/**
 * Makes changes in a YAML text and leaves every other character as it is. Each is held against what the YAML library makes of the same
 * change: where the two do not read the same, or the place is not as expected, it is left out. Never throws.
 */
export function edited<E extends Edit>({ text }: Pick<SourceFile, 'text'>, edits: readonly E[]): Edited<E> {
  // From the end to the beginning, so that places stay where they are.
  const ordered = [...edits].sort((a, b) => b.line - a.line || b.column - a.column).slice(0, MOST_EDITS);
  let now = text;
  const done: E[] = [];
  for (const edit of ordered) {
    const changed = changedBy(now, edit);
    if (changed === undefined) continue;
    now = changed;
    done.unshift(edit);
  }
  return { text: now, done };
}

function changedBy(text: string, edit: Edit): string | undefined {
  const offset = offsetOf(text, edit);
  if (offset === undefined) return undefined;
  const documents = parsed(text);
  if (edit.kind === 'remove-comment') return verified(text, commentCut(text, offset), documents);
  for (const document of documents) {
    const found = placeOf(document, offset);
    if (found === undefined) continue;
    const cut = edit.kind === 'remove-key' ? keyCut(text, found) : scalarCut(text, found, edit);
    return verified(text, cut, documents);
  }
  return undefined;
}

/** The text with the cut made, if its documents then read as those that the library has changed. */
function verified(text: string, cut: Cut | undefined, expected: readonly Document[]): string | undefined {
  if (cut === undefined) return undefined;
  const changed = `${text.slice(0, cut.from)}${cut.text}${text.slice(cut.to)}`;
  const now = parsed(changed);
  const same = (document: Document, index: number) => {
    const read = readsAs(document);
    return read !== undefined && read === readsAs(expected[index]);
  };
  return now.length === expected.length && now.every(same) ? changed : undefined;
}

function parsed(text: string): readonly Document[] {
  return [...parseAllDocuments(text, { uniqueKeys: false, prettyErrors: false, logLevel: 'silent' })] as readonly Document[];
}

/** Undefined for a document that is broken. */
function readsAs(document: Document | undefined): string | undefined {
  if (document === undefined || document.errors.length > 0) return undefined;
  try {
    return JSON.stringify(document.toJS({ maxAliasCount: 100 })) ?? '';
  } catch {
    return undefined;
  }
}

function offsetOf(text: string, { line, column }: Edit): number | undefined {
  const lines = text.split('\n');
  if (line < 1 || line > lines.length || column < 1 || column > (lines[line - 1] ?? '').length) return undefined;
  return lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
}

/** A scalar, or the pair whose key begins there, with the mapping that holds it. */
interface Place {
  readonly scalar: Scalar | undefined;
  readonly pair?: Pair;
  readonly map?: YAMLMap;
}

function placeOf(document: Document, offset: number): Place | undefined {
  let found: Place | undefined;
  visit(document, {
    Map: (_key, map) => {
      const pair = map.items.find(({ key }) => isScalar(key) && key.range?.[0] === offset);
      if (pair === undefined) return undefined;
      found = { pair, map, scalar: isScalar(pair.value) ? pair.value : undefined };
      return visit.BREAK;
    },
    Scalar: (_key, scalar) => {
      if (scalar.range?.[0] !== offset) return undefined;
      found = { scalar };
      return visit.BREAK;
    },
  });
  return found;
}

/** The lines of a key that has them to itself; the library takes it away too. */
function keyCut(text: string, { pair, map }: Place): Cut | undefined {
  if (pair === undefined || map === undefined || map.flow === true || map.items.length < 2 || !isScalar(pair.key))
    return undefined;
  const from = lineStart(text, pair.key.range?.[0] ?? 0);
  if (text.slice(from, pair.key.range?.[0]).trim() !== '') return undefined;
  const value = pair.value as { readonly range?: readonly number[] } | null;
  const end = value?.range?.[1] ?? pair.key.range?.[1] ?? from;
  const to = text[end - 1] === '\n' ? end : lineEnd(text, end);
  const rest = text.slice(end, to);
  if (rest.trim() !== '' && !/^\s*#/.test(rest)) return undefined;
  map.items.splice(map.items.indexOf(pair), 1);
  return { from, to, text: '' };
}

function scalarCut(text: string, { scalar }: Place, edit: Edit): Cut | undefined {
  if (scalar === undefined || scalar.range === undefined || scalar.range === null) return undefined;
  const [from, to] = scalar.range;
  const written = text.slice(from, to);
  if (edit.kind === 'quote') {
    if (scalar.type !== 'PLAIN') return undefined;
    scalar.value = written;
    return { from, to, text: JSON.stringify(written) };
  }
  const wanted = edit.kind === 'text' && typeof scalar.value === 'string' ? edit.text(scalar.value) : undefined;
  if (wanted === undefined || wanted === scalar.value) return undefined;
  scalar.value = wanted;
  if (scalar.type === 'QUOTE_SINGLE') return { from, to, text: `'${wanted.replaceAll("'", "''")}'` };
  const isPlain = scalar.type === 'PLAIN' && /^[A-Za-z0-9][\w.*-]*$/.test(wanted);
  return { from, to, text: isPlain ? wanted : JSON.stringify(wanted) };
}

/** A comment with its line, where it has one to itself, else with the blanks before it. */
function commentCut(text: string, offset: number): Cut | undefined {
  if (text[offset] !== '#') return undefined;
  const begin = lineStart(text, offset);
  const before = text.slice(begin, offset);
  if (before.trim() === '') return { from: begin, to: lineEnd(text, offset), text: '' };
  const end = lineEnd(text, offset);
  const breaks = /\r?\n$/.exec(text.slice(offset, end))?.[0].length ?? 0;
  return { from: begin + before.trimEnd().length, to: end - breaks, text: '' };
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Behind the line break, or the end of the text. */
function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}
