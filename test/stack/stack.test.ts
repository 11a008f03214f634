import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { run } from '../support/elasticsearch/command.ts';
import { type ElasticsearchNode, startElasticsearch } from '../support/elasticsearch/node.ts';
import { es, type Requests } from '../support/elasticsearch/request.ts';
import { type Agent, startAgent } from '../support/stack/agent.ts';
import { goProgram, goTest } from '../support/stack/go-program.ts';
import { putIndexTemplates } from '../support/stack/index-templates.ts';
import { type OnCall, startOnCall } from '../support/stack/on-call.ts';
import { type Collector, deployed, type Stub, startApmServer, startCollector, startStub } from '../support/stack/pipeline.ts';
import type { Program } from '../support/stack/program.ts';
import { record } from '../support/stack/recorded.ts';
import { startTraffic, type Traffic } from '../support/stack/traffic.ts';

let node: ElasticsearchNode;
let cluster: Requests;

beforeAll(async () => {
  node = await startElasticsearch();
  cluster = es(node.url);
  await putIndexTemplates(cluster);
});

afterAll(async () => {
  await node?.stop();
});

/** How many documents of a data stream bear a trace id, or this one; the stream names the field. */
async function tracedIn([stream, field]: readonly [stream: string, field: string], trace?: string): Promise<number> {
  const query = trace === undefined ? { exists: { field } } : { term: { [field]: trace } };
  const found = await cluster.json<{ count: number }>('POST', `/${stream}/_count?ignore_unavailable=true`, { query });
  return found.count;
}

it.each(['apm-server:8200', 'http://elasticsearch:9200'])(
  'the Collector accepts the configuration before %s as it is',
  async (behind) => {
    const { file, env } = deployed(behind.startsWith('http') ? { elasticsearch: behind } : { apmServer: behind });
    await run(await goProgram('otelcol'), ['validate', '--config', file], { env });
  },
);

it('stub passes the tests beside it', () => goTest('stub'));

describe.each([
  {
    way: 'through the Collector and APM Server',
    name: 'apm-server',
    traces: ['traces-apm-default', 'trace.id'],
    logs: ['logs-apm.app.stub-default', 'trace.id'],
  },
  {
    way: 'through the Collector straight into Elasticsearch',
    name: 'elasticsearch',
    traces: ['traces-generic.otel-default', 'trace_id'],
    logs: ['logs-generic.otel-default', 'trace_id'],
  },
] as const)('telemetry $way', ({ name, traces, logs }) => {
  let apmServer: (Program & { readonly address: string }) | undefined;
  let collector: Collector;
  let stub: Stub;
  let traffic: Traffic;
  let agent: Agent;
  let onCall: OnCall;

  beforeAll(async () => {
    apmServer = name === 'apm-server' ? await startApmServer(node.url) : undefined;
    collector = await startCollector(apmServer === undefined ? { elasticsearch: node.url } : { apmServer: apmServer.address });
    stub = await startStub(collector.endpoint);
    traffic = startTraffic(stub.url);
    agent = startAgent(cluster, stub);
    for (const stream of [traces, logs]) {
      await vi.waitFor(async () => expect(await tracedIn(stream)).toBeGreaterThan(0), { timeout: 60_000, interval: 200 });
    }
    onCall = await startOnCall(node.url, name);
  });

  afterAll(async () => {
    await onCall?.[Symbol.asyncDispose]();
    for (const one of [traffic, agent, stub, collector, apmServer]) await one?.[Symbol.asyncDispose]();
  });

  it('errors of /todos/ fire with the log lines of their traces, on Slack and by mail, and resolve when they stop', async () => {
    await stub.chaos({ fail_rate: 1, status: 503 });
    const firing = await onCall.notified(/^(?:Re: )?(?:Critical|Warning): stub fails on \/todos\//);
    await stub.chaos(undefined);

    const [failed, all] = [traffic.traces(500), traffic.traces(0)];
    const tracesOf = (text: string) => (text.match(/\b[0-9a-f]{32}\b/g) ?? []).filter((id) => all.has(id));
    for (const text of [firing.slack, firing.mail]) {
      expect(text).toContain('503');
      expect(tracesOf(text)).not.toEqual([]);
      for (const trace of tracesOf(text)) expect(failed).toContain(trace);
      expect(text).toContain('todos cannot be listed: todo storage does not answer (asked to fail with 503)');
    }
    // What it says stands in the data: the failed request and its log line, tied by the id.
    const [trace] = tracesOf(firing.slack);
    expect(await tracedIn(traces, trace)).toBeGreaterThan(0);
    expect(await tracedIn(logs, trace)).toBeGreaterThan(0);

    const resolved = await onCall.notified(/^(?:Re: )?Resolved after .*: stub fails on \/todos\//);
    await record(name, 'errors', [firing, resolved]);
  });

  it('a container near its memory limit fires before it is killed, and resolves when the memory is given back', async () => {
    await stub.chaos({ leak_mib: 2 });
    const firing = await onCall.notified(
      /^(?:Re: )?(?:Critical|Warning): stub in stub-5d8f7c9b64-h2xkq is near its memory limit/,
    );
    await stub.chaos(undefined);
    expect(firing.mail).toContain('of 160 MiB in namespace todo');
    const resolved = await onCall.notified(/^(?:Re: )?Resolved after .*: stub in stub-5d8f7c9b64-h2xkq is near its memory limit/);
    await record(name, 'memory', [firing, resolved]);
  });

  it('evaluated each window, and notified of the end of each once, and last', () => {
    expect(agent.failure()).toBeUndefined();
    // Two rules ask APM Server's documents alone, and rightly miss them where there is none.
    const meant = (complaint: string) =>
      name === 'elasticsearch' && /"rule":"(?:stub-slow|failed-transactions)".*traces-apm/.test(complaint);
    expect(onCall.complaints().filter((complaint) => !meant(complaint))).toEqual([]);
    for (const about of ['stub fails on /todos/', 'is near its memory limit']) {
      const notified = onCall.titles().filter((title) => title.includes(about));
      expect(notified.map((title) => title.startsWith('Resolved')).filter(Boolean)).toEqual([true]);
      expect(notified.at(-1)).toMatch(/^Resolved/);
    }
  });
});
