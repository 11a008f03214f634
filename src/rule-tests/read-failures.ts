import type { TimeRange } from '../core/time.ts';
import { SEARCH_PROBLEMS, type SearchProblemCode } from '../search/search-problem.ts';
import type { Path } from '../yaml/path.ts';
import type { Keys, TestFileReading } from './reading.ts';
import type { SearchFailure } from './test-file.ts';

/** Reads when Tocsin does not run: ranges with an end after their begin, each after the one before. */
export function readOutages(given: readonly Keys[], path: Path, reading: TestFileReading): readonly TimeRange[] {
  const ranges = given.map((keys, index) => readRange(keys, [...path, index], reading));
  for (const [index, { from }] of ranges.entries()) {
    const before = ranges[index - 1];
    if (before !== undefined && from < before.to) {
      const message = 'overlaps the entry above';
      reading.complaints.error('rule-test/invalid', [...path, index, 'from'], message, 'merge the two, or sort them by time');
    }
  }
  return ranges;
}

/** Reads when searches fail, and with what. */
export function readSearchFailures(given: readonly Keys[], path: Path, reading: TestFileReading): readonly SearchFailure[] {
  return given.map((keys, index) => ({
    ...readRange(keys, [...path, index], reading),
    problem: isProblem(keys['problem']) ? keys['problem'] : 'unreachable',
  }));
}

function isProblem(code: unknown): code is SearchProblemCode {
  return typeof code === 'string' && Object.hasOwn(SEARCH_PROBLEMS, code);
}

function readRange(keys: Keys, path: Path, reading: TestFileReading): TimeRange {
  const from = reading.time(String(keys['from']), [...path, 'from']);
  const to = reading.time(String(keys['until']), [...path, 'until']);
  if (to > from) return { from, to };
  reading.complaints.error('rule-test/invalid', [...path, 'until'], '`until` must be after `from`', 'a later time');
  return { from, to: from };
}
