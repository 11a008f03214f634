import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/elasticsearch/account.ts';
import { startElasticsearch } from '../support/elasticsearch/node.ts';
import { es } from '../support/elasticsearch/request.ts';
import { startHttpRecorder } from '../support/http-recorder.ts';
import { type LogLine, startTocsin } from '../support/service/tocsin-process.ts';

const SECOND = 1_000;
const MINUTE = 60_000;

const config = (url: string, hook: string, meta: string, polls: string) => `
namespace: full
elasticsearch: { url: '${url}' }
rules: rules.yaml
server: { port: 0 }
log: { level: debug }
heartbeat: { url: '${polls}/alive', every: 5s }
meta_receiver: meta
receivers:
  - { name: hook, webhook_configs: [{ url: '${hook}/hook' }] }
  - { name: meta, webhook_configs: [{ url: '${meta}/meta' }] }
route: { receiver: hook, group_by: [alertname], group_interval: 1s }
`;

const RULE = `
name: boom
type: frequency
index: logs
every: 1s
window: 5s
delay: 0s
condition: count >= 1
labels: { severity: critical }
evidence: { samples: 0 }
`;

interface Sent {
  readonly title: string;
  readonly alerts: readonly { readonly rule: string; readonly status: string }[];
}

const sent = (requests: readonly { readonly body: string }[]) => requests.map(({ body }) => JSON.parse(body) as Sent);

describe('Elasticsearch makes its indices read-only because its disk is full, while an alert fires', () => {
  it('counts as the store being away in every place within a minute, and sends the alert once when it is over', async () => {
    const dataDir = await mkdtemp(join(await temporaryFolder(), 'tocsin-unwritable-'));
    await using hook = await startHttpRecorder();
    await using meta = await startHttpRecorder();
    await using polls = await startHttpRecorder();
    const node = await startElasticsearch({ dataDir });
    try {
      const cluster = es(node.url);
      await cluster.json('PUT', '/logs', {
        settings: { number_of_replicas: 0 },
        mappings: { properties: { '@timestamp': { type: 'date' } } },
      });
      await using tocsin = await startTocsin({
        'tocsin.yaml': config(node.url, hook.url, meta.url, polls.url),
        'rules.yaml': RULE,
      });
      const evaluatedAfter = (at: number) => (line: LogLine) => line.msg === 'evaluated' && Date.parse(String(line['at'])) > at;
      const address = String((await tocsin.line(({ msg }) => msg === 'tocsin is starting'))['address']);
      const ask = async (path: string) => {
        const answer = await fetch(address + path);
        return { status: answer.status, text: await answer.text() };
      };
      await tocsin.line(evaluatedAfter(0));
      await polls.received(1);
      expect((await ask('/-/ready')).status).toBe(200);

      const block = (value: true | null) =>
        // Elasticsearch takes the first one away by itself as soon as it looks and finds that the disk has room.
        cluster.json('PUT', '/tocsin-*/_settings', {
          'index.blocks.read_only_allow_delete': value,
          'index.blocks.write': value,
        });
      await block(true);
      const blocked = Date.now();
      const from = tocsin.lines.length;
      // In each second of the next ten minutes, so that it fires until the end.
      const documents = Array.from({ length: 600 }, (_, index) => ({
        '@timestamp': new Date(blocked + index * SECOND).toISOString(),
      }));
      await cluster.bulk('logs', documents);

      await tocsin.line(({ msg }) => msg.startsWith('the store cannot be written'));
      expect(Date.now() - blocked).toBeLessThan(MINUTE);
      expect((await ask('/-/ready')).status).toBe(503);
      expect((await ask('/-/ready')).text).toContain('blocked by');
      expect((await ask('/-/healthy')).status).toBe(200);
      expect((await ask('/metrics')).text).toMatch(/^tocsin_store_up 0$/m);
      expect((await ask('/metrics')).text).toMatch(/^tocsin_store_problems_total [1-9]/m);
      const pollsBefore = polls.requests.length;
      await meta.received(1);
      expect(Date.now() - blocked).toBeLessThan(MINUTE + 10 * SECOND);
      expect(sent(meta.requests).map(({ title }) => title)).toEqual(['[FIRING] Tocsin cannot write its store']);
      // Its windows are evaluated again and again, and not saved.
      const seen = new Set(tocsin.lines);
      await tocsin.line((line) => line.msg === 'evaluated' && !seen.has(line));
      expect([hook.requests.length, polls.requests.length]).toEqual([0, pollsBefore]);

      // A line for each thing that begins, and none again and again.
      const loud = tocsin.lines.slice(from).filter(({ level }) => level !== 'debug');
      expect(new Set(loud.map(({ msg, index }) => `${msg} ${index}`)).size).toBe(loud.length);
      expect(loud.filter(({ msg }) => msg === 'firing' || msg.includes('refused'))).toEqual([]);

      await block(null);
      const lifted = Date.now();
      await tocsin.line(({ msg }) => msg.startsWith('the store can be written again'));
      expect(Date.now() - lifted).toBeLessThan(MINUTE);
      await hook.received(1);
      await polls.received(pollsBefore + 1);
      await meta.received(2);
      expect((await ask('/-/ready')).status).toBe(200);
      expect((await ask('/metrics')).text).toMatch(/^tocsin_store_up 1$/m);
      expect(sent(meta.requests).at(-1)?.title).toBe('[RESOLVED] Tocsin can write its store again');
      for (let windows = 0; windows < 5; windows++) await tocsin.line(evaluatedAfter(Date.now()));
      const alerts = sent(hook.requests).flatMap((message) => message.alerts);
      expect(alerts.map(({ rule, status }) => [rule, status])).toEqual([['boom', 'firing']]);

      tocsin.kill('SIGTERM');
      expect(await tocsin.ended).toBe(0);
    } finally {
      await node.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  }, 420_000);
});
