import { Lexer } from 'yaml';
import type { Position, Problem } from '../core/problems.ts';
import { outOfBounds } from './bounds.ts';
import type { SourceFile } from './parse.ts';

/** A comment that ignores a finding: `# tocsin:ignore CODE reason` behind a line or above it, `# tocsin:ignore-file CODE reason` for a file. */
export interface Ignore {
  readonly at: Position;
  /** The word behind `tocsin:`, which may be misspelt. */
  readonly word: string;
  /** Empty where none is given. */
  readonly code: string;
  readonly reason: string;
  /** The lines whose findings it ignores, 1-based, both included; undefined: all of the file. */
  readonly lines: { readonly from: number; readonly to: number } | undefined;
}

/** A problem that a comment ignores. */
export interface Ignored {
  readonly problem: Problem;
  readonly ignore: Ignore;
}

/** Comments of one file that are looked at. */
const MOST_IGNORES = 1_000;

const MARK = /^#+\s*tocsin:([A-Za-z][A-Za-z_-]*)(?:\s+(\S+))?(?:\s+(\S.*?))?\s*$/;

/** Reads the comments of a file that ignore findings. Texts that look like such a comment are not read as one. Never throws. */
export function ignoresOf({ file, text }: SourceFile): readonly Ignore[] {
  if (!text.includes('tocsin:') || outOfBounds(text) !== undefined) return [];
  const scanned = scan(text);
  const found = scanned.comments.flatMap((comment) => {
    const [, word, code = '', reason = ''] = MARK.exec(comment.text) ?? [];
    if (word === undefined || !/^ignor/i.test(word)) return [];
    const target = comment.alone ? (scanned.content.find((line) => line > comment.line) ?? comment.line) : comment.line;
    const lines = word === 'ignore-file' ? undefined : { from: target, to: scanned.endOf(target) };
    const at = { file, line: comment.line, column: comment.column };
    return [{ at, word: word.slice(0, 40), code: code.slice(0, 80), reason: reason.slice(0, 300), lines }];
  });
  return found.slice(0, MOST_IGNORES);
}

/** Says whether a comment can ignore anything: it is spelt right and gives a reason. */
export function isWhole({ word, code, reason }: Ignore): boolean {
  return (word === 'ignore' || word === 'ignore-file') && code !== '' && reason !== '';
}

/** Divides problems into those that stay and those that a comment ignores; `may` says which ones a comment may ignore at all. */
export function dividedBy(
  ignores: readonly Ignore[],
  problems: readonly Problem[],
  may: (problem: Problem) => boolean,
): { readonly kept: readonly Problem[]; readonly ignored: readonly Ignored[] } {
  const byFile = new Map<string, Ignore[]>();
  for (const one of ignores.filter(isWhole)) byFile.set(one.at.file, [...(byFile.get(one.at.file) ?? []), one]);
  const kept: Problem[] = [];
  const ignored: Ignored[] = [];
  for (const problem of problems) {
    const of = problem.at === undefined ? [] : (byFile.get(problem.at.file) ?? []);
    const ignore = may(problem) ? of.find((one) => covers(one, problem)) : undefined;
    if (ignore === undefined) kept.push(problem);
    else ignored.push({ problem, ignore });
  }
  return { kept, ignored };
}

function covers({ code, lines }: Ignore, { code: found, at }: Problem): boolean {
  return code === found && at !== undefined && (lines === undefined || (lines.from <= at.line && at.line <= lines.to));
}

interface Comment {
  readonly text: string;
  readonly line: number;
  readonly column: number;
  /** Nothing but blanks before it in its line. */
  readonly alone: boolean;
}

/** Signs of the lexer that stand for no character: the start of a document, an error in brackets, and that a scalar follows. */
const SIGNS = new Set(['\u{2}', '\u{18}', '\u{1f}']);

/** The comments of a text, the lines that hold something else in order, and where values end that go on over several lines. */
function scan(text: string) {
  const comments: Comment[] = [];
  const content: number[] = [];
  const ends = new Map<number, number>();
  let [line, column, scalar] = [1, 1, false];
  let block: number | undefined;
  for (const token of new Lexer().lex(text)) {
    if (SIGNS.has(token)) {
      scalar = token === '\u{1f}';
      continue;
    }
    const isSilent = !scalar && (token.trim() === '' || token === '---' || token === '...');
    if (token.startsWith('#') && !scalar) comments.push({ text: token, line, column, alone: content.at(-1) !== line });
    else if (!isSilent && content.at(-1) !== line) content.push(line);
    const rows = token.split('\n');
    const last = line + rows.length - 1;
    if (scalar) {
      // The line break at the end of a block belongs to it; the block, to the line of its sign.
      const end = token.endsWith('\n') ? last - 1 : last;
      const begin = block ?? line;
      ends.set(begin, Math.max(end, ends.get(begin) ?? begin));
      block = undefined;
    } else if (/^[|>][-+\d]*$/.test(token)) block = line;
    column = rows.length > 1 ? (rows.at(-1) ?? '').length + 1 : column + token.length;
    line = last;
    scalar = false;
  }
  // A value that goes on over several lines has no place for a comment: that of its first line is for all of them.
  return { comments, content, endOf: (from: number) => Math.max(from, ends.get(from) ?? from) };
}
