import { describe, expect, test } from 'vitest';
import type { AlertsReport, ReportedAlert } from '../../../src/engine/alert-list/alert-list.ts';
import { alertsJson, alertsText } from '../../../src/reports/alerts-text.ts';

const LOOK = { color: false, columns: 200 };
const NOW = Date.parse('2026-01-01T12:00:00Z');
const MINUTE = 60_000;

const firing: ReportedAlert = {
  rule: 'stub-5xx',
  id: 'a1',
  status: 'firing',
  severity: 'critical',
  group: { 'service.name': 'stub' },
  since: NOW - 90 * MINUTE,
  title: 'stub: 28 % of requests fail',
  labels: { alertname: 'stub-5xx', severity: 'critical', 'service.name': 'stub', team: 'todo' },
  values: { errors: 17, total: 60 },
  condition: 'errors / total > 0.05',
  episode: 'e1',
  notified: [
    { receiver: 'todo', destination: 'todo/slack/0', state: 'notified', at: NOW - 5 * MINUTE },
    { receiver: 'ops', destination: 'ops/email/0', state: 'dead', at: undefined, note: 'the server refused' },
  ],
};
const pending: ReportedAlert = {
  ...firing,
  rule: 'mem',
  id: 'a2',
  status: 'pending',
  severity: undefined,
  title: 'mem: stub',
  labels: { alertname: 'mem' },
  values: {},
  since: NOW - MINUTE,
  episode: undefined,
  notified: [],
};

const report = (alerts: readonly ReportedAlert[], unreadable: readonly string[] = []): AlertsReport => ({
  now: NOW,
  namespace: 'default',
  rules: 4,
  matchers: [],
  alerts,
  unreadable,
});

