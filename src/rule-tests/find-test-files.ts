import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Problem } from '../core/problems.ts';
import { addFound, type FolderWalk, newWalk, shownPath, walkFolder } from '../files/find-files.ts';
import { type FileRefusal, readFileText, refusalOf } from '../files/open-file.ts';
import { isRuleTest, testFileBeside } from '../rules/read-files.ts';
import type { SourceFile } from '../yaml/parse.ts';

/** Test files with their texts, by name; and paths that are not test files or cannot be read. */
export interface FoundTests {
  readonly files: readonly SourceFile[];
  readonly problems: readonly Problem[];
  /** Real paths of the folders that were named, and of those of the files that were named: what tests name has to lie in one of them. */
  readonly folders: readonly string[];
}

const MAX_BYTES = 4 * 1024 * 1024;
const MAX_FILES = 10_000;
/** Characters of all test files together. */
const MAX_TOTAL = 256 * 1024 * 1024;

/**
 * Finds the rule tests of paths: a test file itself, those below a folder (hidden folders and node_modules left out), and for a rule file
 * the test beside it. Each is read from within its folder only.
 */
export async function findTestFiles(paths: readonly string[]): Promise<FoundTests> {
  const walk = newWalk();
  const folders = new Set<string>();
  const problems: Problem[] = [];
  for (const path of paths) problems.push(...(await addTestsOf(join(path), walk, folders)));
  problems.push(...walk.refused.map(({ path, refusal }) => unreadable(path, refusal.message, refusal.hint)));
  const read = await readAll(walk);
  return { files: read.files, problems: [...problems, ...read.problems], folders: [...folders] };
}

async function addTestsOf(path: string, walk: FolderWalk, folders: Set<string>): Promise<readonly Problem[]> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) {
      folders.add(await realpath(path));
      await walkFolder(path, isTest, walk);
      return [];
    }
    const test = isTest(basename(path)) ? path : testFileBeside(path);
    if (!isTest(basename(test))) return [unreadable(path, 'not a YAML file', WANTED)];
    const root = await realpath(dirname(path));
    folders.add(root);
    const real = await realpath(test).catch(() => undefined);
    if (real === undefined) return [unreadable(path, `there is no rule test ${test} next to it`, WANTED)];
    addFound({ path: test, real, root }, walk);
    return [];
  } catch (thrown) {
    return [unreadable(path, refusalOf(thrown).message, WANTED)];
  }
}

const WANTED = 'specify a folder, a rule file or a NAME.test.yaml';

async function readAll(walk: FolderWalk): Promise<Omit<FoundTests, 'folders'>> {
  const files: SourceFile[] = [];
  const problems: Problem[] = [];
  let characters = 0;
  for (const { path, root } of [...walk.found.values()].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const read = await readFileText(path, { maxBytes: MAX_BYTES, within: [root] });
    if (!read.ok) {
      problems.push(unreadable(path, read.message, hintOf(read)));
      continue;
    }
    characters += read.text.length;
    if (files.length >= MAX_FILES || characters > MAX_TOTAL) {
      const message = `more than ${MAX_FILES} test files, or ${MAX_TOTAL} characters: this one and the following ones are skipped`;
      return { files, problems: [...problems, unreadable(path, message, 'run the tests in fewer folders at once')] };
    }
    files.push({ file: path, text: read.text });
  }
  return { files, problems };
}

function hintOf({ code, hint }: FileRefusal): string {
  return code === 'too_large' || code === 'not_text' ? 'use UTF-8 text of at most 4 MiB' : hint;
}

function isTest(name: string): boolean {
  return isRuleTest(name) && !name.startsWith('.');
}

function unreadable(path: string, message: string, hint: string): Problem {
  return { code: 'rule-test/unreadable', severity: 'error', message: `${shownPath(path)}: ${message}`, hint };
}
