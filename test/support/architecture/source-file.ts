import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';

/** One import of a source file: what it names, as written. */
interface Import {
  readonly from: string;
}

/** One source file, read without a compiler. `path` is relative to its root, with slashes. */
export interface SourceFile {
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  /** Names that the file declares and exports; what it only passes on is not among them. */
  readonly exports: readonly string[];
  /** The text without comments, strings and regular expressions; of templates only the expressions are left. */
  readonly code: string;
}

/** Reads every TypeScript file below a folder, in the order of their paths. */
export function readSources(root: string): readonly SourceFile[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => sourceFile(relative(root, file).split(sep).join('/'), readFileSync(file, 'utf8')))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Takes one file's text apart. */
export function sourceFile(path: string, text: string): SourceFile {
  return {
    path,
    lines: text.replace(/\n$/, '').split('\n').length,
    imports: importsOf(text),
    exports: exportsOf(codeOf(text)),
    code: codeOf(text),
  };
}

/** The file an import means, relative to the same root, or undefined when it names a package. */
export function importedFile(importer: string, from: string): string | undefined {
  return from.startsWith('.') ? posix.normalize(posix.join(dirname(importer), from)) : undefined;
}

/** The package an import means: `@scope/name` or `name`, `node:fs` for what Node brings; undefined for a file of ours. */
export function importedPackage(from: string): string | undefined {
  if (from.startsWith('.')) return undefined;
  if (from.startsWith('node:')) return from;
  return from.split('/', from.startsWith('@') ? 2 : 1).join('/');
}

const COMMENT = String.raw`\/\*[\s\S]*?\*\/|\/\/[^\n]*`;
const STRING = String.raw`'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"`;
const TEMPLATE = String.raw`\x60(?:\\[\s\S]|\$\{(?:[^{}\x60]|\{[^{}\x60]*\}|\x60(?:\\[\s\S]|[^\\\x60])*\x60)*\}|[^\\\x60])*\x60`;
// A slash begins a regular expression only where a value may begin; elsewhere it divides.
const REGEX = String.raw`(?<=(?:[(,=:[!&|?{};>+]|\breturn|\btypeof|\bcase)\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*`;
const LEXEME = new RegExp(`(?<comment>${COMMENT})|(?<string>${STRING})|(?<template>${TEMPLATE})|(?<regex>${REGEX})`, 'g');

function codeOf(text: string): string {
  return text.replace(LEXEME, (lexeme, comment: string | undefined, quoted: string | undefined, template: string | undefined) => {
    if (comment !== undefined) return ' ';
    if (quoted !== undefined) return "''";
    return template === undefined ? '/ /' : `(${expressionsOf(lexeme)})`;
  });
}

function expressionsOf(template: string): string {
  const found = template.matchAll(/\$\{((?:[^{}`]|\{[^{}`]*\}|`(?:\\[\s\S]|[^\\`])*`)*)\}/g);
  return [...found].map(([, expression]) => codeOf(expression ?? '')).join(', ');
}

const DECLARED =
  /^[ \t]*export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:const|let|var|function\s*\*?|class|interface|type)\s+(?<name>[\w$]+)/gm;

/** `export { a, b as c };`, which may also pass on what the file imported. */
const LISTED = /^[ \t]*export\s+(?:type\s+)?\{(?<names>[^}]*)\}(?!\s*from\b)/gm;
const IMPORTED = /^[ \t]*import\s+(?:type\s+)?[^'";=]*?\{(?<names>[^}]*)\}/gm;

function exportsOf(code: string): readonly string[] {
  const declared = [...code.matchAll(DECLARED)].map(({ groups }) => groups?.['name'] ?? '');
  const imported = new Set(namesIn(code, IMPORTED).map(({ shown }) => shown));
  const listed = namesIn(code, LISTED).flatMap(({ own, shown }) => (imported.has(own) ? [] : [shown]));
  // Overloads declare one name several times.
  return [...new Set([...declared, ...listed])];
}

function namesIn(code: string, lists: RegExp): readonly { readonly own: string; readonly shown: string }[] {
  const names = [...code.matchAll(lists)].flatMap(({ groups }) => groups?.['names']?.split(',') ?? []);
  return names.flatMap((name) => {
    const [own, shown = own] = name
      .trim()
      .replace(/^type\s+/, '')
      .split(/\s+as\s+/);
    return own === undefined || own === '' || shown === undefined ? [] : [{ own, shown }];
  });
}

const STATEMENT = /^[ \t]*(?:import|export)\s+[^'";=]*?\s*\bfrom\s*(?:'|")(?<from>[^'"\n]+)(?:'|")/gm;
const BARE = /^[ \t]*import\s*(?:'|")(?<from>[^'"\n]+)(?:'|")/gm;
const CALLED = /\b(?:import|require)\s*\(\s*(?:'|")(?<from>[^'"\n]+)(?:'|")\s*[,)]/g;

function importsOf(text: string): readonly Import[] {
  const bare = text.replace(LEXEME, (lexeme, comment: string | undefined, quoted: string | undefined) =>
    comment !== undefined ? ' ' : quoted !== undefined ? lexeme : "''",
  );
  return [STATEMENT, BARE, CALLED].flatMap((form) =>
    [...bare.matchAll(form)].map(({ groups }) => ({ from: groups?.['from'] ?? '' })),
  );
}
