import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = join(import.meta.dirname, '../../../dist/main.js');

/** A line of the service's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly level: string; readonly msg: string };

/** The built command line in a process of its own, with a folder of its own. */
export interface TocsinProcess extends AsyncDisposable {
  readonly folder: string;
  readonly lines: readonly LogLine[];
  /** What was written that is no line of the log. */
  readonly other: readonly string[];
  /** Resolves with the first line, past or to come, that fits; rejects when the process ends without one. */
  line(fits: (line: LogLine) => boolean): Promise<LogLine>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when the process has ended: its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/**
 * Starts `tocsin run` in a fresh folder with these files, `node` with further options; the process is killed and the folder removed at the end of the
 * test.
 */
export async function startTocsin(
  files: Readonly<Record<string, string>>,
  words: readonly string[] = [],
  node: readonly string[] = [],
): Promise<TocsinProcess> {
  if (!existsSync(MAIN)) throw new Error('dist/main.js is missing: run `npm run build` first');
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-e2e-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const child = spawn(process.execPath, [...node, MAIN, 'run', ...words], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: LogLine[] = [];
  const other: string[] = [];
  const waiting = new Set<() => void>();
  const take = (text: string) => {
    if (text.startsWith('{')) lines.push(JSON.parse(text) as LogLine);
    else other.push(text);
    for (const look of waiting) look();
  };
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', take);
  // Of the two events, only `close` comes after the last line.
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  return {
    folder,
    lines,
    other,
    ended,
    kill: (signal) => void child.kill(signal),
    line: (fits) => firstLine(fits, lines, waiting, ended),
    [Symbol.asyncDispose]: () => tidy(child, ended, folder),
  };
}

function firstLine(
  fits: (line: LogLine) => boolean,
  lines: readonly LogLine[],
  waiting: Set<() => void>,
  ended: Promise<unknown>,
): Promise<LogLine> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const found = lines.find(fits);
      if (found === undefined) return;
      waiting.delete(look);
      resolve(found);
    };
    waiting.add(look);
    void ended.then((end) =>
      reject(new Error(`ended (${end}) without the line; it said:\n${lines.map(({ msg }) => msg).join('\n')}`)),
    );
    look();
  });
}

async function tidy(child: ChildProcess, ended: Promise<unknown>, folder: string): Promise<void> {
  child.kill('SIGKILL');
  await ended;
  await rm(folder, { recursive: true, force: true });
}
