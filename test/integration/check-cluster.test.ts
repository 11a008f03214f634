import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { iso } from '../../src/core/time.ts';
import { runWords } from '../support/cli/fake-command-line.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';

const NOW = Date.parse('2026-01-10T10:00:00.000Z');
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const prefix = uniquePrefix();
const cluster = es(elasticsearchUrl());
let folder = '';

const keyword = { type: 'keyword' };
const date = { type: 'date' };
const PROPERTIES = {
  '@timestamp': date,
  service: { properties: { name: keyword } },
  message: { type: 'text' },
  took: { type: 'long' },
  labels: { type: 'flattened' },
};

/** An index whose documents, one a minute for four hours, are as late as `lag` says; without it nobody knows. */
async function fill(name: string, lag: ((position: number) => number) | undefined): Promise<void> {
  const arrival = lag === undefined ? {} : { event: { properties: { ingested: date } } };
  const mappings = { dynamic: false, properties: { ...PROPERTIES, ...arrival } };
  await cluster.json('PUT', `/${prefix}${name}`, { settings: { number_of_replicas: 0 }, mappings });
  const documents = Array.from({ length: 240 }, (_, position) => {
    const at = NOW - (position + 5) * MINUTE;
    const event = lag === undefined ? {} : { event: { ingested: iso(at + lag(position)) } };
    return { '@timestamp': iso(at), service: { name: `s${position % 3}` }, message: 'hello you', took: 7, ...event };
  });
  await cluster.bulk(prefix + name, documents);
}

const RULES = `
name: fine
type: frequency
index: ${prefix}quick
group_by: [service.name]
condition: count >= 5
---
name: too-quick
type: frequency
index: ${prefix}late
condition: count >= 5
---
name: gone
type: frequency
index: ${prefix}gone-*
condition: count >= 5
---
name: nothing
type: frequency
index: ${prefix}quick
query: service.name:s9
condition: count >= 5
---
name: no-such-fields
type: threshold
index: ${prefix}quick
group_by: [service.nam]
metrics: { slow: { max: taken } }
condition: slow > 5
---
name: text-as-group
type: frequency
index: ${prefix}quick
group_by: [message]
condition: count >= 5
---
name: text-as-number
type: threshold
index: ${prefix}quick
metrics: { slow: { max: service.name } }
condition: slow > 5
---
name: unknown
type: frequency
index: ${prefix}unstamped
condition: count >= 5
---
name: unknown-too
type: frequency
index: ${prefix}unstamped
condition: count >= 6
---
name: misspelt
type: threshold
index: ${prefix}quick
query: not servce.name:bot or took > 1
metrics: { errors: { count: "event.outcom:failure" }, total: { count: "*" } }
condition: errors / total > 0.05
evidence: { fields: [messge], top: [labels.any] }
---
name: no-time
type: frequency
index: ${prefix}quick
time_field: event.start
condition: count >= 5
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-cluster-'));
  await writeFile(join(folder, 'rules.yaml'), RULES);
  await Promise.all([
    fill('quick', () => 2 * SECOND),
    fill('late', (position) => (position % 10 === 0 ? 4 * MINUTE : 5 * SECOND)),
    fill('unstamped', undefined),
  ]);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await cluster.removeIndices(prefix);
});

interface Listed {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly hint?: string;
  readonly line: number;
}

async function check(...words: readonly string[]) {
  const { username, password, origin } = new URL(elasticsearchUrl());
  const login = username === '' ? '' : `, username: ${username}, password: "${decodeURIComponent(password)}"`;
  await writeFile(join(folder, 'config.yaml'), `elasticsearch: { url: "${origin}"${login} }\n`);
  const files = [join(folder, 'rules.yaml'), '--config', join(folder, 'config.yaml')];
  return runWords(['check', '--cluster', ...files, ...words], { now: NOW });
}

/** The codes of problems by the name of the rule in which they stand, at whichever key. */
function byRule(problems: readonly Listed[]): Readonly<Record<string, readonly string[]>> {
  const rules = RULES.split('\n').flatMap((text, i) => (text.startsWith('name: ') ? [{ name: text.slice(6), line: i + 1 }] : []));
  return Object.fromEntries(
    rules.map(({ name, line }, i) => {
      const next = rules[i + 1]?.line ?? Number.POSITIVE_INFINITY;
      return [name, problems.filter((problem) => problem.line >= line && problem.line < next).map(({ code }) => code)];
    }),
  );
}

describe('check --cluster', () => {
  it('says of each rule what the data says against it, and nothing of a good one', async () => {
    const { code, stdout, stderr } = await check('--format', 'json');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const { problems: all } = JSON.parse(stdout) as { readonly problems: readonly Listed[] };
    const problems = all.filter(({ code: about }) => !about.startsWith('rule/'));
    const others = problems.filter(({ severity }) => severity !== 'warning');
    expect(others.map(({ severity, code: about }) => [severity, about])).toEqual([
      ['error', 'search/no_index'],
      ['error', 'cluster/metric-type'],
      ['note', 'cluster/lag-unknown'],
    ]);
    expect(byRule(problems.filter(({ code: about }) => about !== 'cluster/no-field'))).toEqual({
      fine: [],
      'too-quick': ['cluster/delay'],
      gone: ['search/no_index'],
      nothing: ['cluster/no-match-week'],
      'no-such-fields': [],
      'text-as-group': ['search/bad_mapping'],
      'text-as-number': ['cluster/metric-type'],
      unknown: ['cluster/lag-unknown'],
      'unknown-too': [],
      misspelt: [],
      'no-time': ['search/no_field'],
    });
    const unmapped = problems.filter(({ code: about }) => about === 'cluster/no-field');
    expect(unmapped.map(({ message, hint }) => [/the field (\S+),/.exec(message)?.[1], hint])).toEqual([
      ['service.nam', 'did you mean service.name?'],
      ['taken', expect.stringContaining('/_mapping shows the existing fields')],
      ['servce.name', 'did you mean service.name?'],
      ['event.outcom', expect.stringContaining('/_mapping shows the existing fields')],
      ['messge', 'did you mean message?'],
    ]);
    expect(problems.find((problem) => problem.code === 'cluster/delay')).toMatchObject({
      message: expect.stringContaining('of the newest 240 documents, half arrived within 5s, 99 of 100 within 4m'),
      hint: expect.stringContaining('delay: 4m30s'),
    });
  });

  it.each(['text', 'github', 'sarif'])('as %s it says the same, and with --strict it fails', async (format) => {
    const { code, stdout } = await check('--format', format, '--strict');
    expect(code).toBe(1);
    for (const found of ['cluster/no-field', 'cluster/delay', 'search/no_index', 'cluster/no-match-week', 'cluster/lag-unknown'])
      expect(stdout).toContain(found);
  });
});
