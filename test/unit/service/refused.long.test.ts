import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { embeddedBackend } from '../../../src/backends/embedded/backend.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { manualClock } from '../../../src/core/time.ts';
import { compileRules } from '../../../src/rules/load-rules.ts';
import type { FileSources } from '../../../src/service/reload/reload.ts';
import { type Service, startService } from '../../../src/service/service.ts';
import type { ServiceBackend } from '../../../src/service/store.ts';
import { MINUTE, NOON } from '../../support/engine/world.ts';
import { type HttpRecorder, startHttpRecorder } from '../../support/http-recorder.ts';
import { capturedLog } from '../../support/service/captured-log.ts';

const SECOND = 1_000;
const RULE = `name: boom
type: frequency
index: logs-*
group_by: [service.name]
delay: 0s
window: 5m
condition: count >= 1
labels: { severity: critical }
`;

let folder = '';
let running: Service | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-refused-'));
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  await rm(folder, { recursive: true });
});

/** A service whose Slack receiver `r` stands in files, with two critical alerts that fire for ten minutes. */
async function stage() {
  const right = await startHttpRecorder();
  const wrong = await startHttpRecorder({ status: 403, body: 'invalid_token' });
  const meta = await startHttpRecorder();
  const embedded = embeddedBackend({ freeze: true });
  for (let minute = 0; minute < 10; minute++) {
    const at = new Date(NOON - SECOND + minute * MINUTE).toISOString();
    const log = (name: string) => ({ index: 'logs-app', source: { '@timestamp': at, 'service.name': name, message: 'x' } });
    embedded.documents.add([log('a'), log('b')]);
  }
  const fine = { ok: true, value: undefined } as const;
  const backend: ServiceBackend = {
    ...embedded,
    ensureIndices: async () => fine,
    describe: async () => ({ ok: true, value: 'a store in memory' }),
    probe: async () => ({ state: new Map(), history: new Map() }),
    clockAhead: async () => undefined,
    renew: () => undefined,
    close: async () => undefined,
  };
  const secretFile = join(folder, 'url');
  const configure = async (receiver: string, url: string) => {
    await writeFile(secretFile, `${url}\n`, { mode: 0o440, flag: 'w' }).catch(async () => {
      await rm(secretFile);
      await writeFile(secretFile, `${url}\n`, { mode: 0o440 });
    });
    await writeFile(
      join(folder, 'tocsin.yaml'),
      [
        'reload_interval: 5s',
        'server: { enabled: false }',
        'meta_receiver: meta',
        `route: { receiver: ${receiver}, group_interval: 10s, repeat_interval: 30m, routes: [{ matchers: ['alertname="TocsinHealth"'], receiver: meta }] }`,
        'receivers:',
        `  - { name: ${receiver}, slack_configs: [{ api_url_file: url, name: s }] }`,
        `  - { name: meta, webhook_configs: [{ url: '${meta.url}' }] }`,
        '',
      ].join('\n'),
    );
  };
  const clock = manualClock(NOON);
  const captured = capturedLog();
  const underway = new Set<Promise<unknown>>();
  const tracked: typeof fetch = (...given) => {
    const answer = fetch(...given);
    const done = answer.catch(() => undefined).finally(() => underway.delete(done));
    underway.add(done);
    return answer;
  };
  const sources: FileSources = {
    config: () => loadConfig(join(folder, 'tocsin.yaml'), {}),
    rules: async (_config, previous) => compileRules([{ file: 'a.yaml', text: RULE }], {}, previous),
  };
  let poll = () => {};
  const start = async () => {
    const checked = await sources.config();
    if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
    running = await startService({
      config: checked.value,
      ruleSet: await sources.rules(checked.value),
      ...{ backend, clock, log: captured.log, sources, version: '1' },
      io: { fetch: tracked, print: () => undefined },
      ticker: (given) => {
        poll = given;
        const stop = () => {
          poll = () => {};
        };
        return { silentFor: () => 0, stop };
      },
    });
    return running;
  };
  const settle = async () => {
    for (let round = 0; round < 20; round++) {
      await new Promise(setImmediate);
      await Promise.all(underway);
    }
  };
  const pollUntil = async (to: number) => {
    while (clock.now() < to) {
      clock.set(clock.now() + SECOND);
      poll();
      await settle();
    }
  };
  const close = async () => {
    await Promise.all([right, wrong, meta].map((one) => one.close()));
  };
  return { right, wrong, meta, configure, start, pollUntil, clock, lines: captured.lines, [Symbol.asyncDispose]: close };
}

/** What a health alert about the receiver said, in order. */
function healthOf(meta: HttpRecorder): readonly string[] {
  return meta.requests
    .map(({ body }) => JSON.parse(body))
    .flatMap(({ title }) => (String(title).includes('are not delivered') ? [title] : []));
}

describe('a first message that meets a 403', () => {
  it('arrives at once when the URL is corrected in its secret file, and the health alert ends with it', async () => {
    await using scene = await stage();
    await scene.configure('r', `${scene.wrong.url}/hook`);
    const service = await scene.start();
    await scene.pollUntil(NOON + 40 * SECOND);
    expect(scene.wrong.requests).toHaveLength(1);
    await scene.configure('r', `${scene.right.url}/hook`);
    await service.reload();
    await scene.pollUntil(NOON + 55 * SECOND);
    expect(scene.right.requests).toHaveLength(1);
    expect(scene.right.requests[0]?.body).toContain('2 critical: boom');
    expect(healthOf(scene.meta)).toEqual([
      '[FIRING] Tocsin: notifications to r/slack/s are not delivered',
      '[RESOLVED] Tocsin: notifications to r/slack/s are not delivered',
    ]);
  });

  it('arrives after a restart with another URL', async () => {
    await using scene = await stage();
    await scene.configure('r', `${scene.wrong.url}/hook`);
    await (await scene.start()).stop();
    const service = await scene.start();
    await scene.pollUntil(NOON + 3 * MINUTE);
    await service.stop();
    await scene.configure('r', `${scene.right.url}/hook`);
    await scene.start();
    await scene.pollUntil(NOON + 3 * MINUTE + 20 * SECOND);
    expect(scene.right.requests).toHaveLength(1);
  });

  it('is tried again after one and five minutes while nothing changes, and nobody is notified that the receiver is well', async () => {
    await using scene = await stage();
    await scene.configure('r', `${scene.wrong.url}/hook`);
    await scene.start();
    const counts: number[] = [];
    for (const minute of [0.9, 1.5, 5.9, 6.5]) {
      await scene.pollUntil(NOON + minute * MINUTE);
      counts.push(scene.wrong.requests.length);
    }
    expect(counts).toEqual([1, 2, 2, 3]);
    expect(healthOf(scene.meta).filter((title) => title.includes('RESOLVED'))).toEqual([]);
  });
});

describe('a receiver that gets another name while alerts of it fire', () => {
  it('is notified under the new name, the reload says so, and no health alert claims that anything was resolved', async () => {
    await using scene = await stage();
    await scene.configure('old', `${scene.right.url}/hook`);
    const service = await scene.start();
    await scene.pollUntil(NOON + 40 * SECOND);
    expect(scene.right.requests).toHaveLength(1);
    await scene.configure('platform', `${scene.right.url}/hook`);
    await service.reload();
    await scene.pollUntil(NOON + 2 * MINUTE);
    expect(scene.right.requests).toHaveLength(2);
    expect(healthOf(scene.meta)).toEqual([]);
    expect(scene.lines()).toContain(
      'warn: a destination is no longer configured: its alerts move to the receivers that match now',
    );
  });
});
