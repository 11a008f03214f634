import { describe, expect, test } from 'vitest';
import { alertsReport } from '../../../../src/engine/alert-list/read-alerts.ts';
import { compileTemplate } from '../../../../src/templates/compile.ts';
import { testRule } from '../../../support/engine/test-rule.ts';
import { MINUTE, NOON, plainRouting, play, world } from '../../../support/engine/world.ts';

const title = compileTemplate('{{ count }} errors, {{ severity }}', ['count', 'severity']);

/** A rule over how many documents each minute has, whose windows end `delay` before their tick. */
const load = (delay: number) =>
  testRule({
    name: 'load',
    window: MINUTE,
    delay,
    levels: [
      { severity: 'critical', condition: 'count >= 5' },
      { severity: 'warning', condition: 'count >= 2' },
    ],
    recover: 'count < 2',
    lifecycle: { keepFiringFor: 2 * MINUTE },
    ...(title.ok && { message: { title: title.template } }),
    evidence: { fields: [], samples: 0, top: [] },
  });

/** What is critical goes to `other` as well (`continue`), or only there; everything else to the team. */
function routing(also: boolean) {
  const { root } = plainRouting();
  const matchers = [{ label: 'severity', op: '=', value: 'critical' }] as const;
  const pager = { ...root, key: '{}/critical', receiver: 'other', matchers, groupInterval: MINUTE, continue: also };
  return plainRouting({ routes: [pager, { ...root, key: '{}/rest', groupInterval: MINUTE }] });
}

async function shown(counts: readonly number[], { delay = 0, also = false } = {}) {
  const { engine, add, backend } = world();
  const rule = load(delay);
  const documents = counts.flatMap((count, minute) =>
    Array.from({ length: count }, () => ({ '@timestamp': new Date(NOON + minute * MINUTE).toISOString() })),
  );
  add('logs-app', ...documents);
  const now = NOON + counts.length * MINUTE + delay;
  await play(engine([rule], { routing: routing(also) }), NOON, now);
  const { alerts } = await alertsReport(backend, { namespace: 'default', all: false, now, rules: [rule] });
  return alerts.map((alert) => ({
    ...{ severity: alert.severity, title: alert.title, values: alert.values },
    notified: alert.notified.map(({ receiver, state }) => `${receiver} ${state}`),
  }));
}

describe.each([0, 1, 5])('an alert whose level moved, with a delay of %d minutes', (minutes) => {
  const delay = minutes * MINUTE;

  test('is shown as it is at the new level, and only with the receivers that hold it', async () => {
    expect(await shown([1, 3, 7, 7], { delay })).toEqual([
      { severity: 'critical', title: '7 errors, critical', values: { count: 7 }, notified: ['other notified'] },
    ]);
  });

  test('is shown with what was measured last, as far as the rule has written it', async () => {
    expect(await shown([1, 3, 7, 8, 9, 10, 11, 12], { delay })).toEqual([
      { severity: 'critical', title: '12 errors, critical', values: { count: 12 }, notified: ['other notified'] },
    ]);
  });

  test('so is one whose level moved back', async () => {
    expect(await shown([1, 3, 7, 3, 3, 3, 3], { delay })).toEqual([
      { severity: 'warning', title: '3 errors, warning', values: { count: 3 }, notified: ['team notified'] },
    ]);
  });

  test('so is one that moved while another receiver kept it', async () => {
    expect(await shown([1, 3, 7, 3, 3, 3, 3], { delay, also: true })).toEqual([
      { severity: 'warning', title: '3 errors, warning', values: { count: 3 }, notified: ['team notified'] },
    ]);
  });
});
