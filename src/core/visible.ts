/**
 * Characters that show nothing, or show something else than what is there: by Unicode's own properties, so that new ones are known with the
 * next Node.js. Private use characters show whatever a font likes. Unassigned ones stay, unless Unicode has set them aside to be ignored: they show
 * as a box, and a newer alphabet is not lost.
 */
const HIDDEN =
  '[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}\\p{Bidi_Control}\\p{Variation_Selector}\\p{Noncharacter_Code_Point}]';

/** Signs of Arabic, Syriac and Kaithi numbers are format characters by their class, and are seen. */
const SEEN = '[\\u0600-\\u0605\\u06DD\\u070F\\u0890\\u0891\\u08E2\\u{110BD}\\u{110CD}]';

/** Scripts whose words need joiners; between their letters a joiner changes shapes, and hides nothing. */
const JOINING = [
  ...['Arabic', 'Syriac', 'Mongolian', 'Nko', 'Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya', 'Tamil', 'Telugu'],
  ...['Kannada', 'Malayalam', 'Sinhala', 'Khmer', 'Myanmar', 'Tibetan', 'Thai', 'Lao', 'Balinese', 'Javanese'],
]
  .map((script) => `\\p{Script=${script}}`)
  .join('');

/** Characters that would be hidden, where they are part of what is seen. */
const MEANT = [
  // A joiner between two letters.
  `(?<=[${JOINING}\\p{Mn}\\p{Mc}])[\\u200C\\u200D](?=[${JOINING}])`,
  // A joiner between two pictures, and the sign that chooses how one is drawn.
  '(?<=\\p{Extended_Pictographic}[\\uFE0F\\u{1F3FB}-\\u{1F3FF}]?)\\u200D(?=\\p{Extended_Pictographic})',
  '(?<=\\p{Extended_Pictographic})[\\uFE0E\\uFE0F]',
  '(?<=[0-9#*])\\uFE0F(?=\\u20E3)',
  // Mongolian chooses forms of its letters by signs of its own.
  '(?<=\\p{Script=Mongolian})[\\u180B-\\u180D\\u180F]',
].join('|');

// What is cheap to see is looked at first: most characters of most texts are printable.
const INVISIBLE = new RegExp(`(?![\\x20-\\x7E\\n\\t])(?=${HIDDEN})(?!${SEEN}|${MEANT})[^]`, 'gu');
const PLAIN = /^[\x20-\x7E\n\t]*$/;

/**
 * Shows what a reader could not see as `\uFFFD`: controls, marks that turn the direction of text, everything that Unicode says is ignored or has no
 * glyph. Line feeds and tabs stay; so do joiners and variation selectors where a script or an emoji needs them.
 */
export function visible(text: string): string {
  return replaceInvisible(text, () => '\uFFFD');
}

/** As `visible`, with what is not seen replaced by whatever `shown` says. */
export function replaceInvisible(text: string, shown: (char: string) => string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(INVISIBLE, shown);
}
