import { realpath } from 'node:fs/promises';
import { findTestFiles } from '../../rule-tests/find-test-files.ts';
import { readTestFile } from '../../rule-tests/read-test-file.ts';

/** Real paths of the rule files that rule tests below these paths, or beside these files, name. Tests that cannot be read name none. */
export async function testedFiles(paths: readonly string[]): Promise<ReadonlySet<string>> {
  const { files } = await findTestFiles(paths);
  const named = files.flatMap((source) => {
    const read = readTestFile(source);
    return read.ok ? read.value.rules : [];
  });
  const real = await Promise.all([...new Set(named)].map((path) => realpath(path).catch(() => undefined)));
  return new Set(real.filter((path) => path !== undefined));
}
