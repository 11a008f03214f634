import { describe, expect, it, test } from 'vitest';
import type { Outcome, Probed } from '../../../../src/channels/channel.ts';
import { emailChannel } from '../../../../src/channels/email/email.ts';
import { slackChannel } from '../../../../src/channels/slack/slack.ts';
import { certificateFinding } from '../../../../src/cli/doctor/certificate.ts';
import { evaluationFindings } from '../../../../src/cli/doctor/evaluations.ts';
import { kibanaFinding } from '../../../../src/cli/doctor/kibana.ts';
import { notificationFindings } from '../../../../src/cli/doctor/notifications.ts';
import { probeFindings, routingFindings, testFinding } from '../../../../src/cli/doctor/receivers.ts';
import { replicaFindings } from '../../../../src/cli/doctor/replicas.ts';
import { secret } from '../../../../src/core/secret.ts';
import type { Versioned } from '../../../../src/core/stored.ts';
import type { Lease } from '../../../../src/engine/leases.ts';
import type { RuleDocument, RuleHealth } from '../../../../src/evaluation/rule-states.ts';
import { testMessage } from '../../../../src/messages/test-message.ts';
import type { AlertGroupDocument } from '../../../../src/notify/alert-group.ts';
import type { CheckResult } from '../../../../src/reports/doctor/doctor-report.ts';
import { alertGroupDocument, ruleDocument } from '../../../contract/support/stored-documents.ts';
import { queuedEntry } from '../../../support/engine/notified.ts';
import { testRule } from '../../../support/engine/test-rule.ts';
import { plainRouting } from '../../../support/engine/world.ts';

const NOW = Date.parse('2026-01-01T12:00:00.000Z');
const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const version = { seqNo: 1, primaryTerm: 1 };
const STOPPED = 'error replicas: none is running: the last one was stopped, and released its leases';
const lines = (results: readonly CheckResult[]) =>
  results.map(({ severity, subject, found }) => `${severity} ${subject}: ${found}`);

describe('replicas', () => {
  const lease = (shard: number, holder: string, until: number): readonly [string, Versioned<Lease>] => [
    shard < 0 ? `replica-${holder}` : String(shard),
    { document: { v: 1, shard, holder, token: `token-${holder}`, until }, version },
  ];
  const all = (holder: (shard: number) => string, until = NOW + 10_000) =>
    Array.from({ length: 32 }, (_, shard) => lease(shard, holder(shard), until));
  const found = (leases: readonly (readonly [string, Versioned<Lease>])[]) =>
    lines(replicaFindings({ ok: true, value: new Map(leases) }, NOW));

  test.each<[string, readonly string[], readonly string[]]>([
    [
      'that share the shards',
      found([...all((shard) => (shard < 16 ? 'a' : 'b')), lease(-1, 'a', NOW + 9_000), lease(-1, 'b', NOW + 9_000)]),
      ['good a: alive, evaluates 16 of 32 shards', 'good b: alive, evaluates 16 of 32 shards'],
    ],
    [
      'of which there is one',
      found([...all(() => 'a'), lease(-1, 'a', NOW + 9_000)]),
      ['good a: alive, evaluates 32 of 32 shards', 'note replicas: there is one: while it is down nothing is evaluated'],
    ],
    [
      'that leave shards to nobody',
      found([...all(() => 'a').slice(4), lease(-1, 'a', NOW + 9_000), lease(-1, 'b', NOW + 9_000)]),
      [
        'good a: alive, evaluates 28 of 32 shards',
        'good b: alive, evaluates 0 of 32 shards',
        'warning shards: 4 of 32 are held by no replica',
      ],
    ],
    ['that are gone', found(all(() => 'a', NOW - 5 * MINUTE)), ['error replicas: none is alive; the last lease ended 5m ago']],
    ['that went in order', found(all(() => 'a', 0)), [STOPPED]],
    ['that never were', found([]), ['note replicas: none has run yet: `tocsin run` starts one']],
  ])('%s', (_name, given, expected) => expect(given).toEqual(expected));

  it('cannot be known while leases cannot be read', () => {
    expect(lines(replicaFindings({ ok: false, message: 'away' }, NOW))).toEqual(['error leases: away']);
  });
});

