import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import { openTurn } from '../../src/engine/open-turn.ts';
import { newSession } from '../../src/engine/session.ts';
import { turn } from '../../src/engine/turn.ts';
import type { TurnPorts } from '../../src/engine/turn-ports.ts';
import { inhibitionAt, readWhatFires } from '../../src/engine/what-fires.ts';
import type { InhibitRule } from '../../src/routing/route.ts';
import { ruleDocument } from '../contract/support/stored-documents.ts';
import { connection } from '../support/elasticsearch/connection.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { testRule } from '../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, world } from '../support/engine/world.ts';

const SEVERITY: InhibitRule = {
  name: 'severity',
  sourceMatchers: [{ label: 'severity', op: '=', value: 'critical' }],
  targetMatchers: [{ label: 'severity', op: '=', value: 'warning' }],
  equal: ['host'],
};
const routing = { ...plainRouting({ groupInterval: 0 }), inhibitRules: [SEVERITY] };
const prefix = uniquePrefix();
const refresh = () => es(elasticsearchUrl()).refresh(`${prefix}*`);
const opened: { close(): Promise<void> }[] = [];

function open(namespace: string) {
  const backend = elasticsearchBackend(connection(elasticsearchUrl()), {
    namespace,
    indexPrefix: prefix,
    refreshInterval: 1_000,
  });
  opened.push(backend);
  return backend;
}

beforeAll(async () => {
  const made = await open('default').ensureIndices();
  if (!made.ok) throw new Error(made.message);
});
afterAll(async () => {
  await Promise.all(opened.map((backend) => backend.close()));
  await es(elasticsearchUrl()).removeIndices(prefix);
});

describe('inhibition over Elasticsearch', () => {
  it('by an alert that another replica evaluates, for as long as it fires', async () => {
    const node = testRule({
      name: 'node',
      kql: 'kind:node',
      groupBy: ['host'],
      window: MINUTE,
      labels: { severity: 'critical' },
    });
    const pods = testRule({ name: 'pods', kql: 'kind:pod', groupBy: ['host'], window: MINUTE });
    const scene = world(open('default'));
    const at = (minute: number, kind: string) => ({
      '@timestamp': new Date(NOON + minute * MINUTE).toISOString(),
      kind,
      host: 'a',
    });
    const search = world();
    search.add(
      'logs-app',
      ...[0, 1, 2].map((minute) => at(minute, 'node')),
      ...[0, 1, 2, 3, 4, 5].map((minute) => at(minute, 'pod')),
    );
    const replica = () => ({ ...scene.engine([node, pods], { routing }), search: search.backend.search });
    const [first, second] = [replica(), replica()];
    const evaluate = async (ports: TurnPorts, rule: string, minute: number) => {
      const due = [...ports.rules.values()].filter(({ id }) => id === rule);
      await turn(openTurn({ now: NOON + minute * MINUTE, due, sweep: true }, ports, new AbortController().signal));
      await refresh();
    };
    for (const minute of [1, 2, 3, 4, 5]) {
      await evaluate(first, 'node', minute);
      await evaluate(second, 'pods', minute);
    }
    expect(heard(scene.channel)).toEqual([
      '12:01 team [FIRING] node: a',
      '12:04 team [RESOLVED] node: a',
      '12:04 team [FIRING] pods: a',
    ]);
  });

  it('costs one search and the changed documents, with thousands of rules that fire', async () => {
    const backend = open('many');
    const now = Date.now();
    const [all, firing] = [3_000, 1_500];
    const documents = Array.from({ length: all }, (_, i) => {
      const labels = { alertname: `r${i}`, severity: i % 2 === 0 ? 'critical' : 'warning', host: `h${i >> 1}` };
      const alert = { group: { host: labels.host }, status: 'firing' as const, since: now, started: now, episode: 'e', labels };
      return ruleDocument(`r${i}`, { evaluated_through: now, alerts: i < firing ? { [`a${i}`]: alert } : {} });
    });
    for (let start = 0; start < all; start += 500)
      await backend.ruleStates.save(
        documents.slice(start, start + 500).map((document) => ({ id: document.rule, document, version: undefined })),
      );
    await refresh();
    let loads = 0;
    const load: TurnPorts['states']['load'] = (ids, have) => {
      loads += ids.length;
      return backend.ruleStates.load(ids, have);
    };
    const session = newSession();
    const ports = { states: { ...backend.ruleStates, load }, session, rules: new Map(), routing };
    expect(await readWhatFires(now, ports)).toBeUndefined();
    expect(loads).toBe(firing);
    const held = documents
      .slice(0, firing)
      .filter((_document, i) =>
        inhibitionAt(now, session, { severity: i % 2 === 0 ? 'critical' : 'warning', host: `h${i >> 1}` }),
      );
    expect(held).toHaveLength(firing / 2);
    loads = 0;
    await readWhatFires(now + 1_000, ports);
    await readWhatFires(now + 6_000, ports);
    expect(loads).toBe(0);
  });
});
