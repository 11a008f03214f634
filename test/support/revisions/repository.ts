import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A repository of git in a folder of its own, with nobody's configuration. */
export interface ScriptedRepository {
  readonly folder: string;
  git(...words: readonly string[]): string;
  /** Writes files; a text of undefined removes one. */
  write(files: Readonly<Record<string, string | undefined>>): Promise<void>;
  move(from: string, to: string): Promise<void>;
  /** Commits all that is there; gives the commit. */
  commit(message: string): string;
  remove(): Promise<void>;
}

/** Makes an empty repository on the branch `main`. */
export async function scriptedRepository(): Promise<ScriptedRepository> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-git-'));
  const git = (...words: readonly string[]) => gitIn(folder, words);
  git('init', '-q', '-b', 'main');
  return repositoryIn(folder);
}

/** The same hands for a clone that was made elsewhere. */
export function repositoryIn(folder: string): ScriptedRepository {
  const git = (...words: readonly string[]) => gitIn(folder, words);
  return {
    folder,
    git,
    write: async (files) => {
      for (const [name, text] of Object.entries(files)) {
        const file = join(folder, name);
        if (text === undefined) await rm(file);
        else {
          await mkdir(dirname(file), { recursive: true });
          await writeFile(file, text);
        }
      }
    },
    move: async (from, to) => {
      await mkdir(dirname(join(folder, to)), { recursive: true });
      await rename(join(folder, from), join(folder, to));
    },
    commit: (message) => {
      git('add', '-A');
      git('commit', '-q', '--allow-empty', '-m', message);
      return git('rev-parse', 'HEAD').trim();
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function gitIn(folder: string, words: readonly string[]): string {
  const who = [
    '-c',
    'user.name=a',
    '-c',
    'user.email=a@example.com',
    '-c',
    'commit.gpgsign=false',
    '-c',
    'protocol.file.allow=always',
  ];
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' };
  return execFileSync('git', [...who, ...words], { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
