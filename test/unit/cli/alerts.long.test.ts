import { describe, expect, test } from 'vitest';
import { brokenFilesNote, givenMatchers } from '../../../src/cli/alerts.ts';
import { alertsReport } from '../../../src/engine/alert-list/read-alerts.ts';
import { openTurn } from '../../../src/engine/open-turn.ts';
import { turn } from '../../../src/engine/turn.ts';
import { compileTemplate } from '../../../src/templates/compile.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, play, world } from '../../support/engine/world.ts';

const boom = (minute: number, service: string) => ({ '@timestamp': new Date(NOON + minute * MINUTE).toISOString(), service });
const RULE = testRule({ name: 'boom', groupBy: ['service'], window: MINUTE, labels: { severity: 'critical' } });
const SLOW = testRule({ name: 'slow', groupBy: ['service'], window: MINUTE, lifecycle: { for: 10 * MINUTE } });
const options = { namespace: 'default', all: false, now: NOON + 5 * MINUTE };

test('files of rules that do not load are named, three of them', () => {
  const problem = (file: string, severity: 'error' | 'warning' = 'error') => ({
    ...{ code: 'rule/value', message: 'wrong', hint: '', severity, at: { file, line: 1, column: 1 } },
  });
  expect(brokenFilesNote([problem('rules/a.yaml', 'warning')])).toBe('');
  expect(brokenFilesNote([problem('rules/a.yaml'), problem('rules/a.yaml')])).toBe(
    'warning: rules/a.yaml cannot be loaded, so that alerts have the titles of their last messages here: `tocsin check` says why\n',
  );
  expect(brokenFilesNote(['a', 'b', 'c', 'd', 'e'].map((file) => problem(file)))).toContain('warning: a, b, c and 2 more cannot');
});

