import { expect, test } from 'vitest';
import { PARTS } from '../../../../src/backtest/measured-values.ts';
import { chartSvg } from '../../../../src/reports/dry-run/story-svg.ts';
import { quietStory } from '../../../support/backtest/quiet-story.ts';

test('no text of a document is markup in a chart', () => {
  const hostile = '"><script>alert(1)</script>\u202E';
  const story = quietStory({
    transitions: [
      { at: 5, group: { pod: hostile }, from: 'inactive', to: 'firing', reason: 'breach', severity: hostile, values: {} },
    ],
  });
  const parts = Array.from({ length: PARTS }, (_, place) => (place % 3 === 0 ? null : place));
  const svg = chartSvg(story, { value: hostile, parts, bad: 'above', limits: [{ sign: '>', number: 4 }] }, { from: 0, to: 10 });
  expect(svg).toContain('script');
  expect(svg).not.toMatch(/<script|"><s|\u202E/);
  expect(svg).toMatch(/^<svg [^>]*>.*<\/svg>$/);
});
