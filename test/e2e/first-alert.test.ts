import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import { loadConfig } from '../../src/config/load.ts';
import { manualClock, timeLimit } from '../../src/core/time.ts';
import { assemble } from '../../src/engine/assemble.ts';
import { simulate } from '../../src/engine/simulate.ts';
import type { TurnLog } from '../../src/engine/turn-log.ts';
import { checkpoint } from '../../src/evaluation/evaluate-batch.ts';
import { loadRules } from '../../src/rules/load-rules.ts';
import { destinationsOf } from '../../src/service/destinations.ts';
import { SHOP_MAPPING, shopDocuments, shopRules } from '../support/e2e/shop-rules.ts';
import { connection } from '../support/elasticsearch/connection.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { type HttpRecorder, startHttpRecorder } from '../support/http-recorder.ts';
import { type SmtpRecorder, startSmtpServer } from '../support/smtp-server.ts';

const START = Date.parse('2026-01-01T10:00:00.000Z');
const MINUTE = 60_000;
const prefix = uniquePrefix();
let folder = '';
let smtp: SmtpRecorder;
let slack: HttpRecorder;
const reports: TurnLog[] = [];

const CONFIG = `
namespace: e2e
receivers:
  - name: on-call
    slack_configs: [{ api_url: "\${env:SLACK_URL}" }]
    email_configs: [{ smarthost: "\${env:SMTP}", from: tocsin@example.com, to: on-call@example.com, require_tls: false }]
  - name: everyone
    slack_configs: [{ api_url: "\${env:SLACK_URL}/everyone" }]
route:
  receiver: everyone
  group_by: [alertname]
  group_interval: 2m
  repeat_interval: 5m
  routes:
    - { matchers: ['alertname="stub-5xx"'], receiver: on-call }
kibana: { url: https://kibana.example.com }
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-e2e-'));
  smtp = await startSmtpServer();
  slack = await startHttpRecorder();
  const url = elasticsearchUrl();
  const client = es(url);
  const documents = shopDocuments(prefix, START);
  for (const index of new Set(documents.map((one) => one.index))) {
    await client.json('PUT', `/${index}`, { mappings: SHOP_MAPPING });
    await client.bulk(
      index,
      documents.filter((one) => one.index === index).map((one) => one.source),
    );
  }
  await writeFile(join(folder, 'tocsin.yaml'), CONFIG);
  await writeFile(join(folder, 'rules.yaml'), shopRules(prefix));
  const config = await loadConfig(join(folder, 'tocsin.yaml'), {
    SLACK_URL: `${slack.url}/hook`,
    SMTP: `127.0.0.1:${smtp.port}`,
  });
  if (!config.ok) throw new Error(JSON.stringify(config.problems));
  const { rules, problems } = await loadRules([join(folder, 'rules.yaml')]);
  expect(problems).toEqual([]);
  const backend = elasticsearchBackend(connection(url), { namespace: 'e2e', indexPrefix: `${prefix}tocsin-` });
  const made = await backend.ensureIndices();
  if (!made.ok) throw new Error(made.message);
  const clock = manualClock(START);
  const ports = assemble({
    ...config.value,
    backend,
    rules,
    failures: [],
    destination: destinationsOf(config.value),
    meta: undefined,
    kibana: config.value.kibana,
    io: { fetch, print: () => undefined },
    clock,
    deadline: timeLimit,
    newToken: () => crypto.randomUUID(),
  });
  for await (const report of simulate({ from: START, to: START + 60 * MINUTE }, ports, new AbortController().signal))
    reports.push(report);
  await checkpoint(ports);
  await backend.close();
});

afterAll(async () => {
  await Promise.all([smtp?.close(), slack?.close(), rm(folder, { recursive: true, force: true })]);
  await es(elasticsearchUrl()).removeIndices(prefix);
});

const minuteOf = (instant: number) => (instant - START) / MINUTE;
const story = (rule: string) =>
  reports.flatMap(({ runs }) =>
    runs
      .filter((run) => run.rule === rule)
      .flatMap((run) =>
        run.changes.map(({ transition, severity }) => `${minuteOf(transition.at)}m ${transition.kind} ${severity}`),
      ),
  );
const slackTitles = (path: string) =>
  slack.requests
    .filter((request) => request.path === path)
    .map((request) => JSON.parse(request.body).blocks[0].text.text.replace(/^\S+ /, ''));

describe('from documents in Elasticsearch to Slack and e-mail', () => {
  it('evaluates every window without a failure', () => {
    expect(reports.flatMap(({ storeProblems }) => storeProblems)).toEqual([]);
    expect(reports.flatMap(({ runs }) => runs.filter((run) => run.outcome === 'failed'))).toEqual([]);
    for (const rule of ['stub-5xx', 'container-memory', 'traffic-jump', 'host-silent']) {
      expect(reports.flatMap(({ runs }) => runs.filter((run) => run.rule === rule)).length, rule).toBe(60);
    }
  });

  it.each([
    ['stub-5xx', ['12m pending critical', '13m firing critical', '18m recovering critical', '19m resolved critical']],
    ['container-memory', ['13m firing warning', '16m worse critical', '20m resolved critical']],
    ['traffic-jump', ['33m firing warning', '36m resolved warning']],
    ['host-silent', ['23m firing warning', '28m resolved warning']],
  ])('%s lives through %j', (rule, expected) => {
    expect(story(rule)).toEqual(expected);
  });

  it('tells on-call on Slack and by mail, reminds, and resolves in one mail thread', () => {
    // A reminder says how long it has been firing, so that its subject differs from that of another reminder.
    const titles = ['Critical', 'Still critical after 5m', 'Resolved after 6m'].map((state) => `${state}: stub fails on /todos/`);
    expect(slackTitles('/hook')).toEqual(titles);
    expect(smtp.mails.map((mail) => mail.subject.replace(/^Re: /, ''))).toEqual(titles);
    const [first, second, third] = smtp.mails;
    expect(second?.references).toContain(first?.messageId);
    expect(third?.references).toContain(first?.messageId);
    expect(first?.text).toContain('8 server errors in 2m');
    expect(first?.html).toContain('https://kibana.example.com/app/r?l=DISCOVER_APP_LOCATOR');
    expect(first?.text).toContain('trace-12-3');
  });

  it('notifies everyone of the other rules in the order they happened', () => {
    expect(slackTitles('/hook/everyone')).toEqual([
      'Warning: stub-1 is near its limit',
      'Now critical: stub-1 is near its limit',
      'Resolved after 7m: stub-1 is near its limit',
      'Warning: node-2 is silent',
      'Resolved after 5m: node-2 is silent',
      'Warning: traffic of shop jumps',
      'Resolved after 3m: traffic of shop jumps',
    ]);
  });

  it('lets no text of a document call a whole channel', () => {
    for (const request of slack.requests) expect(request.body).not.toContain('<!channel>');
  });

  it('says why in the state index and in the history', async () => {
    const client = es(elasticsearchUrl());
    await client.refresh(`${prefix}tocsin-*`);
    const rule = await client.json<{ _source: Record<string, unknown> }>('GET', `/${prefix}tocsin-rules/_doc/e2e:stub-5xx`);
    expect(JSON.stringify(rule._source)).toContain(`"evaluated_through":${START + 60 * MINUTE}`);
    const found = await client.json<{ hits: { hits: { _source: Record<string, unknown> }[] } }>(
      'GET',
      `/${prefix}tocsin-runs-*/_search?size=100&q=rule.id:stub-5xx`,
    );
    const runs = found.hits.hits.map((hit) => JSON.stringify(hit._source));
    expect(runs.some((run) => run.includes('"kind":"firing"') && run.includes('"count":8'))).toBe(true);
    const notified = await client.json<{ hits: { total: { value: number } } }>('GET', `/${prefix}tocsin-notifications/_search`);
    expect(notified.hits.total.value).toBe(smtp.mails.length + slack.requests.length);
  });
});
