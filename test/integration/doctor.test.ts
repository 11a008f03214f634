import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ElasticsearchBackend, elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import { type DoctorOptions, doctor } from '../../src/cli/doctor.ts';
import { loadConfig } from '../../src/config/load.ts';
import { systemClock } from '../../src/core/time.ts';
import type { CheckResult } from '../../src/reports/doctor/doctor-report.ts';
import { doctorText } from '../../src/reports/doctor/doctor-text.ts';
import { alertGroupDocument, ruleDocument } from '../contract/support/stored-documents.ts';
import { fakeCommandLine } from '../support/cli/fake-command-line.ts';
import { connection } from '../support/elasticsearch/connection.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { type HttpRecorder, startHttpRecorder } from '../support/http-recorder.ts';
import { type SmtpRecorder, startSmtpServer } from '../support/smtp-server.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SECRETS = ['very-secret-token', 'very-secret-password', 'heartbeat-secret'];
const prefix = uniquePrefix();
const cluster = es(elasticsearchUrl());
const keyword = { type: 'keyword' };
const MAPPING = {
  dynamic: false,
  properties: {
    '@timestamp': { type: 'date' },
    service: { type: 'text', fields: { keyword } },
    level: keyword,
    trace: { properties: { id: keyword } },
    event: { properties: { ingested: { type: 'date' } } },
  },
};
const RULES = `name: good
type: frequency
index: ${prefix}logs-*
query: level:error
group_by: [level]
condition: count >= 1
recover: count < 1
---
name: text-group
type: frequency
index: ${prefix}logs-*
group_by: [service]
condition: count >= 1
recover: count < 1
---
name: stale
type: frequency
index: ${prefix}old
query: colour:red
condition: count >= 1
recover: count < 1
---
name: nowhere
type: frequency
index: ${prefix}nothing-*
condition: count >= 1
recover: count < 1
`;

let folder = '';
let smtp: SmtpRecorder;
let slack: HttpRecorder;
let backend: ElasticsearchBackend;

const time = (ago: number) => new Date(systemClock.now() - ago).toISOString();

function configuration(): string {
  return `namespace: doctor
rules: rules.yaml
meta_receiver: team
evidence: { trace_logs: { indices: ["${prefix}logs-*"] } }
kibana: { url: "${slack.url}" }
heartbeat: { url: "${slack.url}/ping/heartbeat-secret" }
receivers:
  - name: team
    slack_configs: [{ api_url: "${slack.url}/services/very-secret-token" }]
    email_configs:
      - { smarthost: "127.0.0.1:${smtp.port}", from: a@example.com, to: b@example.com, require_tls: false,
          auth_username: tocsin, auth_password: very-secret-password }
`;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-doctor-'));
  smtp = await startSmtpServer({ login: { username: 'tocsin', password: 'very-secret-password' } });
  slack = await startHttpRecorder({ status: 200, body: 'ok', headers: { 'kbn-name': 'kibana-1' } });
  for (const index of ['logs-app', 'old']) await cluster.json('PUT', `/${prefix}${index}`, { mappings: MAPPING });
  const fresh = {
    '@timestamp': time(20_000),
    event: { ingested: time(10_000) },
    service: 'stub',
    level: 'error',
    trace: { id: 't' },
  };
  await cluster.bulk(`${prefix}logs-app`, [fresh, { ...fresh, '@timestamp': time(30_000) }]);
  await cluster.bulk(`${prefix}old`, [{ '@timestamp': time(3 * HOUR), level: 'info' }]);
  await writeFile(join(folder, 'rules.yaml'), RULES);
  await writeFile(join(folder, 'tocsin.yaml'), configuration());
  backend = elasticsearchBackend(connection(elasticsearchUrl()), { namespace: 'doctor', indexPrefix: `${prefix}tocsin-` });
});

afterAll(async () => {
  await Promise.all([smtp?.close(), slack?.close(), backend?.close()]);
  await rm(folder, { recursive: true, force: true });
  await cluster.removeIndices(prefix);
});

async function examined(given: Partial<DoctorOptions> = {}) {
  const config = join(folder, 'tocsin.yaml');
  const loaded = await loadConfig(config, {});
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const { line, written } = fakeCommandLine({ now: systemClock.now(), terminal: true });
  const setup = {
    config: { ...loaded.value, elasticsearch: connection(elasticsearchUrl()) },
    problems: loaded.problems,
    backend,
  };
  const result = await doctor(setup, { ...line, clock: systemClock }, { config, color: false, sendTest: false, ...given });
  const text = doctorText(result.data, { color: false, columns: 120 });
  for (const secret of SECRETS) expect(JSON.stringify(result.data) + written().stderr).not.toContain(secret);
  const of = (name: string): readonly string[] => {
    const part = result.data.parts.find((one) => one.name === name);
    return part?.skipped === undefined ? (part?.results ?? []).map(lineOf) : [`skipped: ${part.skipped}`];
  };
  return { ...result, text, of, stderr: written().stderr };
}

function lineOf({ severity, subject, found }: CheckResult): string {
  return `${severity} ${subject.replaceAll(prefix, '')}: ${found.replaceAll(prefix, '')}`;
}

