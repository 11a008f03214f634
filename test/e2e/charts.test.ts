import { expect, it } from 'vitest';
import { elasticsearchLine } from '../support/e2e/elasticsearch-line.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { startTocsin } from '../support/service/tocsin-process.ts';
import { BOT_TOKEN, startSlackServer } from '../support/slack-server.ts';
import { startSmtpServer } from '../support/smtp-server.ts';

const MINUTE = 60_000;

/** The configuration of a service with two destinations that show charts. */
function config(prefix: string, smtp: number, slack: string): string {
  return `
namespace: ${prefix}charts
${elasticsearchLine()}
rules: rules.yaml
server: { port: 0 }
external_url: https://tocsin.example.com
receivers:
  - name: team
    email_configs: [{ smarthost: '127.0.0.1:${smtp}', from: tocsin@example.com, to: team@example.com, require_tls: false }]
    slack_configs: [{ api_url: '${slack}', bot_token: ${BOT_TOKEN}, channel: C024BE91L }]
route: { receiver: team, group_wait: 0s }
`;
}

const rule = (index: string) => `
name: memory
type: threshold
index: ${index}
every: 1s
delay: 0s
window: 2m
metrics: { used: { max: working_set } }
condition: used > 200000000
message: { title: "memory is full" }
`;

it('mails and Slack apps show a chart of real documents, in the unit of the mapping', { timeout: 60_000 }, async () => {
  await using smtp = await startSmtpServer();
  await using slack = await startSlackServer();
  const prefix = uniquePrefix();
  const index = `${prefix}charts`;
  const elasticsearch = es(elasticsearchUrl());
  await elasticsearch.json('PUT', `/${index}`, {
    settings: { number_of_shards: 1, number_of_replicas: 0 },
    mappings: { properties: { '@timestamp': { type: 'date' }, working_set: { type: 'long', meta: { unit: 'byte' } } } },
  });
  const now = Date.now();
  const documents = Array.from({ length: 40 }, (_, minute) => ({
    '@timestamp': new Date(now - (39 - minute) * MINUTE).toISOString(),
    working_set: minute < 38 ? 100_000_000 + minute * 2_000_000 : 261_095_424,
  }));
  await elasticsearch.bulk(index, documents);
  try {
    await using _tocsin = await startTocsin({ 'tocsin.yaml': config(prefix, smtp.port, slack.url), 'rules.yaml': rule(index) });
    await smtp.received(1);
    const [mail] = smtp.mails;
    expect(mail?.subject).toContain('memory is full');
    expect(mail?.html).toContain('249 MiB');
    expect(mail?.html).toMatch(
      /<img src="data:image\/png;base64,iVBORw0KGgo[^"]{4000,}" width="480" alt="Chart: used[^"]*limit 191 MiB"/,
    );
    expect(mail?.html).toContain('https://tocsin.example.com/alerts/');
    const shown = () => JSON.stringify(slack.posts()[0]?.content);
    await expect.poll(shown, { timeout: 20_000 }).toContain('slack_file');
    expect(shown()).toMatch(/"alt_text":"Chart: used[^"]*limit 191 MiB"/);
    expect(slack.posts().filter(({ thread }) => thread === undefined)).toHaveLength(1);
  } finally {
    await elasticsearch.removeIndices(index);
  }
});
