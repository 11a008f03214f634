import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { redact, secret } from '../../../src/core/secret.ts';

const TOKEN = secret('s3cr3t/token?');

test.each<[string, () => string]>([
  ['a template', () => `${TOKEN}`],
  ['String', () => String(TOKEN)],
  ['JSON', () => JSON.stringify({ TOKEN })],
  ['inspect', () => inspect({ TOKEN }, { depth: 9, showHidden: true })],
  ['its keys', () => Object.entries(TOKEN).join()],
])('a secret does not show in %s', (_way, print) => {
  expect(print()).not.toContain('s3cr3t');
});

test('only reveal gives the text', () => {
  expect(TOKEN.reveal()).toBe('s3cr3t/token?');
});

test('a library’s message loses every occurrence, as it is and as it stands in a URL', () => {
  const message = 'POST https://x/s3cr3t%2Ftoken%3F failed: bad token s3cr3t/token? (s3cr3t/token?)';
  expect(redact(message, [TOKEN])).toBe('POST https://x/[redacted] failed: bad token [redacted] ([redacted])');
});

test.each([
  ['alone', ''],
  ['behind a user', 'alice:'],
  ['as AUTH PLAIN', '\0alice\0'],
  ['behind two bytes', 'ab'],
])('in base64, %s, none of it is left', (_how, before) => {
  for (const kind of ['base64', 'base64url'] as const) {
    const encoded = Buffer.from(`${before}${TOKEN.reveal()}:more`).toString(kind);
    expect(redact(`535 ${encoded} is wrong`, [TOKEN])).toBe('535 [redacted] is wrong');
  }
});

test('a secret in JSON is found as it is written there', () => {
  expect(redact('{"a":"x\\"y\\"z"}', [secret('x"y"z')])).toBe('{"a":"[redacted]"}');
});

test('a secret of broken text, or of signs that expressions read, is one too', () => {
  expect(redact('a [x]+(y)\uD800 b', [secret('[x]+(y)\uD800')])).toBe('a [redacted] b');
});

test('a secret too short to be one does not shred the message', () => {
  expect(redact('a cat sat', [secret('a')])).toBe('a cat sat');
});