describe('evaluations', () => {
  const rule = testRule({ name: 'a' });
  const found = (document: Partial<RuleDocument> | undefined, others: readonly string[] = []) => {
    const whole = document === undefined ? [] : [['a', { document: ruleDocument('a', document), version }] as const];
    const rules = [rule, ...others.map((name) => testRule({ name }))];
    return lines(evaluationFindings(rules, { ok: true, value: new Map(whole) }, NOW));
  };
  const health = (given: Partial<RuleHealth>): RuleHealth => ({ failures: 0, ...given });
  const evaluated = { evaluated_through: NOW - 3 * MINUTE, every: MINUTE };

  test.each<[string, readonly string[], readonly string[]]>([
    ['of late', found(evaluated), ['good rules: 1 of 1 evaluated lately; the newest tick saved is 2026-01-01T11:57:00.000Z']],
    [
      'of windows without a change, which are written later',
      found({ ...evaluated, evaluated_through: NOW - 7 * MINUTE }),
      ['good rules: 1 of 1 evaluated lately; the newest tick saved is 2026-01-01T11:53:00.000Z'],
    ],
    [
      'that stopped',
      found({ ...evaluated, evaluated_through: NOW - 20 * MINUTE }),
      ['error a: was last evaluated for 2026-01-01T11:40:00.000Z, 20m ago'],
    ],
    [
      'that fail',
      found({
        ...evaluated,
        health: health({
          failures: 4,
          failing_since: NOW - 4 * MINUTE,
          problem: { code: 'no_index', message: 'no index matches x', hint: 'h' },
        }),
      }),
      ['error a: cannot be evaluated since 2026-01-01T11:56:00.000Z: no index matches x'],
    ],
    [
      'with more groups than are evaluated',
      found({ ...evaluated, health: health({ truncated: true }) }),
      ['warning a: has more groups than max_groups (1000); the others are not evaluated'],
    ],
    [
      'that could evaluate no group',
      found({ ...evaluated, health: health({ ungrouped: 3 }) }),
      ['warning a: matches documents, but no group could be evaluated'],
    ],
    ['of which there was none', found(undefined, ['b', 'c', 'd']), ['note a, b, c and 1 more: 4 were never evaluated']],
  ])('%s', (_name, given, expected) => expect(given).toEqual(expected));
});

describe('notifications', () => {
  const configured = new Set(['team/slack/0']);
  const of = (given: Partial<AlertGroupDocument>) =>
    lines(
      notificationFindings(
        {
          ok: true,
          value: { documents: [alertGroupDocument({ destination: 'team/slack/0', ...given })], unreadable: new Map() },
        },
        configured,
        NOW,
      ),
    );
  const waiting = (since: number) => [queuedEntry(1, { queued_at: since })];

  test.each<[string, readonly string[], readonly string[]]>([
    ['that are notified', of({}), ['good alert groups: 1 of 1 have nothing pending']],
    [
      'that wait for their interval',
      of({ queued: waiting(NOW - 4 * MINUTE) }),
      ['good alert groups: 1 of 1 have nothing pending'],
    ],
    ['that wait long', of({ queued: waiting(NOW - 40 * MINUTE) }), ['warning team/slack/0: a message has been pending for 40m']],
    [
      'that a silence holds back',
      of({ queued: waiting(NOW - 40 * MINUTE).map((entry) => ({ ...entry, why: 'silence 1' })) }),
      ['good alert groups: 1 of 1 have nothing pending'],
    ],
    [
      'for a destination that is gone',
      of({ destination: 'old/slack/0', queued: waiting(NOW - 40 * MINUTE) }),
      ['error old/slack/0: pending for 40m, but no longer configured'],
    ],
    [
      'that died',
      of({ dead: { count: 2, last_at: NOW - 60 * MINUTE, reason: 'no_service' } }),
      ['error team/slack/0: 2 messages failed, the last at 2026-01-01T11:00:00.000Z: no_service'],
    ],
    [
      'that died long ago',
      of({ dead: { count: 2, last_at: NOW - 3 * DAY, reason: 'no_service' } }),
      ['good alert groups: 1 of 1 have nothing pending'],
    ],
  ])('%s', (_name, given, expected) => expect(given).toEqual(expected));

  it('whose documents cannot be read are named', () => {
    const unreadable = new Map([['a', 'document default:a of tocsin-alert-groups has no body']]);
    expect(lines(notificationFindings({ ok: true, value: { documents: [], unreadable } }, configured, NOW))).toEqual([
      'error alert group: document default:a of tocsin-alert-groups has no body',
    ]);
  });

  it('are none before anybody was notified', () => {
    expect(lines(notificationFindings({ ok: true, value: { documents: [], unreadable: new Map() } }, configured, NOW))).toEqual([
      'note alert groups: nothing has been sent yet',
    ]);
  });
});

