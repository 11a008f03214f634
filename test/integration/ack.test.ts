import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createBackend } from '../../src/backends/create-backend.ts';
import { runCommandLine } from '../../src/cli/program.ts';
import { loadConfig } from '../../src/config/load.ts';
import { fakeCommandLine } from '../support/cli/fake-command-line.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { testRule } from '../support/engine/test-rule.ts';
import { MINUTE, NOON, plainRouting, play, world } from '../support/engine/world.ts';

let root = '';
let folder = '';
const namespace = `${uniquePrefix()}ack`;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tocsin-ack-'));
  folder = join(root, 'here');
  // Rules outside of the folder keep their whole paths: a test cannot change the folder of its process, and would read its rules.
  const config = `namespace: ${namespace}\nelasticsearch: { url: '${elasticsearchUrl()}' }\nrules: ../rules\n`;
  await mkdir(folder);
  await writeFile(join(folder, 'tocsin.yaml'), config);
  await mkdir(join(root, 'rules'));
  await writeFile(join(root, 'rules/boom.yaml'), 'name: boom\ntype: frequency\nindex: logs-*\ncondition: count >= 1\n');
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function tocsin(words: readonly string[], now: number) {
  const { line, written } = fakeCommandLine({ now, env: { USER: 'kim' } });
  const code = await runCommandLine([...words, '--config', join(folder, 'tocsin.yaml')], { ...line, folder });
  return { code, ...written() };
}

it('tocsin ack, over Elasticsearch: no reminder after it, listed, taken back', async () => {
  const loaded = await loadConfig(join(folder, 'tocsin.yaml'), {});
  if (!loaded.ok) throw new Error('the configuration should load');
  const backend = await createBackend(loaded.value);
  expect(await backend.ensureIndices()).toMatchObject({ ok: true });
  const scene = world();
  for (let minute = 0; minute < 60; minute++)
    scene.add('logs-a', { '@timestamp': new Date(NOON + minute * MINUTE).toISOString() });
  const engine = () =>
    scene.engine([testRule({ name: 'boom', window: MINUTE })], {
      namespace,
      routing: plainRouting({ repeatInterval: 5 * MINUTE }),
      backend: { ...backend, search: scene.backend.search },
    });
  // What is listed is found by searches, which lag behind writes.
  const found = () => es(elasticsearchUrl()).refresh('tocsin-*');
  await play(engine(), NOON, NOON + 2 * MINUTE);
  await found();
  const later = NOON + 3 * MINUTE;
  expect(await tocsin(['ack', 'other', '--comment', 'x'], later)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/no matching alert fires/),
  });
  expect(await tocsin(['ack', 'boom'], later)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/the comment is missing/),
  });
  const done = await tocsin(['ack', 'boom', '--comment', 'on it', '--format', 'json'], later);
  expect([done.code, done.stderr]).toEqual([0, '']);
  const [{ id }] = JSON.parse(done.stdout).alerts;
  await play(engine(), later, NOON + 20 * MINUTE);
  expect(scene.channel.got).toHaveLength(1);
  await found();
  const listed = await tocsin(['alerts', '--format', 'json'], NOON + 20 * MINUTE);
  expect(JSON.parse(listed.stdout).alerts).toMatchObject([
    { id, acknowledged: { by: 'kim', at: '2026-01-01T12:03:00.000Z', comment: 'on it' } },
  ]);
  expect((await tocsin(['alerts'], NOON + 20 * MINUTE)).stdout).toMatch(
    /firing, acknowledged[\s\S]*acknowledged by kim 17m ago: on it/,
  );
  expect(await tocsin(['ack', id.slice(0, 8), '--expire'], NOON + 20 * MINUTE)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/1 acknowledgement removed: .*; messages that are due are sent within seconds\./),
  });
  await play(engine(), NOON + 20 * MINUTE, NOON + 32 * MINUTE);
  expect(scene.channel.got.length).toBeGreaterThan(1);
  await backend.close();
});
