import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { XmlDocument, XsdValidator } from 'libxml2-wasm';
import { describe, expect, test } from 'vitest';
import type { Problem } from '../../../src/core/problems.ts';
import { checkGithub } from '../../../src/reports/check-github.ts';
import { checkGitlab } from '../../../src/reports/check-gitlab.ts';
import type { CheckReport } from '../../../src/reports/check-report.ts';
import { checkSarif } from '../../../src/reports/check-sarif.ts';
import { ruleTestsJunit } from '../../../src/reports/rule-tests-junit.ts';
import type { RuleTestReport, RuleTestResult } from '../../../src/rule-tests/report.ts';

const SCHEMAS = join(import.meta.dirname, '..', '..', 'support', 'schemas');

/** What names of rules, files and values of documents may be. */
const HOSTILE: readonly (readonly [string, string])[] = [
  ['a plain name', 'stub-5xx'],
  ['line ends', 'a\r\nb\nc\u2028d\u2029e\u0085f'],
  ['a workflow command', '\n::error file=own.yaml,line=1::own\n##[error]own\n##vso[task.complete]own'],
  ['signs of workflow commands', '100%, a:b,c=d %0A %25 %3A::'],
  ['XML', `]]><x a="1" b='2'>&amp;&#0;<!-- --><!DOCTYPE a [<!ENTITY b "c">]></failure>`],
  ['controls', '\u0000\u0001\u0008\u000B\u001B[31mred\u007F'],
  ['halves of characters, and what is no character', 'a\uD800b\uDFFFc\uFFFEd\uFFFFe\u{1FFFE}'],
  ['marks that turn the text', '\u202Eabc\u2066def\u200F'],
  ['quotes and backslashes', `"a'b\`c\\d\\u0000`],
  ['an address', 'http://b.example/?a=b&c=[d]#e f'],
  ['much', 'é𝒳'.repeat(5_000)],
  ['nothing', ''],
];

function problemsOf(text: string): readonly Problem[] {
  return [
    {
      code: 'rule/unknown-key',
      severity: 'error',
      message: text,
      hint: text,
      path: text,
      at: { file: `rules/${text}.yaml`, line: 7, column: 3 },
    },
    { code: 'rule/window-gap', severity: 'warning', message: text, at: { file: `/srv/${text}/a.yaml`, line: 1, column: 1 } },
    { code: 'cluster/lag-unknown', severity: 'note', message: text },
  ];
}

function reportOf(text: string): CheckReport {
  const problems = problemsOf(text);
  const at = { file: `rules/${text}.yaml`, line: 6, column: 1 };
  const ignored = problems.slice(1, 2).map((problem) => ({
    problem,
    ignore: { at, word: 'ignore', code: problem.code, reason: text, lines: { from: 1, to: 1 } },
  }));
  return { files: 1, rules: 1, problems, ignored, failOn: 'error' };
}

function testsOf(text: string): RuleTestReport {
  const position = { file: `rules/${text}.test.yaml`, line: 3, column: 5 };
  const plain: RuleTestResult = {
    ...{ name: text, position, outcome: 'passed', start: 0, failures: [], problems: [], notes: [] },
    ...{ timeline: [], checks: 1, turns: 1, took: 1_234_567.8 },
  };
  const failure = { kind: 'missing' as const, message: text, position, at: 60_000, list: 'alerts' as const };
  const failed: RuleTestResult = {
    ...plain,
    outcome: 'failed',
    failures: [{ ...failure, expected: [text], got: [text], differences: [{ key: text, expected: text, got: text }] }],
    notes: [text],
  };
  const broken: RuleTestResult = { ...plain, outcome: 'broken', problems: [...problemsOf(text)] };
  return {
    files: [
      { file: `rules/${text}.test.yaml`, rules: [text], problems: [], tests: [plain, failed, broken] },
      { file: 'unread', rules: [], problems: problemsOf(text), tests: [] },
    ],
    problems: problemsOf(text),
    passed: 1,
    failed: 1,
    broken: 1,
    skipped: 0,
    coverage: {
      rules: [{ rule: text, file: text, tests: 0, parts: [{ part: text, tests: 0 }] }],
      reached: 0,
      parts: 1,
      percent: 0,
    },
    took: 0,
  };
}

/** Characters of addresses by RFC 3986, with whole escapes. */
const ADDRESS = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/;

describe('SARIF 2.1.0', () => {
  const schema = JSON.parse(readFileSync(join(SCHEMAS, 'sarif-schema-2.1.0.json'), 'utf8'));
  const formats = { uri: ADDRESS, 'uri-reference': ADDRESS, 'date-time': /^\d{4}-/ };
  // A pattern of the schema is none by the stricter reading of Unicode patterns.
  const valid = new Ajv({ strict: false, allErrors: true, formats, unicodeRegExp: false }).compile(schema);

  test('the schema can fail', () => {
    const broken = checkSarif(reportOf('a'), '1').replace('"level": "error"', '"level": "fatal"');
    expect(valid(JSON.parse(broken))).toBe(false);
  });

  test.each(HOSTILE)('is what a report with %s is', (_what, text) => {
    const sarif = JSON.parse(checkSarif(reportOf(text), '1.2.3'));
    expect(valid(sarif), JSON.stringify(valid.errors?.slice(0, 3))).toBe(true);
    const [{ results }] = sarif.runs;
    expect(results).toHaveLength(4);
  });
});

