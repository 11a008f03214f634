import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { demoPage } from '../../../examples/demo/page/page.ts';
import { pictureOf } from '../../../examples/demo/page/picture.ts';
import { STYLE } from '../../../examples/demo/page/style.ts';
import { type Played, playDemo } from './played.ts';

let page = '';
let played: Played;
let missing: readonly string[] = [];
beforeAll(async () => {
  await playDemo((one) => {
    played = one;
    page = one.page;
    const files = [...page.matchAll(/class="source" href="([^"]+)"/g)].map(([, file = '']) => file);
    missing = files.length === 7 ? files.filter((file) => !existsSync(join(one.folder, file))) : ['seven files'];
  });
});

const all = (pattern: RegExp) => [...page.matchAll(pattern)].map(([, one = '']) => one);

describe('the page of the demo', () => {
  it('says in its first lines what happened', () => {
    expect(page).toContain('<h1>A release broke payments for 11m. The team was notified after 3m 10s.</h1>');
    expect(all(/<dd>([^<]+)<\/dd>/g)).toEqual([
      '3m 10s after the release',
      '5m 10s after the release',
      '3m 10s after the rollback',
      '4 on Slack, 3 by mail',
    ]);
  });

  it('draws each window, both thresholds, the life of the alert, and each message, in both sizes', () => {
    for (const size of ['wide', 'narrow']) {
      const [, chart = ''] = new RegExp(`<svg class="chart ${size}"([\\s\\S]*?)</svg>`).exec(page) ?? [];
      expect(chart.match(/class="ok"/g)).toHaveLength(19);
      expect(chart.match(/class="limit /g)).toHaveLength(2);
      expect([...chart.matchAll(/class="state (\w+)"/g)].map(([, state]) => state)).toEqual([
        'pending',
        'warning',
        'critical',
        'recovering',
        ...['acknowledged', 'silenced', 'acknowledged', 'inhibited'],
      ]);
      expect([...chart.matchAll(/class="mark (\w+)"/g)].map(([, meaning]) => meaning).sort()).toEqual([
        'firing',
        'resolved',
        'resolved',
        'still',
        'still',
        'worse',
        'worse',
      ]);
      const words = [...chart.matchAll(/class="(?:state-word|legend) (\w+)"/g)].map(([, state]) => state);
      expect(words).toEqual(expect.arrayContaining(['critical', 'pending', 'recovering', 'warning', 'inhibited']));
      expect(chart).toContain('silenced');
      expect(chart).not.toMatch(/NaN|undefined|Infinity/);
    }
  });

  it('shows every message, with the file that holds it beside the page', () => {
    expect(all(/<article id="message-(\d)">/g).sort()).toEqual(['1', '2', '3', '4', '5', '6', '7']);
    expect(missing).toEqual([]);
    expect(page.match(/<template shadowrootmode="open">/g)).toHaveLength(3);
    expect(page).toContain('10 of 10 in use');
  });

  it('fetches nothing and runs nothing', () => {
    expect(page).toContain(`content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"`);
    const elsewhere = page.replace(/<img src="data:image\/png;base64,[A-Za-z0-9+/=]+"/g, '<picture-in-page');
    expect(elsewhere).not.toMatch(/<(?:script|link|img|iframe|object|embed|video|audio)\b|\ssrc=|url\(|@import|\son\w+=/i);
  });

  it('can be read without seeing it: landmarks, headings in order, names for pictures, links that lead somewhere', () => {
    for (const tag of ['header', 'main', 'footer']) expect(page.match(new RegExp(`<${tag}[ >]`, 'g'))).toHaveLength(1);
    const levels = all(/<h([1-6])\b/g).map(Number);
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    expect(levels.filter((level, index) => index > 0 && level > (levels[index - 1] ?? 0) + 1)).toEqual([]);
    for (const svg of page.match(/<svg[^>]*>/g) ?? []) expect(svg).toMatch(/role="img" aria-label="Time line\. .{100,}"/);
    const ids = all(/\sid="([^"]+)"/g);
    expect(new Set(ids).size).toBe(ids.length);
    const targets = [...all(/href="#([^"]+)"/g), ...all(/aria-labelledby="([^"]+)"/g)];
    expect(targets.length).toBeGreaterThan(5);
    expect(targets.filter((target) => !ids.includes(target))).toEqual([]);
  });

  it('is small', () => {
    expect(played.code).toBe(0);
    const words = page.replace(/data:image\/png;base64,[A-Za-z0-9+/=]+/g, '');
    expect(Buffer.byteLength(words)).toBeLessThan(120_000);
    expect(Buffer.byteLength(page)).toBeLessThan(500_000);
  });

  it('does not claim an end of the story that did not happen', () => {
    const picture = pictureOf({ start: 0, end: 60_000, events: [], arrived: [], thresholds: [] });
    const text = demoPage({ picture, events: [], explained: '', rule: '' });
    expect(text).toContain('<h1>The demo did not come to its end</h1>');
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe('the colours of the page', () => {
  const [light = '', dark = ''] = [...STYLE.matchAll(/:root \{([^}]*)\}/g)].map(([, block = '']) => block);
  const colorsOf = (block: string) =>
    new Map(
      [...block.matchAll(/--(\w+): (#[0-9a-f]{6})(?![0-9a-f])/g)].map(([, name = '', color = '']) => [name, color] as const),
    );

  /** Relative luminance by WCAG 2. */
  function luminance(color: string): number {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((from) => {
      const part = Number.parseInt(color.slice(from, from + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  function contrast(one: string, other: string): number {
    const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  }

  const TEXTS = [
    ...['text', 'faint', 'link', 'warning', 'critical', 'good', 'pending'].map((color) => [color, 'back'] as const),
    ...['text', 'faint', 'link'].map((color) => [color, 'card'] as const),
    ...['text', 'faint', 'code'].map((color) => [color, 'codeback'] as const),
  ];

  test.each([
    ['light', light],
    ['dark', dark],
  ])('can be told from what is behind them: %s', (_scheme, block) => {
    const colors = colorsOf(block);
    const weak = TEXTS.map(([color, behind]) => ({
      pair: `${color} on ${behind}`,
      ratio: contrast(colors.get(color) ?? '#000000', colors.get(behind) ?? '#000000'),
    })).filter(({ ratio }) => ratio < 4.5);
    expect(weak).toEqual([]);
  });
});
