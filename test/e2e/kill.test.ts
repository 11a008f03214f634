import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { type HttpRecorder, startHttpRecorder } from '../support/http-recorder.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

let folder = '';
let prefix = '';
let slack: HttpRecorder;
let child: ChildProcess | undefined;
let feed: NodeJS.Timeout | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-kill-'));
  prefix = uniquePrefix();
  slack = await startHttpRecorder();
  await es(elasticsearchUrl()).json('PUT', `/${prefix}logs`, { mappings: { properties: { '@timestamp': { type: 'date' } } } });
  await writeFile(join(folder, 'tocsin.yaml'), CONFIG);
  await writeFile(join(folder, 'rules.yaml'), RULE(prefix));
});

afterEach(async () => {
  clearInterval(feed);
  if (child !== undefined && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await slack.close();
  await rm(folder, { recursive: true, force: true });
  const client = es(elasticsearchUrl());
  await client.removeIndices(prefix);
  const namespace = { size: 1_000, query: { term: { namespace: prefix } } };
  for (const kind of ['rules', 'alert-groups', 'leases']) {
    const found = await client.json<{ hits: { hits: { _id: string }[] } }>('POST', `/tocsin-${kind}/_search`, namespace);
    for (const { _id } of found.hits.hits) await client.json('DELETE', `/tocsin-${kind}/_doc/${encodeURIComponent(_id)}`);
  }
});

const CONFIG = `
namespace: \${env:NAMESPACE}
receivers:
  - { name: team, slack_configs: [{ api_url: "\${env:SLACK_URL}" }] }
route: { receiver: team, group_by: [alertname], group_interval: 1s }
server: { enabled: false }
delivery: { lease: 8s, send_timeout: 5s }
rules: [rules.yaml]
`;

const RULE = (index: string) => `
name: boom
type: frequency
index: ${index}logs
every: 1s
window: 3s
delay: 1s
condition: count >= 1
evidence: { samples: 0 }
`;

function start(): ChildProcess {
  const { username, password, origin } = new URL(elasticsearchUrl());
  const url = username === '' ? origin : origin.replace('://', `://${username}:${password}@`);
  const env = { ...process.env, NAMESPACE: prefix, SLACK_URL: `${slack.url}/hook`, ELASTICSEARCH_URL: url };
  child = spawn(process.execPath, [MAIN, 'run', '--config', join(folder, 'tocsin.yaml')], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return child;
}

async function kill(running: ChildProcess): Promise<void> {
  running.kill('SIGKILL');
  await once(running, 'exit');
}

/** Resolves when the log of the process has said a text. */
function logged(running: ChildProcess, text: string): Promise<void> {
  let log = '';
  return new Promise((resolve) => {
    running.stdout?.on('data', (chunk: Buffer) => {
      log += chunk.toString('utf8');
      if (log.includes(text)) resolve();
    });
  });
}

/** Errors arrive twice a second until the feed is stopped. */
function startFeed(): void {
  feed = setInterval(() => void es(elasticsearchUrl()).bulk(`${prefix}logs`, [{ '@timestamp': new Date().toISOString() }]), 500);
}

const heard = () => slack.requests.map(({ body }) => JSON.parse(body).text.replace(/^\S+ (\w+).*$/s, '$1'));

describe('the built command line, killed with SIGKILL and started again', () => {
  it('resolves what it notified before it died, once', async () => {
    startFeed();
    const first = start();
    await logged(first, '"outcome":"delivered"');
    await kill(first);
    clearInterval(feed);
    start();
    await slack.received(2);
    expect(heard()).toEqual(['Warning', 'Resolved']);
  });

  it('sends again what was on its way when it died, in order, and nothing else', async () => {
    slack.script('hang');
    startFeed();
    const first = start();
    await slack.received(1);
    await kill(first);
    start();
    await slack.received(2);
    clearInterval(feed);
    await slack.received(3);
    expect(heard()).toEqual(['Warning', 'Warning', 'Resolved']);
    expect(slack.requests[0]?.body).toBe(slack.requests[1]?.body);
  });

  it('stops within ten seconds when it is asked to, with exit code 0', async () => {
    startFeed();
    const running = start();
    await slack.received(1);
    const asked = performance.now();
    running.kill('SIGTERM');
    const [code] = await once(running, 'exit');
    expect(code).toBe(0);
    expect(performance.now() - asked).toBeLessThan(10_000);
  });
});
