import { lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createDocuments } from '../../../src/backends/embedded/documents.ts';
import { readNdjson } from '../../../src/backends/embedded/ndjson.ts';
import { embeddedSearch } from '../../../src/backends/embedded/search.ts';
import { readSpan } from '../../../src/cli/record/read-span.ts';
import { hashedValue } from '../../../src/cli/record/recorded-line.ts';
import { openRecording } from '../../../src/cli/record/recording-file.ts';
import { fieldsOf, writeAll } from '../../../src/cli/record.ts';
import { HOUR, iso, MINUTE, systemClock } from '../../../src/core/time.ts';
import { loadRules } from '../../../src/rules/load-rules.ts';
import type { Rule } from '../../../src/rules/rule.ts';
import { plainConfig } from '../../support/cli/doctor-context.ts';
import { fakeCommandLine, runWords } from '../../support/cli/fake-command-line.ts';
import { errorDocuments, errorRule, LONG, START } from '../../support/revisions/rules-repository.ts';

vi.setConfig({ testTimeout: 120_000 });

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-record-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const RULES = {
  frequency: errorRule('counted', 3),
  spike:
    'name: spike\ntype: spike\nindex: logs-*\ngroup_by: [service.name]\nwindow: 5m\nreference: { offset: 1h }\ncondition: current > 2 * reference\n',
  flatline:
    'name: flat\ntype: flatline\nindex: logs-*\nquery: "http.response.status_code >= 500"\ngroup_by: [service.name]\nwindow: 5m\n',
} as const;

async function ruleOf(text: string): Promise<Rule> {
  const file = join(folder, 'rule.yaml');
  await writeFile(file, text);
  const { rules, problems } = await loadRules([file]);
  const [rule] = rules;
  if (rule === undefined) throw new Error(JSON.stringify(problems));
  return rule;
}

async function recorded(
  rule: Rule,
  options: {
    readonly hash?: readonly string[];
    readonly drop?: readonly string[];
    readonly fields?: readonly string[];
    readonly most?: number;
  } = {},
): Promise<string> {
  const documents = createDocuments();
  const chunks = async function* () {
    yield errorDocuments();
  };
  for await (const one of readNdjson('documents', chunks())) if (one.ok) documents.add([{ ...one.value, index: 'logs-app' }]);
  const config = await plainConfig();
  const signal = new AbortController().signal;
  const range = { from: START, to: START + LONG };
  const parts: string[] = [];
  const out = { write: async (more: string) => void parts.push(more) };
  const span = await readSpan(rule, range, { config, clock: systemClock, signal, emptySearch: embeddedSearch });
  const common = { span, most: options.most ?? 100_000, signal, progress: () => undefined };
  const { hash = [], drop = [], fields = [] } = options;
  const written = { ...common, fields: fieldsOf(rule, { hash, drop, fields }), hashed: hash, dropped: drop };
  await writeAll(rule, embeddedSearch(documents), out, written);
  return parts.join('');
}

async function dryRun(text: string) {
  const file = join(folder, 'documents.ndjson');
  await writeFile(file, text);
  const range = ['--from', iso(START), '--to', iso(START + LONG)];
  const { stdout, code } = await runWords([
    'dry-run',
    join(folder, 'rule.yaml'),
    '--documents',
    file,
    ...range,
    '--format',
    'json',
  ]);
  expect(code).toBe(0);
  const [story] = JSON.parse(stdout).rules;
  return story;
}

