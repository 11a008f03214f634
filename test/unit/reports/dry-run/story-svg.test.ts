import { expect, test } from 'vitest';
import { PARTS } from '../../../../src/backtest/measured-values.ts';
import type { RuleStory } from '../../../../src/backtest/rule-story.ts';
import { chartSvg } from '../../../../src/reports/dry-run/story-svg.ts';

test('no text of a document is markup in a chart', () => {
  const hostile = '"><script>alert(1)</script>\u202E';
  const story: RuleStory = {
    id: 'a',
    name: 'a',
    paused: false,
    windows: 10,
    failed: 0,
    gaps: [],
    problems: [],
    standing: [],
    transitions: [
      { at: 5, group: { pod: hostile }, from: 'inactive', to: 'firing', reason: 'breach', severity: hostile, values: {} },
    ],
    late: [],
    levels: undefined,
    flapping: [],
    notifications: [],
  };
  const parts = Array.from({ length: PARTS }, (_, place) => (place % 3 === 0 ? null : place));
  const svg = chartSvg(story, { value: hostile, parts, bad: 'above', limits: [{ sign: '>', number: 4 }] }, { from: 0, to: 10 });
  expect(svg).toContain('script');
  expect(svg).not.toMatch(/<script|"><s|\u202E/);
  expect(svg).toMatch(/^<svg [^>]*>.*<\/svg>$/);
});
