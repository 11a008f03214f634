import { describe, expect, test } from 'vitest';
import { alertJson } from '../../../src/engine/alert-list/alert-json.ts';
import { alertsReport } from '../../../src/engine/alert-list/read-alerts.ts';
import { openTurn } from '../../../src/engine/open-turn.ts';
import { suppressedCounts } from '../../../src/engine/suppression-now.ts';
import { turn } from '../../../src/engine/turn.ts';
import type { TurnPorts } from '../../../src/engine/turn-ports.ts';
import { alertsText } from '../../../src/reports/alerts-text.ts';
import type { InhibitRule, Matcher } from '../../../src/routing/route.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, play, turnAt, type World, world } from '../../support/engine/world.ts';

const matcher = (label: string, value: string): Matcher => ({ label, op: '=', value });
const DOWN: InhibitRule = {
  name: 'node-down',
  sourceMatchers: [matcher('alertname', 'node-down')],
  targetMatchers: [matcher('severity', 'warning')],
  equal: ['host'],
};
const routing = { ...plainRouting({ groupInterval: 0 }), inhibitRules: [DOWN] };
const node = testRule({
  name: 'node-down',
  kql: 'kind:node',
  groupBy: ['host'],
  window: MINUTE,
  labels: { severity: 'critical' },
});
const pods = testRule({ name: 'pods', kql: 'kind:pod', groupBy: ['host'], window: MINUTE });

const at = (minute: number, kind: string, host: string) => ({
  '@timestamp': new Date(NOON + minute * MINUTE).toISOString(),
  kind,
  host,
});

/** Documents of one kind and host in each minute of a span. */
function during({ add }: World, kind: string, host: string, from: number, to: number): void {
  for (let minute = from; minute < to; minute++) add('logs-app', at(minute, kind, host));
}

/** What receivers got, without titles' details: `12:05 pods`. */
const told = ({ channel }: World) => heard(channel);

test('alerts that inhibit each other in a circle are not notified, as in Alertmanager', async () => {
  const one = world();
  const kinds = ['a', 'b', 'c'];
  for (const kind of kinds) during(one, kind, 'h', 0, 5);
  const rules = kinds.map((kind) => testRule({ name: kind, kql: `kind:${kind}`, groupBy: ['host'], window: MINUTE }));
  const circle = kinds.map((kind, place): InhibitRule => {
    const target = kinds[(place + 1) % kinds.length] ?? '';
    return {
      name: kind,
      sourceMatchers: [matcher('alertname', kind)],
      targetMatchers: [matcher('alertname', target)],
      equal: [],
    };
  });
  await play(one.engine(rules, { routing: { ...routing, inhibitRules: circle } }), NOON, NOON + 4 * MINUTE);
  expect(told(one)).toEqual([]);
});

describe('an alert is inhibited', () => {
  test('while an alert fires that fits the source matchers and has the same labels, and is notified when that one ends and it does not', async () => {
    const one = world();
    during(one, 'node', 'a', 0, 5);
    during(one, 'pod', 'a', 1, 20);
    during(one, 'pod', 'b', 1, 20);
    await play(one.engine([node, pods], { routing }), NOON - MINUTE, NOON + 12 * MINUTE);
    expect(told(one)).toEqual([
      '12:01 team [FIRING] node-down: a',
      '12:02 team [FIRING] pods: b',
      '12:06 team [RESOLVED] node-down: a',
      // At the next look, a minute at most after its source ended.
      expect.stringMatching(/^12:0[67] team \[FIRING:2\] pods/),
    ]);
  });

  test('by an alert that fires with the very same turn, whichever rule comes first', async () => {
    const one = world();
    during(one, 'node', 'a', 0, 3);
    during(one, 'pod', 'a', 0, 3);
    await play(one.engine([pods, node], { routing }), NOON - MINUTE, NOON + 3 * MINUTE);
    expect(told(one)).toEqual(['12:01 team [FIRING] node-down: a']);
  });

  test('and is never notified when it ends first; what was dropped is counted with the reason', async () => {
    const one = world();
    during(one, 'node', 'a', 0, 10);
    during(one, 'pod', 'a', 1, 4);
    const ports = one.engine([node, pods], { routing });
    await play(ports, NOON - MINUTE, NOON + 8 * MINUTE);
    expect(told(one)).toEqual(['12:01 team [FIRING] node-down: a']);
    const due = await one.backend.alertGroups.quiet?.(10);
    const ids = due?.ok ? due.value : [];
    const loaded = await one.backend.alertGroups.load(ids);
    const groups = loaded.ok ? [...loaded.value.values()].map(({ document }) => document.suppressed) : [];
    expect(groups).toContainEqual({
      count: 2,
      last_at: expect.any(Number),
      why: 'alert node-down (host: a), inhibit rule node-down',
    });
  });

  test('that was notified before: its end waits until nothing inhibits it', async () => {
    const one = world();
    during(one, 'pod', 'a', 0, 4);
    during(one, 'node', 'a', 2, 8);
    await play(one.engine([node, pods], { routing }), NOON - MINUTE, NOON + 12 * MINUTE);
    expect(told(one)).toEqual([
      '12:01 team [FIRING] pods: a',
      '12:03 team [FIRING] node-down: a',
      '12:09 team [RESOLVED] node-down: a',
      expect.stringMatching(/^12:(09|10) team \[RESOLVED\] pods: a/),
    ]);
  });

  test('but never by itself, nor by another that is a target as well', async () => {
    const both: InhibitRule = {
      name: 'all',
      sourceMatchers: [matcher('severity', 'warning')],
      targetMatchers: [matcher('severity', 'warning')],
      equal: [],
    };
    const one = world();
    during(one, 'pod', 'a', 0, 3);
    during(one, 'pod', 'b', 0, 3);
    await play(one.engine([pods], { routing: { ...routing, inhibitRules: [both] } }), NOON - MINUTE, NOON + 2 * MINUTE);
    expect(told(one)).toHaveLength(1);
  });
});

