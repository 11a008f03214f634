import { dirname, isAbsolute, join } from 'node:path';
import { isObject } from '../core/json.ts';
import type { Instant } from '../core/time.ts';
import { parseMatchers } from '../routing/parse-matcher.ts';
import type { Matcher } from '../routing/route.ts';
import type { Complaints } from '../yaml/complaints.ts';
import type { YamlDocument } from '../yaml/document.ts';
import type { Path } from '../yaml/path.ts';
import { SNAPSHOT_FORMS, type SnapshotForm } from './snapshots/message-forms.ts';
import { readTime } from './times.ts';

/** What the parts of a test are read with. */
export interface TestFileReading {
  readonly document: YamlDocument;
  readonly complaints: Complaints;
  readonly start: Instant;
  /** Counts the documents that the entries of the file make. */
  readonly made: { documents: number };
  /** A time at a path; complains and gives the start when there is no such time. */
  time(text: string, path: Path): Instant;
  /** Matchers at a path; complains about what cannot be read. */
  matchers(texts: readonly string[], path: Path): readonly Matcher[];
}

/** Keys as the schema has let them through. */
export type Keys = Readonly<Record<string, unknown>>;

/** Makes the reading of one test, whose times count from `start`; `made` is the same for all tests of a file. */
export function readingOf(
  document: YamlDocument,
  complaints: Complaints,
  start: Instant,
  made: { documents: number },
): TestFileReading {
  return {
    document,
    complaints,
    start,
    made,
    time: (text, path) => {
      const at = readTime(text, start);
      if (at === undefined) complaints.error('rule-test/invalid', path, `"${text}" is not a valid time`);
      return at ?? start;
    },
    matchers: (texts, path) =>
      texts.flatMap((text, index) => {
        const parsed = parseMatchers(text);
        if (parsed.ok) return parsed.matchers;
        complaints.errorInText(
          'rule-test/matcher',
          [...path, index],
          parsed.offset,
          parsed.message,
          parsed.hint ?? 'such as severity="critical"',
        );
        return [];
      }),
  };
}

/** The mappings of a list that the schema has let through; none when it is absent. */
export function listOf(value: unknown): readonly Keys[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The texts of a list that the schema has let through; none when it is absent. */
export function textList(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** The forms that the key `snapshot` asks for, as the schema has let it through; undefined: none. */
export function readSnapshotForms(value: unknown): readonly SnapshotForm[] | undefined {
  if (value === true) return ['sent'];
  const forms = SNAPSHOT_FORMS.filter((form) => form === value || (Array.isArray(value) && value.includes(form)));
  return forms.length === 0 ? undefined : forms;
}

/** A path of a test file, from where the test file itself is named: relative ones are relative to the test file. */
export function pathBeside(file: string, path: string): string {
  return isAbsolute(path) ? path : join(dirname(file), path);
}
