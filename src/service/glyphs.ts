/** An image of raw pixels, four bytes each. */
interface Pixels {
  readonly width: number;
  readonly pixels: Uint8Array;
}

/** Draws SVG in its own size with the fonts of charts, or with those of the machine as well. */
export type DrawPixels = (svg: string, fonts: 'own' | 'machine') => Promise<Pixels>;

/** Which font has a sign. */
export type GlyphSource = 'own' | 'machine' | 'none';

/** Plane 5 has no characters: whatever is drawn for this one is what fonts show for a sign that they do not have. */
const UNKNOWN = '\u{5FFFD}';
/** Pixels of the square that a sign is drawn in. */
const CELL = 24;
/** Signs that are looked up at once, and that are remembered. */
const AT_ONCE = 200;
const REMEMBERED = 20_000;

/**
 * Finds out which signs can be drawn, by drawing them: a sign that looks like one that no font can have is missing. What a picture shows is what is asked, so
 * that no list of fonts has to be believed. What was found is remembered.
 */
export function glyphFinder(draw: DrawPixels, font: string): (text: string) => Promise<ReadonlyMap<string, GlyphSource>> {
  const known = new Map<string, GlyphSource>();
  const seenWith = async (signs: readonly string[], fonts: 'own' | 'machine') => {
    if (signs.length === 0) return [];
    const { width, pixels } = await draw(sheet([...signs, UNKNOWN], font), fonts);
    const unknown = cell(pixels, width, signs.length);
    return signs.filter((_, place) => !cell(pixels, width, place).equals(unknown));
  };
  return async (text) => {
    const signs = [...new Set(text)].filter((sign) => !/^[\x20-\x7e]$/.test(sign)).slice(0, AT_ONCE);
    const fresh = signs.filter((sign) => !known.has(sign));
    const own = await seenWith(fresh, 'own');
    const others = fresh.filter((sign) => !own.includes(sign));
    const machine = await seenWith(others, 'machine');
    if (known.size > REMEMBERED) known.clear();
    for (const sign of fresh) known.set(sign, own.includes(sign) ? 'own' : machine.includes(sign) ? 'machine' : 'none');
    return new Map(signs.map((sign) => [sign, known.get(sign) ?? 'none'] as const));
  };
}

function sheet(signs: readonly string[], font: string): string {
  const texts = signs.map((sign, place) => `<text x="${place * CELL + 3}" y="${CELL - 7}">&#${sign.codePointAt(0)};</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${signs.length * CELL}" height="${CELL}" font-family="${font}" font-size="14">${texts.join('')}</svg>`;
}

function cell(pixels: Uint8Array, width: number, place: number): Buffer {
  const rows = Array.from({ length: CELL }, (_, y) => {
    const from = (y * width + place * CELL) * 4;
    return pixels.subarray(from, from + CELL * 4);
  });
  return Buffer.concat(rows);
}
