import { type Document, LineCounter, parseAllDocuments, visit, type YAMLError } from 'yaml';
import type { Position, Problem } from '../core/problems.ts';
import { outOfBounds } from './bounds.ts';
import type { FaultCodes } from './codes.ts';
import type { YamlDocument } from './document.ts';
import { offsetInText, offsetOf, plainScalar } from './locate.ts';
import { type YamlComplaint, type YamlValue, yamlValue } from './value.ts';

/** A file's name, as problems show it, and its text. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/** The documents of one file that hold something, and what is wrong with the others. */
export interface ParsedYaml {
  readonly documents: readonly YamlDocument[];
  readonly problems: readonly Problem[];
  /** Whether the file is plainly of the kind that was expected. Where it is not, nothing that it holds may be quoted: it may be a secret. */
  readonly plain: boolean;
}

/** Says whether a document's value looks like what a file of the expected kind holds. */
export type LooksLike = (value: unknown) => boolean;

const MAX_DOCUMENTS = 5_000;

const HINTS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  BAD_INDENT: 'align it with the lines that it belongs to',
  BLOCK_AS_IMPLICIT_KEY: 'put a value that contains ": " in quotes, or fix the indentation of the lines below',
  MULTILINE_IMPLICIT_KEY: 'fix the indentation, or put the text in quotes',
  UNEXPECTED_TOKEN:
    'put the whole text in quotes if it starts with a quote or one of { [ * & ! % @; within "…" write \' for quotes',
  BAD_SCALAR_START: 'put the text in quotes if it starts with "@" or "`"',
  MISSING_CHAR: 'close the bracket or quote, and put texts that contain ": " or quotes in quotes',
  BAD_DQ_ESCAPE: 'write \\\\ for a backslash, or use single quotes',
  IMPOSSIBLE: 'check the lines above',
};

/**
 * Reads the YAML of one file: every document on its own, so that a broken one does not hide what is wrong with the next. Never
 * throws, takes bounded time for any text, and quotes no value: it may be a secret. Where no document looks like what was expected, not even
 * a key is quoted.
 */
export function parseYaml({ file, text }: SourceFile, codes: FaultCodes, looksLike: LooksLike = () => true): ParsedYaml {
  const refused = outOfBounds(text);
  if (refused !== undefined) return tooLarge(file, refused.message, refused.hint, codes);
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
    intAsBigInt: true,
  });
  const documents: readonly Document[] = [...parsed] as readonly Document[];
  if (documents.length > MAX_DOCUMENTS)
    return tooLarge(file, `more than ${MAX_DOCUMENTS} documents in one file`, 'split it into several files', codes);
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const read = documents.map((document) => ({ document, value: yamlValue(document) }));
  const plain = read.some(({ value }) => looksLike(value.value));
  const problems: Problem[] = [];
  const found: YamlDocument[] = [];
  for (const { document, value } of read) {
    const broken = syntaxProblem(document, text, codes, at, plain);
    if (broken !== undefined) {
      problems.push(broken);
      continue;
    }
    problems.push(...value.complaints.map((complaint) => complaintProblem(complaint, codes, at, plain)));
    if (value.complaints.length === 0 && value.value !== null) found.push(located(file, text, document, value, at));
  }
  return { documents: found, problems, plain };
}

/**
 * Reads a file that has one document: undefined when it holds nothing, or when that document is broken. A second document is a
 * problem, with `hint` as the next step.
 */
export function parseOnly(
  source: SourceFile,
  codes: FaultCodes,
  hint: string,
  looksLike?: LooksLike,
): { readonly document: YamlDocument | undefined; readonly problems: readonly Problem[]; readonly plain: boolean } {
  const { documents, problems, plain } = parseYaml(source, codes, looksLike);
  const [document, second] = documents;
  if (second === undefined) return { document, problems, plain };
  const message = "expected one document, found another after '---'";
  const several: Problem = { code: codes.invalid, severity: 'error', message, hint, at: second.place([]) };
  return { document, problems: [...problems, several], plain };
}