describe('JUnit, by the schema of Jenkins', () => {
  const schema = XsdValidator.fromDoc(XmlDocument.fromString(readFileSync(join(SCHEMAS, 'junit-10.xsd'), 'utf8')));
  const validate = (xml: string) => {
    const document = XmlDocument.fromString(xml);
    try {
      schema.validate(document);
      return document.get('/testsuites/@tests')?.content;
    } finally {
      document.dispose();
    }
  };

  test('the schema can fail', () => {
    const xml = ruleTestsJunit(testsOf('a'));
    expect(() => validate(xml.replace('<testsuite ', '<testsuite own="1" '))).toThrow();
    expect(() => validate(xml.replaceAll(' errors="0"', ''))).toThrow();
  });

  test.each(HOSTILE)('is what a report with %s is', (_what, text) => {
    expect(validate(ruleTestsJunit(testsOf(text)))).toBe('7');
  });
});

/** What GitLab documents of its code quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format */
const CODE_QUALITY = {
  type: 'array',
  items: {
    type: 'object',
    required: ['description', 'check_name', 'fingerprint', 'severity', 'location'],
    properties: {
      description: { type: 'string' },
      check_name: { type: 'string', minLength: 1 },
      fingerprint: { type: 'string', minLength: 1 },
      severity: { enum: ['info', 'minor', 'major', 'critical', 'blocker'] },
      location: {
        type: 'object',
        required: ['path', 'lines'],
        properties: {
          // Relative, and without the mark of the folder.
          path: { type: 'string', minLength: 1, not: { pattern: '^\\./' } },
          lines: { type: 'object', required: ['begin'], properties: { begin: { type: 'integer', minimum: 1 } } },
        },
      },
    },
  },
};

describe("GitLab's code quality report", () => {
  const valid = new Ajv({ allErrors: true }).compile(CODE_QUALITY);

  test.each(HOSTILE)('is what a report with %s is', (_what, text) => {
    const issues = JSON.parse(checkGitlab(reportOf(text)));
    expect(valid(issues), JSON.stringify(valid.errors?.slice(0, 3))).toBe(true);
    const prints = issues.map(({ fingerprint }: { readonly fingerprint: string }) => fingerprint);
    expect(new Set(prints).size).toBe(3);
  });
});

/** Reads workflow commands as GitHub's runner does: properties are divided by commas, a value goes on from the first equals sign. */
function commandsIn(text: string) {
  const unescaped = (value: string, signs: readonly string[]) =>
    signs.reduce(
      (plain, sign) => plain.replaceAll(`%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`, sign),
      value,
    );
  return text.split(/\r\n|\r|\n/).flatMap((line) => {
    if (!/^\s*::/.test(line)) return line === '' ? [] : [{ command: `no command: ${line}`, properties: {}, data: '' }];
    const [, command = '', list = '', data = ''] = /^\s*::([^ :]+)(?: (.*?))?::(.*)$/s.exec(line) ?? [];
    const properties = Object.fromEntries(
      list.split(',').map((one) => {
        const [key = '', ...rest] = one.split('=');
        return [key, unescaped(rest.join('='), ['\r', '\n', ':', ',', '%'])];
      }),
    );
    return [{ command, properties, data: unescaped(data, ['\r', '\n', '%']) }];
  });
}

describe("GitHub's annotations", () => {
  test.each(HOSTILE)('of a report with %s are one command a problem, with its own properties alone', (_what, text) => {
    const commands = commandsIn(checkGithub(reportOf(text)));
    expect(commands.map(({ command }) => command)).toEqual(['error', 'warning', 'notice']);
    expect(commands.map(({ properties }) => Object.keys(properties))).toEqual([
      ['file', 'line', 'col', 'title'],
      ['file', 'line', 'col', 'title'],
      ['title'],
    ]);
    expect(commands[0]?.properties).toMatchObject({ line: '7', col: '3', title: 'rule/unknown-key' });
  });

  test.each([
    ['percent, colon and comma', 'rules/100%:a,b=c.yaml'],
    ['what looks escaped', 'rules/%0A%25%2C.yaml'],
    ['line ends', 'rules/a\rb\nc.yaml'],
  ])('name a file with %s as it is named', (_what, file) => {
    const problem: Problem = { code: 'rule/x', severity: 'error', message: '50% of a:b, c', at: { file, line: 1, column: 1 } };
    const [command] = commandsIn(checkGithub({ files: 1, rules: 1, problems: [problem], failOn: 'error' }));
    expect(command).toMatchObject({ properties: { file }, data: '50% of a:b, c' });
  });
});
