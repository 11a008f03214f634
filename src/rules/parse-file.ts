import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseAllDocuments, type YAMLMap } from 'yaml';
import type { Position, Problem } from '../core/problems.ts';
import type { Path, RuleDocument } from './document.ts';
import { offsetInSource } from './scalar-position.ts';
import { outOfBounds } from './yaml-bounds.ts';
import { isMerge, mergedMaps, startOf, type YamlComplaint, type YamlValue, yamlValue } from './yaml-value.ts';

/** A file's name, as problems show it, and its text. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/** The documents of one file that hold something, and what is wrong with the others. */
export interface ParsedFile {
  readonly documents: readonly RuleDocument[];
  readonly problems: readonly Problem[];
}

const MAX_DOCUMENTS = 5_000;

const HINTS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  BAD_INDENT: 'align it with the lines it belongs to',
  BLOCK_AS_IMPLICIT_KEY: 'put a value that contains ": " in quotes, or mend the indentation of the lines below',
  MULTILINE_IMPLICIT_KEY: 'mend the indentation, or put the text in quotes',
  UNEXPECTED_TOKEN: 'put a text that begins with a quote or with one of { [ * & ! % @ in quotes, as a whole',
  BAD_SCALAR_START: 'put a text that begins with "@" or "`" in quotes',
  MISSING_CHAR: 'close what was opened, and put a text that contains ": " or quotes in quotes',
  BAD_DQ_ESCAPE: 'write \\\\ for a backslash, or use single quotes',
  IMPOSSIBLE: 'look at the lines above',
};

/** Reads the YAML of one file: every document on its own, so that a broken one does not hide what is wrong with the next. Never throws. */
export function parseFile({ file, text }: SourceFile): ParsedFile {
  const refused = outOfBounds(text);
  if (refused !== undefined) return failed(file, refused.message, refused.hint);
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false, logLevel: 'silent' });
  const documents: readonly Document[] = [...parsed] as readonly Document[];
  if (documents.length > MAX_DOCUMENTS) return failed(file, `more than ${MAX_DOCUMENTS} documents in one file`, 'split it into several files');
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const problems: Problem[] = [];
  const found: RuleDocument[] = [];
  for (const document of documents) {
    const errors = syntaxProblems(document, at);
    const value = yamlValue(document);
    problems.push(...errors, ...(errors.length > 0 ? [] : value.complaints.map((complaint) => complaintProblem(complaint, at))));
    if (errors.length === 0 && value.complaints.length === 0 && value.value !== null) found.push(located(file, text, document, value, at));
  }
  if (found.length === 0 && problems.length === 0) return failed(file, 'there is no rule in this file', 'write one, or remove the file', 'rule/no-rule');
  return { documents: found, problems };
}

function failed(file: string, message: string, hint: string, code = 'rule/too-large'): ParsedFile {
  return { documents: [], problems: [{ code, severity: 'error', message, hint, at: { file, line: 1, column: 1 } }] };
}

/** The first syntax error of a document only: those that follow it are mostly its echo. */
function syntaxProblems(document: Document, at: (offset: number) => Position): readonly Problem[] {
  const [error] = [...document.errors].sort((a, b) => a.pos[0] - b.pos[0]);
  if (error !== undefined) {
    const hint = HINTS[error.code];
    const message = `not valid YAML: ${inWords(error.code, error.message)}`;
    return [{ code: 'rule/yaml', severity: 'error', message, ...(hint === undefined ? {} : { hint }), at: at(error.pos[0]) }];
  }
  const [warning] = document.warnings;
  if (warning === undefined) return [];
  const message = `not plain YAML: ${inWords(warning.code, warning.message)}`;
  return [{ code: 'rule/yaml', severity: 'error', message, hint: 'put a text that begins with "!" in quotes', at: at(warning.pos[0]) }];
}

function inWords(code: string, message: string): string {
  if (code === 'BLOCK_AS_IMPLICIT_KEY') return 'a second "key: value" inside a value';
  if (message === 'Unexpected scalar at node end') return 'text behind a value that is complete';
  return `${message.charAt(0).toLowerCase()}${message.slice(1)}`;
}

function complaintProblem({ code, message, hint, offset, firstOffset }: YamlComplaint, at: (offset: number) => Position): Problem {
  const first = firstOffset === undefined ? undefined : at(firstOffset);
  const where = first === undefined ? '' : `, first in line ${first.line}`;
  return { code, severity: 'error', message: message + where, ...(hint === undefined ? {} : { hint }), at: at(offset) };
}

function located(file: string, text: string, document: Document, value: YamlValue, at: (offset: number) => Position): RuleDocument {
  return {
    file,
    value: value.value,
    place: (path, part = 'value') => at(offsetOf(document, value, path, part)),
    placeInText: (path, offset) => {
      const node = find(document, value, path).value;
      return isScalar(node) ? at(offsetInSource(node, text, offset)) : at(offsetOf(document, value, path, 'value'));
    },
  };
}

interface Found {
  readonly key: Node | undefined;
  readonly value: Node | undefined;
}

function offsetOf(document: Document, value: YamlValue, path: Path, part: 'key' | 'value'): number {
  const found = find(document, value, path);
  const node = part === 'key' ? (found.key ?? found.value) : (found.value ?? found.key);
  return startOf(node);
}

/** Walks down a path; where it ends early, the last key and value that were there. */
function find(document: Document, { targets }: YamlValue, path: Path): Found {
  const resolve = (node: unknown): Node | undefined => (isAlias(node) ? targets.get(node) : ((node ?? undefined) as Node | undefined));
  let found: Found = { key: undefined, value: resolve(document.contents) };
  for (const part of path) {
    const { value } = found;
    if (isMap(value)) {
      const pair = pairOf(value, String(part), (merge) => mergedMaps(merge, targets));
      if (pair === undefined) return found;
      found = { key: pair.key as Node, value: resolve(pair.value) };
    } else if (isSeq(value)) {
      const item = resolve(value.items[Number(part)]);
      if (item === undefined) return found;
      found = { key: undefined, value: item };
    } else return found;
  }
  return found;
}

function pairOf(map: YAMLMap, key: string, merged: (pair: Pair) => readonly YAMLMap[]): Pair | undefined {
  const own = map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key);
  if (own !== undefined) return own;
  for (const pair of map.items.filter(isMerge)) {
    for (const source of merged(pair)) {
      const found = pairOf(source, key, merged);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
