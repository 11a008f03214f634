import type { Dirent } from 'node:fs';
import { opendir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { visible } from '../core/visible.ts';
import { type FileRefusal, outsideOf, refusalOf } from './open-file.ts';

/** A file as it was named, where it really is, and the folder (a real path) that it has to lie in. */
export interface FoundFile {
  readonly path: string;
  readonly real: string;
  readonly root: string;
}

/** A path that is not read, and why. */
interface RefusedPath {
  readonly path: string;
  readonly refusal: FileRefusal;
}

/** A walk through folders: what was found, in any order, and what could not be looked into. Several folders may be walked with one. */
export interface FolderWalk {
  readonly found: Map<string, FoundFile>;
  readonly refused: RefusedPath[];
  /** Real paths of files and folders that were met: each is taken once, whatever links lead to it. */
  readonly seen: Set<string>;
  /** Entries looked at, of whatever kind. */
  entries: number;
}

/** Most entries of all folders of one walk, and most levels of folders. */
const MAX_ENTRIES = 500_000;
const MAX_LEVELS = 64;

/** Starts a walk. */
export function newWalk(): FolderWalk {
  return { found: new Map(), refused: [], seen: new Set(), entries: 0 };
}

/**
 * Finds the files of a folder and of all below it whose names are wanted. Hidden entries and node_modules are left out; links are followed as
 * long as they stay within the folder (those of a mounted volume do), and one that leads out is refused.
 */
export async function walkFolder(folder: string, wanted: (name: string) => boolean, walk: FolderWalk): Promise<void> {
  try {
    const root = await realpath(folder);
    await addFolder({ path: folder, real: root, root, level: 0 }, wanted, walk);
  } catch (thrown) {
    walk.refused.push({ path: folder, refusal: refusalOf(thrown) });
  }
}

/** Takes up a file, unless it was met before. */
export function addFound(file: FoundFile, walk: FolderWalk): void {
  if (isNew(file.real, walk)) walk.found.set(file.path, file);
}

/** A path with what a terminal or a log would obey in it shown as `\uFFFD`. */
export function shownPath(path: string): string {
  return visible(path).replace(/[\n\t]/g, '\uFFFD');
}

interface Folder extends FoundFile {
  readonly level: number;
}

async function addFolder(folder: Folder, wanted: (name: string) => boolean, walk: FolderWalk): Promise<void> {
  if (!isNew(folder.real, walk)) return;
  if (folder.level > MAX_LEVELS) return refuse(folder.path, `more than ${MAX_LEVELS} levels of folders`, walk);
  try {
    for (const entry of await entriesOf(folder, walk)) await addEntry(folder, entry, wanted, walk);
  } catch (thrown) {
    walk.refused.push({ path: folder.path, refusal: refusalOf(thrown) });
  }
}

/** In the order of their names; a folder without end is looked at in part. */
async function entriesOf(folder: Folder, walk: FolderWalk): Promise<readonly Dirent[]> {
  const entries: Dirent[] = [];
  for await (const entry of await opendir(folder.path, { bufferSize: 512 })) {
    if (++walk.entries > MAX_ENTRIES) {
      refuse(folder.path, `more than ${MAX_ENTRIES} entries in the folders: the rest is skipped`, walk);
      break;
    }
    if (!entry.name.startsWith('.') && entry.name !== 'node_modules') entries.push(entry);
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function addEntry(folder: Folder, entry: Dirent, wanted: (name: string) => boolean, walk: FolderWalk): Promise<void> {
  const { name } = entry;
  const { root } = folder;
  const path = join(folder.path, name);
  // A file that is not a link is in its folder: with thousands of files, a system call for each costs more than everything else.
  const real = join(folder.real, name);
  const isFolder = entry.isDirectory();
  if (!isFolder && !entry.isSymbolicLink() && !wanted(name)) return;
  if (shownPath(name) !== name) return refuse(path, 'its name contains unprintable characters', walk, 'rename it');
  if (isFolder) return addFolder({ path, real, root, level: folder.level + 1 }, wanted, walk);
  if (entry.isSymbolicLink()) return addLink({ ...folder, path }, wanted(name), wanted, walk);
  addFound({ path, real, root }, walk);
}

async function addLink(link: Folder, isWanted: boolean, wanted: (name: string) => boolean, walk: FolderWalk): Promise<void> {
  try {
    const target = await stat(link.path);
    if (!target.isDirectory() && !isWanted) return;
    const real = await realpath(link.path);
    const refusal = outsideOf(real, { within: [link.root] });
    if (refusal !== undefined) walk.refused.push({ path: link.path, refusal });
    else if (target.isDirectory()) await addFolder({ ...link, real, level: link.level + 1 }, wanted, walk);
    else addFound({ path: link.path, real, root: link.root }, walk);
  } catch (thrown) {
    // A broken or circular link matters only if it has the name of a wanted file.
    if (isWanted) walk.refused.push({ path: link.path, refusal: { ...refusalOf(thrown), hint: 'fix or remove the link' } });
  }
}

function refuse(path: string, message: string, walk: FolderWalk, hint = 'check the path'): void {
  walk.refused.push({ path, refusal: { ok: false, code: 'unreadable', message, hint } });
}

function isNew(real: string, walk: FolderWalk): boolean {
  if (walk.seen.has(real)) return false;
  walk.seen.add(real);
  return true;
}
