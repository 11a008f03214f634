import { expect, it } from 'vitest';
import { freePort } from '../faults/stage/free-port.ts';
import { elasticsearchLine } from '../support/e2e/elasticsearch-line.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { startHttpRecorder } from '../support/http-recorder.ts';
import { startTocsin } from '../support/service/tocsin-process.ts';

interface WebhookBody {
  readonly status: string;
  readonly alerts: readonly {
    readonly title: string;
    readonly links: readonly { readonly label: string; readonly url: string }[];
  }[];
}

const linkOf = (body: string | undefined) =>
  (JSON.parse(body ?? '{}') as WebhookBody).alerts[0]?.links.find(({ url }) => url.includes('/alerts/'))?.url ?? '';

it('the link of a message leads to the story of its alert, also when that is over', async () => {
  await using hook = await startHttpRecorder();
  const prefix = uniquePrefix();
  const client = es(elasticsearchUrl());
  const port = await freePort();
  const config = `
namespace: ${prefix}links
${elasticsearchLine()}
rules: rules.yaml
external_url: http://127.0.0.1:${port}
server: { port: ${port} }
receivers: [{ name: hook, webhook_configs: [{ url: '${hook.url}' }] }]
route: { receiver: hook, group_wait: 0s, group_interval: 1s }
`;
  const rule = `
name: boom
type: frequency
index: ${prefix}logs
every: 1s
delay: 0s
window: 10s
group_by: [service]
ignore_missing_index: true
condition: count >= 1
message: { title: "{{ group['service'] }} breaks" }
`;
  await client.json('PUT', `/${prefix}logs`, {
    mappings: { properties: { '@timestamp': { type: 'date' }, service: { type: 'keyword' } } },
  });
  await using tocsin = await startTocsin({ 'tocsin.yaml': config, 'rules.yaml': rule });
  await tocsin.line(({ msg }) => msg.includes('the state is accessible'));
  await client.bulk(`${prefix}logs`, [{ '@timestamp': new Date().toISOString(), service: 'checkout' }]);
  await hook.received(1);
  const link = linkOf(hook.requests[0]?.body);
  const firing = await fetch(link);
  expect([firing.status, await firing.text()]).toEqual([200, expect.stringMatching(/<h1>checkout breaks<\/h1>[\s\S]*Decision/)]);

  await hook.received(2);
  expect(JSON.parse(hook.requests[1]?.body ?? '{}')).toMatchObject({ status: 'resolved' });
  expect(linkOf(hook.requests[1]?.body)).toBe(link);
  // The list of alerts may be ten seconds old.
  await expect.poll(async () => (await fetch(link)).text(), { timeout: 20_000, interval: 500 }).toContain('not active now');
  const over = await fetch(link);
  const text = await over.text();
  expect([over.status, text]).toEqual([200, expect.stringContaining('Episodes')]);
  expect(text).toMatch(/Decision[\s\S]*checkout breaks[\s\S]*delivered/);
  await client.removeIndices(prefix);
});
