import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Duration } from '../../core/time.ts';
import { paletteOf } from '../../reports/look.ts';
import { plainLine } from '../../reports/plain-text.ts';
import { counted } from '../../reports/wording.ts';
import { findTestFiles } from '../../rule-tests/find-test-files.ts';
import { SNAPSHOT_FOLDER } from '../../rule-tests/snapshots/snapshot-file.ts';
import { type CommandLine, lookOf } from '../command-line.ts';
import { changedPaths, concerned, type Dependencies, dependenciesOf, type Signatures, signaturesOf } from './watched-files.ts';

/** What watching needs. */
export interface Watching {
  readonly line: CommandLine;
  readonly color: boolean;
  /** Test files, rule files and folders, as they were named. */
  readonly paths: readonly string[];
  /** The configuration, if there is one. */
  readonly config: string | undefined;
  /** Runs the tests of some files, or of all, and gives the report as text; never rejects. */
  readonly run: (only: ReadonlySet<string> | undefined, signal: AbortSignal) => Promise<string>;
}

/** How often files are looked at, ms; where that takes long, it takes at most a tenth of the time. */
const INTERVAL: Duration = 300;
const LEAST_PAUSE = 9;
/** Looks that find another change each, after which the tests are run all the same: a file that is written without end holds up nothing. */
const MOST_CHANGES = 10;
const CLEAR = '\u001b[2J\u001b[3J\u001b[H';

/**
 * Runs all tests, and again those that changed files concern, until it is stopped by a signal or by `q` on a terminal. A file that is being written is
 * waited for; one that no longer exists or cannot be read is a problem in the report.
 */
export async function watchTests(watching: Watching): Promise<void> {
  const { line } = watching;
  const stop = new AbortController();
  const typed: string[] = [];
  let wake = new AbortController();
  const stopReading = line.typedLines?.((text) => {
    typed.push(text.trim().toLowerCase());
    if (isQuit(text)) stop.abort();
    wake.abort();
  });
  const signal = AbortSignal.any([line.signal, stop.signal]);
  try {
    let state = await look(watching);
    let only: ReadonlySet<string> | undefined;
    let why = '';
    while (!signal.aborted) {
      await runOnce(watching, { only, why, all: state.dependencies.size, signal });
      state = await withOwnSnapshots(state, watching);
      const next = await waitForChange(watching, state, () => {
        wake = new AbortController();
        if (typed.length > 0) wake.abort();
        return AbortSignal.any([signal, wake.signal]);
      });
      const asked = typed.splice(0).length > 0;
      state = next.state;
      only = asked ? undefined : concerned(next.changed, state.dependencies);
      why = asked ? 'all of them, as you asked' : changeText(next.changed);
    }
  } finally {
    stopReading?.();
  }
}

function isQuit(text: string): boolean {
  return /^q(?:uit)?$/i.test(text.trim());
}

interface Looked {
  readonly signatures: Signatures;
  readonly dependencies: Dependencies;
  readonly took: Duration;
}

async function look({ line, paths, config }: Watching): Promise<Looked> {
  const began = line.clock.monotonic();
  const { files } = await findTestFiles(paths);
  const dependencies = dependenciesOf(files);
  const folders = await Promise.all(paths.map(folderOf));
  const named = [...dependencies].flatMap(([file, others]) => [file, ...others]);
  const signatures = await signaturesOf(folders, [...named, ...(config === undefined ? [] : [config])]);
  return { signatures, dependencies, took: line.clock.monotonic() - began };
}

/** Files that a run wrote itself do not count as changes. */
async function withOwnSnapshots(before: Looked, watching: Watching): Promise<Looked> {
  const isSnapshot = (path: string) => basename(dirname(path)) === SNAPSHOT_FOLDER;
  const after = await look(watching);
  const kept = [...before.signatures].filter(([path]) => !isSnapshot(path));
  const written = [...after.signatures].filter(([path]) => isSnapshot(path));
  return { ...before, signatures: new Map([...kept, ...written]) };
}

async function folderOf(path: string): Promise<string> {
  const there = await stat(path).catch(() => undefined);
  return there?.isDirectory() === true ? path : dirname(path);
}

/** Waits until files that concern a test have changed and are no longer changing, or until it is woken. */
async function waitForChange(
  watching: Watching,
  before: Looked,
  waking: () => AbortSignal,
): Promise<{ readonly state: Looked; readonly changed: readonly string[] }> {
  let last = before;
  let moves = 0;
  for (;;) {
    const signal = waking();
    if (!signal.aborted) await watching.line.clock.sleep(Math.max(INTERVAL, last.took * LEAST_PAUSE), signal);
    const now = await look(watching);
    const changed = changedPaths(before.signatures, now.signatures);
    const still = changedPaths(last.signatures, now.signatures).length === 0;
    moves = still ? 0 : moves + 1;
    last = now;
    if (signal.aborted) return { state: now, changed };
    const settled = still || moves >= MOST_CHANGES;
    if (settled && concerned(changed, now.dependencies).size > 0) return { state: now, changed };
  }
}

interface Running {
  readonly only: ReadonlySet<string> | undefined;
  readonly why: string;
  readonly all: number;
  readonly signal: AbortSignal;
}

async function runOnce({ line, color, run }: Watching, { only, why, all, signal }: Running): Promise<void> {
  const { stdout, env } = line;
  const { faint, strong } = paletteOf(lookOf(stdout, env, color));
  const screen = stdout.isTerminal && env['TERM'] !== 'dumb';
  stdout.write(screen ? CLEAR : '\n');
  if (why !== '') stdout.write(`${strong(plainLine(`${counted(only?.size ?? all, 'test file')} of ${all}: ${why}`))}\n\n`);
  const text = await run(only, signal);
  // A stopped run has no result.
  if (signal.aborted) return;
  const keys = line.typedLines !== undefined && screen ? ' Press Enter to run all tests again, or q and Enter to quit.' : '';
  stdout.write(`${text}${faint(`Waiting for changes.${keys}`)}\n`);
}

function changeText(changed: readonly string[]): string {
  const [first = ''] = changed;
  return `${first}${changed.length > 1 ? ` and ${counted(changed.length - 1, 'other file')}` : ''} changed`;
}
