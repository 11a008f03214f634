import { dirname, join } from 'node:path';
import { hashId } from '../core/ids.ts';
import type { Problem } from '../core/problems.ts';
import { complaintsOf } from './complaints.ts';
import type { RuleDocument } from './document.ts';
import { parseFile, type SourceFile } from './parse-file.ts';
import { validateDefaults } from './validate.ts';

/** The `defaults.yaml` of one folder. */
interface FolderDefaults {
  readonly file: string;
  readonly digest: string;
  readonly document: RuleDocument | undefined;
  readonly broken: boolean;
}

/** The defaults of all folders, and those of each file as they were found before. */
export interface DefaultsByFolder {
  readonly folders: ReadonlyMap<string, FolderDefaults>;
  readonly found: Map<string, InheritedDefaults>;
  readonly problems: readonly Problem[];
}

/** The defaults that hold for the files of one folder, nearest first. */
export interface InheritedDefaults {
  readonly documents: readonly RuleDocument[];
  readonly digest: string;
  readonly brokenBy: string | undefined;
}

/** Folders deeper than this do not inherit; a path of `..` has no top of its own. */
const MAX_DEPTH = 64;

/** Reads the `defaults.yaml` files, one a folder; those in `unread` are broken: their folders must not do without them. */
export function readDefaults(files: readonly SourceFile[], unread: readonly string[]): DefaultsByFolder {
  const problems: Problem[] = [];
  const folders = new Map<string, FolderDefaults>();
  for (const source of files) {
    const parsed = parseFile(source);
    const [document, second] = parsed.documents;
    const own = [...parsed.problems.filter(({ code }) => code !== 'rule/no-rule')];
    if (document !== undefined) own.push(...problemsOf(document));
    if (second !== undefined) {
      const message = 'a defaults.yaml has one document';
      own.push({ code: 'rule/invalid', severity: 'error', message, hint: 'join them', at: second.place([]) });
    }
    problems.push(...own);
    folders.set(dirname(source.file), { file: source.file, digest: hashId(source.text), document, broken: own.length > 0 });
  }
  for (const file of unread) folders.set(dirname(file), { file, digest: 'unread', document: undefined, broken: true });
  return { folders, found: new Map(), problems };
}

function problemsOf(document: RuleDocument): readonly Problem[] {
  const complaints = complaintsOf(document);
  for (const { code, path, message, hint, part } of validateDefaults(document.value)) complaints.error(code, path, message, hint, part);
  return complaints.problems;
}

/** The defaults of a file's folder and of the folders above it, nearest first. */
export function defaultsFor(file: string, defaults: DefaultsByFolder): InheritedDefaults {
  const folder = dirname(file);
  const known = defaults.found.get(folder);
  if (known !== undefined) return known;
  const chain = foldersUp(folder).flatMap((each) => defaults.folders.get(each) ?? []);
  const inherited = {
    documents: chain.flatMap(({ document, broken }) => (document === undefined || broken ? [] : [document])),
    digest: hashId(...chain.map(({ file: name, digest }) => [name, digest])),
    brokenBy: chain.find(({ broken }) => broken)?.file,
  };
  defaults.found.set(folder, inherited);
  return inherited;
}

function foldersUp(folder: string): readonly string[] {
  const folders = [folder];
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const above = join(folders.at(-1) ?? folder, '..');
    if (above === folders.at(-1)) break;
    folders.push(above);
  }
  return folders;
}
