import { describe, expect, it } from 'vitest';
import { analyse } from '../../../../src/backends/embedded/text-analysis.ts';

describe('a text', () => {
  it.each<[string, string, readonly string[]]>([
    ['is cut at spaces and punctuation, in lower case', 'GET /todos/ Took-long!', ['get', 'todos', 'took', 'long']],
    ['keeps dots within words and numbers', 'example.com 12.5ms 1,000.5 v1.2', ['example.com', '12.5ms', '1,000.5', 'v1.2']],
    ['loses dots at their edges', 'end. .start a..b', ['end', 'start', 'a', 'b']],
    ['keeps apostrophes and underscores', "don't user_name", ["don't", 'user_name']],
    ['cuts between a letter and a dot and a digit', 'a.1 1.a', ['a', '1', '1', 'a']],
    ['keeps combined letters', 'e\u0301clair Übung straße', ['e\u0301clair', 'übung', 'straße']],
    [
      'cuts Han and Hiragana one by one, keeps Katakana and Hangul',
      '東京ひら タワー 한국어',
      ['東', '京', 'ひ', 'ら', 'タワー', '한국어'],
    ],
    ['keeps emoji', 'fire 🔥 done', ['fire', '🔥', 'done']],
    ['of punctuation has no words', '... --- ___ !', []],
    ['that is empty has no words', '', []],
  ])('%s', (_name, text, expected) => {
    expect(analyse(text)).toEqual(expected);
  });

  it('has no token of more than 255 characters', () => {
    expect(analyse('x'.repeat(600)).map((token) => token.length)).toEqual([255, 255, 90]);
  });
});
