import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { channels } from '../../../src/channels/registry.ts';
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
