import { isObject } from '../core/json.ts';
import { parseYaml, type SourceFile } from '../yaml/parse.ts';
import { TEST_FILE_CODES } from './read-test-file.ts';

/** The names of the tests of a file, in their order; undefined where the file cannot be read as tests. Their documents are not made. */
export function testNames(source: SourceFile): readonly string[] | undefined {
  const { documents, problems } = parseYaml(source, TEST_FILE_CODES);
  const value = documents[0]?.value;
  if (problems.length > 0 || !isObject(value) || !Array.isArray(value['tests'])) return undefined;
  return value['tests'].flatMap((test: unknown) => (isObject(test) && typeof test['name'] === 'string' ? [test['name']] : []));
}