describe('receivers', () => {
  const failure = (kind: 'tls' | 'unauthorized', text: string): Probed => ({ ok: false, reason: { kind, text } });

  test.each<[string, Probed | undefined, readonly string[]]>([
    [
      'is there',
      { ok: true, what: 'hooks.slack.com:443 answers over TLSv1.3', certificateUntil: NOW + 60 * DAY },
      ['good a: hooks.slack.com:443 answers over TLSv1.3'],
    ],
    ['has a certificate that ends', { ok: true, what: 'x', certificateUntil: NOW + 2 * DAY }, ['warning a: expires in 2d']],
    ['does not take the login', failure('unauthorized', 'Invalid login: 535'), ['error a: Invalid login: 535']],
    ['cannot be looked at', undefined, ['note a: nothing to check']],
  ])('a destination %s', (_name, probed, expected) => {
    const results = probeFindings('a', probed, NOW);
    expect(lines(results)).toEqual(expected);
    expect(results.filter(({ severity, fix }) => severity === 'error' && fix === undefined)).toEqual([]);
  });

  test.each<[string, Outcome, string]>([
    ['taken', { kind: 'delivered' }, 'good a: test: accepted; check that it arrived'],
    [
      'taken in part',
      { kind: 'delivered', warning: { kind: 'refused_recipient', text: 'the server refused b@x' } },
      'warning a: test: accepted, with a warning: the server refused b@x',
    ],
    [
      'perhaps taken',
      { kind: 'unknown', reason: { kind: 'timeout', text: 'no answer in time' } },
      'warning a: test: may have arrived: no answer in time',
    ],
    [
      'put off',
      { kind: 'retry', reason: { kind: 'rate_limited', text: 'HTTP 429' } },
      'error a: test: was not accepted: HTTP 429',
    ],
    [
      'refused',
      { kind: 'rejected', reason: { kind: 'not_found', text: 'HTTP 404: no_service' } },
      'error a: test: was not accepted: HTTP 404: no_service',
    ],
  ])('a test message that is %s', (_name, outcome, expected) => expect(lines([testFinding('a', outcome)])).toEqual([expected]));

  it('without a destination, and problem that nobody is notified of, are warned of with the lines to write', () => {
    const routing = {
      ...plainRouting(),
      destinations: { team: [{ id: 'team/slack/0', receiver: 'team', channel: 'slack' }], empty: [] },
    };
    const results = routingFindings({ routing });
    expect(results.map(({ subject }) => subject)).toEqual(['empty', 'meta_receiver']);
    expect(results[1]?.fix).toBe('meta_receiver: team');
    expect(routingFindings({ routing: plainRouting(), meta: 'team' })).toEqual([]);
  });

  it('get a test that says of itself that nothing is wrong', () => {
    const message = testMessage('team/slack/0', 'team', NOW);
    expect(
      JSON.stringify(slackChannel.render(message, undefined, slackChannel.read({ api_url: secret('https://x') }))),
    ).toContain('nothing is wrong');
    const mail = emailChannel.render(
      message,
      undefined,
      emailChannel.read({ smarthost: 'x:25', from: 'a@example.com', to: 'b@example.com' }),
    );
    expect(mail['subject']).toBe('Info: Test of team/slack/0');
    expect(mail['html']).toContain('nothing is wrong');
  });
});

describe('what else is looked at', () => {
  test.each([
    ['Kibana itself', kibanaFinding('https://k', 200, 'kibana-1'), 'good https://k: answers with 200, it is the Kibana kibana-1'],
    ['a login in front', kibanaFinding('https://k', 302, null), 'good https://k: answers with 302: a login is required first'],
    [
      'something else',
      kibanaFinding('https://k', 404, null),
      'warning https://k: answers with 404, but does not identify itself as Kibana',
    ],
    ['a broken proxy', kibanaFinding('https://k', 502, null), 'warning https://k: cannot be reached from here: HTTP 502'],
  ])('at the address of Kibana: %s', (_name, result, expected) => expect(lines([result])).toEqual([expected]));

  test.each([
    ['has time', NOW + 15 * DAY, undefined],
    ['ends soon', NOW + 13 * DAY, 'warning'],
    ['has ended', NOW - 1, 'error'],
    ['says nothing', undefined, undefined],
  ])('a certificate that %s', (_name, until, severity) => expect(certificateFinding('a', until, NOW)?.severity).toBe(severity));
});
