import { describe, expect, test } from 'vitest';
import { FINDING_CODES } from '../../../src/core/finding-codes.ts';
import type { Problem } from '../../../src/core/problems.ts';
import { checkGithub } from '../../../src/reports/check-github.ts';
import { checkGitlab } from '../../../src/reports/check-gitlab.ts';
import { checkJson } from '../../../src/reports/check-json.ts';
import { type CheckReport, hasFailed } from '../../../src/reports/check-report.ts';
import { checkSarif } from '../../../src/reports/check-sarif.ts';
import { checkText, problemsText } from '../../../src/reports/check-text.ts';

const LOOK = { color: false, columns: 80 };

const misspelt: Problem = {
  code: 'rule/unknown-key',
  severity: 'error',
  path: 'conditon',
  message: 'unknown key "conditon"',
  hint: 'did you mean "condition"?',
  at: { file: 'rules/a b.yaml', line: 7, column: 3 },
};
const floorless: Problem = { code: 'rule/floor', severity: 'warning', message: '100% of nothing\nfires, too' };

const report = (problems: readonly Problem[], strict = false): CheckReport => ({
  files: 2,
  rules: 3,
  problems,
  failOn: strict ? 'warning' : 'error',
});

describe('a check for people', () => {
  test('each problem is a line that an editor can jump to, and a summary follows', () => {
    expect(checkText(report([misspelt, floorless]), LOOK)).toBe(
      [
        'rules/a b.yaml:7:3 conditon: unknown key "conditon" (did you mean "condition"?) [rule/unknown-key]',
        'warning: 100% of nothing fires, too [rule/floor]',
        '',
        '3 rules in 2 files: 1 error, 1 warning',
        '',
      ].join('\n'),
    );
  });

  test('without problems it says so', () => {
    expect(checkText(report([]), LOOK)).toBe('3 rules in 2 files: no problems\n');
  });

  test('what a rule file holds cannot paint the terminal', () => {
    const hostile = { ...misspelt, message: 'unknown key "\u001B[2J"' };
    expect(problemsText([hostile], LOOK)).not.toContain('\u001B');
  });
});

describe('whether a check is bad', () => {
  test.each([
    ['no problem is good', [], false, false],
    ['an error is bad', [misspelt], false, true],
    ['a warning is good', [floorless], false, false],
    ['but bad when strict', [floorless], true, true],
  ])('%s', (_name, problems, strict, bad) => {
    expect(hasFailed(report(problems, strict))).toBe(bad);
  });
});