describe('what stands in the stores', () => {
  test('firing comes first, with who was notified and when; what is only pending was notified to nobody', async () => {
    const { engine, add, backend } = world();
    add('logs-app', ...[0, 1, 2, 3, 4].map((minute) => boom(minute, 'a')));
    await play(engine([SLOW, RULE]), NOON, NOON + 5 * MINUTE);
    const report = await alertsReport(backend, options);
    expect(report).toMatchObject({ rules: 2, namespace: 'default', now: NOON + 5 * MINUTE });
    expect(report.alerts).toMatchObject([
      {
        rule: 'boom',
        status: 'firing',
        severity: 'critical',
        group: { service: 'a' },
        since: NOON + MINUTE,
        notified: [{ receiver: 'team', destination: 'team/test/0', state: 'notified', at: NOON + MINUTE }],
      },
      { rule: 'slow', status: 'pending', since: NOON + MINUTE, notified: [] },
    ]);
  });

  test('with what was measured, the labels, and the title that a message would have', async () => {
    const title = compileTemplate('{{ group.service }} fails {{ count }} times', ['group', 'count']);
    const rule = {
      ...RULE,
      labels: { severity: 'critical', team: 'shop' },
      ...(title.ok && { message: { title: title.template } }),
    };
    const { engine, add, backend } = world();
    add('logs-app', ...[0, 1, 2, 3, 4].flatMap((minute) => [boom(minute, 'a'), boom(minute, 'b'), boom(minute, 'b')]));
    await play(engine([SLOW, rule]), NOON, NOON + 5 * MINUTE);
    const wanted = { ...options, rules: [SLOW, rule] };
    const { alerts } = await alertsReport(backend, wanted);
    expect(alerts.map((alert) => [alert.rule, alert.title, alert.values, alert.labels['team']])).toEqual([
      ['boom', 'a fails 1 times', { count: 1 }, 'shop'],
      ['boom', 'b fails 2 times', { count: 2 }, 'shop'],
      ['slow', 'slow: a', { count: 1 }, undefined],
      ['slow', 'slow: b', { count: 2 }, undefined],
    ]);
    const { rules, unevaluated, withoutFile } = await alertsReport(backend, {
      ...options,
      rules: [rule, testRule({ name: 'new' })],
    });
    expect({ rules, unevaluated, withoutFile }).toEqual({ rules: 2, unevaluated: 1, withoutFile: 1 });
    const matching = async (...texts: readonly string[]) => {
      const report = await alertsReport(backend, { ...wanted, matchers: givenMatchers(texts) });
      return report.alerts.map((alert) => `${alert.rule} ${alert.group['service']}`);
    };
    expect(await matching('severity=critical')).toEqual(['boom a', 'boom b']);
    expect(await matching('slow')).toEqual(['slow a', 'slow b']);
    expect(await matching('service=~"b|c"', 'team!=shop')).toEqual(['slow b']);
    expect(await matching('{alertname="boom", service="b"}')).toEqual(['boom b']);
    expect(() => givenMatchers(['severity='])).toThrow(/is not a matcher/);
  });

  test('under the title that its receivers know, where its rule does not load', async () => {
    const title = compileTemplate('{{ group.service }} fails {{ count }} times', ['group', 'count']);
    const rule = { ...RULE, ...(title.ok && { message: { title: title.template } }) };
    const { engine, add, backend, channel } = world();
    add('logs-app', ...[0, 1, 2, 3, 4].map((minute) => boom(minute, 'a')));
    await play(engine([SLOW, rule]), NOON, NOON + 5 * MINUTE);
    // What no one was notified of yet has no title but the default one.
    expect((await alertsReport(backend, { ...options, rules: [] })).alerts.map((alert) => [alert.rule, alert.title])).toEqual([
      ['boom', 'a fails 1 times'],
      ['slow', 'slow: a'],
    ]);
    // An episode that nothing was sent about yet is not called as the one before it.
    channel.answer = () => ({ kind: 'retry', reason: { kind: 'network', text: 'the line is dead' } });
    add('logs-app', boom(8, 'a'));
    await play(engine([SLOW, rule]), NOON + 5 * MINUTE, NOON + 9 * MINUTE);
    const later = await alertsReport(backend, { ...options, now: NOON + 9 * MINUTE, rules: [] });
    expect(later.alerts.find(({ rule: name }) => name === 'boom')?.title).toBe('boom: a');
  });

  test('of matchers that nothing satisfies the one that is the reason is named, with the nearest label or value', async () => {
    const { engine, add, backend } = world();
    add('logs-app', ...[0, 1, 2, 3, 4].map((minute) => boom(minute, 'shop')));
    await play(engine([SLOW, RULE]), NOON, NOON + 5 * MINUTE);
    const hint = async (...texts: readonly string[]) =>
      (await alertsReport(backend, { ...options, rules: [SLOW, RULE], matchers: givenMatchers(texts) })).hint;
    expect(await hint('boon')).toBe('no alert matches alertname="boon"; did you mean boom?');
    expect(await hint('severty=critical')).toBe('no alert has the label severty; did you mean severity?');
    expect(await hint('boom', 'service=shpo')).toBe('no alert matches service="shpo"; did you mean shop?');
    expect(await hint('service=zzzzzzz')).toBe('no alert matches service="zzzzzzz"; there are shop');
    expect(await hint('slow', 'severity=critical')).toBe('each matcher matches some alerts, but no alert matches all of them');
    expect(await hint('boom')).toBeUndefined();
  });

  test('thousands of alerts of one rule in one alert group are listed in a moment', { timeout: 60_000 }, async () => {
    const { engine, add, backend } = world();
    const rule = { ...RULE, maxGroups: 2_000 };
    add('logs-app', ...Array.from({ length: 2_000 }, (_, index) => boom(0, `service-${index}`)));
    await play(engine([rule]), NOON, NOON + MINUTE);
    const { alerts } = await alertsReport(backend, { ...options, now: NOON + MINUTE, rules: [rule] });
    expect(alerts).toHaveLength(2_000);
    expect(new Set(alerts.map(({ notified }) => notified[0]?.state))).toEqual(new Set(['notified']));
  });

  test('a document that cannot be read is named, and hides no other', async () => {
    const { engine, add, backend } = world();
    add('logs-app', ...[0, 1, 2, 3, 4].map((minute) => boom(minute, 'a')));
    await play(engine([SLOW, RULE]), NOON, NOON + 5 * MINUTE);
    const { ruleStates } = backend;
    const load: typeof ruleStates.load = async (ids, have) =>
      ids.includes('slow')
        ? { ok: false, message: 'slow has no body', unreadable: new Map([['slow', 'slow has no body']]) }
        : ruleStates.load(ids, have);
    const report = await alertsReport({ ...backend, ruleStates: { ...ruleStates, load } }, options);
    expect(report.unreadable).toEqual(['slow has no body']);
    expect(report.alerts.map(({ rule }) => rule)).toEqual(['boom']);
  });

  test('resolved alerts are gone', async () => {
    const { engine, add, backend } = world();
    add('logs-app', boom(0, 'a'));
    await play(engine([RULE]), NOON, NOON + 5 * MINUTE);
    expect((await alertsReport(backend, options)).alerts).toEqual([]);
  });

  test('what flaps is shown while it does not fire as well, with who knows it as firing', async () => {
    const { engine, add, backend } = world();
    const flapping = { episodes: 2, within: 60 * MINUTE, steady: 10 * MINUTE };
    add('logs-app', boom(0, 'a'), boom(2, 'a'));
    await play(engine([testRule({ name: 'boom', groupBy: ['service'], window: MINUTE, flapping })]), NOON, NOON + 8 * MINUTE);
    expect((await alertsReport(backend, options)).alerts).toMatchObject([
      {
        rule: 'boom',
        status: 'inactive',
        since: NOON + 4 * MINUTE,
        flapping: { since: NOON + MINUTE, episodes: 2 },
        notified: [{ receiver: 'team', state: 'notified' }],
      },
    ]);
  });

  test('a receiver that cannot be reached is waiting, with the reason', async () => {
    const { engine, add, backend, channel } = world();
    channel.answer = () => ({ kind: 'retry', reason: { kind: 'network', text: 'the line is dead' } });
    add('logs-app', ...[0, 1].map((minute) => boom(minute, 'a')));
    await play(engine([RULE]), NOON, NOON + 2 * MINUTE);
    const [alert] = (await alertsReport(backend, options)).alerts;
    expect(alert?.notified).toEqual([
      { receiver: 'team', destination: 'team/test/0', state: 'waiting', at: undefined, note: 'the line is dead', failing: true },
    ]);
  });

  test('a receiver that refused is dead, with the reason', async () => {
    const { engine, add, backend, channel } = world();
    channel.answer = () => ({ kind: 'rejected', reason: { kind: 'not_found', text: 'no such hook' } });
    add('logs-app', ...[0, 1].map((minute) => boom(minute, 'a')));
    await play(engine([RULE]), NOON, NOON + 2 * MINUTE);
    const boomed = (await alertsReport(backend, options)).alerts.find(({ rule }) => rule === 'boom');
    expect(boomed?.notified).toMatchObject([{ receiver: 'team', state: 'dead', note: expect.stringContaining('no such hook') }]);
  });

  test('a silence holds it back, by name', async () => {
    const { engine, add, backend } = world();
    await backend.silences.put({
      v: 1,
      id: 'quiet-please',
      matchers: [{ label: 'alertname', op: '=', value: 'boom' }],
      starts_at: NOON - MINUTE,
      ends_at: NOON + 60 * MINUTE,
      created_by: 'test',
      comment: 'a test',
    });
    add('logs-app', ...[0, 1].map((minute) => boom(minute, 'a')));
    await play(engine([RULE]), NOON, NOON + 2 * MINUTE);
    const [alert] = (await alertsReport(backend, options)).alerts;
    expect(alert?.notified).toMatchObject([{ state: 'held', note: expect.stringContaining('quiet-please') }]);
  });

  test('more rules than one read brings are all read', async () => {
    const { engine, add, backend } = world();
    const rules = Array.from({ length: 401 }, (_, index) =>
      testRule({ name: `rule-${String(index).padStart(3, '0')}`, window: MINUTE }),
    );
    add('logs-app', boom(0, 'a'));
    const due = { now: NOON + MINUTE, due: rules, sweep: true };
    await turn(openTurn(due, engine(rules), new AbortController().signal));
    const report = await alertsReport(backend, options);
    expect({ rules: report.rules, alerts: report.alerts.length }).toEqual({ rules: 401, alerts: 401 });
  });

  test('a store that does not answer is an error, never an empty list', async () => {
    const { backend } = world();
    const away = {
      ...backend,
      ruleStates: { ...backend.ruleStates, list: async () => ({ ok: false, message: 'no node' }) as const },
    };
    await expect(alertsReport(away, options)).rejects.toMatchObject({
      code: 'store/unanswered',
      message: expect.stringContaining('no node'),
    });
  });
});
