import { TocsinError } from '../core/errors.ts';
import { own } from '../core/record.ts';
import { type Duration, type Instant, timeLimit } from '../core/time.ts';
import { visible } from '../core/visible.ts';
import { git, openRepository, type Repository } from './git.ts';

/** The last commit that changed a file. */
interface LastCommit {
  readonly hash: string;
  readonly author: string;
  readonly at: Instant;
  readonly subject: string;
  /** Its page, where the remote is at a known host. */
  readonly url?: string;
  /** The file is not as it is in HEAD: it was changed and not committed. */
  readonly differs: boolean;
}

/** What git knows of a file, or why it knows nothing. */
export type LastChange = { readonly ok: true; readonly commit: LastCommit } | { readonly ok: false; readonly why: string };

/** All questions about one file together, ms. */
const PATIENCE: Duration = 5_000;
const MAX_ANSWER = 16 * 1024;
const LONGEST_NAME = 200;
// A signature is checked by a program that the repository's configuration names.
const LOG = ['-c', 'log.showSignature=false', 'log', '-1', '--no-color', '--format=%H%x00%an%x00%at%x00%s', '--'];

/** Asks git for the last commit of a file in a folder. What the repository is configured with starts no program. Never throws. */
export async function lastChange(folder: string, file: string, env: Repository['env'], signal: AbortSignal): Promise<LastChange> {
  const limit = timeLimit(PATIENCE, signal);
  try {
    const repository = await openRepository(folder, env, limit.signal);
    const [hash = '', author = '', seconds = '', subject = ''] = (await answer(repository, [...LOG, file])).split('\0');
    if (!isHash(hash)) return { ok: false, why: 'no commit has this file' };
    const url = commitUrl(await answer(repository, ['config', '--get', 'remote.origin.url']), hash);
    const differs = await isChanged(repository, file);
    const [who, what] = [author, subject].map((text) => visible(text).trim().slice(0, LONGEST_NAME));
    const commit = { hash, author: who ?? '', at: Number(seconds) * 1_000, subject: what ?? '', differs };
    return { ok: true, commit: { ...commit, ...(url !== undefined && { url }) } };
  } catch (thrown) {
    if (limit.signal.aborted) return { ok: false, why: `git took longer than ${PATIENCE / 1_000} seconds` };
    return { ok: false, why: thrown instanceof TocsinError ? thrown.message : 'git cannot be run' };
  } finally {
    limit.end();
  }
}

async function answer(repository: Repository, words: readonly string[]): Promise<string> {
  const { code, stdout } = await git(repository, words, { maxBytes: MAX_ANSWER });
  return code === 0 ? stdout.toString('utf8').replace(/\n$/, '') : '';
}

/** Without filters, which are programs: line ends that a checkout changed count as a change. */
async function isChanged(repository: Repository, file: string): Promise<boolean> {
  const [, , committed = ''] = (await answer(repository, ['ls-tree', 'HEAD', '--', file])).split(/[ \t]/);
  const present = await answer(repository, ['hash-object', '--no-filters', '--', file]);
  return isHash(committed) && isHash(present) && committed !== present;
}

function isHash(text: string): boolean {
  return /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(text);
}

/** Where hosts have the page of a commit. */
const HOSTS: Readonly<Record<string, string>> = {
  'github.com': 'commit',
  'codeberg.org': 'commit',
  'gitlab.com': '-/commit',
  'bitbucket.org': 'commits',
};

/** The page of a commit by the address of its remote, of which a login is left out; undefined: the host is not known. */
export function commitUrl(remote: string, hash: string): string | undefined {
  const [, host = '', path = ''] =
    /^(?:https?:\/\/|ssh:\/\/)(?:[^@/]*@)?([\w.-]+)(?::\d+)?\/([\w./-]+?)(?:\.git)?\/?$/.exec(remote) ??
    /^[\w-]+@([\w.-]+):([\w./-]+?)(?:\.git)?\/?$/.exec(remote) ??
    [];
  const page = own(HOSTS, host);
  const isPath = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)+$/.test(path);
  return page === undefined || !isPath ? undefined : `https://${host}/${path}/${page}/${hash}`;
}
