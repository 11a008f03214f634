import { expect, it } from 'vitest';
import { manualClock } from '../../../src/core/time.ts';
import { RECEIVED_RULE_ID } from '../../../src/received/received-rule.ts';
import { slackDesk } from '../../../src/service/slack/slack-desk.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { NOON, world } from '../../support/engine/world.ts';

it('explains an alert of another system by what was sent, whatever its name, and that of a rule by the rule', async () => {
  const one = world();
  const engine = one.engine([testRule({ name: 'NodeDown' })], { receives: { max: 10 } });
  const explained: string[] = [];
  const desk = slackDesk({
    stores: one.backend,
    clock: manualClock(NOON),
    ports: () => engine,
    explain: async ({ id }) => {
      explained.push(id);
      return { kind: 'failed', message: 'not asked here' };
    },
    shown: (text) => text,
    alerts: () => Promise.reject(new Error('not asked here')),
    acknowledgements: { acknowledge: () => Promise.reject(new Error('not asked here')) },
    audit: () => undefined,
  });
  const alert = {
    ...{ rule: 'NodeDown', id: 'a', status: 'firing', severity: 'critical', group: { node: 'a' }, title: 'NodeDown on a' },
    ...{ labels: {}, values: {}, condition: '', since: NOON, episode: 'e', notified: [] },
  };
  await desk.explain({ ...alert, annotations: { summary: 'NodeDown on a' } });
  await desk.explain({ ...alert, rule: 'DiskFull', annotations: {} });
  await desk.explain(alert);
  expect(explained).toEqual([RECEIVED_RULE_ID, RECEIVED_RULE_ID, 'NodeDown']);
});
