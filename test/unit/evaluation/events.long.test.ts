import { describe, expect, it } from 'vitest';
import { knownDocument } from '../../../src/evaluation/session.ts';
import type { Rule } from '../../../src/rules/rule.ts';
import { readOptions, type TestRule, testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, play, timeline, turnAt, type World, world } from '../../support/engine/world.ts';
import { titleText } from '../../support/messages/title-text.ts';

const at = (minutes: number, fields: Readonly<Record<string, unknown>> = {}) => ({
  '@timestamp': new Date(NOON + minutes * MINUTE).toISOString(),
  message: `at ${minutes}`,
  ...fields,
});

const rule = (given: Partial<TestRule> = {}, keys: Readonly<Record<string, unknown>> = {}): Rule =>
  testRule({ name: 'login', type: 'match', condition: 'events >= 1', options: readOptions('match', keys), ...given });

/** The documents that were notified, in order, as the messages showed them. */
const shown = ({ channel }: World) =>
  channel.got.flatMap(({ message }) =>
    message.alerts.flatMap(({ evidence }) => (evidence?.documents ?? []).map(({ fields }) => fields['message'])),
  );

const samples = { evidence: { fields: ['message'], samples: 10, top: [] } };

describe('a rule whose documents are events', () => {
  it('tells each document once, with no end and no reminder', async () => {
    const here = world();
    here.add('logs-app', at(0.5), at(2.2), at(2.4));
    const reports = await play(here.engine([rule(samples)]), NOON, NOON + 600 * MINUTE);
    expect(heard(here.channel)).toEqual(['12:01 team [EVENT] login', '12:03 team [EVENTS:2] login']);
    expect(shown(here)).toEqual(['at 0.5', 'at 2.4', 'at 2.2']);
    expect(here.channel.got.map(({ message }) => [message.status, message.reason, message.firing, message.resolved])).toEqual([
      ['event', 'event', 0, 0],
      ['event', 'event', 0, 0],
    ]);
    expect(timeline(reports)).toEqual([
      '12:01 inactive => firing',
      '12:01 firing => inactive',
      '12:03 inactive => firing',
      '12:03 firing => inactive',
    ]);
  });

  it('tells a document that came after its window', async () => {
    const here = world();
    const ports = here.engine([rule(samples)]);
    await play(ports, NOON, NOON + 10 * MINUTE);
    here.add('logs-app', at(1.5));
    await play(ports, NOON + 10 * MINUTE, NOON + 20 * MINUTE);
    expect(heard(here.channel)).toEqual(['12:11 team [EVENT] login']);
    expect(here.channel.got[0]?.message.alerts[0]?.values).toMatchObject({ events: 1, late: 1 });
  });

  it('tells nothing again after a restart', async () => {
    const here = world();
    here.add('logs-app', at(0.5), at(3.5));
    await play(here.engine([rule(samples)]), NOON, NOON + 2 * MINUTE);
    await play(here.engine([rule(samples)]), NOON + 2 * MINUTE, NOON + 10 * MINUTE);
    expect(shown(here)).toEqual(['at 0.5', 'at 3.5']);
  });

  it('tells what came during a downtime, each at its own tick', async () => {
    const here = world();
    const ports = here.engine([rule(samples)]);
    await turnAt(ports, NOON);
    here.add('logs-app', at(2.5), at(6.5));
    await turnAt(ports, NOON + 8 * MINUTE);
    expect(heard(here.channel)).toEqual(['12:08 team [EVENTS:2] login']);
    expect(shown(here)).toEqual(['at 6.5', 'at 2.5']);
    expect(here.channel.got[0]?.message.alerts[0]?.late).toBe(true);
  });

  it('tells a key once in its throttle, and how many were held back', async () => {
    const here = world();
    for (let minute = 0; minute < 8; minute++) here.add('logs-app', at(minute + 0.5, { user: 'eve' }));
    const ports = here.engine([rule({}, { key: 'user', throttle: '5m' })]);
    await play(ports, NOON, NOON + 8 * MINUTE);
    expect(heard(here.channel)).toEqual(['12:01 team [EVENT] login', '12:06 team [EVENT] login']);
    expect(here.channel.got.map(({ message }) => message.alerts[0]?.values['suppressed'])).toEqual([0, 4]);
  });

  it('says what it left out of a burst, and calls no group unevaluated', async () => {
    const here = world();
    for (let index = 0; index < 50; index++) here.add('logs-app', at(0.5 + index / 1_000));
    const ports = here.engine([rule({}, { max_events: 5 })], { meta: 'meta' });
    const reports = await play(ports, NOON, NOON + 10 * MINUTE);
    expect(heard(here.channel)).toEqual(['12:01 team [EVENTS:5] login']);
    expect(here.channel.got[0]?.message.alerts[0]?.facts).toContainEqual({ label: 'left out', value: '45' });
    expect(reports.flatMap(({ runs }) => runs).filter(({ truncated }) => truncated)).toHaveLength(1);
  });

  it('has one alert a group, with the level of its count', async () => {
    const here = world();
    here.add(
      'logs-app',
      ...[0.1, 0.2, 0.3].map((minute) => at(minute, { host: { name: 'h1' } })),
      at(0.4, { host: { name: 'h2' } }),
    );
    const levels = [
      { severity: 'critical', condition: 'events >= 3' },
      { severity: 'info', condition: 'events >= 1' },
    ];
    await play(here.engine([rule({ groupBy: ['host.name'], levels })]), NOON, NOON + 3 * MINUTE);
    expect(heard(here.channel)).toEqual(['12:01 team [EVENTS:4] login']);
    const notified = here.channel.got[0]?.message.alerts.map(({ group, severity, status }) => [
      group['host.name'],
      severity,
      status,
    ]);
    expect(notified).toEqual([
      ['h1', 'critical', 'event'],
      ['h2', 'info', 'event'],
    ]);
  });

  it('notifies nobody of documents that its condition turns down, then or later', async () => {
    const here = world();
    here.add('logs-app', at(0.5), at(1.5));
    const reports = await play(here.engine([rule({ condition: 'events >= 2' })]), NOON, NOON + 5 * MINUTE);
    expect([heard(here.channel), timeline(reports)]).toEqual([[], []]);
  });

  it('repeats an event whose message failed, as the same message, and joins what came meanwhile', async () => {
    const here = world();
    here.add('logs-app', at(0.5), at(1.2), at(2.2));
    let attempts = 0;
    here.channel.answer = () =>
      attempts++ < 2
        ? { kind: 'retry', reason: { kind: 'server_error', text: '503' }, after: 4 * MINUTE }
        : { kind: 'delivered' };
    await play(here.engine([rule(samples)]), NOON, NOON + 30 * MINUTE);
    const titles = here.channel.got.map(({ message }) => titleText(message.title));
    // A receiver that asks for so long a wait has a health alert.
    expect(titles.filter((title) => title.includes('login'))).toEqual(['[EVENT] login', '[EVENTS:2] login']);
    expect(shown(here)).toEqual(['at 0.5', 'at 2.2', 'at 1.2']);
  });

  it('drops events under a silence, recorded as suppressed', async () => {
    const here = world();
    here.add('logs-app', at(0.5), at(8.5));
    await here.backend.silences.put({
      v: 1,
      id: 's',
      matchers: [{ label: 'alertname', op: '=', value: 'login' }],
      starts_at: NOON,
      ends_at: NOON + 5 * MINUTE,
      created_by: 'test',
      comment: 'a test',
    });
    const reports = await play(here.engine([rule(samples)]), NOON, NOON + 20 * MINUTE);
    expect(shown(here)).toEqual(['at 8.5']);
    expect(timeline(reports)).toHaveLength(4);
  });

  it('ends the alert of the time when the rule was of another type', async () => {
    const here = world();
    for (let minute = 0; minute < 3; minute++) here.add('logs-app', at(minute + 0.5));
    const before = testRule({ name: 'login', condition: 'count >= 1' });
    const routing = plainRouting({ groupInterval: MINUTE });
    await play(here.engine([before], { routing }), NOON, NOON + 2 * MINUTE);
    const ports = here.engine([rule(samples)], { routing });
    await play(ports, NOON + 2 * MINUTE, NOON + 4 * MINUTE);
    expect(heard(here.channel)).toEqual(['12:01 team [FIRING] login', '12:03 team [RESOLVED] login']);
    expect(knownDocument(ports.session, 'login')?.alerts).toEqual({});
  });
});
