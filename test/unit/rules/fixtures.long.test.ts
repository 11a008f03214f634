import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../../src/core/problems.ts';
import { compileRules } from '../../../src/rules/load-rules.ts';
import { isDefaultsFile } from '../../../src/rules/read-files.ts';
import { filesIn } from './rule-files.ts';

const CONTEXT = { receivers: ['todo', 'ops'] };
/** The last lines of a fixture say what is to be said of it. */
const SAID = '# => ';

function saidOf(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(SAID))
    .map((line) => line.slice(SAID.length));
}

describe.each(['bad', 'warned'])('a %s rule file', (kind) => {
  it.each(filesIn(`test/fixtures/rules/${kind}`))('$file: what is wrong, where, and the next step', (source) => {
    const { problems, rules } = compileRules([source], CONTEXT);
    expect(problems.map(formatProblem)).toEqual(saidOf(source.text));
    expect(problems.length).toBeGreaterThan(0);
    expect(rules.length > 0).toBe(kind === 'warned');
  });
});

describe('a good rule file', () => {
  it.each(filesIn('test/fixtures/rules/good'))('$file loads without a problem', (source) => {
    const { problems, rules } = compileRules([source], CONTEXT);
    expect(problems.map(formatProblem)).toEqual([]);
    expect(rules.length).toBeGreaterThan(0);
  });
});

describe('the example rules', () => {
  const files = filesIn('rules');
  const isDefaults = ({ file }: { file: string }) => isDefaultsFile(basename(file));
  const defaults = files.filter(isDefaults);
  it.each(files.filter((source) => !isDefaults(source)))('$file loads without a problem', (source) => {
    const { problems, rules } = compileRules([...defaults, source]);
    expect(problems.map(formatProblem)).toEqual([]);
    expect(rules.length).toBeGreaterThan(0);
  });

  it('load together', () => {
    expect(compileRules(filesIn('rules')).files.every(({ ok }) => ok)).toBe(true);
  });
});
