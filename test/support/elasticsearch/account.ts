import { mkdir, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from './command.ts';

/** A user of this machine, by number. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

const isRoot = () => process.getuid?.() === 0;

/** Says who Elasticsearch shall run as: `nobody` when the tests run as root, whom it refuses, else `undefined`, the present user. */
export async function serverAccount(): Promise<Account | undefined> {
  if (!isRoot()) return undefined;
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, 'nobody'])));
  return { uid: Number(uid), gid: Number(gid) };
}

/** Whether the server's account can reach a folder: always its own, and under root only when every folder above it is open to all. */
export async function isReachable(folder: string): Promise<boolean> {
  if (!isRoot()) return true;
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const found = await stat(at).catch(() => undefined);
    if (found && (found.mode & 0o001) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

/** Finds the folder for temporary files that the server's account can reach too. */
export async function temporaryFolder(): Promise<string> {
  for (const folder of [tmpdir(), '/tmp', '/var/tmp']) {
    if (await isReachable(folder)) return folder;
  }
  throw new Error('Elasticsearch has no folder for its data: set TMPDIR to one that every user can enter.');
}

/** In memory, where writing costs least: a tenth of what tests take. */
const MEMORY = '/dev/shm';
const ROOM = 2 ** 31;

/** Finds the folder for data that ends with its node: in memory where there is room. */
export async function shortLivedFolder(): Promise<string> {
  const memory = await statfs(MEMORY).catch(() => undefined);
  const hasRoom = memory !== undefined && memory.bavail * memory.bsize >= ROOM;
  return hasRoom && (await isReachable(MEMORY)) ? MEMORY : temporaryFolder();
}

/** Finds, and makes, the folder where installed versions are kept: TOCSIN_TEST_CACHE, else one within the project. */
export async function installFolder(projectRoot: string): Promise<string> {
  const wanted = path.resolve(process.env['TOCSIN_TEST_CACHE'] || path.join(projectRoot, '.cache', 'elasticsearch'));
  const folder = (await isReachable(wanted))
    ? wanted
    : path.join(await temporaryFolder(), `tocsin-elasticsearch-${process.getuid?.() ?? 'cache'}`);
  await mkdir(folder, { recursive: true, mode: 0o755 });
  // The name within the folder for temporary files can be guessed, so someone else may have taken it first.
  if (folder !== wanted && (await stat(folder)).uid !== process.getuid?.()) {
    throw new Error(`${folder} belongs to another user; set TOCSIN_TEST_CACHE to a folder of your own.`);
  }
  return folder;
}
