import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printJson } from '../../../src/reports/json.ts';
import { plainLine, plainText, withoutCommands } from '../../../src/reports/plain-text.ts';
import { fitText, padText, textWidth } from '../../../src/reports/text-width.ts';
import { counted, groupText, groupValues, valuesText } from '../../../src/reports/wording.ts';

const ESC = '\u001B';

describe('text from documents in a terminal', () => {
  test.each<readonly [string, string, unknown]>([
    ['colours are shown, not obeyed', `${ESC}[31mred`, '\uFFFD[31mred'],
    ['an 8-bit control too', '\u009B2J', '\uFFFD2J'],
    ['a carriage return cannot overwrite a line', 'good\rbad', 'good\nbad'],
    ['a bell is silent', 'a\u0007b', 'a\uFFFDb'],
    ['a mark that turns text round is shown', 'a\u202Eb', 'a\uFFFDb'],
    ['a lone surrogate is shown', 'a\uD800b', 'a\uFFFDb'],
    ['line ends stay', 'a\r\nb\nc', 'a\nb\nc'],
    ['a tab is a space', 'a\tb', 'a b'],
    ['a workflow command is none', '::error::x\n  ::add-mask::y', ': :error::x\n  : :add-mask::y'],
    ['an older one neither, wherever it stands', 'a ##[error]b', 'a # #[error]b'],
    ...['\u00A0', '\u3000', '\u2003', '\u202F', '\t', '\v', '\f', ' \t ', 'x\r', 'x\u2028', 'x\n'].map(
      (blank) =>
        [`nor behind the blank ${JSON.stringify(blank)}`, `${blank}::error::x`, expect.not.stringMatching(/^\s*::/m)] as const,
    ),
    ...['\u200B', '\uFEFF', '\b', '\u001B[0m', '\u2060', '\u00AD'].map(
      (hidden) =>
        [`nor behind ${JSON.stringify(hidden)}`, `${hidden}::error::x`, expect.not.stringContaining('::error')] as const,
    ),
    ['nor a command of Azure', 'a ##vso[task.setvariable]b', 'a # #vso[task.setvariable]b'],
    ['in whatever letters', '##VSO[x]', '# #VSO[x]'],
    ['nor one of TeamCity', '##teamcity[x]', '# #teamcity[x]'],
    ['two colons within a line stay', 'a::b ::1', 'a::b ::1'],
    ['other scripts and emoji stay', 'Größe 温度 🔥', 'Größe 温度 🔥'],
  ])('%s', (_name, given, shown) => {
    expect(plainText(given)).toEqual(shown);
  });

  test('nor does a command come about where pieces are put together, painted or not', () => {
    expect(withoutCommands(` ${ESC}[31m ${ESC}[1m:${':error'}`)).not.toContain('::');
    expect(plainLine('\n::error')).toBe(': :error');
  });

  test('one line is one line whatever stands in it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff })), (codes) => {
        const text = String.fromCharCode(...codes);
        const line = plainLine(text);
        return !/[\p{Cc}\u2028\u2029]/u.test(line) && line === line.trim();
      }),
    );
  });
});

describe('columns of text', () => {
  test.each([
    ['ASCII', 'abc', 3],
    ['an umlaut of two code points', 'u\u0308', 1],
    ['Chinese', '温度', 4],
    ['Korean', '서울', 4],
    ['an emoji', '🔥', 2],
    ['a family is one picture', '👨‍👩‍👧', 2],
    ['fullwidth letters', 'ＡＢ', 4],
    ['blocks of a timeline', '█▒▄·', 4],
    ['nothing', '', 0],
  ])('%s', (_name, text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  test.each([
    ['what fits stays', 'abc', 3, 'abc'],
    ['what does not is cut', 'abcdef', 4, 'abc…'],
    ['a wide character is not cut in half', '温度計', 4, '温…'],
    ['no room at all', 'abc', 0, ''],
  ])('fit: %s', (_name, text, width, fitted) => {
    expect(fitText(text, width)).toBe(fitted);
  });

  test('fitted and filled text has exactly its width', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (text, width) => {
        const filled = padText(fitText(plainLine(text), width), width);
        expect(textWidth(filled)).toBe(width);
      }),
    );
  });
});

describe('words', () => {
  test.each([
    [counted(1, 'rule'), '1 rule'],
    [counted(1200, 'rule'), '1,200 rules'],
    [groupText({ 'host.name': null, zone: 'a' }), 'host.name: (none), zone: a'],
    [groupValues({ 'host.name': null, zone: 'a' }), '(none), a'],
    [groupText({}), ''],
    [valuesText({ count: 7, rate: 1 / 3, top: 'x', gone: null }), 'count 7, rate 0.3333, top x, gone no value'],
  ])('%j', (got, wanted) => {
    expect(got).toBe(wanted);
  });
});

describe('JSON for scripts', () => {
  test('is the same data, and holds nothing that a terminal obeys', () => {
    const hostile = { text: `${ESC}[2J\u009B31m\u202Eabc\u2028` };
    const printed = printJson(hostile);
    expect(JSON.parse(printed)).toEqual(hostile);
    expect(printed).toMatch(/^[\x20-\x7E\n]*$/);
    expect(printed.endsWith('}\n')).toBe(true);
  });
});
