import type { Look, Paint } from '../look.ts';
import { plainLine } from '../plain-text.ts';
import { fitText, padText, textWidth } from '../text-width.ts';

const LABEL_COLUMNS = 10;
const INDENT = '  ';
/** No text is longer, whatever a document holds. */
const LONGEST = 4_000;

/** A label with what belongs to it: broken between words at the look's width, the following lines under the first. Text is cleaned here. */
export function labelled(label: string, text: string, look: Look, paint: Paint, faint: Paint): readonly string[] {
  const left = INDENT.length + LABEL_COLUMNS;
  return broken(fitText(plainLine(text.slice(0, 2 * LONGEST)), LONGEST), Math.max(20, look.columns - left)).map((line, index) => {
    const head =
      index === 0 ? faint(padText(fitText(plainLine(label), LABEL_COLUMNS - 1), LABEL_COLUMNS)) : ' '.repeat(LABEL_COLUMNS);
    return `${INDENT}${head}${paint(line)}`.trimEnd();
  });
}

/** A link or a command: never broken, so that it can be copied. */
export function unbroken(label: string, text: string, faint: Paint, paint: Paint): string {
  return `${INDENT}${faint(padText(label, LABEL_COLUMNS))}${paint(plainLine(text))}`;
}

/** One line of text as lines of at most `columns`; a word that is longer is cut into pieces. */
export function broken(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && textWidth(line) + 1 + textWidth(word) > columns) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
    while (textWidth(line) > columns) {
      const piece = fitText(line, columns + 1).slice(0, -1);
      if (piece === '') break;
      lines.push(piece);
      line = line.slice(piece.length);
    }
  }
  return [...lines, line];
}
