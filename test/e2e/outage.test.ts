import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as until } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/elasticsearch/account.ts';
import { startElasticsearch } from '../support/elasticsearch/node.ts';
import { es } from '../support/elasticsearch/request.ts';
import { startHttpRecorder } from '../support/http-recorder.ts';
import { type LogLine, startTocsin } from '../support/service/tocsin-process.ts';

/** The shortest that rules may have: twenty windows go by while a node stops and starts. */
const EVERY = 1_000;
const MISSED = 20;

const config = (url: string, hook: string) => `
namespace: outage
elasticsearch: { url: '${url}' }
rules: rules.yaml
server: { port: 0 }
log: { level: debug }
meta_receiver: meta
receivers:
  - { name: hook, webhook_configs: [{ url: '${hook}/hook' }] }
  - { name: meta, webhook_configs: [{ url: '${hook}/meta' }] }
route: { receiver: hook, group_by: [alertname], group_interval: 1s }
`;

const rule = (name: string, more = '') => `
name: ${name}
type: frequency
index: logs
group_by: [service]
every: 1s
window: 1s
delay: 0s
condition: count >= 1
evidence: { samples: 0 }
${more}
`;

const RULES = [rule('patient'), rule('forgetful', 'catch_up: 4s\nlabels: { severity: info }')].join('---');

interface Notified {
  readonly title: string;
  readonly alerts: readonly {
    readonly rule: string;
    readonly group: Readonly<Record<string, string>>;
    readonly status: string;
    readonly late: boolean;
    readonly started_at: string;
    readonly values: Readonly<Record<string, unknown>>;
  }[];
}

/** Resolves when the clock has passed a time. */
const clockPasses = (at: number) => until(Math.max(0, at - Date.now()));
const nextWindow = () => Math.ceil(Date.now() / EVERY) * EVERY;
/** A document in each window of `[from, to)`. */
const documents = (service: string, from: number, to: number) =>
  Array.from({ length: (to - from) / EVERY }, (_, index) => ({
    '@timestamp': new Date(from + index * EVERY).toISOString(),
    service,
  }));

describe('Elasticsearch is stopped for more than twenty windows and started again, under the built command line', () => {
  it('evaluates every window that it missed once and in order, tells what happened meanwhile once, and a gap as a gap', async () => {
    const dataDir = await mkdtemp(join(await temporaryFolder(), 'tocsin-outage-'));
    await using hook = await startHttpRecorder();
    const node = await startElasticsearch({ dataDir });
    let running = node;
    try {
      const cluster = es(node.url);
      await cluster.json('PUT', '/logs', {
        settings: { number_of_replicas: 0 },
        mappings: { properties: { '@timestamp': { type: 'date' }, service: { type: 'keyword' } } },
      });
      await using tocsin = await startTocsin({ 'tocsin.yaml': config(node.url, hook.url), 'rules.yaml': RULES });
      const evaluatedAt = (name: string, at: number) => (line: LogLine) =>
        line.msg === 'evaluated' && line['rule'] === name && Date.parse(String(line['at'])) >= at;
      const begun = await tocsin.line(evaluatedAt('patient', 0));

      // The documents of the outage are there before it: nobody can write while it lasts.
      const stop = nextWindow() + 4 * EVERY;
      await cluster.bulk('logs', [
        ...documents('before', stop - 3 * EVERY, stop + 6 * EVERY),
        ...documents('meanwhile', stop + 8 * EVERY, stop + 12 * EVERY),
        ...documents('after', stop + 15 * EVERY, stop + 300 * EVERY),
      ]);
      await hook.received(2);
      await clockPasses(stop);
      await node.stop();
      await clockPasses(stop + MISSED * EVERY);
      running = await startElasticsearch({ dataDir, port: node.port });
      const back = nextWindow();
      await Promise.all(['patient', 'forgetful'].map((name) => tocsin.line(evaluatedAt(name, back))));
      expect(back - stop).toBeGreaterThan(MISSED * EVERY);

      // Each window once: those of the outage too.
      const ticks = tocsin.lines
        .filter(evaluatedAt('patient', 0))
        .map((line) => Date.parse(String(line['at'])))
        .filter((at) => at <= back);
      const first = Date.parse(String(begun['at']));
      expect(ticks).toEqual(Array.from({ length: (back - first) / EVERY + 1 }, (_, index) => first + index * EVERY));

      const notified = (path: string, name: string) =>
        hook.requests
          .filter((request) => request.path === path)
          .map(({ body }) => JSON.parse(body) as Notified)
          .flatMap(({ alerts }) => alerts)
          .filter((alert) => alert.rule === name);
      // On a busy machine a live window may be evaluated late too; of what is notified after the outage it has to be said.
      const setup = () =>
        notified('/hook', 'patient').map(({ group, status, late, started_at }) => {
          const meant = group['service'] === 'before' && status === 'firing' ? '' : late ? ', late' : ', in time';
          return `${group['service']} ${status}${meant} ${Date.parse(started_at) < stop ? 'from before' : 'from meanwhile'}`;
        });
      await tocsin.line((line) => line.msg === 'notification delivered' && setup().some((one) => one.startsWith('meanwhile')));
      expect(setup().sort()).toEqual([
        'after firing, late from meanwhile',
        'before firing from before',
        'before resolved, late from before',
        'meanwhile ended, late from meanwhile',
      ]);

      // The other rule gave up what was too old: one gap, counted and notified once, and nothing of what was in it.
      expect(tocsin.lines.filter(({ msg, rule: name }) => msg.startsWith('gap:') && name === 'forgetful')).toHaveLength(1);
      expect(tocsin.lines.filter(({ msg, rule: name }) => msg.startsWith('gap:') && name === 'patient')).toEqual([]);
      const address = String(tocsin.lines.find(({ msg }) => msg === 'tocsin is starting')?.['address']);
      const metrics = await (await fetch(`${address}/metrics`)).text();
      expect(metrics).toMatch(/^tocsin_gaps_total 1$/m);
      expect(notified('/hook', 'forgetful').filter(({ group }) => group['service'] === 'meanwhile')).toEqual([]);
      const gaps = notified('/hook', 'TocsinHealth').filter(
        ({ status, group }) => status === 'firing' && group['subject'] === 'forgetful',
      );
      expect(gaps.map(({ values }) => String(values['problem']))).toEqual([expect.stringContaining('older than catch_up')]);

      tocsin.kill('SIGTERM');
      expect(await tocsin.ended).toBe(0);
    } finally {
      await running.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  }, 420_000);
});
