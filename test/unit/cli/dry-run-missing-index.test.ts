import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommandLine } from '../../../src/cli/program.ts';
import { fakeCommandLine } from '../../support/cli/fake-command-line.ts';
import { asElasticsearch, fakeServer } from '../../support/elasticsearch-backend/fake-server.ts';

const RULE = `name: errors
type: frequency
index: lgos-*
every: 1m
window: 5m
condition: count >= 3
`;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-missing-index-'));
  await writeFile(join(folder, 'rule.yaml'), RULE);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a dry run over an index that does not exist asks a few times, and says of each window that it could not be evaluated', async () => {
  let searches = 0;
  await using server = await fakeServer((response, { path, body }) => {
    if (path === '/') return asElasticsearch(response, { version: { number: '9.1.0' }, cluster_name: 'c', cluster_uuid: 'u' });
    if (!path.startsWith('/_msearch')) return asElasticsearch(response, {});
    const count = body.toString().trimEnd().split('\n').length / 2;
    searches += count;
    const none = { status: 200, took: 0, timed_out: false, _shards: { total: 0, successful: 0, skipped: 0, failed: 0 } };
    asElasticsearch(response, { responses: Array.from({ length: count }, () => ({ ...none, hits: { hits: [] } })) });
  });
  await writeFile(join(folder, 'tocsin.yaml'), `rules: rule.yaml\nelasticsearch: { url: "${server.url}" }\n`);
  const { line, written } = fakeCommandLine();
  const words = ['dry-run', '--from', '2026-01-01T00:00Z', '--to', '2026-01-01T04:00Z', '--format', 'json'];
  const code = await runCommandLine([...words, '--config', join(folder, 'tocsin.yaml')], line);
  expect(code).toBe(1);
  expect(JSON.parse(written().stdout).rules).toMatchObject([{ name: 'errors', windows: 240, failed: 240 }]);
  expect(written().stdout).toContain('no index matches lgos-*');
  // One of a window, and the attempts to ask about many at once.
  expect(searches).toBeLessThan(10);
});
