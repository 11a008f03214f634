/** Bytes of a word: 60 characters of base64 and their delimiters stay below the limit of 75 per word. */
const WORD_BYTES = 45;

/**
 * A text as the value of a header that every client shows as it is. ASCII is unchanged, unless something in it looks like an encoded word:
 * a client would decode that, and show what a document wanted it to.
 */
export function headerText(text: string): string {
  return /^[\x20-\x7E]*$/.test(text) && !text.includes('=?') ? text : wordsOf(text).map(encoded).join(' ');
}

/** Cut between characters: each word is decoded by itself. */
function wordsOf(text: string): readonly string[] {
  const words: string[] = [''];
  for (const char of text) {
    const word = (words.at(-1) ?? '') + char;
    if (Buffer.byteLength(word) > WORD_BYTES) words.push(char);
    else words[words.length - 1] = word;
  }
  return words;
}

function encoded(word: string): string {
  return `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`;
}
