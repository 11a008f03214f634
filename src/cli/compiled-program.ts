import module from 'node:module';
import { isAbsolute, join } from 'node:path';
import type { CommandLine } from './command-line.ts';

/** What Node.js has from 22.8 on, and its types here have not: it keeps what it compiles in a folder, and reads it from there; it never throws. */
interface CompileCache {
  readonly enableCompileCache?: (folder: string) => unknown;
}

/**
 * Lets later commands start with the compiled program of this one, where Node.js can. It is kept in the user's own cache: in a folder that others can write to,
 * as Node.js takes by itself, they could put code that this user runs. `NODE_COMPILE_CACHE` and `NODE_DISABLE_COMPILE_CACHE` go first.
 */
export function keepCompiledProgram(env: CommandLine['env'], node: CompileCache = module as CompileCache): void {
  const folder = cacheFolder(env);
  if (folder !== undefined) node.enableCompileCache?.(folder);
}

function cacheFolder({ XDG_CACHE_HOME, HOME }: CommandLine['env']): string | undefined {
  if (XDG_CACHE_HOME !== undefined && isAbsolute(XDG_CACHE_HOME)) return join(XDG_CACHE_HOME, 'tocsin');
  return HOME !== undefined && isAbsolute(HOME) ? join(HOME, '.cache', 'tocsin') : undefined;
}
