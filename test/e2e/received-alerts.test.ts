import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { elasticsearchLine } from '../support/e2e/elasticsearch-line.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { type HttpRecorder, startHttpRecorder } from '../support/http-recorder.ts';
import { startTocsin, type TocsinProcess } from '../support/service/tocsin-process.ts';

let namespace = '';
let slack: HttpRecorder;

beforeEach(async () => {
  namespace = uniquePrefix();
  slack = await startHttpRecorder();
});

afterEach(async () => {
  await slack.close();
  const client = es(elasticsearchUrl());
  const query = { size: 1_000, query: { term: { namespace } } };
  for (const kind of ['rules', 'alert-groups', 'leases', 'silences', 'received-alerts']) {
    const found = await client.json<{ hits: { hits: { _id: string }[] } }>('POST', `/tocsin-${kind}/_search`, query);
    for (const { _id } of found.hits.hits) await client.json('DELETE', `/tocsin-${kind}/_doc/${encodeURIComponent(_id)}`);
  }
});

function config(): string {
  return `
namespace: ${namespace}
${elasticsearchLine()}
rules: rules.yaml
server: { port: 0 }
log: { level: debug }
receivers: [{ name: team, slack_configs: [{ api_url: '${slack.url}/hook' }] }]
route: { receiver: team, group_by: [alertname], group_wait: 0s, group_interval: 1s }
received_alerts: { resolve_timeout: 10s }
inhibit_rules:
  - { source_matchers: ['alertname="NodeDown"'], target_matchers: ['alertname="PodDown"'], equal: [node] }
`;
}

const RULE = `
name: unused
type: frequency
index: received-e2e-none-*
ignore_missing_index: true
every: 1m
window: 1m
condition: count >= 1
`;

const start = () => startTocsin({ 'tocsin.yaml': config(), 'rules.yaml': RULE });
const addressOf = async (tocsin: TocsinProcess) =>
  String((await tocsin.line(({ msg }) => msg === 'tocsin is starting'))['address']);

async function post(address: string, ...alerts: readonly object[]): Promise<number> {
  const headers = { 'content-type': 'application/json', 'user-agent': 'Prometheus/3.5.0' };
  const answer = await fetch(`${address}/api/v2/alerts`, { method: 'POST', headers, body: JSON.stringify(alerts) });
  return answer.status;
}

/** As Prometheus sends an alert. */
const sent = (labels: Readonly<Record<string, string>>, endsIn: number) => ({
  labels: { severity: 'critical', ...labels },
  annotations: { summary: `${labels['alertname']} on ${labels['node']}`, description: 'No answer for 5 minutes.' },
  startsAt: new Date(Date.now() - 60_000).toISOString(),
  endsAt: new Date(Date.now() + endsIn).toISOString(),
  generatorURL: 'http://prometheus:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1',
});

const heard = () =>
  slack.requests.map(({ body }) => {
    const { text } = JSON.parse(body) as { readonly text: string };
    return text.replace(/^\S+ (\w+)\b.*?((?:Node|Pod)Down on \w+).*$/s, '$1 $2');
  });

describe('alerts that another system sends to the built command line', () => {
  it('are notified once although two replicas receive them, and resolved when their sender says so', async () => {
    await using first = await start();
    await using second = await start();
    const addresses = await Promise.all([addressOf(first), addressOf(second)]);
    const all = (endsIn: number) =>
      Promise.all(addresses.map((address) => post(address, sent({ alertname: 'NodeDown', node: 'a' }, endsIn))));
    await second.line(({ replicas }) => replicas === 2);
    expect(await all(240_000)).toEqual([200, 200]);
    await slack.received(1);
    expect(await all(240_000)).toEqual([200, 200]);
    const listed = (await (await fetch(`${addresses[1]}/api/v2/alerts`)).json()) as readonly object[];
    expect(listed).toMatchObject([{ labels: { alertname: 'NodeDown', node: 'a', severity: 'critical' } }]);
    expect(await all(-1_000)).toEqual([200, 200]);
    await slack.received(2);
    expect(heard()).toEqual(['Critical NodeDown on a', 'Resolved NodeDown on a']);
  });

  it('are not lost when the process is killed between the request and the message, and end when they are not sent again', async () => {
    {
      await using first = await start();
      const address = await addressOf(first);
      expect(await post(address, sent({ alertname: 'NodeDown', node: 'b' }, 3_600_000))).toBe(200);
      first.kill('SIGKILL');
      await first.ended;
    }
    await using second = await start();
    await slack.received(1);
    // A pod of that node is no news of its own while the node is down.
    const address = await addressOf(second);
    const { endsAt: _never, ...unended } = sent({ alertname: 'PodDown', node: 'c' }, 0);
    expect(await post(address, sent({ alertname: 'PodDown', node: 'b' }, 3_600_000), unended)).toBe(200);
    await slack.received(2);
    // resolve_timeout is 10 s.
    await slack.received(3);
    expect(heard()).toEqual(['Critical NodeDown on b', 'Critical PodDown on c', 'Resolved PodDown on c']);
    const page = await (await fetch(`${address}/alerts`)).text();
    expect(page).toContain('PodDown on b');
    const metrics = await (await fetch(`${address}/metrics`)).text();
    expect(metrics).toMatch(/^tocsin_received_alerts_total\{outcome="firing"\} 2$/m);
    expect(metrics).toMatch(/^tocsin_received_alerts 2$/m);
  });
});
