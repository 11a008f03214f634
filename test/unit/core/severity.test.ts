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
