import { describe, expect, it } from 'vitest';
import { channels } from '../../../src/channels/registry.ts';
import { own, put } from '../../../src/core/record.ts';
import { evidenceQueries } from '../../../src/evaluation/evidence/evidence.ts';
import { printJson } from '../../../src/reports/json.ts';
import { readOptions, testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, turnAt, world } from '../../support/engine/world.ts';
import { titleText } from '../../support/messages/title-text.ts';

/** Names that every object answers to although nobody gave them, and those that assignments treat in their own way. */
const NAMES = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', 'length', '__defineGetter__', 'prototype'];
const at = (seconds: number) => new Date(NOON + seconds * 1_000).toISOString();

/** `JSON.parse`, unlike a literal, makes `__proto__` an ordinary member. */
const named = (name: string, value: unknown): Readonly<Record<string, unknown>> =>
  JSON.parse(`{"@timestamp": "${at(30)}", "message": "boom", ${JSON.stringify(name)}: ${JSON.stringify(value)}}`);

describe.each(NAMES)('a field named %s', (name) => {
  it('may be shown as evidence, though no document has it', async () => {
    const { engine, channel, add } = world();
    add('logs-app', { '@timestamp': at(30), message: 'boom' });
    const rules = [
      testRule({ name: 'hostile', window: MINUTE, evidence: { fields: [name, 'message'], samples: 3, top: [name] } }),
      testRule({ name: 'neighbour', window: MINUTE }),
    ];
    await turnAt(engine(rules), NOON + MINUTE);
    expect([...heard(channel)].sort()).toEqual(['12:01 team [FIRING] hostile', '12:01 team [FIRING] neighbour']);
    const evidence = channel.got.find(({ message }) => titleText(message.title).includes('hostile'))?.message.alerts[0]?.evidence;
    expect(evidence?.documents.map(({ fields }) => Object.entries(fields))).toEqual([[['message', 'boom']]]);
  });

  it('is shown where a document has it', async () => {
    const { engine, channel, add } = world();
    add('logs-app', named(name, 'value'));
    await turnAt(
      engine([testRule({ name: 'hostile', window: MINUTE, evidence: { fields: [name], samples: 3, top: [name] } })]),
      NOON + MINUTE,
    );
    const evidence = channel.got[0]?.message.alerts[0]?.evidence;
    expect(evidence?.documents.map(({ fields }) => Object.entries(fields))).toEqual([[[name, 'value']]]);
    expect(evidence?.top).toEqual([{ field: name, values: [{ value: 'value', count: 1 }] }]);
  });

  it.each(['frequency', 'flatline'])('divides the groups of a %s rule, is a label and a title', async (type) => {
    const { engine, channel, add } = world();
    add('logs-app', named(name, 'one'), named(name, 'two'), { '@timestamp': at(30), message: 'without' });
    const condition = type === 'frequency' ? 'count >= 1' : 'count < 1';
    const rule = testRule({ name: 'hostile', type, window: MINUTE, groupBy: [name], condition });
    const routing = plainRouting({ groupBy: ['alertname', name] });
    const ports = engine([rule, testRule({ name: 'neighbour', window: MINUTE })], { routing });
    await turnAt(ports, NOON + MINUTE);
    // The source goes on, so that the groups are missed and not the source.
    add('logs-app', { '@timestamp': at(90), message: 'without' });
    await turnAt(ports, NOON + 2 * MINUTE);
    const notified = channel.got.flatMap(({ message }) => message.alerts).filter((alert) => alert.rule === 'hostile');
    const firing = notified.filter(({ status }) => status === 'firing');
    expect(firing.map(({ group }) => Object.entries(group)).sort()).toEqual([[[name, 'one']], [[name, 'two']]]);
    expect(firing.map(({ labels }) => own(labels, name)).sort()).toEqual(['one', 'two']);
    expect(channel.got.some(({ message }) => titleText(message.title) === '[FIRING] neighbour')).toBe(true);
  });

  it('is the key of a match rule', async () => {
    const { engine, channel, add } = world();
    const match = { name: 'match', type: 'match', window: MINUTE, condition: 'events >= 1' };
    const keyed = { key: [name], throttle: '1h' };
    add('logs-app', named(name, 'one'), named(name, 'one'), { '@timestamp': at(31), message: 'without' });
    const rules = [testRule({ ...match, options: readOptions('match', keyed) }), testRule({ name: 'neighbour', window: MINUTE })];
    await turnAt(engine(rules), NOON + MINUTE);
    expect([...heard(channel)].map((line) => line.slice(-9)).sort()).toContain('neighbour');
    expect(channel.got.some(({ message }) => message.alerts.some(({ rule }) => rule === 'match'))).toBe(true);
  });

  it('is rendered by every channel, and asked for by its own name', () => {
    const rule = testRule({ name: 'x', evidence: { fields: [name], samples: 1, top: [] } });
    expect(evidenceQueries({ rule, group: {}, window: { from: 0, to: 1 } }, 'p')[0]).toMatchObject({
      fields: expect.arrayContaining([name]),
    });
    expect(Object.keys(channels).length).toBeGreaterThan(3);
    const record: Record<string, number> = {};
    put(record, name, 7);
    expect(own(record, name)).toBe(7);
    expect(own({}, name)).toBeUndefined();
    expect(own(undefined, name)).toBeUndefined();
    expect(printJson(record)).toContain(JSON.stringify(name));
  });
});
