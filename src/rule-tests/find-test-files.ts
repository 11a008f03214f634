import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { asError } from '../core/errors.ts';
import type { Problem } from '../core/problems.ts';
import type { SourceFile } from '../yaml/parse.ts';

/** Test files with their texts, by name; and paths that are none or cannot be read. */
export interface FoundTests {
  readonly files: readonly SourceFile[];
  readonly problems: readonly Problem[];
}

const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Finds the rule tests of paths: a test file itself, those below a folder (hidden folders and node_modules left out), and for a rule file
 * the test beside it.
 */
export async function findTestFiles(paths: readonly string[]): Promise<FoundTests> {
  const names = new Set<string>();
  const problems: Problem[] = [];
  for (const path of paths) {
    try {
      for (const name of await testsOf(join(path))) names.add(name);
    } catch (thrown) {
      problems.push(unreadable(path, reasonOf(thrown), 'name a folder, a rule file or a NAME.test.yaml'));
    }
  }
  const files: SourceFile[] = [];
  for (const file of [...names].sort()) {
    try {
      files.push({ file, text: await readText(file) });
    } catch (thrown) {
      problems.push(unreadable(file, reasonOf(thrown), 'rule tests are UTF-8 text of at most 4 MiB'));
    }
  }
  return { files, problems };
}

async function testsOf(path: string): Promise<readonly string[]> {
  const found = await stat(path);
  if (found.isDirectory()) return below(path);
  if (isTest(basename(path))) return [path];
  const beside = path.replace(/(\.ya?ml)$/i, '.test$1');
  if (beside === path) throw new Error('this is no YAML file');
  await stat(beside).catch(() => {
    throw new Error(`there is no rule test ${beside} beside it`);
  });
  return [beside];
}

async function below(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries.map((entry): Promise<readonly string[]> | readonly string[] => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name.startsWith('.') || entry.name === 'node_modules' ? [] : below(path);
      return isTest(entry.name) ? [path] : [];
    }),
  );
  return found.flat();
}

function isTest(name: string): boolean {
  return /\.test\.ya?ml$/i.test(name) && !name.startsWith('.');
}

async function readText(file: string): Promise<string> {
  const bytes = await readFile(file);
  if (bytes.length > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES} bytes`);
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}

function unreadable(path: string, message: string, hint: string): Problem {
  return { code: 'rule-test/unreadable', severity: 'error', message: `${path}: ${message}`, hint };
}

function reasonOf(thrown: unknown): string {
  const { message } = asError(thrown);
  return message.startsWith('ENOENT')
    ? 'there is no such file or folder'
    : message.startsWith('EACCES')
      ? 'it may not be read'
      : message;
}
