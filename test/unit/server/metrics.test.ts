import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../../src/server/metrics.ts';
import { readOptions, testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, turnAt, world } from '../../support/engine/world.ts';
import { quietStatus } from '../../support/server/quiet-status.ts';

const status = quietStatus({
  ...{ startedAt: NOON, now: NOON },
  rules: { loaded: 2, enabled: 2, failing: 0 },
  suppressed: { silence: 3, inhibition: 2, pause: 0, outage: 0 },
  silences: { active: 1, pending: 4, expired: 2 },
  flapping: 1,
  outages: { rules: 1, held: 3 },
  healthAlerts: [{ kind: 'rule', subject: 'stub-5xx', since: NOON }],
  badFiles: [{ file: 'a.yaml', message: 'no' }],
  alerts: [{ status: 'firing', severity: 'critical', count: 2 }],
  shards: { held: 16, of: 32, replicas: 2 },
  oldestUndelivered: 1_500,
});

/** The lines of one metric, buckets left out. */
const linesOf = (text: string, name: string) =>
  text.split('\n').filter((line) => line.startsWith(name) && !line.includes('_bucket') && !line.startsWith('#'));

describe('metrics', () => {
  it('count a document of a match rule as one event', async () => {
    const { engine, add } = world();
    add('logs-app', { '@timestamp': new Date(NOON - MINUTE).toISOString(), message: 'boom' });
    const ports = engine([
      testRule({ name: 'each', type: 'match', options: readOptions('match', {}), condition: 'events >= 1' }),
    ]);
    const metrics = createMetrics(() => status);
    metrics.turn(await turnAt(ports, NOON + 2_000), 250, ports);
    expect(linesOf(await metrics.text(), 'tocsin_transitions_total')).toEqual(['tocsin_transitions_total{kind="event"} 1']);
  });

  it('have the received alerts that wait for room, as the replica that evaluates them found them last', async () => {
    const ports = world().engine([], { receives: { max: 10 } });
    const log = await turnAt(ports, NOON + 5_000);
    expect(log.runs).toHaveLength(1);
    const found = (waiting: number) => ({ ...log, runs: log.runs.map((run) => ({ ...run, waiting })) });
    let received: number | undefined = 2_500;
    const metrics = createMetrics(() => ({ ...status, ...(received !== undefined && { received }) }));
    const waiting = async () => linesOf(await metrics.text(), 'tocsin_received_alerts_waiting');
    metrics.turn(found(300), 1, ports);
    expect(await waiting()).toEqual(['tocsin_received_alerts_waiting 300']);
    metrics.turn({ ...log, runs: [] }, 1, ports);
    expect(await waiting()).toEqual(['tocsin_received_alerts_waiting 300']);
    received = undefined;
    expect(await waiting()).toEqual(['tocsin_received_alerts_waiting 0']);
    received = 2_500;
    metrics.turn(log, 1, ports);
    expect(await waiting()).toEqual(['tocsin_received_alerts_waiting 0']);
  });

  it('count what turns evaluated, asked and sent, without a label for each rule', async () => {
    const { engine, add, channel } = world();
    add('logs-app', { '@timestamp': new Date(NOON - MINUTE).toISOString(), message: 'boom' });
    const ports = engine([testRule({ name: 'a' }), testRule({ name: 'b', index: 'gone-*' })]);
    channel.answer = () => ({ kind: 'retry', reason: { kind: 'network', text: 'refused' } });
    const metrics = createMetrics(() => status);
    metrics.turn(await turnAt(ports, NOON + 2_000), 250, ports);
    metrics.gaps(3);
    metrics.skipped(2);
    metrics.heartbeat('delivered');
    const text = await metrics.text();
    expect(linesOf(text, 'tocsin_evaluations_total')).toEqual([
      'tocsin_evaluations_total{type="frequency",outcome="evaluated"} 1',
      'tocsin_evaluations_total{type="frequency",outcome="failed"} 1',
    ]);
    expect(linesOf(text, 'tocsin_search_problems_total')).toEqual(['tocsin_search_problems_total{code="no_index"} 1']);
    expect(linesOf(text, 'tocsin_notifications_total')).toEqual([
      'tocsin_notifications_total{receiver="team",channel="test",outcome="retry"} 1',
    ]);
    expect(linesOf(text, 'tocsin_transitions_total')).toEqual(['tocsin_transitions_total{kind="firing"} 1']);
    expect(linesOf(text, 'tocsin_evaluation_lag_seconds_sum')).toEqual(['tocsin_evaluation_lag_seconds_sum 4']);
    expect(linesOf(text, 'tocsin_turn_seconds_sum')).toEqual(['tocsin_turn_seconds_sum 0.25']);
    expect(linesOf(text, 'tocsin_gaps_total')).toEqual(['tocsin_gaps_total 3']);
    expect(linesOf(text, 'tocsin_skipped_ticks_total')).toEqual(['tocsin_skipped_ticks_total 2']);
    expect(linesOf(text, 'tocsin_heartbeat_total')).toEqual(['tocsin_heartbeat_total{outcome="delivered"} 1']);
  });

  it('show the status as it is when they are read', async () => {
    let now = status;
    const metrics = createMetrics(() => now);
    const first = await metrics.text();
    expect(linesOf(first, 'tocsin_silences')).toEqual([
      'tocsin_silences{state="active"} 1',
      'tocsin_silences{state="pending"} 4',
      'tocsin_silences{state="expired"} 2',
    ]);
    expect(linesOf(first, 'tocsin_alerts_suppressed').slice(0, 2)).toEqual([
      'tocsin_alerts_suppressed{by="silence"} 3',
      'tocsin_alerts_suppressed{by="inhibition"} 2',
    ]);
    expect(linesOf(first, 'tocsin_alerts{')).toEqual(['tocsin_alerts{status="firing",severity="critical"} 2']);
    expect(linesOf(first, 'tocsin_store_up')).toEqual(['tocsin_store_up 1']);
    expect(linesOf(first, 'tocsin_shards_held')).toEqual(['tocsin_shards_held 16']);
    expect(linesOf(first, 'tocsin_rule_files_bad')).toEqual(['tocsin_rule_files_bad 1']);
    expect(linesOf(first, 'tocsin_oldest_undelivered_seconds')).toEqual(['tocsin_oldest_undelivered_seconds 1.5']);
    expect(linesOf(first, 'tocsin_build_info')[0]).toContain('version="1.2.3"');
    expect(first).toContain('process_cpu_seconds_total');
    expect(linesOf(first, 'tocsin_alerts_flapping')).toEqual(['tocsin_alerts_flapping 1']);
    expect(linesOf(first, 'tocsin_sources_silent')).toEqual(['tocsin_sources_silent 1']);
    expect(linesOf(first, 'tocsin_alerts_held')).toEqual(['tocsin_alerts_held 3']);
    now = { ...status, alerts: [], store: { up: false } };
    expect(linesOf(first, 'tocsin_health_alerts')).toEqual(['tocsin_health_alerts{kind="rule"} 1']);
    now = { ...status, alerts: [], failingRules: [], healthAlerts: [], store: { up: false } };
    const second = await metrics.text();
    expect(linesOf(second, 'tocsin_alerts{')).toEqual([]);
    expect(linesOf(second, 'tocsin_health_alerts')).toEqual([]);
    expect(linesOf(second, 'tocsin_store_up')).toEqual(['tocsin_store_up 0']);
  });

  it('are what the text format of Prometheus is made of, each described before its samples', async () => {
    const metrics = createMetrics(() => ({ ...status, alerts: [{ status: 'firing', severity: 'a"b\\c\nd', count: 1 }] }));
    const text = await metrics.text();
    const label = '[a-zA-Z_]\\w*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"';
    const sample = new RegExp(
      `^([a-zA-Z_:][\\w:]*)(?:\\{(?:${label})(?:,${label})*,?\\})? (?:[-+]?(?:\\d+(?:\\.\\d+)?(?:e[-+]?\\d+)?|Inf)|[Nn]a[Nn])$`,
    );
    const typed = new Set<string>();
    // Values are numbers of Go, which reads NaN in any case. Empty lines are ignored by the format, and a comment is what is no HELP and no TYPE.
    for (const line of text.split('\n').filter((one) => one !== '')) {
      const [, name] = /^# TYPE (\S+) (?:counter|gauge|histogram|summary|untyped)$/.exec(line) ?? [];
      if (name !== undefined) expect(typed.has(name), line).toBe(false);
      if (name !== undefined) typed.add(name);
      if (line.startsWith('#')) {
        expect(line).toMatch(/^# (?:HELP [a-zA-Z_:][\w:]* \S|TYPE )/);
        continue;
      }
      const found = sample.exec(line)?.[1];
      expect(found, line).toBeDefined();
      expect(typed.has(found ?? '') || typed.has((found ?? '').replace(/_(?:bucket|sum|count)$/, '')), line).toBe(true);
    }
    expect(text.endsWith('\n')).toBe(true);
  });
});
