import pico from 'picocolors';

/** How a report may look: whether colours are wanted, and how many columns there are. */
export interface Look {
  readonly color: boolean;
  readonly columns: number;
  /** Nobody looks at it on a screen: tables are as wide as what they hold. */
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

/** The paint of a severity: critical and error are bad, info and low are calm, everything else wants care. */
export function severityPaint(severity: string, palette: Palette): Paint {
  if (/^(?:critical|error|high)$/i.test(severity)) return palette.bad;
  return /^(?:info|low)$/i.test(severity) ? palette.calm : palette.careful;
}
