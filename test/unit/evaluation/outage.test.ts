import { describe, expect, it } from 'vitest';
import type { Transition } from '../../../src/alerts/alert-state.ts';
import { labelsOfHeld } from '../../../src/alerts/outage.ts';
import { closeOutage, foldOutage } from '../../../src/evaluation/outage/outage.ts';
import type { SourceInput } from '../../../src/evaluation/outage/outage-state.ts';
import { newRuleDocument } from '../../../src/evaluation/rule-document.ts';
import type { LivingAlert, OutboxEntry, RuleDocument } from '../../../src/evaluation/rule-states.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON } from '../../support/engine/world.ts';

const RULE = testRule({
  name: 'r',
  groupBy: ['host.name'],
  levels: [
    { severity: 'critical', condition: 'count < 1' },
    { severity: 'warning', condition: 'count < 2' },
  ],
});
const EMPTY = newRuleDocument(RULE, { at: NOON, now: NOON, every: MINUTE }, 1);

/** An alert that begins to fire with a severity, for these receivers; each has an alert group for each host. */
function fires(host: string, severity: string, receivers: readonly string[], n: number) {
  const group = { 'host.name': host };
  const labels = { alertname: 'r', severity, 'host.name': host, zone: 'a' };
  const target = (receiver: string) => ({ receiver, destination: `${receiver}/test/0`, route: '{}', group_labels: group });
  const to = receivers.map(target);
  const about = { alert: host, episode: `${host}-1`, group, labels, values: { count: 0 }, condition: 'count < 1' };
  const window = { from: NOON - MINUTE, to: NOON };
  const entry: OutboxEntry = {
    ...about,
    n,
    kind: 'firing',
    reason: 'breach',
    at: NOON,
    started: NOON,
    level: severity,
    window,
    late: false,
    to,
  };
  const alert: LivingAlert = {
    group,
    status: 'firing',
    level: severity,
    episode: `${host}-1`,
    started: NOON,
    since: NOON,
    held_by: to,
    labels,
  };
  const transition: Transition = { kind: 'firing', from: 'inactive', to: 'firing', reason: 'breach', at: NOON };
  const change = { alert: host, group, transition, severity, values: {}, condition: '' };
  return { entry, alert, change };
}

type Fired = ReturnType<typeof fires>;

/** Folds one window in which these begin to fire. */
function fold(before: RuleDocument, fired: readonly Fired[], source: SourceInput, minute = 0, expected: readonly string[] = []) {
  const after: RuleDocument = {
    ...before,
    n: before.n + fired.length,
    alerts: { ...before.alerts, ...Object.fromEntries(fired.map(({ entry, alert }) => [entry.alert, alert])) },
    outbox: [...before.outbox, ...fired.map(({ entry }) => entry)],
  };
  const at = NOON + minute * MINUTE;
  const run = { at, window: { from: at - MINUTE, to: at }, purpose: 'live', changes: fired.map(({ change }) => change) } as const;
  const keys = new Set(expected.map((host) => JSON.stringify([host])));
  return foldOutage({
    namespace: 'n',
    route: () => [],
    rule: RULE,
    before,
    after,
    run,
    source,
    sourceName: 'metrics-*',
    now: at,
    expected: keys,
    lost: 0,
  });
}

const notified = ({ outbox }: RuleDocument) =>
  outbox.flatMap(({ outage, kind, level, to, labels }) =>
    outage === undefined ? [] : [{ kind, level, to: to.map(({ receiver }) => receiver), labels, total: outage.total }],
  );

