/** The 0-based offset in a text of a place that Liquid gives as a row and a column, both from 1. */
export function offsetInTemplate(text: string, row: number, column: number): number {
  let start = 0;
  for (let line = 1; line < row; line++) start = text.indexOf('\n', start) + 1;
  return start + column - 1;
}
