import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { channels } from '../../../src/channels/registry.ts';
import type { Message } from '../../../src/messages/message.ts';
import { channelWithOptions } from '../../support/channel-options.ts';
import { INCIDENT } from '../../support/messages/incident.ts';

const GOLDEN = join(import.meta.dirname, '..', '..', 'golden');

/** A message as each channel shows it, one below the other. */
function rendered(message: Message): string {
  const thread = message.reason === 'first' ? undefined : { message_id: '<first@example.com>' };
  const parts = Object.keys(channels).flatMap((name) => {
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
    expect(readdirSync(GOLDEN).filter((file) => !Object.hasOwn(INCIDENT, file.replace(/\.txt$/, '')))).toEqual([]);
  });
});