describe('an outage', () => {
  const two = [fires('a', 'warning', ['ops'], 1), fires('b', 'warning', ['ops', 'dba'], 2)];

  it('holds back what begins while the source is silent, and tells each of its receivers once', () => {
    const document = fold(EMPTY, two, 'silent');
    expect(document.outbox.slice(0, 2).map(({ hold }) => hold?.until)).toEqual([NOON + 60 * MINUTE, NOON + 60 * MINUTE]);
    const shared = { alertname: 'r', severity: 'warning', zone: 'a' };
    expect(notified(document)).toEqual([
      { kind: 'firing', level: 'warning', to: ['ops'], labels: shared, total: 2 },
      { kind: 'firing', level: 'warning', to: ['dba'], labels: { ...shared, 'host.name': 'b' }, total: 1 },
    ]);
    expect(document.outbox.map(({ n }) => n)).toEqual([1, 2, 3, 4]);
    expect(document.outbox[2]?.to[0]?.group_labels).toEqual({});
    expect(document.n).toBe(4);
  });

  it.each(['speaking', 'unknown'] as const)('is none while the source is %s', (source) => {
    const document = fold(EMPTY, two, source);
    expect(document.outage).toBeUndefined();
    expect(document.outbox.some(({ hold }) => hold !== undefined)).toBe(false);
  });

  it('is none of one group, nor of two of which one is expected', () => {
    expect(fold(EMPTY, two.slice(0, 1), 'silent').outage).toBeUndefined();
    expect(fold(EMPTY, two, 'silent', 0, ['a']).outage).toBeUndefined();
  });

  it('is notified again as worse to whom it is worse for, when a worse alert joins it', () => {
    const first = fold(EMPTY, two, 'silent');
    const worse = fold(first, [fires('c', 'critical', ['dba'], 5)], 'silent', 1);
    expect(notified(worse).slice(2)).toEqual([
      {
        kind: 'worse',
        level: 'critical',
        to: ['dba'],
        labels: { alertname: 'r', severity: 'critical', zone: 'a', 'host.name': 'b' },
        total: 2,
      },
    ]);
    const mild = fold(first, [fires('c', 'warning', ['dba'], 5)], 'silent', 1);
    expect(notified(mild)).toHaveLength(2);
    expect(mild.outbox.at(-1)?.hold).toBeDefined();
  });

  it('lasts while nothing is known of the source, and holds back nothing new', () => {
    const first = fold(EMPTY, two, 'silent');
    const then = fold(first, [fires('c', 'critical', ['ops'], 5)], 'unknown', 1);
    expect(then.outage?.held.map(({ alert }) => alert)).toEqual(['a', 'b']);
    expect(then.outbox.at(-1)).toMatchObject({ alert: 'c' });
    expect(then.outbox.at(-1)?.hold).toBeUndefined();
  });

  it('is over for everyone when documents come again; what fires still is released a moment later, once', () => {
    const first = fold(EMPTY, two, 'silent');
    const back = fold(first, [], 'speaking', 5);
    expect(
      notified(back)
        .slice(2)
        .map(({ kind, to }) => [kind, ...to]),
    ).toEqual([
      ['resolved', 'ops'],
      ['resolved', 'dba'],
    ]);
    const released = back.outbox.filter(({ kind }) => kind === 'steady');
    expect(released.map(({ alert, hold }) => [alert, hold?.until])).toEqual([
      ['a', NOON + 6.5 * MINUTE],
      ['b', NOON + 6.5 * MINUTE],
    ]);
    const later = fold(back, [], 'speaking', 6);
    expect(later.outbox).toEqual(back.outbox);
    expect(fold(later, [], 'speaking', 7).outage).toBeUndefined();
  });

  it('says since when the source is silent now, where it spoke in between and alerts are still held back', () => {
    const first = fold(EMPTY, two, 'silent');
    const back = fold(first, [], 'speaking', 5);
    const again = fold(back, [fires('c', 'warning', ['ops'], back.n + 1)], 'silent', 6);
    const message = again.outbox.findLast(({ outage, kind }) => outage !== undefined && kind === 'firing');
    expect(message?.outage?.since).toBe(NOON + 5 * MINUTE);
    expect(again.outbox.find(({ alert }) => alert === 'c')?.hold?.why).toContain('since 2026-01-01T12:05:00.000Z');
    expect(fold(again, [], 'silent', 7).outage?.since).toBe(NOON + 5 * MINUTE);
  });

  it('ends with its rule', () => {
    const first = fold(EMPTY, two, 'silent');
    const closed = closeOutage(first, { ...first, alerts: {} }, NOON + MINUTE, 'rule_removed');
    expect(closed.outage).toBeUndefined();
    expect(
      notified(closed)
        .slice(2)
        .map(({ kind, to }) => [kind, ...to]),
    ).toEqual([
      ['resolved', 'ops'],
      ['resolved', 'dba'],
    ]);
  });

  it.each([
    ['is not sent once more that was released', 1, ['b']],
    ['is not sent once more whose time is over', 61, []],
  ] as const)('ends with its rule, and an end %s', (_name, minute, ended) => {
    const first = fold(EMPTY, two, 'silent');
    const held = (first.outage?.held ?? []).map((one) => {
      const entry = first.outbox.find(({ alert }) => alert === one.alert) ?? expect.fail();
      const end = { ...entry, kind: 'resolved', reason: 'no_data' } as const;
      return { ...one, end, ...(one.alert === 'a' && { released: true as const }) };
    });
    const before: RuleDocument = { ...first, outage: { ...(first.outage ?? expect.fail()), held } };
    const closed = closeOutage(before, { ...before, alerts: {} }, NOON + minute * MINUTE, 'rule_removed');
    const ends = closed.outbox.filter(({ n, outage }) => n > before.n && outage === undefined);
    expect(ends.map(({ alert }) => alert)).toEqual(ended);
  });

  it('knows the labels of each alert that it stands for, unless they are too many', () => {
    const held = [{ group: { 'host.name': 'a' }, level: 'critical' }];
    expect(labelsOfHeld({ total: 1, held }, { alertname: 'r', severity: 'critical' })).toEqual([
      { alertname: 'r', severity: 'critical', 'host.name': 'a' },
    ]);
    const many = Array.from({ length: 1_000 }, () => held[0] ?? expect.fail());
    expect(labelsOfHeld({ total: 1_001, held: many }, {})).toBeUndefined();
  });
});
