import { DEFAULT_LOCALE } from '../core/locale.ts';
import { inUnit, shortInUnit } from '../core/units.ts';
import { visible } from '../core/visible.ts';
import type { ChartContent } from './chart-content.ts';
import { timeTicks } from './time-ticks.ts';

/** Pixels of a sign of the chart's font, about. */
const SIGN = 7.4;
const WIDE_SIGN = 14;
const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Extended_Pictographic}\uff00-\uffef]/u;

/** Text as a chart draws it: composed letters, and every kind of space as the one that all fonts have. */
export function drawnText(text: string): string {
  return visible(text.normalize('NFC')).replace(/[\p{Zs}\t\n]/gu, ' ');
}

/** About how many pixels a text is wide. */
export function widthOf(text: string): number {
  return [...text].reduce((sum, sign) => sum + (WIDE.test(sign) ? WIDE_SIGN : SIGN), 0);
}

/** A text of about so many pixels; `…` follows where something was cut off. */
export function withinWidth(text: string, most: number): string {
  if (widthOf(text) <= most) return text;
  const kept = [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text.slice(0, 200))];
  let shown = kept.map(({ segment }) => segment);
  while (shown.length > 0 && widthOf(shown.join('')) > most - SIGN) shown = shown.slice(0, -1);
  return `${shown.join('')}…`;
}

/**
 * What a chart can show where no font has these signs: groups are numbered as the message lists them, a label is left out, and numbers and times are written without
 * their unit or in English. A box in place of a letter says nothing.
 */
export function withoutSigns(content: ChartContent, missing: ReadonlySet<string>): ChartContent {
  if (missing.size === 0) return content;
  const isDrawable = (text: string) => ![...drawnText(text)].some((sign) => missing.has(sign));
  const { label, lines, limit, unit, reader, range } = content;
  const values = [...lines.flatMap(({ points }) => points), ...limit].flatMap(({ value }) => value ?? []);
  const inLocale = (locale: string | undefined, of = unit) =>
    values.every((value) => [inUnit, shortInUnit].every((worded) => isDrawable(worded(value, of, locale))));
  const times = timeTicks(range, reader).every(({ text }) => isDrawable(text));
  const isReadable = times && inLocale(reader.locale, undefined);
  const shown = isReadable ? reader : { ...reader, locale: DEFAULT_LOCALE };
  const named = lines.every(({ name }) => isDrawable(name));
  return {
    ...content,
    label: isDrawable(label) ? label : '',
    lines: named ? lines : lines.map((line, place) => ({ ...line, name: `#${place + 1}` })),
    unit: inLocale(shown.locale) ? unit : undefined,
    reader: shown,
  };
}
