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

test('a secret too short to be one does not shred the message', () => {
  expect(redact('a cat sat', [secret('a')])).toBe('a cat sat');
});
