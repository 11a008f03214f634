import { describe, expect, it, test } from 'vitest';
import type { ChartContent } from '../../../src/charts/chart-content.ts';
import { CHART_SIZE, chartText, isWorthDrawing, messageChart } from '../../../src/charts/message-chart.ts';
import { timeTicks } from '../../../src/charts/time-ticks.ts';
import { DAY } from '../../../src/core/time.ts';
import { pngDrawer } from '../../../src/service/draw-png.ts';
import { glyphFinder } from '../../../src/service/glyphs.ts';

const MINUTE = 60_000;
const NOON = Date.UTC(2026, 0, 1, 12);
const TO = NOON + 60 * MINUTE;

function content(values: readonly (number | null)[], given: Partial<ChartContent> = {}): ChartContent {
  const points = values.map((value, index) => ({ at: NOON + index * MINUTE, value }));
  return {
    label: 'used of limit',
    unit: 'ratio',
    range: { from: NOON, to: TO },
    lines: [{ name: '', points }],
    limit: points.map(({ at }) => ({ at, value: 0.95 })),
    bad: 'above',
    firing: { from: NOON + 30 * MINUTE, to: TO },
    isOver: false,
    reader: {},
    ...given,
  };
}

const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
const paths = (svg: string, color: string) =>
  [...svg.matchAll(/<path d="([^"]*)"[^>]*stroke="(#[0-9a-f]+)"/g)].filter(([, , of]) => of === color).map(([, path]) => path);

describe('a chart', () => {
  it('has the value, its limit and the time in which it fired', () => {
    const svg = messageChart(content([0.5, 0.6, 0.97]));
    expect(texts(svg)).toEqual(expect.arrayContaining(['used of limit', 'fires', '97 %', 'limit 95 %', '12:30']));
    expect(paths(svg, '#1565c0')).toEqual([expect.stringMatching(/^M12 [\d.]+L[\d.]+ [\d.]+L[\d. ]+$/)]);
    // 364 pixels are an hour: it fired in the second half.
    expect(svg).toContain('<rect x="194" y="44" width="182" height="134" fill="#c62828" fill-opacity="0.1"/>');
  });

  it('says that it fired once that is over, and where values are to be low, what they should be at least', () => {
    const over = { firing: { from: NOON, to: NOON + MINUTE }, isOver: true, bad: 'below' } as const;
    expect(texts(messageChart(content([1, 2], over)))).toEqual(expect.arrayContaining(['fired', 'minimum 95 %']));
  });

  test.each<[number, string | undefined, 'above' | 'below', string | undefined, string]>([
    [2_000_000_000, undefined, 'above', undefined, 'limit 2B'],
    [2_010_000_000, undefined, 'above', undefined, 'limit 2.01B'],
    [2_000_000_000, undefined, 'above', 'de', 'limit 2 Mrd.'],
    [2_000_000, undefined, 'above', undefined, 'limit 2M'],
    [12_300, undefined, 'above', undefined, 'limit 12,300'],
    [249 * 1_024 ** 2, 'bytes', 'below', undefined, '249 MiB'],
    [1_000_000_000, 'orders/min', 'above', undefined, '1B orders/min'],
    [1_000_000_000, '/min', 'above', undefined, 'limit 1B/min'],
    [5, 'unreasonably long words', 'above', undefined, '5 unreasonab…'],
  ])('shortens a limit of %d %s that would be cut off at the edge', (limit, unit, bad, locale, text) => {
    const points = [0, 1].map((index) => ({ at: NOON + index * MINUTE, value: limit }));
    expect(
      texts(messageChart(content([0, 1], { limit: points, unit, bad, reader: locale === undefined ? {} : { locale } }))),
    ).toContain(text);
  });

  it('writes a value and its limit in one form, so that they can be compared', () => {
    const points = [0, 1].map((index) => ({ at: NOON + index * MINUTE, value: 2_000_000_000 }));
    const shown = texts(messageChart(content([1_000_000_000, 3_000_000_000], { limit: points, unit: undefined })));
    expect(shown).toEqual(expect.arrayContaining(['limit 2B', '3B']));
    expect(shown.join(' ')).not.toContain('000,000');
    const among = texts(
      messageChart(content([1_500, 90_000_000_000], { limit: points.map(({ at }) => ({ at, value: 12_000 })), unit: undefined })),
    );
    expect(among).toEqual(expect.arrayContaining(['limit 12K', '90B']));
  });

  it('has a gap where nothing was measured, and a dot where one value stands alone', () => {
    const lines = paths(messageChart(content([0.1, 0.2, null, 0.3, null, 0.2, 0.1])), '#1565c0');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^M(\S+ \S+)L\1$/);
  });

  it('draws a limit that changes over time', () => {
    const limit = [1, 2, 3].map((value, index) => ({ at: NOON + index * MINUTE, value }));
    const [line] = paths(messageChart(content([1, 1, 9], { limit })), '#c62828');
    expect(new Set(line?.split(/[ML]/).map((point) => point.split(' ')[1])).size).toBeGreaterThan(2);
  });

  it('does not begin at zero where that would make a flat line of what is seen', () => {
    expect(texts(messageChart(content([0.5, 0.97])))).toContain('0 %');
    const near = messageChart(content([1_000, 1_001, 1_000], { limit: [], unit: undefined }));
    expect(texts(near)).not.toContain('0');
  });

  it('names the lines of several groups, with nothing of a name being markup', () => {
    const points = [0, 1].map((at) => ({ at: NOON + at * MINUTE, value: at }));
    const lines = ['<script>"x"</script>', 'b'.repeat(500), '日本\u202e\u0007'].map((name) => ({ name, points }));
    const svg = messageChart(content([], { lines }));
    expect(svg).not.toContain('<script');
    expect(svg.length).toBeLessThan(8_000);
    expect(texts(svg)).toContain('&#60;script&#62;&#34;x&#34;&#60;/scri…');
  });

  test.each<[string, readonly (number | null)[]]>([
    ['nothing', []],
    ['one value', [1]],
    ['zeros', [0, 0, 0]],
    ['huge and tiny', [Number.MAX_VALUE / 4, 1e-300, 0]],
    ['negative', [-5, -1, -3]],
    ['nothing known', [null, null]],
  ])('of %s has no number that is none', (_name, values) => {
    expect(messageChart(content(values))).not.toMatch(/NaN|Infinity|undefined/);
    expect(chartText(content(values))).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('is worth drawing with two values', () => {
    const lines = (...values: (number | null)[]) => ({ lines: content(values).lines });
    expect([isWorthDrawing(lines(1)), isWorthDrawing(lines(1, null)), isWorthDrawing(lines(1, 2))]).toEqual([false, false, true]);
  });

  it('says in words what it shows', () => {
    const reader = { timezone: 'Europe/Berlin' };
    expect(chartText(content([0.5, 0.97], { reader }))).toBe('Chart: used of limit, 13:00 to 14:00: 50 % to 97 %, limit 95 %');
  });

  it('becomes a picture, with its text', async () => {
    const warn: unknown[] = [];
    const draw = pngDrawer({ warn: ((...said: unknown[]) => warn.push(said)) as never });
    const png = await draw(() => messageChart(content([0.5, 0.97])), CHART_SIZE.width * 2);
    const bare = await draw(() => messageChart(content([0.5, 0.97], { label: '' })), CHART_SIZE.width * 2);
    const view = Buffer.from(png ?? []);
    expect([view.subarray(1, 4).toString(), view.readUInt32BE(16), view.readUInt32BE(20)]).toEqual(['PNG', 960, 420]);
    expect(view.length).toBeLessThan(100_000);
    // Without a font nothing is written, and nothing complains.
    expect(view.equals(Buffer.from(bare ?? []))).toBe(false);
    expect(warn).toEqual([]);
  });
});

describe('a machine that cannot draw', () => {
  it('says so once, and draws nothing', async () => {
    const warn: unknown[] = [];
    const broken = () => Promise.reject(new Error('Cannot find module'));
    const draw = pngDrawer({ warn: ((...said: unknown[]) => warn.push(said)) as never }, broken);
    expect([await draw(() => '<svg/>', 10), await draw(() => '<svg/>', 10)]).toEqual([undefined, undefined]);
    expect(warn).toHaveLength(1);
  });
});

describe('signs', () => {
  const points = [0, 1].map((at) => ({ at: NOON + at * MINUTE, value: at }));
  const named = (...names: string[]) => ({ lines: names.map((name) => ({ name, points })) });

  it('of every script are left as they are', () => {
    const names = ['größe “x” 5 €', 'платежи-αβγ', '日本'];
    expect(texts(messageChart(content([], named(...names))))).toEqual(expect.arrayContaining(names));
  });

  it('that no font has are not drawn: groups are numbered, a label is left out', () => {
    const missing = new Set('日本使');
    const svg = messageChart(content([], { ...named('日本', 'checkout'), label: '使用量' }), missing);
    expect(texts(svg)).toEqual(expect.arrayContaining(['#1', '#2']));
    expect(messageChart(content([1, 2], { label: '使用量' }), missing)).not.toContain('使');
    expect(texts(messageChart(content([1, 2], { label: 'used' }), missing))).toContain('used');
  });

  it('of a number or a time that no font has make it one in English, and those of a unit leave it out', () => {
    const reader = { locale: 'ar-EG' };
    const arabic = messageChart(content([0.5, 0.97], { reader }));
    expect(texts(arabic).join(' ')).toMatch(/[٠-٩]/);
    const english = texts(messageChart(content([0.5, 0.97], { reader }), new Set('٠١٢٣٤٥٦٧٨٩٪')));
    expect(english).toEqual(expect.arrayContaining(['12:30', 'limit 95 %']));
    expect(texts(messageChart(content([5, 97], { unit: '個', limit: [] }), new Set('個')))).toContain('97');
  });

  it('that are wide need more room, and are cut whole', () => {
    const [name = ''] = texts(messageChart(content([], named('日'.repeat(30), 'b')))).filter((text = '') => text.includes('日'));
    expect(name).toMatch(/^日{5,9}…$/u);
    const family = '👨‍👩‍👧‍👦';
    const [families = ''] = texts(messageChart(content([], named(family.repeat(30), 'b')))).filter((text = '') =>
      text.includes('👨'),
    );
    expect(families.replaceAll(family, '')).toBe('…');
  });
});

describe('what is drawn of them', () => {
  const draw = pngDrawer({ warn: () => undefined });
  const shown = async (text: string) => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20" font-family="Open Sans" font-size="14"><text x="2" y="15">${text}</text></svg>`;
    return Buffer.from((await draw(() => svg, 40)) ?? []).toString('base64');
  };

  it.each(['größe', 'платежи', 'αβγ', 'תשלום', 'ưởng'])('are the letters of %s, and no boxes', async (word) => {
    const box = await shown('\u{5FFFD}');
    const pictures = await Promise.all([...new Set(word)].map(shown));
    expect(new Set([...pictures, box]).size).toBe(new Set(word).size + 1);
  });

  it('are never boxes: what neither the font nor the machine has is asked to be left out', async () => {
    const asked: ReadonlySet<string>[] = [];
    await draw((missing) => {
      asked.push(missing);
      return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text>aЖ\u{5FFFE}\u{4FFFD}</text></svg>`;
    }, 10);
    expect(asked).toEqual([new Set(), new Set(['\u{5FFFE}', '\u{4FFFD}'])]);
  });

  it('are looked for in the fonts of the machine where the font of charts does not have them', async () => {
    const sheets: string[] = [];
    // Cells of 24 pixels: the machine has the first sign, and nothing else.
    const find = glyphFinder(async (svg, fonts) => {
      sheets.push(fonts);
      const width = Number(/width="(\d+)"/.exec(svg)?.[1]);
      const pixels = new Uint8Array(width * 24 * 4);
      if (fonts === 'machine') pixels[0] = 255;
      return { width, pixels };
    }, 'x');
    const found = await find('日本');
    expect([...found]).toEqual([
      ['日', 'machine'],
      ['本', 'none'],
    ]);
    expect([...(await find('日 and 本'))]).toEqual([...found]);
    expect(sheets).toEqual(['own', 'machine']);
  });
});

describe('times below a chart', () => {
  const said = (span: number, timezone = 'UTC') =>
    timeTicks({ from: NOON, to: NOON + span }, { timezone }).map(({ text }) => text);

  it.each<[string, number, readonly string[]]>([
    ['an hour', 60 * MINUTE, ['12:00', '12:10', '12:20', '12:30', '12:40', '12:50', '13:00']],
    ['a day', DAY, ['12:00', '18:00', '00:00', '06:00', '12:00']],
    ['a week', 7 * DAY, ['3 Jan', '5 Jan', '7 Jan']],
  ])('of %s', (_name, span, expected) => {
    expect(said(span)).toEqual(expected);
  });

  it("are round by the reader's clock", () => {
    expect(said(DAY, 'Asia/Kathmandu')).toEqual(['18:00', '00:00', '06:00', '12:00']);
    expect(said(60 * MINUTE, 'America/New_York')[0]).toBe('07:00');
  });

  it('are few, however long it is', () => {
    for (let span = MINUTE; span < 400 * DAY; span *= 3) expect(said(span).length).toBeLessThan(9);
  });
});
