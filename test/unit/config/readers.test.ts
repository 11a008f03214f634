import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { findRoute } from '../../../src/routing/routing.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-readers-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(text: string) {
  const file = join(folder, 'tocsin.yaml');
  await writeFile(file, text);
  return loadConfig(file, {});
}

describe('how readers know numbers and times', () => {
  test('is read of receivers and routes, and inherited by child routes key by key', async () => {
    const loaded = await load(`
receivers:
  - { name: a, console_configs: [{}] }
  - { name: b, timezone: America/New_York, mentions: { oncall: S0614TZR7 }, console_configs: [{}] }
route:
  receiver: a
  timezone: Europe/Berlin
  routes: [{ matchers: [team=b], receiver: b, locale: en-US }]
`);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const { routing } = loaded.value;
    expect(routing.readers).toEqual({ b: { timezone: 'America/New_York', mentions: { oncall: 'S0614TZR7' } } });
    expect(findRoute(routing, '{}')?.reader).toEqual({ timezone: 'Europe/Berlin' });
    expect(findRoute(routing, '{}/{team="b"}')?.reader).toEqual({ timezone: 'Europe/Berlin', locale: 'en-US' });
  });

  test.each([
    ['timezone: Mars/Olympus', 'unknown time zone "Mars/Olympus"'],
    ['timezone: "+01:00"', 'unknown time zone "+01:00"'],
    ['locale: "x_y z"', 'unknown locale "x_y z"'],
    ['mentions: { oncall: "<!channel>" }', 'mentions'],
    ['mentions: { "on call": U1234 }', 'mentions'],
    ['timezone: 7', 'timezone'],
  ])('%s is a problem', async (key, message) => {
    const loaded = await load(`receivers: [{ name: a, ${key}, console_configs: [{}] }]\n`);
    expect(loaded.ok).toBe(false);
    expect(JSON.stringify(loaded.problems)).toContain(JSON.stringify(message).slice(1, -1));
  });
});
