import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { iso } from '../../src/core/time.ts';
import { runWords } from '../support/cli/fake-command-line.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { errorDocuments, LONG, START } from '../support/revisions/rules-repository.ts';

const prefix = uniquePrefix();
const cluster = es(elasticsearchUrl());
const RANGE = ['--from', iso(START), '--to', iso(START + LONG)];
const common = (name: string, type: string) =>
  `name: ${name}\ntype: ${type}\nindex: ${prefix}logs-*\ngroup_by: [service.name]\nwindow: 5m\n`;
const RULES = {
  frequency: `${common('counted', 'frequency')}query: http.response.status_code >= 500\ncondition: count >= 3\n`,
  threshold: `${common('slow', 'threshold')}metrics: { took: { avg: took.ms }, hosts: { cardinality: host.ip } }\ncondition: took > 50 && hosts > 0\n`,
  spike: `${common('spike', 'spike')}reference: { offset: 30m }\nquery: http.response.status_code >= 500\ncondition: current > 2 * reference + 5\n`,
  flatline: `${common('flat', 'flatline')}query: http.response.status_code >= 500\n`,
} as const;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-record-'));
  const { username, password, origin } = new URL(elasticsearchUrl());
  const login = username === '' ? '' : `, username: ${username}, password: "${decodeURIComponent(password)}"`;
  await writeFile(join(folder, 'tocsin.yaml'), `elasticsearch: { url: "${origin}"${login} }\nrules: rules.yaml\n`);
  await writeFile(join(folder, 'rules.yaml'), Object.values(RULES).join('---\n'));
  const keyword = { type: 'keyword' };
  const user = { properties: { name: { ...keyword, fields: { text: { type: 'text' } } } } };
  const properties = {
    '@timestamp': { type: 'date' },
    service: { properties: { name: keyword } },
    http: { properties: { response: { properties: { status_code: { type: 'long' } } } } },
    user,
    took: { properties: { ms: { type: 'long' } } },
    host: { properties: { ip: { type: 'ip' } } },
  };
  await cluster.json('PUT', `/${prefix}logs-app`, {
    settings: { number_of_replicas: 0 },
    mappings: { dynamic: false, properties },
  });
  const documents = errorDocuments()
    .trim()
    .split('\n')
    .map((line, index) => ({ ...JSON.parse(line), 'took.ms': index % 97, 'host.ip': `10.0.0.${index % 5}` }));
  await cluster.bulk(`${prefix}logs-app`, documents);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await cluster.removeIndices(prefix);
});

const tocsin = (...words: readonly string[]) =>
  runWords([...words, '--config', join(folder, 'tocsin.yaml')], { now: START + LONG });

async function recorded(rule: string, ...words: readonly string[]): Promise<{ readonly file: string; readonly text: string }> {
  const file = join(folder, `${rule}.ndjson`);
  const ran = await tocsin('record', rule, ...RANGE, '--out', file, ...words);
  expect(ran).toEqual({ code: 0, stdout: '', stderr: expect.stringContaining('replay them with') });
  return { file, text: await readFile(file, 'utf8') };
}

async function storyOf(rule: string, ...words: readonly string[]) {
  const { stdout, stderr, code } = await tocsin('dry-run', '--rule', rule, ...RANGE, '--format', 'json', ...words);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [story] = JSON.parse(stdout).rules;
  return story;
}

const sourcesOf = (text: string): readonly Readonly<Record<string, unknown>>[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line)._source);

describe('a recording of a real cluster', () => {
  test.each(['counted', 'slow', 'spike', 'flat'])('makes the rule %s do what it did over the cluster', async (rule) => {
    const { file } = await recorded(rule);
    const story = await storyOf(rule);
    expect(await storyOf(rule, '--documents', file)).toEqual(story);
    expect(story.transitions.length).toBeGreaterThan(2);
    expect((await stat(file)).mode & 0o077).toBe(0);
  });

  test('has the fields that decide, and no others', async () => {
    const { text } = await recorded('counted');
    expect(new Set(sourcesOf(text).flatMap((source) => Object.keys(source)))).toEqual(
      new Set(['@timestamp', 'http.response.status_code', 'service.name']),
    );
  });

  test('hashes and leaves out, multi-fields included, and the rule does the same at the same times', async () => {
    const words = ['--fields', '*', '--drop', 'host', 'took', '--hash', 'service.name', 'user.name'];
    const { file, text } = await recorded('counted', ...words);
    expect(text).not.toMatch(/shop|cart|someone|10\.0\.0|took/);
    const names = new Set(sourcesOf(text).map((source) => source['service.name']));
    expect([...names].every((name) => /^h-[0-9a-f]{20}$/.test(String(name)))).toBe(true);
    const shape = (story: { readonly transitions: readonly { readonly at: string; readonly to: string }[] }) =>
      story.transitions.map(({ at, to }) => [at, to]);
    expect(shape(await storyOf('counted', '--documents', file))).toEqual(shape(await storyOf('counted')));
  });

  test('an address that is hashed stays an address, as many of them as there were', async () => {
    const { file, text } = await recorded('counted', '--fields', 'host.ip', '--hash', 'host.ip');
    const addresses = new Set(sourcesOf(text).map((source) => source['host.ip']));
    expect(addresses.size).toBe(5);
    expect([...addresses].every((address) => /^fd00(?::[0-9a-f]{4}){7}$/.test(String(address)))).toBe(true);
    expect((await storyOf('counted', '--documents', file)).transitions).toEqual((await storyOf('counted')).transitions);
  });

  test('is refused beyond its bound, for fields that decide, and for a rule that is not there', async () => {
    for (const [words, said] of [
      [['counted', '--max-documents', '10'], 'more than 10 documents'],
      [['counted', '--drop', 'http'], 'depend on the values of http'],
      [['nowhere'], 'there is no rule'],
    ] as const) {
      const { code, stderr } = await tocsin('record', ...words, ...RANGE, '--out', join(folder, 'refused.ndjson'));
      expect([code, stderr.includes(said)]).toEqual([2, true]);
    }
  });
});