function tooLarge(file: string, message: string, hint: string, codes: FaultCodes): ParsedYaml {
  const code = codes['too-large'];
  return {
    documents: [],
    problems: [{ code, severity: 'error', message, hint, at: { file, line: 1, column: 1 } }],
    plain: false,
  };
}

/** The first syntax error of a document only: those that follow it are mostly its echo. */
function syntaxProblem(
  document: Document,
  text: string,
  codes: FaultCodes,
  at: (offset: number) => Position,
  plain: boolean,
): Problem | undefined {
  const [error] = [...document.errors].sort((a, b) => a.pos[0] - b.pos[0]);
  if (error !== undefined) {
    const open = unclosedStart(document, error, text);
    if (open !== undefined) {
      const [sign, closing] = text[open] === '[' ? ['[', ']'] : ['{', '}'];
      const message = `not valid YAML: this ${sign} is not closed`;
      const hint = `close it with ${closing}, and indent every line up to it; put a text that starts with ${sign} in quotes`;
      return { code: codes.yaml, severity: 'error', message, hint, at: at(open) };
    }
    const hint = HINTS[error.code];
    const message = `not valid YAML${inWords(error.code, error.message, plain)}`;
    return { code: codes.yaml, severity: 'error', message, ...(hint === undefined ? {} : { hint }), at: at(error.pos[0]) };
  }
  const [warning] = document.warnings;
  if (warning === undefined) return undefined;
  const message = `not plain YAML${inWords(warning.code, warning.message, plain)}`;
  const hint = 'put the text in quotes if it starts with "!"';
  return { code: codes.yaml, severity: 'error', message, hint, at: at(warning.pos[0]) };
}

/** Where the list or mapping in brackets begins that an error is about; the library only says where it gave up. */
function unclosedStart(document: Document, error: YAMLError, text: string): number | undefined {
  if (!/^Flow (?:sequence|map) .*end with a/s.test(error.message)) return undefined;
  let start: number | undefined;
  visit(document, {
    Collection: (_key, node) => {
      const from = node.range?.[0];
      if (node.flow !== true || from === undefined || from >= error.pos[0] || !/[[{]/.test(text[from] ?? '')) return;
      const closed = text[(node.range?.[1] ?? 0) - 1] === (text[from] === '[' ? ']' : '}');
      if (!closed) start = from;
    },
  });
  return start;
}

/** What the library says, after a colon; of a file that is not plainly what was expected only what is the same for every file. */
function inWords(code: string, message: string, plain: boolean): string {
  if (code === 'BLOCK_AS_IMPLICIT_KEY') return ': a second "key: value" inside a value';
  if (code === 'TAG_RESOLVE_FAILED') return ': unknown tag';
  if (message === 'Unexpected scalar at node end') return ': unexpected text after a value';
  if (!plain) return '';
  // The library quotes what it stumbles on; a sign or two help, more may be a secret.
  const unquoted = message.replace(/: ".{3,}"$/s, '');
  return `: ${unquoted.charAt(0).toLowerCase()}${unquoted.slice(1)}`;
}

function complaintProblem(
  { kind, message, hint, offset, firstOffset }: YamlComplaint,
  codes: FaultCodes,
  at: (offset: number) => Position,
  plain: boolean,
): Problem {
  const said = !plain && kind === 'duplicate-key' ? 'duplicate key' : message;
  const where = firstOffset === undefined ? '' : `, first in line ${at(firstOffset).line}`;
  const code = codes[kind];
  return { code, severity: 'error', message: said + where, ...(hint === undefined ? {} : { hint }), at: at(offset) };
}

function located(
  file: string,
  text: string,
  document: Document,
  value: YamlValue,
  at: (offset: number) => Position,
): YamlDocument {
  return {
    file,
    value: value.value,
    place: (path, part = 'value') => at(offsetOf(document, value, path, part)),
    written: (path) => plainScalar(document, value, path),
    placeInText: (path, offset) => at(offsetInText(document, value, path, text, offset)),
  };
}