describe('what is firing', () => {
  test('on a screen a line an alert, and one for what it says', () => {
    expect(alertsText(report([firing, pending]), LOOK)).toBe(
      [
        'STATUS   SEVERITY  RULE      GROUP               SINCE                    FOR  NOTIFIED',
        'firing   critical  stub-5xx  service.name: stub  2026-01-01T10:30:00Z  1h 30m  todo/slack 5m ago, ops/email failed (the server refused)',
        '  stub: 28 % of requests fail  ·  errors 17, total 60  ·  team=todo',
        'pending            mem       service.name: stub  2026-01-01T11:59:00Z      1m',
        '  mem: stub',
        '',
        '1 firing of 2 alerts, among 4 rules of the namespace default.',
        '',
      ].join('\n'),
    );
  });

  test('in a pipe a line has all of an alert, and nothing is cut', () => {
    const group = { 'tls.server.x509.subject.common_name': `${'a'.repeat(90)}.example.com`, 'host.name': 'web-1' };
    const text = alertsText(report([{ ...firing, group, values: { errors: 17, used: 0.123456789 } }]), {
      ...LOOK,
      columns: 80,
      whole: true,
    });
    const [head = '', line = ''] = text.split('\n');
    expect(head).toMatch(/^STATUS .* NOTIFIED +LABELS +TITLE +VALUES$/);
    expect(line).toContain(`tls.server.x509.subject.common_name: ${'a'.repeat(90)}.example.com, host.name: web-1`);
    expect(line).toMatch(/service.name=stub, team=todo {2}stub: 28 % of requests fail {2}errors 17, used 0.1235$/);
  });

  test('a sentence among the values of one alert widens no other line', () => {
    const long = { ...firing, values: { problem: 'x'.repeat(200) } };
    const lines = alertsText(report([long, pending]), { ...LOOK, whole: true }).split('\n');
    expect(lines[2]?.length).toBeLessThan(200);
  });

  test('at 80 columns SINCE gives way before the group is cut', () => {
    const group = { service: 'checkout', host: 'web-1' };
    const [head = '', line] = alertsText(report([{ ...firing, group, notified: [] }]), { ...LOOK, columns: 80 }).split('\n');
    expect(head).not.toContain('SINCE');
    expect(line).toContain('service: checkout, host: web-1');
    expect(line).toContain('1h 30m');
  });

  test('two destinations of one receiver are told apart, also two of one channel', () => {
    const notified = ['oncall/slack/0', 'oncall/slack/1', 'oncall/email/nights'].map((destination) => ({
      ...{ receiver: 'oncall', destination, state: 'notified' as const, at: NOW - MINUTE },
    }));
    expect(alertsText(report([{ ...firing, notified }]), LOOK)).toContain(
      'oncall/slack 1m ago, oncall/slack/1 1m ago, oncall/email/nights 1m ago',
    );
  });

  test.each([
    [{ rules: 5, unevaluated: 5, withoutFile: 0 }, '5 rules (none evaluated yet) of the namespace'],
    [{ rules: 5, unevaluated: 2, withoutFile: 0 }, '5 rules (2 not evaluated yet) of the namespace'],
    [
      { rules: 4, unevaluated: 0, withoutFile: 1 },
      'No alert is pending or firing among 4 rules (and 1 not in any loaded file) of the namespace default.',
    ],
  ])('rules are counted as the files have them: %j', (counts, said) => {
    expect(alertsText({ ...report([]), ...counts }, LOOK)).toContain(said);
  });

  test('nothing that matches is said with what was asked for', () => {
    expect(alertsText({ ...report([]), matchers: ['severity="critical"'] }, LOOK)).toMatch(
      /^No alert that matches severity="critical" is pending or firing/,
    );
  });

  test('what flaps says so, in text and for scripts', () => {
    const flaps = { ...firing, status: 'inactive', notified: [], flapping: { since: NOW - 21 * MINUTE, episodes: 4 } };
    expect(alertsText(report([flaps]), LOOK)).toContain('inactive, flaps  critical  stub-5xx');
    const [alert] = JSON.parse(alertsJson(report([flaps]))).alerts;
    expect(alert.flapping).toEqual({ since: '2026-01-01T11:39:00.000Z', episodes: 4 });
  });

  test('what cannot be read is named, and hides nothing else', () => {
    const text = alertsText(report([firing], ['document default:a of tocsin-rules has no body']), LOOK);
    expect(text).toContain('\nunreadable document default:a of tocsin-rules has no body\n1 firing of 1 alert');
  });

  test('of very many that cannot be read a few are shown, and all are counted', () => {
    const reasons = Array.from({ length: 900 }, (_, number) => `document default:${number} of tocsin-rules has no body`);
    const lines = alertsText(report([], reasons), LOOK).split('\n');
    expect(lines.filter((line) => line.startsWith('unreadable'))).toHaveLength(6);
    expect(lines).toContain('unreadable and 895 more');
  });

  test('nothing is a sentence too', () => {
    expect(alertsText(report([]), LOOK)).toBe('No alert is pending or firing among 4 rules of the namespace default.\n');
  });

  test('for scripts, times are ISO 8601 and who was not notified yet has null', () => {
    const json = JSON.parse(alertsJson(report([firing])));
    expect(json).toEqual({
      now: '2026-01-01T12:00:00.000Z',
      namespace: 'default',
      matchers: [],
      alerts: [
        {
          rule: 'stub-5xx',
          group: { 'service.name': 'stub' },
          status: 'firing',
          severity: 'critical',
          title: 'stub: 28 % of requests fail',
          labels: { alertname: 'stub-5xx', severity: 'critical', 'service.name': 'stub', team: 'todo' },
          values: { errors: 17, total: 60 },
          condition: 'errors / total > 0.05',
          since: '2026-01-01T10:30:00.000Z',
          id: 'a1',
          episode: 'e1',
          notified: [
            { receiver: 'todo', destination: 'todo/slack/0', state: 'notified', at: '2026-01-01T11:55:00.000Z' },
            { receiver: 'ops', destination: 'ops/email/0', state: 'dead', note: 'the server refused', at: null },
          ],
        },
      ],
      unreadable: [],
    });
  });
});
