import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ElasticsearchBackend, elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import { type ExplainOptions, explainRule } from '../../src/cli/explain.ts';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { manualClock, timeLimit } from '../../src/core/time.ts';
import { assemble } from '../../src/engine/assemble.ts';
import { simulate } from '../../src/engine/simulate.ts';
import { checkpoint } from '../../src/evaluation/evaluate-batch.ts';
import { curlOf } from '../../src/reports/explain/curl.ts';
import { explainJson } from '../../src/reports/explain/explain-json.ts';
import { explainText } from '../../src/reports/explain/explain-text.ts';
import { loadRules } from '../../src/rules/load-rules.ts';
import { destinationsOf } from '../../src/service/destinations.ts';
import { fakeCommandLine } from '../support/cli/fake-command-line.ts';
import { SHOP_MAPPING, shopDocuments, shopRules } from '../support/e2e/shop-rules.ts';
import { connection } from '../support/elasticsearch/connection.ts';
import { hasEsql } from '../support/elasticsearch/has-esql.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';

const START = Date.parse('2026-01-01T10:00:00.000Z');
const MINUTE = 60_000;
const prefix = uniquePrefix();
let folder = '';
let config: Config;
let backend: ElasticsearchBackend;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-explain-'));
  const client = es(elasticsearchUrl());
  const documents = shopDocuments(prefix, START);
  for (const index of new Set(documents.map((one) => one.index))) {
    await client.json('PUT', `/${index}`, { mappings: SHOP_MAPPING });
    const own = documents.filter((one) => one.index === index);
    await client.bulk(
      index,
      own.map((one) => one.source),
    );
  }
  await writeFile(join(folder, 'rules.yaml'), shopRules(prefix));
  const file = join(folder, 'tocsin.yaml');
  await writeFile(file, 'namespace: explain\nrules: rules.yaml\nkibana: { url: "https://kibana.example.com" }\n');
  const loaded = await loadConfig(file, {});
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const elasticsearch = connection(elasticsearchUrl());
  config = { ...loaded.value, elasticsearch };
  backend = elasticsearchBackend(elasticsearch, { namespace: 'explain', indexPrefix: `${prefix}tocsin-` });
  const made = await backend.ensureIndices();
  if (!made.ok) throw new Error(made.message);
  const { rules } = await loadRules([join(folder, 'rules.yaml')]);
  const ports = assemble({
    ...config,
    backend,
    rules,
    failures: [],
    destination: destinationsOf(config),
    meta: undefined,
    kibana: config.kibana,
    io: { fetch, print: () => undefined },
    clock: manualClock(START),
    deadline: timeLimit,
    newToken: () => crypto.randomUUID(),
  });
  const { signal } = new AbortController();
  for await (const _report of simulate({ from: START + 8 * MINUTE, to: START + 20 * MINUTE }, ports, signal));
  await checkpoint(ports);
  await client.refresh(`${prefix}*`);
});

afterAll(async () => {
  await backend?.close();
  await rm(folder, { recursive: true, force: true });
  await es(elasticsearchUrl()).removeIndices(prefix);
});

const notify = (rule: string, options: Partial<ExplainOptions>) => {
  const { line } = fakeCommandLine({ now: START + 20 * MINUTE });
  return explainRule(rule, backend, { config, whole: true }, line, { at: 'now', color: false, ...options });
};
const text = async (rule: string, options: Partial<ExplainOptions>) =>
  explainText({ ...(await notify(rule, options)).data, showsQueries: true }, { color: false, columns: 100 });

