import pico from 'picocolors';
import { severityKind } from '../core/severity.ts';

/** How a report may look: whether colours are wanted, and how many columns there are. */
export interface Look {
  readonly color: boolean;
  readonly columns: number;
  /** Not a terminal: tables are as wide as their content. */
  readonly whole?: boolean;
}

/** Paints a text; without colours it is the identity. Only for text that is clean already. */
export type Paint = (text: string) => string;

/** The colours of reports by meaning, so that a report never names a colour. */
export interface Palette {
  readonly strong: Paint;
  readonly faint: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  readonly careful: Paint;
  readonly calm: Paint;
  readonly link: Paint;
}

/** Width of text without a terminal, in columns. */
export const PLAIN_COLUMNS = 120;

/** Gives the palette of a look. */
export function paletteOf(look: Pick<Look, 'color'>): Palette {
  const colors = pico.createColors(look.color);
  return {
    strong: colors.bold,
    faint: colors.dim,
    good: colors.green,
    bad: colors.red,
    careful: colors.yellow,
    calm: colors.cyan,
    link: colors.underline,
  };
}

const KINDS = { alarming: 'bad', warning: 'careful', informative: 'calm' } as const satisfies Record<string, keyof Palette>;

/** The paint of a severity. */
export function severityPaint(severity: string, palette: Palette): Paint {
  return palette[KINDS[severityKind(severity)]];
}
