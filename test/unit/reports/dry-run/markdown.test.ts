import { expect, test } from 'vitest';
import { markdownBlock } from '../../../../src/reports/dry-run/markdown.ts';

const HOSTILE = [
  '</code></pre><script>',
  '@everyone #1 a@b.example',
  '::error::own',
  '  ```',
  '| a | b |',
  '\u001B[31m\u202Eabc',
];

test('a block of code keeps the layout of its lines, and nothing of them is markup', () => {
  const block = markdownBlock(HOSTILE, 10_000);
  expect(block.split('\n')).toHaveLength(HOSTILE.length);
  expect(block).toMatch(/^<pre><code>(?:[\p{L}\p{N} ,\n-]|&#\d+;)*<\/code><\/pre>$/u);
  expect(block).toContain('\n  &#96;');
});

test('a block of code has whole lines as long as there is room, and says how many had none', () => {
  expect(markdownBlock(['a', 'b', 'c'], 4)).toBe('<pre><code>a\nb\n… 1 more lines</code></pre>');
  expect(markdownBlock(['&'.repeat(1_000), 'b'], 10)).toBe('<pre><code>… 2 more lines</code></pre>');
  expect(markdownBlock([], 4)).toBe('<pre><code></code></pre>');
});