describe('the story of an alert on Elasticsearch', () => {
  it('has the run as it was recorded, and the same answer when it is asked again', async () => {
    const { data, exitCode } = await notify('stub-5xx', { at: '2026-01-01T10:13Z' });
    const { explanation } = data;
    expect(exitCode).toBe(0);
    expect(explanation.recorded).toMatchObject({ outcome: 'evaluated', matched: 8, groups: 1, findings: { breach: 1 } });
    expect(explanation.asked).toMatchObject({ kind: 'answered', matched: 8, findings: { breach: 1 } });
    expect(explanation.groups).toMatchObject([
      {
        group: { 'service.name': 'stub', 'url.path': '/todos/' },
        reading: { from: 'recorded', values: { count: 8 } },
        life: { happened: 'fires: the condition held for 1m', status: 'firing' },
      },
    ]);
    const [group] = explanation.groups;
    expect(group?.life.changes.map(({ kind }) => kind)).toEqual(['pending', 'firing', 'recovering', 'resolved']);
    expect(group?.notification.messages.map(({ outcome, channel }) => `${channel} ${outcome}`)).toEqual([
      'console delivered',
      'console delivered',
    ]);
  });

  it('reads as a text that says what decided and who was notified', async () => {
    const story = await text('container-memory', { at: '2026-01-01T10:16Z' });
    expect(story).toContain('critical  used / limit > 0.95 is true ← decided');
    expect(story).toContain('used 970, limit 1000');
    expect(story).toContain('default/console/0');
    expect(story).toContain('https://kibana.example.com/app/r?l=DISCOVER_APP_LOCATOR');
    const prose = story.slice(0, story.indexOf('Run the query yourself')).split('\n');
    expect(prose.filter((line) => line.length > 100 && !line.includes('https://'))).toEqual([]);
  });

  it('asks the cluster the very question: the command answers with the count that was evaluated', async () => {
    const { data } = await notify('stub-5xx', { at: '2026-01-01T10:13Z' });
    const [sent] = data.explanation.recorded?.sent ?? [];
    const command = sent === undefined ? undefined : curlOf(sent, data.place, 100);
    if (command === undefined) throw new Error('there is no command');
    const { username, password } = new URL(elasticsearchUrl());
    const env = { ...process.env, ELASTICSEARCH_USERNAME: username, ELASTICSEARCH_PASSWORD: decodeURIComponent(password) };
    const { stdout } = await promisify(execFile)('sh', ['-c', command], { env });
    const answer = JSON.parse(stdout);
    expect(answer._shards.failed).toBe(0);
    expect(JSON.stringify(answer.aggregations)).toContain('"doc_count":8');
    if (password !== '') expect(command).not.toContain(password);
  });

  it('reports late documents beside what was evaluated', async () => {
    const late = {
      '@timestamp': '2026-01-01T10:12:30.000Z',
      'service.name': 'stub',
      'url.path': '/todos/',
      'http.response.status_code': 503,
    };
    await es(elasticsearchUrl()).bulk(`${prefix}traces-apm-default`, [late]);
    const story = await text('stub-5xx', { at: '2026-01-01T10:13Z', group: ['service.name=stub'] });
    expect(story).toContain('count 8 (as recorded; searched again now: count 9)');
    expect(story).toContain('late documents may have changed the result');
  });

  it('names a group that nobody knows, and those that came', async () => {
    const { data, exitCode } = await notify('stub-5xx', { at: '2026-01-01T10:13Z', group: ['service.name=stubb'] });
    expect(exitCode).toBe(1);
    expect(data.explanation.missing?.came).toEqual([{ 'service.name': 'stub', 'url.path': '/todos/' }]);
  });

  it('warns of a rule that has matched nothing, and of the field that no document has', async () => {
    const typo = `name: typo\ntype: frequency\nindex: ${prefix}traces-apm*\nquery: service.nam:stub\ncondition: count > 1\n`;
    await writeFile(join(folder, 'typo.yaml'), typo);
    const { line } = fakeCommandLine({ now: START + 20 * MINUTE });
    const own = { ...config, rules: [join(folder, 'typo.yaml')] };
    const { data } = await explainRule('typo', backend, { config: own, whole: true }, line, { at: 'now', color: false });
    const json = JSON.parse(explainJson(data));
    expect(json.cautions.map(({ code }: { code: string }) => code)).toEqual(['never-evaluated', 'no-documents', 'no-field']);
    expect(json.cautions[2].text).toContain('service.nam');
    expect(json.recorded).toBeNull();
    expect(json.questions[0].curl).toMatch(/^curl -sS .*_search/s);
  });

  it('of every type of rule can be notified', async () => {
    const more = [
      `name: changed\ntype: change\nindex: ${prefix}traces-apm*\ngroup_by: [service.name]\nfield: url.path\n`,
      `name: new\ntype: new_term\nindex: ${prefix}traces-apm*\ngroup_by: [service.name]\nfield: service.name\nlookback: 1d\n`,
      `name: piped\ntype: esql\nindex: ${prefix}traces-apm*\ngroup_by: [service.name]\nesql: "| STATS calls = COUNT(*) BY service.name"\nvariables: { calls: number }\ncondition: calls > 1000\n`,
    ];
    await writeFile(join(folder, 'more.yaml'), more.join('---\n'));
    const own = { ...config, rules: [...config.rules, join(folder, 'more.yaml')] };
    const piped = (await hasEsql(elasticsearchUrl())) ? ['piped'] : [];
    for (const rule of ['traffic-jump', 'host-silent', 'container-memory', 'changed', 'new', ...piped]) {
      const { line, written } = fakeCommandLine({ now: START + 20 * MINUTE });
      const { data, exitCode } = await explainRule(rule, backend, { config: own, whole: true }, line, {
        at: 'now',
        color: false,
      });
      expect(written().stderr).toBe('');
      if (rule === 'piped')
        expect(explainText({ ...data, showsQueries: true }, { color: false, columns: 100 })).toMatch(/curl .*_query/s);
      expect({ rule, exitCode, kind: data.explanation.asked.kind }).toEqual({ rule, exitCode: 0, kind: 'answered' });
    }
  });
});
