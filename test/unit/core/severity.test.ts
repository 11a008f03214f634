import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareSeverities, severityKind, severityTier, worstSeverity } from '../../../src/core/severity.ts';

describe('severities', () => {
  test.each([
    [['warning', 'emergency'], 'emergency'],
    [['critical', 'page', 'fatal', 'disaster', 'emergency'], 'emergency'],
    [['info', 'P1', 'high'], 'P1'],
    [['p3', 'SEV-2', 'sev 3'], 'SEV-2'],
    [['warning', 'err'], 'err'],
    [['notice', 'warn', 'debug'], 'warn'],
    [['warning', 'our-own'], 'our-own'],
    [['high', 'our-own'], 'high'],
    [['priority 4', 'Priority-2'], 'Priority-2'],
    [['none', 'low'], 'low'],
    [[], undefined],
  ])('the worst of %j is %s', (severities, worst) => {
    expect(worstSeverity(severities)).toBe(worst);
    expect(worstSeverity([...severities].reverse())).toBe(worst);
  });

  // Each line is the order of one source, worst first; words side by side are one step of it.
  test.each([
    ['syslog', 'emerg alert crit err warning notice info debug'],
    ['syslog, older words', 'panic crit error warn notice info debug'],
    ['Prometheus and Alertmanager', 'page critical warning info none'],
    ['PagerDuty', 'critical error warning info'],
    ['PagerDuty priorities', 'P1 P2 P3 P4 P5'],
    ['Opsgenie', 'Critical High Moderate Low Informational'],
    ['Grafana OnCall and Keep', 'critical high warning low info'],
    ['Kibana', 'critical high medium low'],
    ['Zabbix', 'Disaster High Average Warning Information Not_classified'],
    ['Nagios', 'CRITICAL UNKNOWN WARNING OK'],
    ['ServiceNow events', 'Critical Major Minor Warning Info Clear'],
    ['ITU-T X.733', 'critical major minor warning cleared'],
    ['OpenTelemetry', 'FATAL4 ERROR3 WARN2 INFO DEBUG TRACE4'],
    ['zap', 'fatal dpanic error warn info debug'],
    ['Azure Monitor', 'Sev0 Sev1 Sev2 Sev3 Sev4'],
  ])('%s: %s', (_source, order) => {
    const names = order.split(' ').map((name) => name.replace('_', ' '));
    const shapes = [(name: string) => name.toUpperCase(), (name: string) => ` ${name} `, (name: string) => name.toLowerCase()];
    for (const shape of shapes) {
      const shaped = names.map(shape);
      expect([...shaped].reverse().sort((a, b) => compareSeverities(a, b))).toEqual(shaped);
      expect(shaped.map(severityKind)).toEqual(names.map(severityKind));
    }
    const kinds = names.map((name) => ['alarming', 'warning', 'informative'].indexOf(severityKind(name)));
    expect(kinds).toEqual([...kinds].sort());
  });

  test('the order is one, whatever a rule declares and whatever is beside it', () => {
    const name = fc.constantFrom('emergency', 'critical', 'err', 'our-own', 'other', 'minor', 'warning', 'Warn', 'low', 'info');
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 4 }), name, name, name, (declared, a, b, c) => {
        const order = (one: string, other: string) => Math.sign(compareSeverities(one, other, declared));
        if (order(a, b) <= 0 && order(b, c) <= 0) expect(order(a, c)).toBeLessThanOrEqual(0);
        expect(order(a, b) + order(b, a)).toBe(0);
      }),
    );
  });

  test('the order that a rule declares counts among its own names', () => {
    expect(worstSeverity(['gold', 'silver', 'bronze'], ['silver', 'gold', 'bronze'])).toBe('silver');
    expect(compareSeverities('info', 'critical', ['info', 'critical'])).toBeLessThan(0);
  });

  test('a name that nobody knows is no mild one', () => {
    expect(severityTier('our-own')).toBeUndefined();
    expect(severityTier('constructor')).toBeUndefined();
    expect([severityKind('our-own'), severityKind('page'), severityKind('sev1'), severityKind('info')]).toEqual([
      ...['warning', 'alarming', 'alarming', 'informative'],
    ]);
  });
});
