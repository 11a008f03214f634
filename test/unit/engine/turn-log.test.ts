import { describe, expect, it } from 'vitest';
import { newSession, resetSession } from '../../../src/engine/session.ts';
import { ruleTypeNamed } from '../../../src/rule-types/registry.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, turnAt, world } from '../../support/engine/world.ts';

const RULE = testRule({ name: 'boom', window: MINUTE, groupBy: ['host'], condition: 'count >= 2' });

function scene() {
  const made = world();
  const at = new Date(NOON + 30_000).toISOString();
  for (const host of ['web-1', 'web-1', 'web-2']) made.add('logs-app', { '@timestamp': at, message: 'boom', host });
  return made;
}

describe('the log of a turn', () => {
  it('has what was found of each group where that is asked for, measured once', async () => {
    const type = ruleTypeNamed(RULE.type);
    if (type === undefined) throw new Error(`no type ${RULE.type}`);
    let measured = 0;
    const measure: typeof type.measure = (...input) => {
      measured++;
      return type.measure(...input);
    };
    const ports = { ...scene().engine([RULE], { keepFindings: true }), typeNamed: () => ({ ...type, measure }) };
    const { runs } = await turnAt(ports, NOON + MINUTE);
    const found = runs[0]?.findings?.map(({ group, finding, values }) => [group['host'], finding.kind, values['count']]);
    expect(found?.sort()).toEqual([
      ['web-1', 'breach', 2],
      ['web-2', 'clear', 1],
    ]);
    expect(measured).toBe(1);
  });

  it('has their number alone by default: a service must not hold thousands of readings until a turn ends', async () => {
    const { runs } = await turnAt(scene().engine([RULE]), NOON + MINUTE);
    expect(runs[0]).toMatchObject({ groups: 2, outcome: 'evaluated' });
    expect(runs[0]?.findings).toBeUndefined();
  });

  it('has the document of the health alerts each time that it was written', async () => {
    const { engine } = scene();
    const ports = engine([RULE], { failures: [{ file: 'bad.yaml', message: 'is no YAML' }] });
    const first = await turnAt(ports, NOON + MINUTE);
    expect(first.health.flatMap(({ outbox }) => outbox)).toMatchObject([
      { kind: 'firing', group: { kind: 'file', subject: 'bad.yaml' } },
    ]);
    expect((await turnAt(ports, NOON + 2 * MINUTE)).health).toEqual([]);
  });
});

it('a session that is reset knows as little as a new one', async () => {
  const ports = scene().engine([RULE]);
  await turnAt(ports, NOON + MINUTE);
  expect(ports.session.rules.size).toBeGreaterThan(0);
  resetSession(ports.session);
  const { sendLimits: _used, ...reset } = ports.session;
  const { sendLimits: _new, ...fresh } = newSession();
  expect(reset).toEqual(fresh);
});
