import { describe, expect, it } from 'vitest';
import { pauseInMemory, savePauses } from '../../../src/engine/retention/pause-rules.ts';
import type { TurnLog } from '../../../src/engine/turn-log.ts';
import { checkpoint } from '../../../src/evaluation/evaluate-batch.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, turnAt, world } from '../../support/engine/world.ts';

const RULE = testRule({ name: 'boom', window: MINUTE, groupBy: ['service.name'] });
const PAUSED = { ...RULE, enabled: false };
const everywhere = () => true;

/** A rule that is evaluated until 12:03 and paused then; meanwhile a group fires at 12:10 and is over at 12:12. */
async function scene() {
  const { engine, add, channel, backend } = world();
  const at = (minute: number, service: string) =>
    add('logs-app', { '@timestamp': new Date(NOON + minute * MINUTE + 30_000).toISOString(), 'service.name': service });
  at(10, 'meanwhile');
  at(29, 'now');
  at(0, 'before');
  const ports = engine([RULE]);
  for (let minute = 1; minute <= 3; minute++) await turnAt(ports, NOON + minute * MINUTE);
  const notified = () =>
    channel.got.flatMap(({ message }) =>
      message.alerts.flatMap(({ group, status }) => (status === 'firing' ? [String(group['service.name'])] : [])),
    );
  return { engine, ports, notified, backend };
}

type Scene = Awaited<ReturnType<typeof scene>>;

const ticks = ({ runs }: TurnLog) => runs.map(({ at }) => (at - NOON) / MINUTE);

describe('a rule that was paused and is enabled again', () => {
  it('begins with the newest window in the same process, however short the pause was', async () => {
    const { ports, notified } = await scene();
    const paused = { ...ports, rules: new Map([['boom', PAUSED]]) };
    pauseInMemory(NOON + 3 * MINUTE, paused);
    const report = await turnAt(ports, NOON + 30 * MINUTE);
    expect(ticks(report)).toEqual([30]);
    expect(report.runs[0]?.gap).toBeUndefined();
    expect(ticks(await turnAt(ports, NOON + 32 * MINUTE))).toEqual([31, 32]);
    expect(notified()).toEqual(['before', 'now']);
  });

  it.each<[string, (one: Scene) => Promise<unknown>]>([
    ['when housekeeping had saved it', async ({ engine }) => savePauses(NOON + 4 * MINUTE, engine([PAUSED]), everywhere)],
    [
      'when it was stopped at once',
      async ({ ports }) => {
        pauseInMemory(NOON + 3 * MINUTE, { ...ports, rules: new Map([['boom', PAUSED]]) });
        await checkpoint(ports);
      },
    ],
  ])('begins with the newest window in another process %s, also after evaluations that failed', async (_how, pause) => {
    const one = await scene();
    await pause(one);
    const failing = one.engine([{ ...RULE, source: { ...RULE.source, indices: ['missing'] } }]);
    expect((await turnAt(failing, NOON + 29 * MINUTE)).runs.map(({ outcome }) => outcome)).toEqual(['failed']);
    expect(ticks(await turnAt(one.engine([RULE]), NOON + 30 * MINUTE))).toEqual([30]);
    expect(ticks(await turnAt(one.engine([RULE]), NOON + 32 * MINUTE))).toEqual([31, 32]);
    expect(one.notified()).toEqual(['before', 'now']);
  });

  it('counts no time of the pause towards `for`', async () => {
    const { engine, add, channel } = world();
    for (const minute of [0, 1, 2, 29])
      add('logs-app', { '@timestamp': new Date(NOON + minute * MINUTE + 30_000).toISOString(), message: 'x' });
    const rule = testRule({ name: 'slow', window: MINUTE, lifecycle: { for: 10 * MINUTE } });
    const ports = engine([rule]);
    for (let minute = 1; minute <= 3; minute++) await turnAt(ports, NOON + minute * MINUTE);
    pauseInMemory(NOON + 3 * MINUTE, { ...ports, rules: new Map([['slow', { ...rule, enabled: false }]]) });
    await turnAt(ports, NOON + 30 * MINUTE);
    expect(heard(channel)).toEqual([]);
  });

  it('is saved once, and not by a replica that does not evaluate the rule', async () => {
    const { engine, backend } = await scene();
    const ports = engine([PAUSED]);
    const stored = async () => {
      const loaded = await backend.ruleStates.load(['boom'], new Map());
      return loaded.ok ? loaded.value.get('boom') : undefined;
    };
    expect(await savePauses(NOON + 4 * MINUTE, ports, () => false)).toBeUndefined();
    expect((await stored())?.document.paused).toBeUndefined();
    await savePauses(NOON + 5 * MINUTE, ports, everywhere);
    const first = await stored();
    expect(first?.document.paused).toBe(NOON + 5 * MINUTE);
    await savePauses(NOON + 6 * MINUTE, ports, everywhere);
    expect((await stored())?.version).toEqual(first?.version);
  });
});
