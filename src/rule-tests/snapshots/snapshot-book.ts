import { readdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Problem } from '../../core/problems.ts';
import { type FileRefusal, readFileText } from '../../files/open-file.ts';
import { removeFile, writeFileText } from '../../files/write-file.ts';
import { readSnapshots, SNAPSHOT_FOLDER, type Snapshots, snapshotPath, snapshotsText } from './snapshot-file.ts';

/** What may be written: what is missing; all that differs as well; nothing. */
export type SnapshotMode = 'missing' | 'update' | 'nothing';

/** The outcome of the snapshots of one file: keys. */
export interface SnapshotChanges {
  readonly file: string;
  readonly written: readonly string[];
  readonly updated: readonly string[];
  /** Kept, and of no test any more. */
  readonly obsolete: readonly string[];
  /** Those of them that were taken away. */
  readonly removed: boolean;
}

/** The snapshots of one test file while its tests run. */
export interface SnapshotBook {
  readonly file: string;
  /** Problems with reading the file; nothing is written then. */
  readonly problems: readonly Problem[];
  /** Compares, and notes what is to be written. */
  take(key: string, text: string): { readonly ok: true } | { readonly ok: false; readonly expected: string | undefined };
  /** Writes what is to be written. `spared`: how the keys begin of tests that did not run, whose snapshots are not obsolete. */
  close(
    spared: readonly string[],
  ): Promise<{ readonly changes: SnapshotChanges | undefined; readonly problems: readonly Problem[] }>;
}

const MAX_BYTES = 4 * 1024 * 1024;
/** Entries of a folder of snapshots that are looked at. */
const MOST_ENTRIES = 20_000;

/** Opens the snapshots of a test file, which lie within folders (real paths). */
export async function openSnapshots(file: string, within: readonly string[], mode: SnapshotMode): Promise<SnapshotBook> {
  const path = snapshotPath(file);
  const read = await readFileText(path, { maxBytes: MAX_BYTES, within });
  const before: Snapshots = read.ok ? readSnapshots(read.text) : new Map();
  const problems = read.ok || read.code === 'absent' ? [] : [problemOf(path, read)];
  const may = problems.length > 0 ? 'nothing' : mode;
  const used = new Map<string, string>();
  const written: string[] = [];
  const updated: string[] = [];
  return {
    file: path,
    problems,
    take: (key, text) => {
      const kept = before.get(key);
      used.set(key, kept ?? text);
      if (kept === text) return { ok: true };
      if (may === 'nothing' || (kept !== undefined && may !== 'update')) return { ok: false, expected: kept };
      used.set(key, text);
      (kept === undefined ? written : updated).push(key);
      return { ok: true };
    },
    close: async (spared) => {
      const unused = [...before.keys()].filter((key) => !used.has(key));
      const obsolete = unused.filter((key) => !spared.some((begin) => key.startsWith(begin)));
      const removed = may === 'update' && obsolete.length > 0;
      const writing = written.length + updated.length > 0 || removed;
      if (!writing && obsolete.length === 0) return { changes: undefined, problems: [] };
      const changes = { file: path, written, updated, obsolete, removed };
      if (!writing) return { changes, problems: [] };
      const left = [...before].filter(([key]) => !removed || !obsolete.includes(key));
      const done = await save(path, file, new Map([...left, ...used]), within);
      return { changes, problems: done.ok ? [] : [problemOf(path, done)] };
    },
  };
}

async function save(path: string, file: string, snapshots: Snapshots, within: readonly string[]) {
  if (snapshots.size === 0) return removeFile(path, { within });
  const sorted = new Map([...snapshots].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })));
  const text = snapshotsText(file, sorted);
  if (Buffer.byteLength(text) <= MAX_BYTES) return writeFileText(path, text, { within, replace: true });
  const message = `its messages exceed ${MAX_BYTES} bytes in total`;
  return { ok: false, code: 'too_large', message, hint: 'use snapshots of fewer messages' } satisfies FileRefusal;
}

/** Snapshot files of folders beside which there is no test file of their name. */
export async function orphanedSnapshots(files: readonly string[]): Promise<readonly string[]> {
  const expected = new Set(files.map(snapshotPath));
  const orphans: string[] = [];
  for (const folder of new Set(files.map((file) => dirname(file)))) {
    const beside = new Set(await namesIn(folder));
    for (const name of await namesIn(join(folder, SNAPSHOT_FOLDER))) {
      const path = join(folder, SNAPSHOT_FOLDER, name);
      if (!/\.test(?:\.yml)?\.txt$/i.test(name) || expected.has(path)) continue;
      const test = name.replace(/\.txt$/i, '');
      if (!beside.has(test) && !beside.has(`${test}.yaml`)) orphans.push(path);
    }
  }
  return orphans;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const real = await realpath(folder).catch(() => undefined);
  if (real === undefined) return [];
  return (await readdir(real).catch(() => [])).slice(0, MOST_ENTRIES);
}

function problemOf(path: string, { message, hint }: FileRefusal): Problem {
  return { code: 'rule-test/snapshot', severity: 'error', message: `${path}: ${message}`, hint };
}