describe('a deployment before its first start', () => {
  it('is notified what is missing, with nothing made and nothing sent', async () => {
    const { of, exitCode } = await examined();
    expect(exitCode).toBe(1);
    expect(of('state')).toEqual(['note tocsin-*: do not exist yet: `tocsin run` creates them when it first starts']);
    expect(of('replicas')).toEqual(['skipped: Tocsin’s indices are incomplete or cannot be read']);
    expect(of('elasticsearch')[0]).toMatch(/^good http:\S+: [89]\.\d+\.\d+, cluster /);
    expect(of('privileges')[0]).toMatch(/^(?:note login: security is off|good privileges: all)/);
    expect(of('clock')).toEqual([expect.stringMatching(/^good Elasticsearch: agrees with this machine within/)]);
    expect(of('data')).toEqual([
      expect.stringMatching(/^good logs-\*: 1 index; newest \d+s old, 2 in the last 15m$/),
      expect.stringMatching(/^warning old: 1 index; newest 3h( \d+[ms])? old, 0 in the last 15m$/),
      'error nothing-*: no such index or data stream, or the login has no privileges on it',
    ]);
    expect(of('fields')).toEqual([
      'error service in logs-*: is text: it cannot be grouped by or measured (text-group)',
      expect.stringMatching(
        /^warning colour in old: no index of old has the field colour, so .* \(stale, query at .*rules\.yaml:\d+:\d+\)$/,
      ),
    ]);
    expect(of('rules')).toContainEqual(expect.stringMatching(/^error text-group: .*service/));
    expect(of('trace-logs')).toEqual(['good logs-*: 2 of 2 documents of the last hour have a trace ID']);
    expect(of('receivers').slice(0, 2)).toEqual([
      expect.stringMatching(/^good team\/slack\/0: 127\.0\.0\.1:\d+ answers without TLS$/),
      expect.stringMatching(/^good team\/email\/0: 127\.0\.0\.1:\d+ greets without TLS and accepts the login$/),
    ]);
    expect(of('kibana')).toEqual([expect.stringContaining('it is the Kibana kibana-1')]);
    expect(of('heartbeat')).toEqual([expect.stringMatching(/^good heartbeat: 127\.0\.0\.1:\d+ answers/)]);
    expect(smtp.mails).toEqual([]);
    // `OPTIONS *` asks for the server alone, and for no path of a secret URL.
    expect(slack.requests.map(({ path }) => path).filter((path) => path !== '*')).toEqual(['/api/status']);
    expect(await cluster.json('GET', `/_resolve/index/${prefix}tocsin-*`)).toMatchObject({ indices: [] });
  });

  it('sends a test to each destination when it is asked to', async () => {
    const { of } = await examined({ sendTest: true });
    expect(of('receivers').filter((line) => line.includes(': test'))).toEqual([
      'good team/slack/0: test: accepted; check that it arrived',
      'good team/email/0: test: accepted; check that it arrived',
    ]);
    expect(smtp.mails.map(({ subject }) => subject)).toEqual(['Info: Test of team/email/0']);
    const posted = slack.requests.find(({ path }) => path.startsWith('/services'));
    expect(posted?.body).toContain('nothing is wrong');
  });
});

describe('a deployment that runs', () => {
  beforeAll(async () => {
    const made = await backend.ensureIndices();
    if (!made.ok) throw new Error(made.message);
    const now = systemClock.now();
    const evaluated = (rule: string, ago: number, failures = 0) => ({
      id: rule,
      version: undefined,
      document: ruleDocument(rule, {
        evaluated_through: now - ago,
        health: {
          failures,
          ...(failures > 0 && {
            failing_since: now - ago,
            problem: { code: 'no_index', message: 'no index matches it', hint: 'make one' },
          }),
        },
      }),
    });
    await backend.ruleStates.save([evaluated('good', MINUTE), evaluated('text-group', HOUR), evaluated('nowhere', MINUTE, 7)]);
    const replicaEntry = { v: 1, holder: 'tocsin-0', token: 'a', until: now + 20_000 } as const;
    const shards = Array.from({ length: 32 }, (_, shard) => ({
      id: String(shard),
      version: undefined,
      document: { ...replicaEntry, shard },
    }));
    await backend.leases.save([...shards, { id: 'replica-0', version: undefined, document: { ...replicaEntry, shard: -1 } }]);
    const dead = { count: 2, last_at: now - HOUR, reason: 'HTTP 404: no_service' };
    await backend.alertGroups.save([
      { id: 'c1', version: undefined, document: alertGroupDocument({ destination: 'team/slack/0', dead }) },
      { id: 'c2', version: undefined, document: alertGroupDocument({ destination: 'team/email/0' }) },
    ]);
    await cluster.refresh(`${prefix}tocsin-*`);
  });

  it('is notified who lives, which rules stand still, and what died', async () => {
    const { of, text, exitCode } = await examined();
    expect(of('state')).toEqual(['good tocsin-*: 7 indices, mapping version 3']);
    expect(of('replicas')).toEqual([
      'good tocsin-0: alive, evaluates 32 of 32 shards',
      'note replicas: there is one: while it is down nothing is evaluated',
    ]);
    expect(of('evaluations')).toEqual([
      expect.stringMatching(/^good rules: 1 of 4 evaluated lately/),
      'note stale: 1 was never evaluated',
      expect.stringMatching(/^error text-group: was last evaluated for .* 1h( \d+[ms])? ago$/),
      expect.stringMatching(/^error nowhere: cannot be evaluated since .*: no index matches it$/),
    ]);
    expect(of('notifications')).toEqual([
      'good alert groups: 1 of 2 have nothing pending',
      expect.stringMatching(/^error team\/slack\/0: 2 messages failed, the last at .*: HTTP 404: no_service$/),
    ]);
    expect(text).toMatch(/^\d+ errors and \d+ warnings?; \d+ checks passed$/m);
    expect(exitCode).toBe(1);
  });
});
