import { describe, expect, test } from 'vitest';
import { channels } from '../../../src/channels/registry.ts';
import { secret } from '../../../src/core/secret.ts';
import { SAMPLES } from './samples.ts';

const OPTIONS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  slack: { api_url: secret('https://hooks.example.com/services/x') },
  webhook: { url: secret('https://hooks.example.com/x') },
  email: { smarthost: 'smtp.example.com:587', from: 'Tocsin <tocsin@example.com>', to: 'todo@example.com' },
  console: {},
};

/** What people get, written out: read the files in `golden/` when one of these fails, and renew them with `vitest -u` when it is meant. */
describe.each(Object.entries(channels))('%s', (name, channel) => {
  test.each(Object.entries(SAMPLES))('%s looks as it did', async (kind, message) => {
    const thread = message.reason === 'first' ? undefined : { message_id: '<first@example.com>' };
    const { html, text, lines, ...rest } = channel.render(message, thread, channel.read(OPTIONS[name] ?? {}));
    const file = `golden/${name}/${kind.replaceAll(' ', '-')}`;
    if (Array.isArray(lines)) return expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`${file}.txt`);
    if (typeof html !== 'string')
      return expect(`${JSON.stringify({ text, ...rest }, null, 2)}\n`).toMatchFileSnapshot(`${file}.json.golden`);
    await expect(html).toMatchFileSnapshot(`${file}.html`);
    await expect(`${JSON.stringify(rest, null, 2)}\n\n${String(text)}`).toMatchFileSnapshot(`${file}.txt`);
  });
});
