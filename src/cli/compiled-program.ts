import { statSync } from 'node:fs';
import module from 'node:module';
import { isAbsolute, join } from 'node:path';
import type { CommandLine } from './command-line.ts';

/** What Node.js has from 22.8 on, and its types here have not: it keeps what it compiles in a folder, and reads it from there; it never throws. */
interface CompileCache {
  readonly enableCompileCache?: (folder: string) => unknown;
}

/** Where a command may keep something: the cache of its user, and the folders on the way there. */
interface CacheFolder {
  /** Has to be there: Node.js would make it, which is for no command to do, and in `/proc` tries forever. */
  readonly root: string;
  readonly below: readonly string[];
}

/**
 * Lets later commands start with the compiled program of this one, where Node.js can. It is kept in the user's own cache: in a folder that others can write to,
 * as Node.js takes by itself, they could put code that this user runs. So it is not kept where a folder on the way is someone else's, as with a `sudo` that keeps
 * `HOME`. `NODE_COMPILE_CACHE` and `NODE_DISABLE_COMPILE_CACHE` go first.
 */
export function keepCompiledProgram(env: CommandLine['env'], node: CompileCache = module as CompileCache): void {
  if (node.enableCompileCache === undefined) return;
  const folder = cacheFolder(env);
  if (folder === undefined || ownerOf(folder.root) !== 'this user') return;
  if (folder.below.some((one) => ownerOf(one) === 'others')) return;
  const last = folder.below.at(-1);
  if (last !== undefined) node.enableCompileCache(last);
}

function cacheFolder({ XDG_CACHE_HOME: chosen, HOME: home }: CommandLine['env']): CacheFolder | undefined {
  if (chosen !== undefined && isAbsolute(chosen)) return { root: chosen, below: [join(chosen, 'tocsin')] };
  if (home === undefined || !isAbsolute(home)) return undefined;
  const cache = join(home, '.cache');
  return { root: home, below: [cache, join(cache, 'tocsin')] };
}

/** Of everyone: many users have a group for themselves alone, and what they make is writable by it. */
const WRITABLE_BY_ALL = 0o002;

/** Whose a folder is; a link is followed. `absent`: it does not exist. Windows knows no owner in this way. */
function ownerOf(folder: string): 'this user' | 'others' | 'absent' {
  try {
    const { uid, mode } = statSync(folder);
    const me = process.geteuid?.();
    return me === undefined || (uid === me && (mode & WRITABLE_BY_ALL) === 0) ? 'this user' : 'others';
  } catch {
    return 'absent';
  }
}
