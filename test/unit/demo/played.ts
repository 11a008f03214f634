import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { runDemo } from '../../../examples/demo/demo.ts';
import { fakeCommandLine, type Surroundings } from '../../support/cli/fake-command-line.ts';

/** A demo that was played to its end, as fast as it goes. */
export interface Played {
  readonly code: number;
  readonly stdout: string;
  /** The lines between the greeting and the farewell. */
  readonly lines: readonly string[];
  readonly folder: string;
  readonly page: string;
}

export const START = Date.parse('2026-01-01T12:00:00.000Z');

interface Given extends Surroundings {
  readonly start?: number;
  readonly output?: (folder: string) => string;
}

/** Plays the real demo, with its real servers, into a folder of its own, which is removed when that is asked for. */
export async function keepDemo(given: Given = {}): Promise<Played & { readonly remove: () => Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), 'tocsin-demo-test-'));
  const remove = () => rm(root, { recursive: true, force: true });
  const output = given.output?.(root) ?? join(root, 'out');
  const { line: quick, written } = fakeCommandLine(given);
  const line = { ...quick, clock: { ...quick.clock, ...lateClock() } };
  try {
    const code = await runDemo(line, { output, speed: Number.POSITIVE_INFINITY, color: true, start: given.start ?? START });
    const { stdout } = written();
    const bare = stripVTControlCharacters(stdout);
    const folder = /^ {2}(\S+)\/index\.html$/m.exec(bare)?.[1] ?? output;
    const lines = bare
      .slice(bare.indexOf('\n\n') + 2, bare.indexOf('\nDone.'))
      .trimEnd()
      .split('\n');
    const page = await readFile(join(folder, 'index.html'), 'utf8');
    return { code, stdout, lines, folder, page, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Plays the demo; `then` gets what came of it before its folder is removed. */
export async function playDemo<R>(then: (played: Played) => Promise<R> | R, given: Given = {}): Promise<R> {
  const played = await keepDemo(given);
  try {
    return await then(played);
  } finally {
    await played.remove();
  }
}

/** The clock of a machine that is too slow for the pace: there is never time left to wait, and Node.js warns of less than none. */
function lateClock() {
  let at = 0;
  return {
    monotonic: () => {
      at += 1_000;
      return at;
    },
    sleep: async (ms: number) => {
      if (ms < 0) throw new Error(`a wait of ${ms} ms`);
    },
  };
}
