import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Document, isSeq, parseAllDocuments } from 'yaml';
import { DOCUMENTED } from '../../scripts/docs/rule-catalogue.ts';
import { isDefaultsFile, readRuleFiles } from '../../src/rules/read-files.ts';
import { runWords } from '../support/cli/fake-command-line.ts';
import { hasEsql } from '../support/elasticsearch/has-esql.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { mappingsFor } from '../support/stack/index-templates.ts';
import { SEEN } from '../support/stack/shapes.ts';

/** Documents as each part of a stack writes them, reduced to what tells the shapes apart, and when they come. */
const FIXTURES = join(import.meta.dirname, '../fixtures/stack');
const RULES = join(import.meta.dirname, '../../rules');
/** Rules about Tocsin's own index, and about less than there was a day before. */
const ELSEWHERE = ['too-many-messages', 'traffic-drop'];
const START = Date.parse('2026-01-01T10:00:00.000Z');
const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const EVERY = 10_000;

const prefix = uniquePrefix();
const cluster = es(elasticsearchUrl());
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-shapes-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await cluster.removeIndices(prefix);
});

interface Line {
  readonly minutes: readonly [from: number, to: number];
  readonly _index: string;
  readonly _source: Readonly<Record<string, unknown>>;
}

/** Writes a shape's documents under names of its own, in plain indices with the mappings that its data streams would have; gives the names. */
async function write(shape: string): Promise<readonly string[]> {
  const lines = (await readFile(join(FIXTURES, `${shape}.ndjson`), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  for (const index of new Set(lines.map((line) => line._index))) {
    const name = `${prefix}${shape}-${index}`;
    await cluster.json('PUT', `/${name}`, { settings: { number_of_replicas: 0 }, mappings: mappingsFor(index) });
    const own = lines.filter((line) => line._index === index);
    await cluster.bulk(name, [...own.flatMap(repeated), ...own.slice(0, 1).flatMap(yesterday)]);
  }
  return [...new Set(lines.map((line) => line._index))];
}

/** Documents that say nothing, a day earlier: a source without any would be no reference for a jump. */
function yesterday({ _source }: Line): object[] {
  const times = Array.from({ length: 12 }, (_unused, step) => START - DAY + (step - 3) * 5 * MINUTE);
  return times.map((at) => ({ '@timestamp': timeLike(_source['@timestamp'], at) }));
}

function repeated({ minutes: [from, to], _source }: Line): object[] {
  const documents: object[] = [];
  for (let at = START + from * MINUTE; at < START + to * MINUTE; at += EVERY) {
    documents.push({ ..._source, '@timestamp': timeLike(_source['@timestamp'], at) });
  }
  return documents;
}

/** The time in the way of the sample: a number of milliseconds, a text of them with decimals, or ISO 8601 with as many decimals. */
function timeLike(sample: unknown, at: number): number | string {
  if (typeof sample === 'number') return at;
  const text = String(sample);
  if (/^\d+\.\d+$/.test(text)) return `${at}.${text.split('.')[1]}`;
  return new Date(at).toISOString().replace('.000Z', text.slice(text.indexOf('.')));
}

/** All rules as they are deployed. */
async function deployed(): Promise<readonly Document[]> {
  const { files } = await readRuleFiles([RULES]);
  // Their defaults say whom to call and that what is missing is not missed: neither matters here.
  const rules = files.filter(({ file }) => !isDefaultsFile(basename(file)));
  return rules.flatMap(({ text }) => [...parseAllDocuments(text)] as Document[]);
}

/** Names of the rules that a server without ES|QL cannot answer. */
async function unanswerable(): Promise<ReadonlySet<string>> {
  if (await hasEsql(elasticsearchUrl())) return new Set();
  const rules = await deployed();
  return new Set(rules.filter((rule) => rule.get('type') === 'esql').map((rule) => String(rule.get('name'))));
}

/** Rules as they are deployed, over the indices of one shape. */
async function rulesOver(shape: string, streams: readonly string[], without: ReadonlySet<string>): Promise<string> {
  const documents = (await deployed()).filter((document) => !without.has(String(document.get('name'))));
  const asking: Document[] = [];
  for (const document of documents) {
    if (!asksFor(document, streams)) continue;
    asking.push(document);
    for (const path of [['index'], ['evidence', 'logs', 'indices']]) {
      const given = document.getIn(path);
      if (given === undefined) continue;
      const patterns = isSeq(given) ? (given.toJSON() as string[]) : [String(given)];
      document.setIn(
        path,
        patterns.map((pattern) => `${prefix}${shape}-${pattern.replace(/^\./, '')}`),
      );
    }
    document.set('ignore_missing_index', true);
  }
  const file = join(folder, `${shape}.yaml`);
  await writeFile(file, asking.map(String).join('---\n'));
  return file;
}

/** Whether a rule looks into any of these data streams: of the others there is nothing to find out. */
function asksFor(document: Document, streams: readonly string[]): boolean {
  const patterns = [document.toJS().index]
    .flat()
    .map((pattern: string) => new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`));
  return streams.some((stream) => patterns.some((pattern) => pattern.test(stream)));
}

interface Story {
  readonly name: string;
  readonly failed: number;
  readonly transitions: readonly { readonly to: string; readonly group: Readonly<Record<string, string>> }[];
}

async function stories(shape: string, without: ReadonlySet<string>): Promise<readonly Story[]> {
  const streams = await write(shape);
  const range = ['--from', new Date(START).toISOString(), '--to', new Date(START + 32 * MINUTE).toISOString()];
  const ran = await runWords(['dry-run', await rulesOver(shape, streams, without), ...range, '--format', 'json'], {
    env: { ELASTICSEARCH_URL: elasticsearchUrl() },
  });
  expect(ran.stderr).toBe('');
  return (JSON.parse(ran.stdout) as { readonly rules: readonly Story[] }).rules;
}

const firedIn = (story: Story) => story.transitions.filter(({ to }) => to === 'firing');

describe('the example rules over documents as a stack writes them', () => {
  test.each(Object.keys(SEEN))('%s: those fire that are meant to, and no other', async (shape) => {
    const without = await unanswerable();
    const notified = await stories(shape, without);
    expect(notified.filter(({ failed }) => failed > 0).map(({ name }) => name)).toEqual([]);
    expect(
      notified
        .filter((story) => firedIn(story).length > 0)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(SEEN[shape]?.filter((name) => !without.has(name)));
    // The calls that the service made itself failed too, and are no answers of its own.
    const paths = notified
      .filter(({ name }) => name === 'stub-5xx')
      .flatMap((story) => firedIn(story).map(({ group }) => group['url.path']));
    expect(paths).toEqual(SEEN[shape]?.includes('stub-5xx') ? ['/todos/'] : []);
  });

  test('each rule sees the problem in some shape, but for those about what is only documented', async () => {
    const names = (await deployed()).map((document) => document.get('name'));
    const seen = new Set(Object.values(SEEN).flat());
    expect(
      names
        .map(String)
        .filter((name) => !seen.has(name))
        .sort(),
    ).toEqual([...DOCUMENTED, ...ELSEWHERE].sort());
  });
});
