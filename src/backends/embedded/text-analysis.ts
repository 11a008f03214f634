import { lowerCase } from './lower-case.ts';

/**
 * Words as Elasticsearch's standard tokenizer cuts them, for the alphabets that telemetry is written in: letters, digits and underscores hold
 * together, a dot, colon or apostrophe holds two letters together (`example.com`), a dot, comma or semicolon two digits (`1,000.5`); Han and
 * Hiragana characters and emoji are separate words. Different from it: scripts without spaces other than these (Thai, Lao, Khmer) are not cut
 * by the same rules, and emoji of several characters may be cut otherwise.
 */
const TOKEN = new RegExp(
  [
    String.raw`[\p{sc=Han}\p{sc=Hira}]\p{M}*`,
    String.raw`\p{Extended_Pictographic}\p{M}*(?:\u200d\p{Extended_Pictographic}\p{M}*)*`,
    String.raw`(?:(?![\p{sc=Han}\p{sc=Hira}])[\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}]` +
      String.raw`|(?<=\p{L}\p{M}*)['’‘.:·․‧](?=\p{L})|(?<=\p{Nd})['’‘.,;․](?=\p{Nd}))+`,
  ].join('|'),
  'gu',
);

const HAS_WORD = /[\p{L}\p{Nd}\p{Nl}\p{Extended_Pictographic}]/u;

/** Longest token; what is longer is cut into pieces of this length, as the tokenizer does. */
const MAX_TOKEN = 255;

/** The lower-cased tokens of a text in order. */
export function analyse(text: string): readonly string[] {
  const tokens: string[] = [];
  for (const [token] of text.matchAll(TOKEN)) {
    if (!HAS_WORD.test(token)) continue;
    const lower = lowerCase(token);
    for (let at = 0; at < lower.length; at += MAX_TOKEN) tokens.push(lower.slice(at, at + MAX_TOKEN));
  }
  return tokens;
}
