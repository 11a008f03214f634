import { deepFreeze } from '../core/freeze.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import type { Checked } from '../core/problems.ts';
import type { Instant } from '../core/time.ts';
import type { FaultCodes } from '../yaml/codes.ts';
import { type Complaints, complainOf, complaintsOf, fromTopToBottom } from '../yaml/complaints.ts';
import type { YamlDocument } from '../yaml/document.ts';
import { knownKeysOf } from '../yaml/looks-like.ts';
import { parseOnly, parseYaml, type SourceFile } from '../yaml/parse.ts';
import type { Path } from '../yaml/path.ts';
import { schemaCheck } from '../yaml/schema-check.ts';
import { kindOf, propertiesOf } from '../yaml/schema-words.ts';
import { readChecks } from './read-checks.ts';
import { readDocuments } from './read-documents.ts';
import { readOutages, readSearchFailures } from './read-failures.ts';
import { readExpectedRoute } from './read-route.ts';
import { type Keys, listOf, pathBeside, readingOf, readSnapshotForms, type TestFileReading, textList } from './reading.ts';
import { ruleTestSchema } from './schema.ts';
import type { RuleTest, RuleTestFile, SilenceSpec } from './test-file.ts';
import { DEFAULT_START, readInstant } from './times.ts';

/** The problems of test files that YAML files of every kind may have. */
const TEST_FILE_CODES: FaultCodes = {
  yaml: 'rule-test/yaml',
  'too-large': 'rule-test/too-large',
  'duplicate-key': 'rule-test/duplicate-key',
  'unknown-key': 'rule-test/unknown-key',
  'missing-key': 'rule-test/missing-key',
  invalid: 'rule-test/invalid',
  exclusive: 'rule-test/invalid',
};
const check = schemaCheck(ruleTestSchema);
const KEYS: ReadonlySet<string> = new Set(Object.keys(propertiesOf(ruleTestSchema())));

/** Reads a rule test file; all that is wrong with it at once, with positions. Never throws. */
export function readTestFile(source: SourceFile): Checked<RuleTestFile> {
  const { document, problems, plain } = parseOnly(source, TEST_FILE_CODES, 'merge all tests under one `tests:`', looksLikeTests);
  if (problems.length > 0) return { ok: false, problems };
  if (document === undefined) return empty(source.file);
  const complaints = complaintsOf(document);
  if (!plain) {
    complaints.error(TEST_FILE_CODES.invalid, [], `expected rule tests, got ${kindOf(document.value)}`, 'begin with `tests:`');
    return { ok: false, problems: complaints.problems };
  }
  complainOf(check(document.value), TEST_FILE_CODES, complaints);
  const file = complaints.broken([]) || !isObject(document.value) ? undefined : readKeys(document.value, document, complaints);
  const found = fromTopToBottom(complaints.problems);
  return complaints.broken([]) || file === undefined
    ? { ok: false, problems: found }
    : { ok: true, value: deepFreeze(file), problems: found };
}

/** The names of the tests of a file, in their order; undefined where the file cannot be read as tests. Their documents are not made. */
export function testNames(source: SourceFile): readonly string[] | undefined {
  const { documents, problems } = parseYaml(source, TEST_FILE_CODES);
  const value = documents[0]?.value;
  if (problems.length > 0 || !isObject(value) || !Array.isArray(value['tests'])) return undefined;
  return value['tests'].flatMap((test: unknown) => (isObject(test) && typeof test['name'] === 'string' ? [test['name']] : []));
}

/** Where most keys are others, the file may be anything, and nothing of it is quoted. */
const looksLikeTests = (value: unknown) => knownKeysOf(value, KEYS) > 0;

function empty(file: string): Checked<never> {
  const [message, hint] = ['no tests in this file', 'add them under `tests:`'];
  const at = { file, line: 1, column: 1 };
  return { ok: false, problems: [{ code: 'rule-test/empty', severity: 'error', message, hint, at }] };
}

function readKeys(keys: Keys, document: YamlDocument, complaints: Complaints): RuleTestFile {
  const { file } = document;
  const given = keys['rules'];
  const own =
    given === undefined ? undefined : (Array.isArray(given) ? given : [given]).map((path) => pathBeside(file, String(path)));
  const made = { documents: 0 };
  const tests = listOf(keys['tests']).map((test, index) =>
    readTest(keys, test, ['tests', index], (start) => readingOf(document, complaints, start, made)),
  );
  complainOfFileKeys(tests, complaints);
  return { file, rules: own ?? [besides(file)], tests };
}

/** The rule file that a test file is named after. */
function besides(file: string): string {
  return file.replace(/\.test(\.ya?ml)$/i, '$1');
}

function complainOfFileKeys(tests: readonly RuleTest[], complaints: Complaints): void {
  const names = tests.map((test) => test.name);
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index)
      complaints.error(
        'rule-test/duplicate-name',
        ['tests', index, 'name'],
        `duplicate test name "${name}"`,
        'rename one of them',
      );
  }
}

function readTest(file: Keys, test: Keys, path: Path, read: (start: Instant) => TestFileReading): RuleTest {
  const start = readStart(file, test, path, read(DEFAULT_START).complaints);
  const reading = read(start);
  const { mapping, route, snapshot } = { ...file, ...test };
  const forms = readSnapshotForms(snapshot);
  const routePath = test['route'] === undefined ? ['route'] : [...path, 'route'];
  const index = [test['index'], file['index']].find((name) => typeof name === 'string');
  const own = readDocuments(listOf(test['documents']), [...path, 'documents'], index, reading);
  const shared = readDocuments(listOf(file['documents']), ['documents'], index, reading);
  return {
    name: String(test['name']),
    position: reading.document.place(path),
    start,
    documents: [...shared, ...own],
    ...(mapping === undefined ? {} : { mapping: mapping as JsonObject }),
    ...(isObject(route) ? { route: readExpectedRoute(route, routePath, reading) } : {}),
    silences: readSilences(listOf(test['silences']), [...path, 'silences'], reading),
    down: readOutages(listOf(test['down']), [...path, 'down'], reading),
    searchFails: readSearchFailures(listOf(test['search_fails']), [...path, 'search_fails'], reading),
    ...(forms === undefined ? {} : { snapshot: forms }),
    checks: readChecks(listOf(test['checks']), [...path, 'checks'], reading),
  };
}

function readStart(file: Keys, test: Keys, path: Path, complaints: Complaints): Instant {
  const [text, at] = test['start'] === undefined ? [file['start'], ['start']] : [test['start'], [...path, 'start']];
  if (text === undefined) return DEFAULT_START;
  const start = readInstant(String(text));
  if (start === undefined) complaints.error('rule-test/invalid', at, `"${String(text)}" is not a valid date`);
  return start ?? DEFAULT_START;
}

function readSilences(given: readonly Keys[], path: Path, reading: TestFileReading): readonly SilenceSpec[] {
  return given.map((silence, index) => ({
    matchers: reading.matchers(textList(silence['matchers']), [...path, index, 'matchers']),
    from: silence['from'] === undefined ? reading.start : reading.time(String(silence['from']), [...path, index, 'from']),
    until: reading.time(String(silence['until']), [...path, index, 'until']),
  }));
}