describe('a check for machines', () => {
  test('JSON: flat problems with their places', () => {
    expect(JSON.parse(checkJson(report([misspelt, floorless])))).toEqual({
      ok: false,
      files: 2,
      rules: 3,
      errors: 1,
      warnings: 1,
      notes: 0,
      problems: [
        {
          severity: 'error',
          code: 'rule/unknown-key',
          message: 'unknown key "conditon"',
          hint: 'did you mean "condition"?',
          path: 'conditon',
          file: 'rules/a b.yaml',
          line: 7,
          column: 3,
        },
        { severity: 'warning', code: 'rule/floor', message: '100% of nothing\nfires, too' },
      ],
      ignored: [],
    });
  });

  test('a note is no warning, also where treat warnings as errors', () => {
    const note: Problem = { code: 'cluster/lag-unknown', severity: 'note', message: 'who knows' };
    const noted = report([note], true);
    expect(hasFailed(noted)).toBe(false);
    expect(checkText(noted, LOOK)).toBe('note: who knows [cluster/lag-unknown]\n\n3 rules in 2 files: no problems, 1 note\n');
    expect(checkGithub(noted)).toContain('::notice title=cluster/lag-unknown::who knows');
    expect(JSON.parse(checkSarif(noted, '1')).runs[0].results[0].level).toBe('note');
  });

  test('GitHub: one annotation a problem, and no text can begin another command', () => {
    const hostile: Problem = { ...floorless, message: 'a\n::set-output name=x::y' };
    expect(checkGithub(report([misspelt, floorless, hostile])).split('\n')).toEqual([
      '::error file=rules/a b.yaml,line=7,col=3,title=rule/unknown-key::conditon: unknown key "conditon" (did you mean "condition"?)',
      '::warning title=rule/floor::100%25 of nothing%0Afires, too',
      '::warning title=rule/floor::a%0A: :set-output name=x::y',
      '',
    ]);
  });

  test('GitHub: a file name cannot end its property', () => {
    const odd: Problem = { ...misspelt, at: { file: 'a,b:c.yaml', line: 1, column: 1 } };
    expect(checkGithub(report([odd]))).toContain('file=a%2Cb%3Ac.yaml,line=1');
  });

  test('GitHub: a line break in the name of a file is written as GitHub reads it back', () => {
    const odd: Problem = { ...misspelt, at: { file: 'a\r\nb%.yaml', line: 1, column: 1 } };
    const text = checkGithub(report([odd]));
    expect(text).toContain('file=a%0D%0Ab%25.yaml,line=1');
    expect(text.split('\n').length).toBe(2);
  });

  const ignore = {
    at: { file: 'rules/a b.yaml', line: 6, column: 1 },
    word: 'ignore',
    code: 'rule/unknown-key',
    reason: 'a\n::error::b',
    lines: { from: 7, to: 7 },
  };

  test('SARIF: what a comment ignores is suppressed, with the reason', () => {
    const ignored = { ...report([]), ignored: [{ problem: misspelt, ignore }] };
    const [{ results, tool }] = JSON.parse(checkSarif(ignored, '1')).runs;
    expect(results).toMatchObject([
      { ruleId: 'rule/unknown-key', ruleIndex: 0, suppressions: [{ kind: 'inSource', justification: 'a\n::error::b' }] },
    ]);
    expect(tool.driver.rules[0].id).toBe('rule/unknown-key');
    expect(checkSarif(ignored, '1')).not.toMatch(/^\s*::/m);
  });

  test('text and JSON count what is ignored', () => {
    const ignored = { ...report([]), ignored: [{ problem: misspelt, ignore }] };
    expect(checkText(ignored, LOOK)).toBe('3 rules in 2 files: no problems, 1 finding ignored\n');
    expect(JSON.parse(checkJson(ignored)).ignored).toMatchObject([
      { code: 'rule/unknown-key', reason: 'a\n::error::b', line: 7 },
    ]);
  });

  test('GitLab: an issue for each problem, known again where its line has moved, and two alike told apart', () => {
    const issues = JSON.parse(checkGitlab(report([misspelt, floorless, misspelt])));
    expect(issues[0]).toEqual({
      description: 'conditon: unknown key "conditon" (did you mean "condition"?)',
      check_name: 'rule/unknown-key',
      fingerprint: expect.stringMatching(/^[\w-]{16,}$/),
      severity: 'major',
      location: { path: 'rules/a b.yaml', lines: { begin: 7 } },
    });
    expect(issues[1]).toMatchObject({ severity: 'minor', location: { path: 'tocsin.yaml', lines: { begin: 1 } } });
    expect(new Set(issues.map(({ fingerprint }: { fingerprint: string }) => fingerprint)).size).toBe(3);
    const moved = { ...misspelt, at: { file: 'rules/a b.yaml', line: 9, column: 3 } };
    expect(JSON.parse(checkGitlab(report([moved])))[0].fingerprint).toBe(issues[0].fingerprint);
  });

  test('SARIF: results point into files by relative address, and at their rule', () => {
    const sarif = JSON.parse(checkSarif(report([misspelt, floorless]), '1.2.3'));
    expect(sarif.version).toBe('2.1.0');
    const [run] = sarif.runs;
    expect(run.tool.driver).toEqual({
      name: 'tocsin',
      version: '1.2.3',
      rules: [
        { id: 'rule/floor' },
        {
          id: 'rule/unknown-key',
          shortDescription: { text: FINDING_CODES['rule/unknown-key']?.means },
          help: { text: FINDING_CODES['rule/unknown-key']?.means, markdown: FINDING_CODES['rule/unknown-key']?.means },
          defaultConfiguration: { level: 'error' },
          properties: { tags: ['rule'] },
        },
      ],
    });
    expect(run.results[0]).toMatchObject({ ruleId: 'rule/unknown-key', ruleIndex: 1, level: 'error' });
    expect(run.results[0].locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: 'rules/a%20b.yaml' },
      region: { startLine: 7, startColumn: 3 },
    });
    expect(run.results[1]).toEqual({
      ruleId: 'rule/floor',
      ruleIndex: 0,
      level: 'warning',
      message: { text: '100% of nothing\nfires, too' },
    });
  });
});
