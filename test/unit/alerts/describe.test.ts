import { describe, expect, test } from 'vitest';
import type { AlertState } from '../../../src/alerts/alert-state.ts';
import { describeFinding, describeTransition, describeWait } from '../../../src/alerts/describe.ts';
import type { Finding } from '../../../src/alerts/finding.ts';
import type { Lifecycle } from '../../../src/alerts/lifecycle.ts';
import { endAlert } from '../../../src/alerts/step.ts';
import { lifecycle, MINUTE, notify, START, ticks } from './story.ts';

const LEVELS = ['critical', 'warning'];

describe('what the last transition of a story says', () => {
  test.each<readonly [findings: string, changes: Partial<Lifecycle>, sentence: string]>([
    ['breach', {}, 'fires: the condition holds'],
    ['breach', { for: 2 * MINUTE }, 'pending: the condition holds; fires when held for 2m'],
    ['breach×3', { for: 2 * MINUTE }, 'fires: the condition held for 2m'],
    ['breach', { for: { breaches: 3, of: 5 } }, 'pending: the condition holds; fires at 3 breaches of 5'],
    ['breach×3', { for: { breaches: 3, of: 5 } }, 'fires: 3 of the last 5 findings are breaches'],
    ['breach clear', { for: 2 * MINUTE }, 'no longer pending: clear'],
    ['breach absent', { for: 2 * MINUTE }, 'no longer pending: no data'],
    ['breach failed×2 clear', { for: 2 * MINUTE }, 'no longer pending: there was no finding for too long'],
    ['clear absent', { noData: 'alert', noDataAfter: MINUTE }, 'fires: no data for 1m'],
    ['clear absent×3', { for: 2 * MINUTE, noData: 'alert', noDataAfter: MINUTE }, 'fires: no data for 1m'],
    ['breach clear', {}, 'resolved: clear'],
    ['breach clear', { keepFiringFor: 5 * MINUTE }, 'recovering: clear; resolves when clear for 5m'],
    ['breach clear×6', { keepFiringFor: 5 * MINUTE }, 'resolved: clear for 5m'],
    ['breach absent', { noDataAfter: MINUTE }, 'resolved: no data for 1m'],
    ['breach absent×2', { noData: 'alert', forgetAfter: 2 * MINUTE }, 'resolved: gone for 2m'],
    ['breach clear breach', { keepFiringFor: MINUTE }, 'fires again: the condition holds'],
    ['breach@warning breach@critical', { levels: LEVELS }, 'worse: from warning to critical'],
    [
      'breach@warning clear breach@critical',
      { levels: LEVELS, keepFiringFor: MINUTE },
      'worse: the condition holds again, from warning to critical',
    ],
    ['breach@critical breach@warning', { levels: LEVELS }, 'better: from critical to warning'],
    [
      'breach@critical breach@warning×2',
      { levels: LEVELS, keepFiringFor: MINUTE },
      'better: from critical to warning, below it for 1m',
    ],
    ['again again', {}, 'fires: the condition holds'],
    ['breach breach@warning', { levels: LEVELS }, 'worse: warning'],
  ])('%s with %o: %s', (findings, changes, sentence) => {
    const rule = lifecycle(changes);
    const said = notify(rule, ticks(findings)).flatMap(({ transitions }) =>
      transitions.map((one) => describeTransition(one, rule)),
    );
    expect(said.at(-1)).toBe(sentence);
  });

  test.each([
    ['expired', 'resolved: gone for 7d'],
    ['rule_changed', 'resolved: the rule now groups by other fields'],
    ['rule_removed', 'resolved: the rule was removed'],
  ] as const)('ended as %s: %s', (reason, sentence) => {
    const { transitions } = endAlert(notify(lifecycle(), ticks('breach'))[0]?.state, START, reason);
    expect(transitions.map((one) => describeTransition(one, lifecycle()))).toEqual([sentence]);
  });
});

test.each<readonly [Finding, string]>([
  [{ kind: 'breach' }, 'breach: the condition holds'],
  [{ kind: 'breach', level: 'critical' }, 'breach: the condition of critical holds'],
  [{ kind: 'between' }, 'between: no condition is true, and neither is `recover`'],
  [{ kind: 'clear' }, 'clear: the value is good'],
  [{ kind: 'absent' }, 'absent: no document of this group'],
  [{ kind: 'unknown', because: 'used has no value' }, 'unknown: used has no value'],
])('a finding is described: %o', (finding, sentence) => {
  expect(describeFinding(finding)).toBe(sentence);
});

describe('what an alert waits for', () => {
  test.each<readonly [findings: string, changes: Partial<Lifecycle>, sentence: string | undefined]>([
    ['breach×2', { for: 2 * MINUTE }, 'held for 1m of 2m'],
    ['breach clear breach', { for: { breaches: 3, of: 5 } }, '2 of the last 3 findings are breaches; 3 of 5 fire'],
    ['breach clear×2', { keepFiringFor: 5 * MINUTE }, 'clear for 1m of 5m'],
    [
      'breach clear failed×2 between',
      { keepFiringFor: 5 * MINUTE },
      'must be clear again, because there was no finding for too long',
    ],
    ['breach@critical breach@warning×2', { levels: LEVELS, keepFiringFor: 5 * MINUTE }, 'below critical for 1m of 5m'],
    ['breach', { settle: 2 * MINUTE }, 'a new group: breaches count in 2m'],
    ['breach', {}, undefined],
  ])('%s with %o: %s', (findings, changes, sentence) => {
    const rule = lifecycle(changes);
    const last = notify(rule, ticks(findings)).at(-1);
    expect(describeWait(last?.state as AlertState, rule, last?.at ?? 0)).toBe(sentence);
  });
});
