import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommandLine } from '../../../src/cli/program.ts';
import { systemClock } from '../../../src/core/time.ts';
import { fakeCommandLine, type Ran } from '../../support/cli/fake-command-line.ts';
import { type Answer, asElasticsearch, fakeServer } from '../../support/elasticsearch-backend/fake-server.ts';

const RULE = `name: errors
type: frequency
index: logs-*
every: 1m
window: 5m
condition: count >= 3
`;
const WORDS = ['dry-run', '--from', '2026-01-01T10:00Z', '--to', '2026-01-01T11:00Z', '--budget', '20s', '--format', 'json'];
const BUDGET = 20_000;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-budget-'));
  await writeFile(join(folder, 'rule.yaml'), RULE);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a dry run with a budget that is over as soon as the cluster leaves a request hanging. */
async function runOver(answer: Answer, more: readonly string[] = []): Promise<Ran> {
  let spend = (): void => undefined;
  const spent = new Promise<void>((resolve) => {
    spend = resolve;
  });
  await using server = await fakeServer((response, sent, count) => {
    answer(response, sent, count);
    if (!response.headersSent) spend();
  });
  await writeFile(join(folder, 'tocsin.yaml'), `rules: rule.yaml\nelasticsearch: { url: "${server.url}" }\n`);
  const { line, written } = fakeCommandLine();
  const clock = { ...line.clock, sleep: (ms: number) => (ms === BUDGET ? spent : systemClock.sleep(0)) };
  const code = await runCommandLine([...WORDS, ...more, '--config', join(folder, 'tocsin.yaml')], { ...line, clock });
  return { code, ...written() };
}

const hangs: Answer = () => undefined;
const searchesHang: Answer = (response, { path }) => {
  if (path === '/') asElasticsearch(response, { version: { number: '9.1.0' }, cluster_name: 'c', cluster_uuid: 'u' });
};

test('a cluster that does not answer at all ends a dry run with its budget, and the message says so', async () => {
  const { code, stdout, stderr } = await runOver(hangs);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('Elasticsearch did not answer within the budget of 20s');
});

test('a cluster whose searches are not answered ends a dry run with its budget, and the report says what is covered', async () => {
  const { code, stdout } = await runOver(searchesHang);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    from: '2026-01-01T10:00:00.000Z',
    to: '2026-01-01T10:00:00.000Z',
    stopped: { budget: '20s', to: '2026-01-01T11:00:00.000Z' },
    rules: [{ name: 'errors', failed: 0 }],
  });
});

test('a sweep over a cluster whose searches are not answered ends with its budget too', async () => {
  const { code, stdout } = await runOver(searchesHang, ['--sweep', 'count >= N', 'N=1..5']);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ stopped: { budget: '20s' } });
});
