import { type Look, type Paint, paletteOf } from './look.ts';
import { plainLine } from './plain-text.ts';
import { fitText, padText, textWidth } from './text-width.ts';

/** A column of a text table. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** It may be cut down to this many columns when the table is too wide; without it, it keeps its width. */
  readonly least?: number;
}

/** A cell: its text as it came (it is cleaned here) and its paint. */
export type Cell = string | { readonly text: string; readonly paint: Paint };

const GAP = '  ';
/** No cell is wider, whatever a document holds. */
const LONGEST = 400;

/**
 * Prints rows under their titles, as wide as what they hold, at most as wide as the look: the widest shrinkable column gives way first.
 * Text is cleaned and cut before it is painted, so that no document can paint or break a line.
 */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[], look: Look): string {
  const { faint } = paletteOf(look);
  const head = columns.map(({ title }): Cell => ({ text: title, paint: faint }));
  return aligned(columns, [head, ...rows], look)
    .map((text) => `${text}\n`)
    .join('');
}

/** As `table`, without titles and as lines. */
export function aligned(
  columns: readonly Omit<Column, 'title'>[],
  rows: readonly (readonly Cell[])[],
  look: Look,
): readonly string[] {
  const texts = rows.map((row) =>
    columns.map((_column, index) => fitText(plainLine(textOf(row[index] ?? '').slice(0, LONGEST * 10)), LONGEST)),
  );
  const widths = shrink(columns, texts, look.whole === true ? Number.POSITIVE_INFINITY : look.columns);
  return texts.map((cells, row) => {
    const painted = cells.map((cell, index) => {
      const width = widths[index] ?? 0;
      const padded = padText(fitText(cell, width), width, columns[index]?.align);
      const paint = paintOf(rows[row]?.[index] ?? '');
      // Colours round the padding of the last cell would keep it from being trimmed.
      const text = index === cells.length - 1 ? padded.trimEnd() : padded;
      return paint === undefined || text.trim() === '' ? text : paint(text);
    });
    return painted.join(GAP).trimEnd();
  });
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

function paintOf(cell: Cell): Paint | undefined {
  return typeof cell === 'string' ? undefined : cell.paint;
}

function shrink(
  columns: readonly Omit<Column, 'title'>[],
  lines: readonly (readonly string[])[],
  most: number,
): readonly number[] {
  const widths = columns.map((_column, index) =>
    lines.reduce((widest, cells) => Math.max(widest, textWidth(cells[index] ?? '')), 0),
  );
  let excess = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (columns.length - 1) - most;
  while (excess > 0) {
    const index = widestShrinkable(columns, widths);
    if (index === undefined) break;
    widths[index] = (widths[index] ?? 0) - 1;
    excess--;
  }
  return widths;
}

function widestShrinkable(columns: readonly Omit<Column, 'title'>[], widths: readonly number[]): number | undefined {
  let widest: number | undefined;
  for (const [index, { least }] of columns.entries()) {
    if (least === undefined || (widths[index] ?? 0) <= least) continue;
    if (widest === undefined || (widths[index] ?? 0) > (widths[widest] ?? 0)) widest = index;
  }
  return widest;
}
