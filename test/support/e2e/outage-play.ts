import { setTimeout as until } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Requests } from '../elasticsearch/request.ts';
import { startHttpRecorder } from '../http-recorder.ts';
import { type LogLine, startTocsin } from '../service/tocsin-process.ts';

/** The shortest that rules may have: twenty windows go by while a node stops and starts. */
const EVERY = 1_000;
const MISSED = 20;

const config = ({ url, namespace }: OutageStage, hook: string) => `
namespace: ${namespace}
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

const rule = (index: string, name: string, more = '') => `
name: ${name}
type: frequency
index: ${index}
group_by: [service]
every: 1s
window: 1s
delay: 0s
condition: count >= 1
evidence: { samples: 0 }
${more}
`;

const rules = (index: string) =>
  [rule(index, 'patient'), rule(index, 'forgetful', 'catch_up: 4s\nlabels: { severity: info }')].join('---');

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

/** What an outage is played on: a cluster, and how it goes away from the service and comes back. */
export interface OutageStage {
  /** The address that the service has. */
  readonly url: string;
  readonly cluster: Requests;
  readonly namespace: string;
  /** The index of the rules, which is made here. */
  readonly index: string;
  stop(): Promise<void>;
  start(): Promise<void>;
}

/**
 * Takes Elasticsearch away from the built command line for more than twenty windows, and holds that it evaluates every window that it missed once and in
 * order, notifies of what happened meanwhile once, and of a gap as a gap.
 */
export async function playOutage(stage: OutageStage): Promise<void> {
  const { cluster, index } = stage;
  await using hook = await startHttpRecorder();
  await cluster.json('PUT', `/${index}`, {
    settings: { number_of_replicas: 0 },
    mappings: { properties: { '@timestamp': { type: 'date' }, service: { type: 'keyword' } } },
  });
  await using tocsin = await startTocsin({ 'tocsin.yaml': config(stage, hook.url), 'rules.yaml': rules(index) });
  const evaluatedAt = (name: string, at: number) => (line: LogLine) =>
    line.msg === 'evaluated' && line['rule'] === name && Date.parse(String(line['at'])) >= at;
  const begun = await tocsin.line(evaluatedAt('patient', 0));

  // The documents of the outage are there before it: nobody can write while it lasts.
  const stop = nextWindow() + 4 * EVERY;
  await cluster.bulk(index, [
    ...documents('before', stop - 3 * EVERY, stop + 6 * EVERY),
    ...documents('meanwhile', stop + 8 * EVERY, stop + 12 * EVERY),
    ...documents('after', stop + 15 * EVERY, stop + 300 * EVERY),
  ]);
  await hook.received(2);
  await clockPasses(stop);
  await stage.stop();
  await clockPasses(stop + (MISSED + 0.5) * EVERY);
  await stage.start();
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
}
