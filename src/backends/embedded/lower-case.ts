/**
 * Lower case as Lucene has it, code point by code point: `İ` is `i`, and each `Σ` is `σ`. JavaScript's own depends on the context, and makes two
 * characters of one.
 */
export function lowerCase(text: string): string {
  // In plain texts both are the same.
  if (!SPECIAL.test(text)) return text.toLowerCase();
  let lower = '';
  for (const character of text) lower += character === 'İ' ? 'i' : character.toLowerCase();
  return lower;
}

const SPECIAL = /[\u0130\u03a3]/;
