import { expect, test } from 'vitest';
import { compileRules } from '../../../src/rules/load-rules.ts';

test.each<[string, readonly string[]]>([
  ['1.10', ['YAML reads 1.10 as 1.1, and documents are compared with that value (to keep the text, put it in quotes: "1.10")']],
  ['0x10', ['YAML reads 0x10 as 16, and documents are compared with that value (to keep the text, put it in quotes: "0x10")']],
  ['010', ['YAML reads 010 as 10, and documents are compared with that value (to keep the text, put it in quotes: "010")']],
  ['1e3', ['YAML reads 1e3 as 1000, and documents are compared with that value (to keep the text, put it in quotes: "1e3")']],
  ['True', ['YAML reads True as true, and documents are compared with that value (to keep the text, put it in quotes: "True")']],
  ['0o17', ['YAML reads 0o17 as 15, and documents are compared with that value (to keep the text, put it in quotes: "0o17")']],
  ['yes', []],
  ['2026-01-01', []],
  ['"1.10"', []],
  ['1703462528114626665', []],
  ['80', []],
  ['1.5', []],
  ['true', []],
])('expect: [%s] warns of what YAML changes', (value, expected) => {
  for (const [groupBy, entry] of [
    ['[a]', value],
    ['[a, b]', `{ a: x, b: ${value} }`],
  ]) {
    const text = `name: r\ntype: flatline\nindex: i\ngroup_by: ${groupBy}\nexpect: [${entry}]\n`;
    const { problems } = compileRules([{ file: 'r.yaml', text }]);
    expect(problems.map(({ message, hint }) => `${message} (${hint})`)).toEqual(expected);
  }
});
