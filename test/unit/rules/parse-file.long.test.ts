import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../../src/core/problems.ts';
import { parseFile } from '../../../src/rules/parse-file.ts';
import { frequency, linesOf } from './rule-files.ts';

describe('a file of rules', () => {
  it.each([
    ['empty', ''],
    ['of blank lines', '\n\n'],
    ['of comments', '# a\n# b\n'],
    ['of empty documents', '---\n---\n'],
  ])('that is %s has no rule, at its first character', (_what, text) => {
    expect(parseFile({ file: 'f', text }).problems.map(formatProblem)).toEqual([
      'f:1:1: no rule in this file (add a rule, or remove the file)',
    ]);
  });

  it('may have line ends of Windows', () => {
    expect(linesOf(frequency('windw: 1m').replaceAll('\n', '\r\n'))).toEqual([
      '5:1 windw: unknown key "windw" (did you mean "window"?)',
    ]);
  });
});

describe('a problem inside an alias or a merged key stands where the text stands', () => {
  it.each([
    ['alias', frequency('message: { title: &t "{{ cuont }}", text: *t }'), '5:26 message.title'],
    ['merge', frequency('labels: &l { tier: 1 }').replace('index', 'evidence: {}\nindex'), '6:20 labels.tier'],
  ])('%s', (_what, text, place) => {
    expect(linesOf(text)[0]?.startsWith(place)).toBe(true);
  });
});

describe('garbage is notified of in bounded time and length', () => {
  it.each([
    ['unknown keys', () => Array.from({ length: 25_000 }, (_, i) => `k${i}: 1`).join('\n')],
    ['wrong entries', () => `expect: [${'[],'.repeat(25_000)}]`],
    ['labels', () => `labels: {${Array.from({ length: 20_000 }, (_, i) => `l-${i}: 1`).join()}}`],
    ['a long key', () => `${'k'.repeat(1_000)}: 1`],
  ])('a rule of many %s gives at most 100 problems', (_what, lines) => {
    const { length } = linesOf(`name: a\ntype: flatline\nindex: x\n${lines()}\n`);
    expect(length).toBeGreaterThan(0);
    expect(length).toBeLessThanOrEqual(101);
  });
});

describe('a key that is misspelt is one mistake', () => {
  it.each([['group_bye: [service.name]'], ['gruop_by: service.name']])('%s, also where a text names its field', (line) => {
    const text = frequency(`${line}\nmessage: { title: "{{ group['service.name'] }}" }`);
    expect(linesOf(text)).toEqual([expect.stringContaining('(did you mean "group_by"?)')]);
  });
});
