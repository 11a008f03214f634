import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { loadConfig } from '../../../src/config/load.ts';
import { formatProblem } from '../../../src/core/problems.ts';
import { ruleTestsText } from '../../../src/reports/rule-tests-text.ts';
import { readTestFile } from '../../../src/rule-tests/read-test-file.ts';
import { isGood } from '../../../src/rule-tests/report.ts';
import { runRuleTests } from '../../../src/rule-tests/run-rule-tests.ts';
import { compileRules } from '../../../src/rules/load-rules.ts';
import { readRuleFiles } from '../../../src/rules/read-files.ts';
import { readSilenceFile } from '../../../src/silence-files/read-file.ts';
import { TEST_CERTIFICATE, TEST_KEY } from '../../support/certificate.ts';
import { type Block, blocksOf, pages, ROOT } from './pages.ts';

const SECRETS = '/run/secrets/';
/** Tokens that are known by how they begin, by the names of their files. */
const TOKENS: Readonly<Record<string, string>> = { 'slack-app-token': 'xapp-1-s3cret', 'slack-bot': 'xoxb-s3cret' };
const SECRET = 'https://secret.example.com/0123456789';
const CALENDAR = 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20300101\nEND:VEVENT\nEND:VCALENDAR\n';
const PEM: Readonly<Record<string, string>> = { '.crt': TEST_CERTIFICATE, '.key': TEST_KEY };

const blocks = pages()
  .flatMap(blocksOf)
  .filter(({ info }) => /^ya?ml\b/.test(info));

/** What a block is: the words behind `yaml`, or what its first comment says. */
function kindOf({ info, text }: Block): string {
  const [, ...words] = info.split(/\s+/);
  if (words.length > 0) return words.join(' ');
  const file = /^# (\S+\.yaml)/.exec(text)?.[1] ?? '';
  if (file.endsWith('tocsin.yaml')) return 'config';
  if (file.startsWith('silences/')) return 'silence';
  return file.startsWith('rules/') ? (file.endsWith('.test.yaml') ? 'rule-test' : 'rule') : '';
}

const KNOWN = [
  'silence',
  'rule',
  'rule keys',
  'defaults',
  'config',
  'rule-test',
  'workflow',
  'prometheus',
  'kubernetes',
  'kustomization',
];

const ofKind = (...kinds: readonly string[]) =>
  blocks.filter((block) => kinds.includes(kindOf(block))).map((block) => [`${block.page}:${block.line}`, block] as const);

/** Some keys of a rule, completed to a whole one. */
function completed(text: string): string {
  const has = (key: string) => new RegExp(`^${key}:`, 'm').test(text);
  const rest = [
    has('name') ? '' : 'name: example',
    has('type') ? '' : 'type: frequency',
    has('index') ? '' : 'index: logs-*',
    has('condition') || has('levels') ? '' : 'condition: count >= 5',
  ];
  return `${text}\n${rest.join('\n')}\n`;
}

const problemsOf = (files: Parameters<typeof compileRules>[0]) => compileRules(files).problems.map(formatProblem);