describe('tocsin record', () => {
  test.each(Object.entries(RULES))('a %s rule does over the recording what it does over everything', async (_type, text) => {
    const rule = await ruleOf(text);
    const recording = await recorded(rule);
    const story = await dryRun(recording);
    expect(story).toEqual(await dryRun(errorDocuments()));
    expect(story.transitions.length).toBeGreaterThan(0);
  });

  test('has the fields that decide and no others, and what the rule looks back to', async () => {
    const documents = (await recorded(await ruleOf(RULES.frequency)))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const names = new Set(documents.flatMap(({ _source }) => Object.keys(_source)));
    expect([...names].sort()).toEqual(['@timestamp', 'http.response.status_code', 'service.name']);
    expect(new Set(documents.map(({ _index }) => _index))).toEqual(new Set(['logs-app']));
    const errors = documents.filter(({ _source }) => _source['http.response.status_code'] === 500);
    const times = errors.map(({ _source }) => Date.parse(_source['@timestamp']));
    expect(Math.min(...times)).toBeLessThan(START + MINUTE);
    expect(documents.length).toBeLessThan(errorDocuments().split('\n').length);
  });

  test('hashed groups are as many, with other names, and another recording hashes otherwise', async () => {
    const rule = await ruleOf(RULES.frequency);
    const recording = await recorded(rule, { hash: ['service.name'] });
    expect(recording).not.toContain('shop');
    const shape = (story: { readonly transitions: readonly { readonly at: string; readonly to: string }[] }) =>
      story.transitions.map(({ at, to }) => [at, to]);
    expect(shape(await dryRun(recording))).toEqual(shape(await dryRun(errorDocuments())));
    expect(await recorded(rule, { hash: ['service.name'] })).not.toBe(recording);
  });

  test('what is left out is not brought along by a pattern, nor with what lies below it', async () => {
    const rule = await ruleOf(RULES.frequency);
    expect(await recorded(rule, { fields: ['*'] })).toContain('someone');
    for (const drop of ['user.name', 'user']) {
      const recording = await recorded(rule, { fields: ['*'], drop: [drop] });
      expect(recording).toContain('http.response.status_code');
      expect(recording).not.toContain('someone');
    }
    const recording = await recorded(rule, { fields: ['*'], hash: ['user'] });
    expect(recording).toContain('"user.name":"h-');
    expect(recording).not.toContain('someone');
  });

  test('a hash keeps equal values equal, and addresses addresses', () => {
    const [salt, other] = [new Uint8Array(32), new Uint8Array(32).fill(1)];
    expect(hashedValue('a', salt)).toBe(hashedValue('a', salt));
    expect(hashedValue('a', salt)).not.toBe(hashedValue('a', other));
    expect(hashedValue('10.0.0.1', salt)).toMatch(/^fd00(?::[0-9a-f]{4}){7}$/);
  });

  test.each([
    ['a field of the query cannot be hashed', { hash: ['http.response.status_code'] }, 'record/hash'],
    ['a field of the query cannot be left out', { drop: ['http.response.status_code'] }, 'record/drop'],
    ['nor can the time', { drop: ['@timestamp'] }, 'record/drop'],
    ['nor can a group', { drop: ['service.name'] }, 'record/drop'],
    ['nor can what holds one', { drop: ['service'] }, 'record/drop'],
    ['nor can what holds a field of the query be hashed', { hash: ['http'] }, 'record/hash'],
  ])('%s', async (_name, options, code) => {
    const rule = await ruleOf(RULES.frequency);
    expect(() => fieldsOf(rule, options)).toThrow(expect.objectContaining({ code }));
  });

  test('a query without fields needs them named', async () => {
    const rule = await ruleOf(errorRule('any', 3).replace("'http.response.status_code >= 500'", 'timeout'));
    expect(() => fieldsOf(rule, {})).toThrow(expect.objectContaining({ code: 'record/any-field' }));
    expect(fieldsOf(rule, { fields: ['message'], drop: ['user.name'] })).toContain('message');
  });

  test('beyond its bound it ends with an error, not with a part', async () => {
    await expect(recorded(await ruleOf(RULES.frequency), { most: 10 })).rejects.toMatchObject({ code: 'record/too-many' });
  });

  test('a rule that is not there', async () => {
    const { code, stderr } = await runWords(['record', 'nowhere.yaml', '--from', iso(START), '--to', iso(START + HOUR)], {
      now: START,
    });
    expect(code).toBe(2);
    expect(stderr).toContain('there is no rule');
  });

  test('a file that was there before stays as it is until the recording is whole, and is readable by its owner alone then', async () => {
    const own = await mkdtemp(join(folder, 'before-'));
    const file = join(own, 'before.ndjson');
    await writeFile(file, 'before', { mode: 0o644 });
    const { line } = fakeCommandLine();
    const interrupted = await openRecording(file, line);
    await interrupted.write('half');
    await interrupted.discard();
    expect(await readFile(file, 'utf8')).toBe('before');
    expect(await readdir(own)).toEqual(['before.ndjson']);
    const whole = await openRecording(file, line);
    await whole.write('whole');
    await whole.keep();
    await whole.discard();
    expect(await readFile(file, 'utf8')).toBe('whole');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(own)).toEqual(['before.ndjson']);
  });

  test('a link goes on naming its file, and what is no file is written to at once', async () => {
    const own = await mkdtemp(join(folder, 'links-'));
    const [file, link] = [join(own, 'real.ndjson'), join(own, 'link.ndjson')];
    await writeFile(file, 'before');
    await symlink(file, link);
    const { line } = fakeCommandLine();
    const recording = await openRecording(link, line);
    await recording.write('whole');
    await recording.keep();
    await recording.discard();
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(await readFile(file, 'utf8')).toBe('whole');
    const device = await openRecording('/dev/null', line);
    await device.write('gone');
    await device.keep();
    await device.discard();
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
  });

  test('one that is interrupted says so, and leaves the file that was there', async () => {
    const at = (name: string) => join(folder, name);
    await writeFile(at('stopped.yaml'), errorRule('stopped', 3));
    await writeFile(at('stopped.ndjson'), 'kept');
    const words = ['record', at('stopped.yaml'), '--from', iso(START), '--to', iso(START + HOUR), '--out', at('stopped.ndjson')];
    const { code, stderr } = await runWords(words, { now: START + LONG, signal: AbortSignal.abort() });
    expect(code).toBe(2);
    expect(stderr).toContain('the recording was interrupted [cli/interrupted] (an existing file is unchanged)');
    expect(await readFile(at('stopped.ndjson'), 'utf8')).toBe('kept');
  });

  test('a recording that is there stays if the cluster does not answer', async () => {
    const at = (name: string) => join(folder, name);
    await writeFile(at('tocsin.yaml'), 'elasticsearch: { url: http://127.0.0.1:9 }\n');
    await writeFile(at('kept.yaml'), errorRule('kept', 3));
    await writeFile(at('kept.ndjson'), 'kept');
    const words = ['--config', at('tocsin.yaml'), 'record', at('kept.yaml'), '--from', iso(START), '--to', iso(START + HOUR)];
    const { code } = await runWords([...words, '--out', at('kept.ndjson')], { now: START + LONG });
    expect(code).toBe(2);
    expect(await readFile(at('kept.ndjson'), 'utf8')).toBe('kept');
  });
});
