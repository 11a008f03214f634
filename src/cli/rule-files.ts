import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { readFileText } from '../files/open-file.ts';
import { lastChange } from '../revisions/last-change.ts';
import { testNames } from '../rule-tests/read-test-file.ts';
import { testFileBeside } from '../rules/read-files.ts';
import type { ServiceParts } from '../service/service.ts';
import type { CommandLine } from './command-line.ts';

type RuleFiles = NonNullable<ServiceParts['ruleFiles']>;
type Facts = Awaited<ReturnType<RuleFiles>>;

/** What git says of a file is asked again after this time, ms, and when the file has changed. */
const KEPT = 60_000;
const MOST_KEPT = 500;
/** Questions that wait for git, one of which is asked at a time; pages wait for an answer at most so long, ms. */
const MOST_WAITING = 20;
const PATIENCE = 2_000;
/** A file of tests whose names are shown, and how many of them. It is read again when it has changed: to parse it takes tens of milliseconds. */
const MAX_TEST_FILE = 128 * 1024;
const MOST_NAMES = 100;
const LOOKING: Facts['change'] = { kind: 'unknown', why: 'git is still running: reload the page' };

const BUILT_IN: Facts = { tests: 'none', change: { kind: 'unknown', why: 'the rule is built in' } };

/** Makes what pages show of the files of rules: the tests beside them, and their last change. Looked up when a page asks; never rejects. */
export function ruleFiles({ folder, env, clock, signal }: CommandLine): RuleFiles {
  const known = new Map<string, { readonly at: number; readonly change: Promise<Facts['change']> }>();
  let waiting = 0;
  let queue: Promise<unknown> = Promise.resolve();
  const oneByOne = <T>(ask: () => Promise<T>, busy: T): Promise<T> => {
    if (waiting >= MOST_WAITING) return Promise.resolve(busy);
    waiting += 1;
    const asked = queue.then(ask).finally(() => {
      waiting -= 1;
    });
    queue = asked.catch(() => undefined);
    return asked;
  };
  const changeOf = async (path: string): Promise<Facts['change']> => {
    const asked = await oneByOne(() => lastChange(dirname(path), basename(path), env, signal), {
      ok: false,
      why: 'too many requests for git: reload the page',
    } as const);
    if (asked.ok) return { kind: 'commit', ...asked.commit };
    return (await deployedRevision(path, env)) ?? { kind: 'unknown', why: asked.why };
  };
  const named = new Map<string, { readonly changed: number; readonly tests: Promise<Facts['tests']> }>();
  const testsOf = async (test: string, path: string, file: string): Promise<Facts['tests']> => {
    const changed = await changedAt(test);
    const before = named.get(test);
    if (before?.changed === changed) return before.tests;
    const tests = testsIn(test, path, file);
    if (named.size > MOST_KEPT) named.clear();
    named.set(test, { changed, tests });
    return tests;
  };
  return async (file) => {
    if (file === '') return BUILT_IN;
    const path = resolve(folder, file);
    const test = testFileBeside(path);
    const key = JSON.stringify([path, await changedAt(path)]);
    const now = clock.monotonic();
    for (const [old, { at }] of known) if (now - at > KEPT || known.size > MOST_KEPT) known.delete(old);
    const looking = known.get(key)?.change ?? changeOf(path);
    if (!known.has(key)) known.set(key, { at: now, change: looking });
    const over = new AbortController();
    const late = clock.sleep(PATIENCE, over.signal).then(() => LOOKING);
    const [tests, change] = await Promise.all([testsOf(test, path, file), Promise.race([looking, late])]);
    over.abort();
    return { tests, change };
  };
}

/** When a file was last changed; 0: it does not exist. */
async function changedAt(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

async function testsIn(test: string, path: string, file: string): Promise<Facts['tests']> {
  if (test === path) return 'none';
  const name = testFileBeside(file);
  const within = [await realpath(dirname(path)).catch(() => dirname(path))];
  const read = await readFileText(test, { maxBytes: MAX_TEST_FILE, within });
  if (!read.ok) return read.code === 'absent' ? 'none' : { file: name, names: [], more: 0, problem: read.message };
  const names = testNames({ file: name, text: read.text });
  if (names === undefined) return { file: name, names: [], more: 0, problem: 'it cannot be read as tests' };
  return { file: name, names: names.slice(0, MOST_NAMES), more: Math.max(0, names.length - MOST_NAMES) };
}

/** The revision of a deployment without a repository: what its environment says, or the folder that git-sync names after its commit. */
async function deployedRevision(path: string, env: CommandLine['env']): Promise<Facts['change'] | undefined> {
  const said = env['TOCSIN_RULES_REVISION']?.trim().slice(0, 200) ?? '';
  if (said !== '') return { kind: 'revision', text: said, from: 'TOCSIN_RULES_REVISION' };
  const real = await realpath(path).catch(() => path);
  const [, hash] = /[/\\](?:\.worktrees[/\\]|rev-)([0-9a-f]{40}(?:[0-9a-f]{24})?)[/\\]/.exec(real) ?? [];
  return hash === undefined ? undefined : { kind: 'revision', text: hash, from: 'git-sync' };
}
