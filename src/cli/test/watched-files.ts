import { stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { newWalk, walkFolder } from '../../files/find-files.ts';
import type { FoundTests } from '../../rule-tests/find-test-files.ts';
import { readTestFile } from '../../rule-tests/read-test-file.ts';
import { SNAPSHOT_FOLDER, snapshotPath } from '../../rule-tests/snapshots/snapshot-file.ts';
import { isRuleTest } from '../../rules/read-files.ts';

/** Files with what changes when they do; one that does not exist, or cannot be looked at, is not in it. */
export type Signatures = ReadonlyMap<string, string>;

/** What each test file depends on: rules, documents, snapshots; paths, of files or folders. */
export type Dependencies = ReadonlyMap<string, readonly string[]>;

const WATCHED = /\.(?:ya?ml|json|ndjson|jsonl|gz|txt)$/i;

/** Looks at folders, all that is below them, and single files. Never rejects: a file may disappear while it is looked at. */
export async function signaturesOf(folders: readonly string[], files: readonly string[]): Promise<Signatures> {
  const walk = newWalk();
  for (const folder of folders) await walkFolder(folder, (name) => WATCHED.test(name), walk);
  const found = new Map<string, string>();
  for (const path of new Set([...walk.found.keys(), ...files])) {
    const there = await stat(path).catch(() => undefined);
    if (there?.isFile()) found.set(join(path), `${there.mtimeMs} ${there.size} ${there.ino}`);
  }
  return found;
}

/** The paths that are new, gone or changed. */
export function changedPaths(before: Signatures, now: Signatures): readonly string[] {
  return [...new Set([...before.keys(), ...now.keys()])].filter((path) => before.get(path) !== now.get(path)).sort();
}

/** Reads what test files name; of one that cannot be understood, the rule beside it. */
export function dependenciesOf(files: FoundTests['files']): Dependencies {
  return new Map(
    files.map((source) => {
      const read = readTestFile(source);
      const beside = source.file.replace(/\.test(\.ya?ml)$/i, '$1');
      const named = read.ok ? [...read.value.rules, ...read.value.tests.flatMap(({ documents }) => documents)] : [beside];
      const paths = named.flatMap((one) => (typeof one === 'string' ? [one] : one.kind === 'file' ? [one.file] : []));
      return [source.file, [...new Set([...paths.map((path) => join(path)), snapshotPath(source.file)])]];
    }),
  );
}

/**
 * The test files that changed paths concern: a test file itself, and those that name the path; all of them for what may be shared, such as
 * defaults.yaml and tocsin.yaml. Snapshots and texts that no test names concern none.
 */
export function concerned(changed: readonly string[], dependencies: Dependencies): ReadonlySet<string> {
  const all = [...dependencies.keys()];
  return new Set(
    changed.flatMap((path) => {
      if (dependencies.has(path)) return [path];
      const naming = all.filter((file) => dependencies.get(file)?.some((one) => path === one || path.startsWith(`${one}${sep}`)));
      if (naming.length > 0) return naming;
      const isText = /\.txt$/i.test(path) || basename(dirname(path)) === SNAPSHOT_FOLDER;
      // A test file that no longer exists concerns none that is there.
      return isText || isRuleTest(path) ? [] : all;
    }),
  );
}
