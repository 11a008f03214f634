import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { alertsReport } from '../../src/engine/alert-list/read-alerts.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import { createServer, type Server } from '../../src/server/server.ts';
import { type Amtool, amtool } from '../support/amtool/amtool.ts';
import { testRule } from '../support/engine/test-rule.ts';
import { MINUTE, NOON, play, turnAt, world } from '../support/engine/world.ts';
import { alertmanagerPorts } from '../support/server/alertmanager-ports.ts';
import { quietStatus } from '../support/server/quiet-status.ts';
import { webPorts } from '../support/server/web-ports.ts';

const RULE = testRule({ name: 'boom', groupBy: ['service'], window: MINUTE, labels: { severity: 'critical' } });
const boom = (minute: number, service: string) => ({ '@timestamp': new Date(NOON + minute * MINUTE).toISOString(), service });

let tool: Amtool;
let server: Server;
let url = '';
beforeAll(async () => {
  tool = await amtool();
  const { engine, add, backend } = world();
  add('logs-app', ...[0, 1, 2].flatMap((minute) => [boom(minute, 'a'), boom(minute, 'b')]));
  await play(engine([RULE]), NOON, NOON + 3 * MINUTE);
  const receiver = engine([], { receives: { max: 100 } });
  const status = () => quietStatus({ startedAt: NOON, now: Date.now() });
  const { ports } = alertmanagerPorts({
    ...{ silences: backend.silences, received: backend.received, now: Date.now },
    receivedConfig: { resolveTimeout: 5 * MINUTE, max: 10 },
  });
  server = createServer({
    ...{ status, healthy: () => status().healthy, metrics: createMetrics(status), alertmanager: ports, web: webPorts() },
    // amtool reads the clock of this machine: a silence of its own suppresses what fires now.
    alerts: async () => {
      await turnAt(receiver, Date.now());
      return { report: await alertsReport(backend, { namespace: 'default', all: false, now: Date.now(), rules: [RULE] }) };
    },
  });
  url = await server.listen('127.0.0.1', 0);
});
afterAll(() => server.close());

const run = (...words: readonly string[]) => tool.run(url, ...words);

describe('amtool', () => {
  it('lists alerts, and those that match', async () => {
    const all = await run('alert', 'query');
    expect(all).toMatch(/^Alertname +Starts At +Summary +State/m);
    expect(all.match(/^boom .*active/gm)).toHaveLength(2);
    expect((await run('alert', 'query', 'service=~"b|c"', '-o', 'json')).match(/"service": ?"b"/g)).toHaveLength(1);
  });

  it('adds a silence, sees what it suppresses, extends it and ends it', async () => {
    const id = (
      await run('silence', 'add', 'alertname=boom', 'service=a', '--duration=2h', '--author=kim', '--comment=upgrade')
    ).trim();
    expect(id).toMatch(/^[\da-f-]{36}$/);
    expect(await run('silence', 'query')).toContain(id);
    expect((await run('silence', 'query', 'service=b')).match(/boom/g)).toBeNull();
    expect((await run('alert', 'query', '--silenced')).match(/^boom .*suppressed/gm)).toHaveLength(1);
    expect((await run('alert', 'query')).match(/^boom /gm)).toHaveLength(1);
    await run('silence', 'update', id, '--duration=4h', '--comment=longer');
    expect(await run('silence', 'query', '-o', 'json')).toContain('"comment":"longer"');
    await run('silence', 'expire', id);
    expect(await run('silence', 'query')).not.toContain(id);
    expect(await run('silence', 'query', '--expired')).toContain(id);
  });

  it('adds an alert, sees it with its annotations, and ends it', async () => {
    const soon = (ms: number) => new Date(Date.now() + ms).toISOString();
    const words = ['alert', 'add', 'NodeDown', 'node=a', 'severity=critical', '--annotation=summary=Node a is down'];
    await run(...words, '--generator-url=http://prometheus:9090/graph', `--start=${soon(-60_000)}`);
    // The built-in rule is evaluated every five seconds.
    const listed = expect.poll(() => run('alert', 'query', 'NodeDown'), { timeout: 15_000, interval: 1_000 });
    await listed.toMatch(/^NodeDown .*Node a is down +active/m);
    const [shown] = JSON.parse(await run('alert', 'query', 'NodeDown', '-o', 'json')) as readonly object[];
    expect(shown).toMatchObject({
      labels: { alertname: 'NodeDown', node: 'a', severity: 'critical' },
      annotations: { summary: 'Node a is down' },
      generatorURL: 'http://prometheus:9090/graph',
    });
    await run(...words, `--start=${soon(-60_000)}`, `--end=${soon(-1_000)}`);
    await expect.poll(() => run('alert', 'query', 'NodeDown'), { timeout: 15_000, interval: 1_000 }).not.toMatch(/^NodeDown /m);
    // What the OpenAPI file says of such an alert is compared below.
    await run(...words, '--generator-url=http://prometheus:9090/graph');
  }, 40_000);

  it('is told what is wrong with an alert', async () => {
    await expect(run('alert', 'add', 'x', '--end=2020-01-01T00:00:00Z', '--start=2021-01-01T00:00:00Z')).rejects.toThrow(
      /400|after endsAt|start/,
    );
  });

  it('shows and tests the routes, and the status', async () => {
    expect(await run('config', 'routes', 'show')).toContain('receiver: team');
    expect((await run('config', 'routes', 'test', 'alertname=boom')).trim()).toBe('team');
    expect(await run('cluster', 'show')).toContain('ready');
  });

  it('is told what is wrong', async () => {
    await expect(run('silence', 'expire', '00000000-0000-4000-8000-999999999999')).rejects.toThrow(/404|not found|no such/i);
    await expect(run('silence', 'add', 'service=~.*', '--comment=all')).rejects.toThrow(/400|every alert/);
  });
});

describe("Alertmanager's OpenAPI file", () => {
  it.each([
    ['/status', 'alertmanagerStatus'],
    ['/receivers', 'receivers'],
    ['/alerts', 'gettableAlerts'],
    ['/alerts/groups', 'alertGroups'],
    ['/silences', 'gettableSilences'],
  ])('describes the answer of %s', async (path, definition) => {
    const { definitions } = parse(await readFile(tool.openapi, 'utf8')) as { readonly definitions: Record<string, object> };
    const receivers = { type: 'array', items: { $ref: '#/definitions/receiver' } };
    const ajv = new Ajv({ strict: false, validateFormats: false });
    const check = ajv.compile({ $ref: `#/definitions/${definition}`, definitions: { ...definitions, receivers } });
    await run('silence', 'add', 'service=b', '--comment=shape', '--author=kim');
    const answer: unknown = await (await fetch(`${url}/api/v2${path}`)).json();
    expect(Array.isArray(answer) ? answer.length : 1).toBeGreaterThan(0);
    check(answer);
    expect(check.errors).toBeNull();
  });
});
