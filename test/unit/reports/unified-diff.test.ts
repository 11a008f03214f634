import { expect, test } from 'vitest';
import { unifiedDiff } from '../../../src/reports/unified-diff.ts';

test('lines that end in CR LF are shown as lines, without empty ones in between', () => {
  expect(unifiedDiff('a.yaml', 'a: 1\r\nb: 2\r\n', 'a: 1\r\n')).toBe('--- a.yaml\n+++ a.yaml\n@@ line 1 @@\n a: 1\n-b: 2\n ');
});