describe('what inhibits is read from the store', () => {
  /** A replica that evaluates the rule of the source, and one that evaluates the other. */
  function replicas(one: World, over: Partial<TurnPorts['states']> = {}) {
    const first = one.engine([node, pods], { routing });
    const second = one.engine([node, pods], { routing });
    return { first, second: { ...second, states: { ...second.states, ...over } } };
  }
  const evaluate = (ports: TurnPorts, rule: string, now: number) => {
    const due = [...ports.rules.values()].filter(({ id }) => id === rule);
    return turn(openTurn({ now, due, sweep: true }, ports, new AbortController().signal));
  };

  test('whichever replica evaluates its rule', async () => {
    const one = world();
    during(one, 'node', 'a', 0, 30);
    during(one, 'pod', 'a', 0, 30);
    const { first, second } = replicas(one);
    await evaluate(first, 'node-down', NOON + MINUTE);
    await evaluate(second, 'pods', NOON + MINUTE);
    expect(told(one)).toEqual(['12:01 team [FIRING] node-down: a']);
  });

  test('and while that is not possible, nothing is inhibited: the turn says so', async () => {
    const one = world();
    during(one, 'node', 'a', 0, 30);
    during(one, 'pod', 'a', 0, 30);
    const { first, second } = replicas(one, { firing: async () => ({ ok: false, message: 'no shard answers' }) });
    await evaluate(first, 'node-down', NOON + MINUTE);
    const log = await evaluate(second, 'pods', NOON + MINUTE);
    expect(told(one)).toEqual(['12:01 team [FIRING] node-down: a', '12:01 team [FIRING] pods: a']);
    expect(log.storeProblems).toEqual([
      'the firing alerts could not be read; if this lasts, alerts are no longer inhibited: no shard answers',
    ]);
  });

  test('a document that cannot be read inhibits nothing', async () => {
    const one = world();
    during(one, 'node', 'a', 0, 30);
    during(one, 'pod', 'a', 0, 30);
    const { first, second } = replicas(one);
    const broken: TurnPorts['states']['load'] = async (ids, have) =>
      ids.includes('node-down')
        ? { ok: false, message: 'invalid', unreadable: new Map([['node-down', 'invalid']]) }
        : second.states.load(ids, have);
    await evaluate(first, 'node-down', NOON + MINUTE);
    await evaluate({ ...second, states: { ...second.states, load: broken } }, 'pods', NOON + MINUTE);
    expect(told(one)).toContain('12:01 team [FIRING] pods: a');
  });

  test.each([
    ['that is paused', { ...node, enabled: false }],
    ['that was not evaluated for long', undefined],
  ])('a rule %s inhibits nothing: whether its alert still fires is not known', async (_why, paused) => {
    const one = world();
    during(one, 'node', 'a', 0, 1);
    during(one, 'pod', 'a', 0, 60);
    const { first } = replicas(one);
    await evaluate(first, 'node-down', NOON + MINUTE);
    await turnAt(first, NOON + MINUTE);
    expect(told(one)).toEqual(['12:01 team [FIRING] node-down: a']);
    const later = one.engine(paused === undefined ? [pods] : [paused, pods], { routing });
    await evaluate(later, 'pods', NOON + (paused === undefined ? 12 : 2) * MINUTE);
    expect(told(one).at(-1)).toMatch(/pods: a/);
  });
});

describe('what is inhibited is shown and counted', () => {
  test('with the alert that inhibits it, whether it was notified before or not', async () => {
    const one = world();
    during(one, 'pod', 'b', 0, 10);
    during(one, 'node', 'a', 2, 10);
    during(one, 'node', 'b', 2, 10);
    during(one, 'pod', 'a', 3, 10);
    const ports = one.engine([node, pods], { routing });
    await play(ports, NOON - MINUTE, NOON + 6 * MINUTE);
    const now = NOON + 6 * MINUTE;
    const wanted = { namespace: 'default', all: false, now, rules: [node, pods], routing: ports.routing };
    const report = await alertsReport(one.backend, wanted);
    const targets = report.alerts.filter(({ rule }) => rule === 'pods').map(alertJson);
    expect(Object.fromEntries(targets.map(({ group, notified }) => [group['host'], notified]))).toEqual({
      a: [expect.objectContaining({ state: 'held', note: 'alert node-down (host: a), inhibit rule node-down' })],
      b: [expect.objectContaining({ state: 'notified', note: 'alert node-down (host: b), inhibit rule node-down' })],
    });
    expect(targets.map((alert) => alert.suppressed_by)).toEqual(['inhibition', 'inhibition']);
    expect(alertsText(report, { color: false, columns: 160 })).toContain('of which not notified now: 2 inhibited by others');
    const documents = [...ports.session.rules.values()].flatMap(({ current }) => current ?? []);
    expect(suppressedCounts(documents, now, ports)).toEqual({ silence: 0, inhibition: 2, pause: 0, outage: 0 });
  });
});
