import { describe, expect, test } from 'vitest';
import { explainNotLoaded, explainReceiver, type RecordPorts } from '../../../src/cli/explain/records.ts';
import { outsideSchedule } from '../../../src/explain/cautions.ts';
import { alertGroupId } from '../../../src/notify/alert-group-id.ts';
import { recordsJson, recordsText } from '../../../src/reports/explain/records-text.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, plainRouting, play, type World, world } from '../../support/engine/world.ts';

const LOOK = { color: false, columns: 200, whole: true };
const boom = (minute: number, service: string) => ({ '@timestamp': new Date(NOON + minute * MINUTE).toISOString(), service });
const RULE = testRule({
  ...{ name: 'boom', groupBy: ['service'], window: MINUTE, labels: { severity: 'critical', team: 'shop' } },
});
const RANGE = { from: NOON, to: NOON + 60 * MINUTE };

/** The alert group of `team` about `boom`, whatever is due in it. */
function ports({ backend }: World): RecordPorts {
  const target = { receiver: 'team', destination: 'team/test/0', route: '{}', group_labels: { alertname: 'boom' } };
  return {
    history: backend.runHistory,
    alertGroups: backend.alertGroups,
    inspection: { alertGroups: async () => ({ ok: true, value: [alertGroupId('default', target)] }) },
  };
}

describe('what a receiver was sent', () => {
  test('is shown with the rule, the severity and the outcome, and so is what was not sent, with the reason', async () => {
    const there = world();
    there.add('logs-app', ...[0, 1, 2].map((minute) => boom(minute, 'a')));
    there.add('logs-app', boom(3, 'b'));
    await play(there.engine([RULE]), NOON, NOON + 2 * MINUTE);
    there.channel.answer = () => ({ kind: 'retry', reason: { kind: 'network', text: 'the line is dead' } });
    await play(there.engine([RULE]), NOON + 2 * MINUTE, NOON + 8 * MINUTE);
    const report = await explainReceiver('team', RANGE, { routing: plainRouting() }, ports(there));
    expect(report.messages).toMatchObject([
      { outcome: 'delivered', rules: ['boom'], severity: 'critical', at: NOON + MINUTE },
      { outcome: 'retry', rules: ['boom'], problem: 'the line is dead' },
    ]);
    expect(report.unsent).toContainEqual(expect.objectContaining({ rule: 'boom', why: 'is retried: the line is dead' }));
    const text = recordsText(report, LOOK);
    expect(text).toContain('receiver team');
    expect(text).toMatch(/2026-01-01T12:01:00Z {2}delivered {2}critical {2}team\/test\/0 {2}boom/);
    expect(JSON.parse(recordsJson(report))).toMatchObject({
      receiver: 'team',
      messages: [{ outcome: 'delivered' }, { outcome: 'retry' }],
    });
  });

  test('is refused for a name that nobody has, with the nearest, and all of them', async () => {
    const answer = explainReceiver('taem', RANGE, { routing: plainRouting() }, ports(world()));
    await expect(answer).rejects.toMatchObject({
      code: 'explain/receiver',
      hint: expect.stringMatching(/^did you mean team\? known: .*team/),
    });
  });

  test('can be charted by rule, label and severity', async () => {
    const there = world();
    there.add('logs-app', boom(0, 'a'), boom(0, 'b'));
    await play(there.engine([RULE]), NOON, NOON + 2 * MINUTE);
    const [first] = there.backend.history.written('notifications');
    expect(first?.body).toMatchObject({
      ...{ 'rule.id': ['boom'], 'rule.name': ['boom'] },
      labels: { alertname: 'boom', severity: 'critical', team: 'shop' },
      tocsin: { severity: 'critical' },
    });
    expect(first?.body['labels']).not.toHaveProperty('service');
  });
});

describe('a rule that no rule file has any more', () => {
  test('has its changes and messages', async () => {
    const there = world();
    there.add('logs-app', boom(0, 'a'));
    await play(there.engine([RULE]), NOON, NOON + 10 * MINUTE);
    const loaded = await there.backend.ruleStates.load(['boom'], new Map());
    const document = loaded.ok ? loaded.value.get('boom')?.document : undefined;
    if (document === undefined) throw new Error('the rule was evaluated');
    const report = await explainNotLoaded(
      { document, broken: { all: [] } },
      { now: NOON + 11 * MINUTE, removedAfter: 2 * MINUTE },
      there.backend.runHistory,
    );
    expect(report.changes.map(({ from, to }) => `${from} ${to}`)).toEqual(['inactive firing', 'firing inactive']);
    expect(report.messages.map(({ outcome }) => outcome)).toEqual(['delivered', 'delivered']);
    expect(recordsText(report, LOOK)).toContain('inactive → firing');
  });
});

describe('a moment outside the schedule of a rule', () => {
  const schedule = { kind: 'cron', pattern: '* 8-17 * * 1-5', timezone: 'Europe/Berlin' } as const;
  const friday = Date.parse('2026-01-02T16:59:00Z');

  test('is named with the last and the next evaluation, in the time of the schedule', () => {
    const [caution] = outsideSchedule(schedule, friday, Date.parse('2026-01-04T11:00:00Z'));
    expect(caution).toMatchObject({
      code: 'outside-schedule',
      text: 'Sunday 12:00 is outside its schedule, * 8-17 * * 1-5: last evaluation Friday 17:59, next evaluation Monday 08:00 Europe/Berlin (2026-01-05T07:00:00.000Z)',
    });
  });

  test.each([
    ['between two ticks', schedule, friday + 30_000],
    ['of a rule without pauses', { kind: 'every', every: MINUTE } as const, friday + 10 * MINUTE],
  ])('%s is none', (_name, given, moment) => expect(outsideSchedule(given, friday, moment)).toEqual([]));
});
