/** Blocks of one to eight eighths of a column. */
const EIGHTHS = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'] as const;

/** A horizontal bar, in eighths of a column; anything more than 0 is seen. */
export function barText(value: number, most: number, columns: number): string {
  if (!(value > 0) || !(most > 0)) return '';
  const eighths = Math.max(1, Math.round((Math.min(value, most) / most) * columns * 8));
  const rest = EIGHTHS[(eighths % 8) - 1] ?? '';
  return '█'.repeat(Math.floor(eighths / 8)) + rest;
}
