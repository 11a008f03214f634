import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { channels } from '../../../src/channels/registry.ts';
import { secret } from '../../../src/core/secret.ts';
import type { Message } from '../../../src/messages/message.ts';
import { channelWithOptions, DESTINATION_KEYS } from '../../support/channel-options.ts';
import { INCIDENT } from '../../support/messages/incident.ts';

const GOLDEN = join(import.meta.dirname, '..', '..', 'golden');

/** A message as each channel shows it, one below the other. */
function rendered(message: Message): string {
  const thread = message.reason === 'first' ? undefined : { message_id: '<first@example.com>' };
  const parts = Object.keys(channels).flatMap((name) => {
    if (Object.hasOwn(DESTINATION_KEYS, name)) return [];
    const { channel, options } = channelWithOptions(name);
    const payload = channel.render(message, thread, options);
    const { html, text, lines, ...headers } = payload;
    if (Array.isArray(lines)) return [[name, lines.join('\n')]];
    if (typeof html !== 'string') return [[name, JSON.stringify(payload, null, 2)]];
    return [
      [name, JSON.stringify(headers, null, 2)],
      [`${name}: text`, String(text).trimEnd()],
      [`${name}: html`, html.trimEnd()],
    ];
  });
  return parts.map(([name, text]) => `=== ${name}\n${text}\n`).join('\n');
}

/** What people read, written out, one file for each kind of message. `npm run golden` writes them again: read the diff. */
describe('a message, on every channel', () => {
  test.each(Object.entries(INCIDENT))('%s', async (kind, message) => {
    await expect(rendered(message)).toMatchFileSnapshot(join(GOLDEN, `${kind}.txt`));
  });

  test('no golden is of a kind that is gone', () => {
    const files = readdirSync(GOLDEN).filter((file) => file !== 'destinations');
    expect(files.filter((file) => !Object.hasOwn(INCIDENT, file.replace(/\.txt$/, '')))).toEqual([]);
  });
});

const STORY = ['first', 'worse', 'more-alerts', 'resolved', 'moved', 'event', 'test'] as const;

/** The same incident on each of the other destinations, one file for each. */
describe('an incident, on one destination', () => {
  test.each(Object.entries(DESTINATION_KEYS))('%s', async (name, keys) => {
    const channel = channels[name];
    if (channel === undefined) throw new Error(`there is no channel ${name}`);
    const options = channel.read(keys('https://vendor.example.com'));
    const parts = STORY.map((kind) => {
      const message = INCIDENT[kind];
      if (message === undefined) throw new Error(`the incident has no ${kind}`);
      return `=== ${kind}\n${JSON.stringify(channel.render(message, undefined, options), null, 2)}\n`;
    });
    await expect(parts.join('\n')).toMatchFileSnapshot(join(GOLDEN, 'destinations', `${name}.txt`));
  });
});

/** An app is another way to Slack: one message that is updated, with the picture that it shows. */
test('an incident, by a Slack app', async () => {
  const { slack } = channels;
  if (slack === undefined) throw new Error('there is no Slack');
  const options = slack.read({ bot_token: secret('xoxb-example'), channel: 'C024BE91L' });
  const receipt = {
    slack_channel: 'C024BE91L',
    slack_ts: '1767261900.000001',
    slack_to: 'C024BE91L',
    slack_chart: 'F0123456789',
  };
  const parts = STORY.map((kind) => {
    const message = INCIDENT[kind];
    if (message === undefined) throw new Error(`the incident has no ${kind}`);
    const chart = { png: 'iVBORw0KGgo=', text: 'Chart: documents, limit 5', width: 480, height: 210 };
    const payload = slack.render({ ...message, chart }, kind === 'first' ? undefined : receipt, options);
    return `=== ${kind}\n${JSON.stringify(payload, null, 2)}\n`;
  });
  await expect(parts.join('\n')).toMatchFileSnapshot(join(GOLDEN, 'destinations', 'slack-app.txt'));
});
