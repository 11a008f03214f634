import { spawn } from 'node:child_process';
import { TocsinError } from '../core/errors.ts';
import { MINUTE, timeLimit } from '../core/time.ts';
import { visible } from '../core/visible.ts';

/** A working tree of git as a folder within it sees it. */
export interface Repository {
  readonly folder: string;
  /** The folder, seen from the top of the working tree: `''` or `team/rules/`. */
  readonly prefix: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** What git said: its exit code, and its output up to the bound that was given. */
interface GitAnswer {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** What one call of git is given beside its words. */
interface GitCall {
  readonly input?: string;
  /** Most bytes of output; undefined: 64 MiB. */
  readonly maxBytes?: number;
}

const MAX_OUTPUT = 64 * 1024 * 1024;
const MAX_COMPLAINT = 4_000;
const TIME: number = 2 * MINUTE;

/** What git needs of the environment to find itself and what it was configured with; nothing that leads it to another repository or starts a program. */
const KEPT = [
  'PATH',
  'HOME',
  'USERPROFILE',
  'XDG_CONFIG_HOME',
  'SystemRoot',
  'TMPDIR',
  'TEMP',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_SYSTEM',
];

/** Objects are read, and nothing else happens: no hook, no helper, no network, no lock, no substitute for an object. */
const HARMLESS = [
  ...['--no-pager', '--no-replace-objects', '--no-optional-locks', '--literal-pathspecs'],
  ...['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'protocol.allow=never'],
];

/** Finds the repository of a folder. Throws TocsinError where there is none, and where git is not installed. */
export async function openRepository(folder: string, env: Repository['env'], signal: AbortSignal): Promise<Repository> {
  const repository = { folder, prefix: '', env, signal };
  const answer = await git(repository, ['rev-parse', '--is-inside-work-tree', '--show-prefix']);
  const [inside, prefix = ''] = answer.stdout.toString('utf8').split('\n');
  if (answer.code === 0 && inside === 'true') return { ...repository, prefix };
  if (/dubious ownership/.test(answer.stderr))
    throw new TocsinError('git/owner', 'git does not trust this repository, because it belongs to another user', {
      hint: 'git config --global --add safe.directory FOLDER',
    });
  throw new TocsinError('git/no-repository', 'this folder is not in a git repository', {
    hint: `run it in a clone of the repository of the rules${answer.stderr === '' ? '' : `; git says: ${answer.stderr}`}`,
  });
}

/** The full name of a commit. Throws TocsinError for an invalid name, and where the clone does not have it. */
export async function commitOf(repository: Repository, ref: string): Promise<string> {
  if (!/^[\p{L}\p{N}_][\p{L}\p{N}_./@{}^~+#=%-]*$/u.test(ref) || ref.includes('..') || ref.length > 400)
    throw new TocsinError('git/ref', `${JSON.stringify(visible(ref).slice(0, 100))} is not the name of a revision`, {
      hint: 'name one commit, branch or tag, such as origin/main or HEAD~1',
    });
  const answer = await git(repository, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`, '--']);
  const commit = answer.stdout.toString('latin1').split('\n')[0] ?? '';
  if (answer.code === 0 && /^[0-9a-f]{40,64}$/.test(commit)) return commit;
  throw new TocsinError('git/unknown-ref', `this clone does not contain the revision ${ref}`, { hint: fetchHint(ref) });
}

/** The last commit that a revision and HEAD have in common: what a pull request is compared with. */
export async function mergeBase(repository: Repository, ref: string): Promise<string> {
  const theirs = await commitOf(repository, ref);
  const ours = await commitOf(repository, 'HEAD');
  const answer = await git(repository, ['merge-base', theirs, ours]);
  const commit = answer.stdout.toString('latin1').trim();
  if (answer.code === 0 && /^[0-9a-f]{40,64}$/.test(commit)) return commit;
  if (await isShallow(repository))
    throw new TocsinError('git/shallow', `this clone is too shallow: it does not contain the merge base of HEAD and ${ref}`, {
      hint: 'git fetch --unshallow, or git fetch --deepen=200; with actions/checkout: fetch-depth: 0; on GitLab: GIT_DEPTH: 0',
    });
  throw new TocsinError('git/unrelated', `HEAD and ${ref} have no common ancestor`, {
    hint: 'use the branch that this one will be merged into',
  });
}

async function isShallow(repository: Repository): Promise<boolean> {
  const answer = await git(repository, ['rev-parse', '--is-shallow-repository']);
  return answer.stdout.toString('latin1').trim() === 'true';
}

function fetchHint(ref: string): string {
  const [, branch] = /^origin\/(.+)$/.exec(ref) ?? [];
  if (branch === undefined) return 'fetch it first, or check its spelling: git branch --all lists branches';
  return `git fetch --depth=200 origin ${branch}:refs/remotes/origin/${branch}`;
}

/** Runs git without a shell, within bounds of time and output. Throws TocsinError where it cannot run or does not end in time. */
export async function git(repository: Repository, words: readonly string[], call: GitCall = {}): Promise<GitAnswer> {
  const limit = timeLimit(TIME, repository.signal);
  try {
    return await answerOf(repository, words, call, limit.signal);
  } catch (thrown) {
    if (thrown instanceof TocsinError) throw thrown;
    if (repository.signal.aborted) throw new TocsinError('cli/interrupted', 'interrupted before it finished', { cause: thrown });
    if (limit.signal.aborted)
      throw new TocsinError('git/time', `git ${words[0] ?? ''} took longer than two minutes`, {
        hint: 'a clone with fewer files, or git gc',
        cause: thrown,
      });
    throw new TocsinError('git/absent', 'git cannot be started', { hint: 'install git 2.25 or newer', cause: thrown });
  } finally {
    limit.end();
  }
}

function answerOf(
  { folder, env }: Repository,
  words: readonly string[],
  { input = '', maxBytes = MAX_OUTPUT }: GitCall,
  signal: AbortSignal,
): Promise<GitAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', [...HARMLESS, ...words], { cwd: folder, env: environment(env), signal, windowsHide: true });
    const parts: Buffer[] = [];
    let bytes = 0;
    let complaint = '';
    child.stdout.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes <= maxBytes) parts.push(part);
      else {
        child.kill();
        reject(tooMuch(words, maxBytes));
      }
    });
    child.stderr.on('data', (part: Buffer) => {
      if (complaint.length < MAX_COMPLAINT) complaint += part.toString('utf8');
    });
    child.on('error', reject);
    // Git may well end before it has read everything.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.on('close', (code) => {
      const stderr = visible(complaint.slice(0, MAX_COMPLAINT)).trim().split('\n')[0] ?? '';
      resolve({ code: code ?? 128, stdout: Buffer.concat(parts), stderr });
    });
  });
}

function environment(env: Repository['env']): Record<string, string> {
  const kept = Object.entries(env).flatMap(([name, value]) =>
    KEPT.includes(name) && value !== undefined ? [[name, value]] : [],
  );
  const quiet = { LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_NO_LAZY_FETCH: '1', GIT_OPTIONAL_LOCKS: '0' };
  return { ...(Object.fromEntries(kept) as Record<string, string>), ...quiet };
}

function tooMuch(words: readonly string[], maxBytes: number): TocsinError {
  return new TocsinError('git/too-much', `git ${words[0] ?? ''} answers more than ${maxBytes} bytes`, {
    hint: 'run it in the folder of the rules, so that only that folder is read',
  });
}
