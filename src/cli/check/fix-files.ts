import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Problem } from '../../core/problems.ts';
import { readFileText } from '../../files/open-file.ts';
import { replaceFileText } from '../../files/replace-file.ts';
import { REPAIRABLE, type RepairedFile, repairedFile } from '../../lint/repairs.ts';
import type { RuleFile } from '../../rules/load-rules.ts';

/** Changes made, or proposed, in rule files, and files that could not be changed. */
export interface Fixes {
  /** False: nothing was written. */
  readonly written: boolean;
  readonly files: readonly RepairedFile[];
  /** Problems of kinds that can be repaired and that were left as they are, because more than their lines would change. */
  readonly left: readonly Problem[];
  readonly problems: readonly Problem[];
}

/** Largest rule file, bytes. */
const MAX_BYTES = 1024 * 1024;

/**
 * Repairs what can be repaired in rule files, and nowhere else: a file is written only where it lies in a folder of `paths`, is not a link, and
 * holds what it held when it was read. Other errors of a file do not matter, as long as it is YAML. `write: false` writes nothing.
 */
export async function fixFiles(
  problems: readonly Problem[],
  files: readonly RuleFile[],
  paths: readonly string[],
  write: boolean,
): Promise<Fixes> {
  const within = await foldersOf(paths);
  const names = new Set(files.map(({ file }) => file));
  const concerned = problems.filter(({ code, at }) => REPAIRABLE.includes(code) && at !== undefined && names.has(at.file));
  const repaired: RepairedFile[] = [];
  const refused: Problem[] = [];
  const left: Problem[] = [];
  for (const file of new Set(concerned.flatMap(({ at }) => at?.file ?? []))) {
    const bounds = { maxBytes: MAX_BYTES, within };
    const read = await readFileText(file, bounds);
    if (!read.ok) {
      refused.push(unwritable(file, read));
      continue;
    }
    const one = repairedFile({ file, text: read.text }, concerned);
    left.push(...concerned.filter((problem) => problem.at?.file === file && !one.problems.includes(problem)));
    if (one.problems.length === 0) continue;
    const failure = write ? await replaceFileText(file, one.before, one.after, bounds) : undefined;
    if (failure === undefined) repaired.push(one);
    else refused.push(unwritable(file, failure));
  }
  return { written: write, files: repaired, left, problems: refused };
}

/** The real folders that were named, and those of the files that were named. */
async function foldersOf(paths: readonly string[]): Promise<readonly string[]> {
  const folders = await Promise.all(
    paths.map(async (path) => {
      try {
        const isFolder = (await stat(path)).isDirectory();
        return [await realpath(isFolder ? path : dirname(path))];
      } catch {
        return [];
      }
    }),
  );
  return folders.flat();
}

function unwritable(file: string, { message, hint }: { readonly message: string; readonly hint: string }): Problem {
  return {
    code: 'lint/unwritable',
    severity: 'error',
    message: `not repaired: ${message}`,
    hint,
    at: { file, line: 1, column: 1 },
  };
}