test('every YAML block says what it is', () => {
  const unknown = blocks
    .filter((block) => !KNOWN.includes(kindOf(block)))
    .map(({ page, line, info }) => `${page}:${line} ${info}`);
  expect(unknown, `write one of ${KNOWN.map((kind) => `\`\`\`yaml ${kind}`).join(', ')}`).toEqual([]);
});

test.each(ofKind('silence'))('the silences at %s load without problems', (file, { text }) => {
  const { silences, problems } = readSilenceFile({ file, text }, {});
  expect(problems).toEqual([]);
  expect(silences.length).toBeGreaterThan(0);
});

describe('rules', () => {
  test('are there', () => expect(ofKind('rule').length).toBeGreaterThan(4));

  test.each(ofKind('rule'))('%s loads without problems', (file, { text }) => {
    expect(problemsOf([{ file, text }])).toEqual([]);
  });

  test.each(ofKind('rule keys'))('the keys at %s load without a problem', (file, { text }) => {
    expect(problemsOf([{ file, text: completed(text) }])).toEqual([]);
  });

  test.each(ofKind('defaults'))('the defaults at %s hold for a rule beside them', (_place, { text }) => {
    const rule = { file: 'rules/rule.yaml', text: 'name: a\ntype: frequency\ncondition: count > 1\n' };
    expect(problemsOf([{ file: 'rules/defaults.yaml', text }, rule])).toEqual([]);
  });
});

test('the rule of README is that of the demo, if not all of its keys', () => {
  const readme = blocks.find(({ page, text }) => page === 'README.md' && text.startsWith('# rules/'))?.text ?? '';
  const demo = readFileSync(join(ROOT, 'examples/demo/rules/payments-failing.yaml'), 'utf8');
  const rule = parse(readme) as Readonly<Record<string, unknown>>;
  expect(rule['name']).toBe('payments-failing');
  expect(parse(demo)).toMatchObject({ ...rule, message: expect.objectContaining(rule['message'] as object) });
});

describe('configurations', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tocsin-docs-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('are there', () => expect(ofKind('config').length).toBeGreaterThan(4));

  test.each(ofKind('config'))('%s loads without problems', async (place, { text }) => {
    const file = join(folder, place.replaceAll(/\W+/g, '-'), 'tocsin.yaml');
    const secrets = [...text.matchAll(/\/run\/secrets\/([\w./-]+)/g)].map(([, name = '']) =>
      join(dirname(file), 'secrets', name),
    );
    const names = [...text.matchAll(/\$\{env:(\w+)\}/g)].map(([, name = '']) => [name, SECRET] as const);
    await mkdir(dirname(file), { recursive: true });
    for (const secret of secrets) {
      await mkdir(dirname(secret), { recursive: true });
      await writeFile(secret, PEM[extname(secret)] ?? TOKENS[basename(secret)] ?? SECRET, { mode: 0o600 });
    }
    for (const [, name = ''] of text.matchAll(/calendar: ([\w-]+\.ics)/g)) await writeFile(join(dirname(file), name), CALENDAR);
    await writeFile(file, text.replaceAll(SECRETS, 'secrets/'));
    const { problems } = await loadConfig(file, Object.fromEntries(names));
    expect(problems.map(formatProblem)).toEqual([]);
  });
});

const exampleRules = (await readRuleFiles([join(ROOT, 'rules')])).files.map(({ file }) => file);

/** Where a rule test of a page would be: in docs/examples, or in the pack that holds its rule. */
function placeOf(text: string): string {
  const [, example] = /^# (docs\/examples\/\S+)$/m.exec(text) ?? [];
  if (example !== undefined) return join(ROOT, example);
  const [, rule] = /^# rules\/(\S+)\.test\.yaml$/m.exec(text) ?? /^rules: (\S+)\.yaml$/m.exec(text) ?? [];
  const file = exampleRules.find((one) => basename(one) === `${rule}.yaml`);
  if (file === undefined) throw new Error(`no pack of rules/ has the rule of this test: ${rule}`);
  return join(dirname(file), `${rule}.test.yaml`);
}

describe('rule tests', () => {
  test('are there', () => expect(ofKind('rule-test').length).toBeGreaterThan(1));

  test.each(ofKind('rule-test'))('%s is read without a problem', (file, { text }) => {
    expect(readTestFile({ file: `${file}.test.yaml`, text }).problems.map(formatProblem)).toEqual([]);
  });

  test.each(ofKind('rule-test'))('%s passes with the example rules', async (_place, { text }) => {
    const report = await runRuleTests([{ file: placeOf(text), text }]);
    expect(isGood(report), ruleTestsText(report, { color: false, columns: 160 })).toBe(true);
  });
});

test.each(ofKind('workflow', 'prometheus', 'kubernetes', 'kustomization'))('%s is YAML', (_place, { text }) => {
  expect(parseAllDocuments(text).flatMap(({ errors }) => errors.map(({ message }) => message))).toEqual([]);
});
