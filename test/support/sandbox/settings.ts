import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../../src/config/load.ts';
import type { DeliverySettings } from '../../../src/replay/play.ts';
import { deliverySettings } from '../../../src/service/destinations.ts';

/** Two receivers, routes by severity and by a pattern, and waits that put several alerts into one message. */
const CONFIG = `receivers:
  - { name: team, console_configs: [{}] }
  - { name: oncall, console_configs: [{}, { name: second }] }
route:
  receiver: team
  group_by: [alertname]
  group_wait: 30s
  group_interval: 3m
  repeat_interval: 30m
  routes:
    - { receiver: oncall, matchers: ['severity=~"crit.*|error"'], group_by: ['...'], continue: true }
    - { receiver: team, matchers: ['service.name!~"c.*"'] }
`;

let settings: Promise<DeliverySettings> | undefined;

/** Where messages of these tests go. */
export function routedSettings(): Promise<DeliverySettings> {
  settings ??= read();
  return settings;
}

async function read(): Promise<DeliverySettings> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-sandbox-'));
  try {
    const file = join(folder, 'tocsin.yaml');
    await writeFile(file, CONFIG);
    const config = await loadConfig(file, {}, 'none');
    if (!config.ok) throw new Error(JSON.stringify(config.problems));
    return deliverySettings(config.value);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
