import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { TocsinError } from '../core/errors.ts';
import { visible } from '../core/visible.ts';
import { git, type Repository } from './git.ts';

/** The texts of a revision, written out so that the readers of rules and configurations read them as they read any folder. */
export interface WrittenRevision {
  readonly commit: string;
  /** A folder of its own; the revision's top lies in it. */
  readonly top: string;
  /** The repository's folder as it is in this revision; it may not exist there. */
  readonly folder: string;
  /** Entries that rules may need and that are not read, each with the reason. */
  readonly leftOut: readonly LeftOut[];
}

/** An entry of a revision that is not read. */
interface LeftOut {
  readonly path: string;
  readonly why: 'link' | 'submodule' | 'too large' | 'strange name';
}

interface Entry {
  readonly path: string;
  readonly object: string;
  readonly size: number;
}

/** What rules, defaults, lists, shared texts and configurations are made of. */
const WANTED = /\.(?:ya?ml|json|txt|csv|md|liquid|ics)$/i;
const MAX_FILES = 50_000;
const MAX_FILE = 1024 * 1024;
const MAX_TOTAL = 256 * 1024 * 1024;
/** Bytes that are asked for at once. */
const BATCH = 8 * 1024 * 1024;
const MOST_LEFT_OUT = 100;

/**
 * Writes the texts of a commit below a folder of their own, gives it to `use`, and removes it in the end, whatever happens. Below a subfolder
 * only that subfolder is read, with the `defaults.yaml` and `tocsin.yaml` above it. Links and submodules are left out. Throws TocsinError
 * beyond its bounds, and where the clone does not hold what the commit names.
 */
export async function withRevision<T>(
  repository: Repository,
  commit: string,
  use: (revision: WrittenRevision) => Promise<T>,
): Promise<T> {
  const { entries, leftOut } = await entriesOf(repository, commit);
  const top = await mkdtemp(join(tmpdir(), 'tocsin-revision-'));
  try {
    // Readers look for defaults up to the top of a project, and this is how they know one.
    await mkdir(join(top, '.git'));
    for (const batch of batchesOf(entries)) await writeBatch(repository, batch, top);
    return await use({ commit, top, folder: join(top, repository.prefix), leftOut });
  } finally {
    await rm(top, { recursive: true, force: true });
  }
}

async function entriesOf(repository: Repository, commit: string) {
  const answer = await git(repository, ['ls-tree', '-r', '-z', '-l', '--full-tree', commit]);
  if (answer.code !== 0) throw incomplete(answer.stderr);
  const entries: Entry[] = [];
  const leftOut: LeftOut[] = [];
  const leave = (path: string, why: LeftOut['why']) => {
    if (leftOut.length < MOST_LEFT_OUT) leftOut.push({ path: visible(path), why });
  };
  for (const line of answer.stdout.toString('utf8').split('\0')) {
    const match = /^(\d{6}) (blob|commit) ([0-9a-f]{40,64}) +(\d+|-)\t([\s\S]+)$/.exec(line);
    if (match === null) continue;
    const [, mode, kind, object = '', size, path = ''] = match;
    if (!isAskedFor(path, repository.prefix)) continue;
    if (kind === 'commit') leave(path, 'submodule');
    else if (!WANTED.test(path)) continue;
    else if (mode === '120000') leave(path, 'link');
    else if (!isHarmless(path)) leave(path, 'strange name');
    else if (Number(size) > MAX_FILE) leave(path, 'too large');
    else entries.push({ path, object, size: Number(size) });
  }
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  if (entries.length > MAX_FILES || total > MAX_TOTAL)
    throw new TocsinError('git/too-much', `${entries.length} files with ${total} bytes exceed the limit for a revision`, {
      hint: `at most ${MAX_FILES} files and ${MAX_TOTAL} bytes: run it in the folder of the rules`,
    });
  return { entries, leftOut };
}

/** Hidden folders and packages are not read from the working tree either. */
function isAskedFor(path: string, prefix: string): boolean {
  const folders = path.split('/').slice(0, -1);
  if (folders.some((name) => (name.startsWith('.') && name !== '.' && name !== '..') || name === 'node_modules')) return false;
  if (path.startsWith(prefix)) return true;
  return (
    prefix.startsWith(`${folders.join('/')}${folders.length === 0 ? '' : '/'}`) &&
    /(?:^|\/)(?:defaults|tocsin)\.ya?ml$/.test(path)
  );
}

/** A tree can be made by hand, and hold names that no working tree would: none of them leads anywhere. */
function isHarmless(path: string): boolean {
  if (path !== visible(path) || /[\\:\n\t]/.test(path)) return false;
  return path.split('/').every((name) => name !== '' && name !== '.' && name !== '..' && name.length <= 255);
}

function batchesOf(entries: readonly Entry[]): readonly (readonly Entry[])[] {
  const batches: Entry[][] = [];
  let bytes = BATCH;
  for (const entry of entries) {
    if (bytes + entry.size > BATCH) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push(entry);
    bytes += entry.size;
  }
  return batches;
}

/** Objects as they are stored: no filter, no conversion of line ends, no program of the repository's choice. */
async function writeBatch(repository: Repository, batch: readonly Entry[], top: string): Promise<void> {
  const { code, stdout, stderr } = await git(repository, ['cat-file', '--batch'], {
    input: batch.map(({ object }) => `${object}\n`).join(''),
    maxBytes: 2 * BATCH + 200 * batch.length,
  });
  if (code !== 0) throw incomplete(stderr);
  let at = 0;
  for (const { path, object } of batch) {
    const end = stdout.indexOf(0x0a, at);
    const head = /^[0-9a-f]+ blob (\d+)$/.exec(stdout.toString('latin1', at, end === -1 ? at : end));
    if (head === null) throw incomplete(`${object} is missing`);
    const from = end + 1;
    const to = from + Number(head[1]);
    const file = join(top, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, stdout.subarray(from, to), { flag: 'wx' }).catch(refuseTwice);
    at = to + 1;
  }
}

/** Two names that are one on this file system: git itself would have written one of them only. */
function refuseTwice(thrown: NodeJS.ErrnoException): void {
  if (thrown.code !== 'EEXIST') throw thrown;
}

function incomplete(said: string): TocsinError {
  return new TocsinError('git/incomplete', 'this clone lacks objects of the revision', {
    hint: `fetch without --filter: git fetch --refetch origin${said === '' ? '' : `; git says: ${said}`}`,
  });
}
