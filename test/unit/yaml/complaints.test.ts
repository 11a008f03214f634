import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../../src/core/problems.ts';
import { complaintsOf, fromTopToBottom } from '../../../src/yaml/complaints.ts';
import type { YamlDocument } from '../../../src/yaml/document.ts';

/** A document whose places tell how they were asked for: the line is the path's length, the column 1 for keys, else 2. */
const DOCUMENT: YamlDocument = {
  file: 'f',
  value: {},
  place: (path, part = 'value') => ({ file: 'f', line: path.length, column: part === 'key' ? 1 : 2 }),
  written: () => undefined,
  placeInText: (path, offset) => ({ file: 'f', line: path.length, column: 10 + offset }),
};

describe('complaints about a document', () => {
  it('stand at the value, the key or the character', () => {
    const complaints = complaintsOf(DOCUMENT);
    complaints.error('c/a', ['a'], 'one', 'hint');
    complaints.error('c/a', ['a'], 'two', undefined, 'key');
    complaints.errorInText('c/a', ['a', 0], 5, 'three');
    complaints.warning('c/a', ['a', 'b'], 'four');
    expect(complaints.problems.map(formatProblem)).toEqual([
      'f:1:2 a: one (hint)',
      'f:1:1 a: two',
      'f:2:15 a[0]: three',
      'f:2:1 a.b: warning: four',
    ]);
  });

  it('are notified once a place', () => {
    const complaints = complaintsOf(DOCUMENT);
    complaints.error('c/a', ['a'], 'one');
    complaints.error('c/a', ['b'], 'one');
    complaints.error('c/a', ['a', 'b'], 'one');
    expect(complaints.problems.map(({ path }) => path)).toEqual(['a', 'a.b']);
    expect(complaints.broken(['b'])).toBe(true);
  });

  it('break what they are about, and all above it; warnings break nothing', () => {
    const complaints = complaintsOf(DOCUMENT);
    complaints.warning('c/a', ['c'], 'four');
    expect(complaints.broken([])).toBe(false);
    complaints.error('c/a', ['a', 'b'], 'one');
    expect([[], ['a'], ['a', 'b']].every(complaints.broken)).toBe(true);
    expect([['a', 'c'], ['a', 'b', 'c'], ['c']].some(complaints.broken)).toBe(false);
  });

  it('have no place without a document, and the words that the room wants', () => {
    const complaints = complaintsOf(undefined, (text) => text.replaceAll('secret', '…'));
    complaints.error('c/a', ['a'], 'a secret', 'no secret');
    expect(complaints.problems).toEqual([{ code: 'c/a', severity: 'error', path: 'a', message: 'a …', hint: 'no …' }]);
  });

  it('can be put in the order of the file', () => {
    const complaints = complaintsOf(DOCUMENT);
    complaints.error('c/a', ['a', 'b'], 'third');
    complaints.error('c/a', ['a'], 'second');
    complaints.error('c/a', ['a'], 'first', undefined, 'key');
    expect(fromTopToBottom(complaints.problems).map(({ message }) => message)).toEqual(['first', 'second', 'third']);
  });
});
