import { describe, expect, it } from 'vitest';
import { watchPresentAlerts } from '../../../src/service/health/alert-watch.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, play, world } from '../../support/engine/world.ts';

const RULE = testRule({ name: 'boom', groupBy: ['service'], window: MINUTE, labels: { severity: 'critical' } });

async function firing() {
  const scene = world();
  scene.add(
    'logs-app',
    ...[0, 1].map((minute) => ({ '@timestamp': new Date(NOON + minute * MINUTE).toISOString(), service: 'a' })),
  );
  const ports = scene.engine([RULE]);
  await play(ports, NOON, NOON + 2 * MINUTE);
  let now = NOON + 2 * MINUTE;
  const sleeps: (() => void)[] = [];
  const clock = {
    now: () => now,
    monotonic: () => 0,
    sleep: (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        sleeps.push(resolve);
        signal?.addEventListener('abort', () => resolve());
      }),
  };
  const pass = (ms: number) => {
    now += ms;
  };
  return { ...scene, ports, clock, pass, tired: () => sleeps.splice(0).map((wake) => wake()) };
}

const text = (message: string) => message.replace('s3cret', '[redacted]');

describe('the alerts of the status page', () => {
  it('are those of the store, with values and receivers, and are read once in ten seconds', async () => {
    const { backend, ports, clock, pass } = await firing();
    let reads = 0;
    const list: typeof backend.ruleStates.list = (...asked) => {
      reads++;
      return backend.ruleStates.list(...asked);
    };
    const stores = { ...backend, ruleStates: { ...backend.ruleStates, list } };
    const read = watchPresentAlerts({ clock, ports: () => ports, stores, shown: text });
    const [first] = await Promise.all([read(), read(), read()]);
    expect(first).toMatchObject({
      report: { alerts: [{ rule: 'boom', values: { count: 1 }, notified: [{ state: 'notified' }] }] },
    });
    expect(first?.problem).toBeUndefined();
    pass(9_000);
    await read();
    expect(reads).toBe(1);
    pass(2_000);
    await read();
    expect(reads).toBe(2);
  });

  it('are read again for what may be newer than the list, and not more often than once a second', async () => {
    const { backend, ports, clock, pass, tired } = await firing();
    let reads = 0;
    const list: typeof backend.ruleStates.list = (...asked) => {
      reads++;
      return backend.ruleStates.list(...asked);
    };
    const stores = { ...backend, ruleStates: { ...backend.ruleStates, list } };
    const read = watchPresentAlerts({ clock, ports: () => ports, stores, shown: text });
    await read();
    const soon = [read(true), read(true), read(true)];
    expect(reads).toBe(1);
    pass(1_000);
    tired();
    await Promise.all(soon);
    expect(reads).toBe(2);
    pass(2_000);
    await read();
    expect(reads).toBe(2);
    await read(true);
    expect(reads).toBe(3);
  });

  it('are read again after a change that someone made, also one during a read', async () => {
    const { backend, ports, clock } = await firing();
    const waiting: (() => void)[] = [];
    let reads = 0;
    const list: typeof backend.ruleStates.list = async (...asked) => {
      reads++;
      if (reads === 2) await new Promise<void>((resolve) => waiting.push(resolve));
      return backend.ruleStates.list(...asked);
    };
    let changes = 0;
    const stores = { ...backend, ruleStates: { ...backend.ruleStates, list } };
    const read = watchPresentAlerts({ clock, ports: () => ports, stores, shown: text, changes: () => changes });
    await read();
    changes += 1;
    const slow = read();
    changes += 1;
    const fresh = read();
    await new Promise((resolve) => setImmediate(resolve));
    expect(reads).toBe(2);
    for (const go of waiting) go();
    await Promise.all([slow, fresh]);
    expect(reads).toBe(3);
    await read();
    expect(reads).toBe(3);
  });

  it('are read again for who knows of a change, once', async () => {
    const { backend, ports, clock, pass } = await firing();
    let reads = 0;
    const list: typeof backend.ruleStates.list = async (...asked) => {
      reads++;
      return backend.ruleStates.list(...asked);
    };
    const stores = { ...backend, ruleStates: { ...backend.ruleStates, list } };
    const read = watchPresentAlerts({ clock, ports: () => ports, stores, shown: text });
    await read();
    await read(false, clock.now());
    expect(reads).toBe(1);
    pass(3_000);
    const changed = clock.now() - 1_000;
    await Promise.all([read(false, changed), read(false, changed)]);
    await read(false, changed);
    expect(reads).toBe(2);
  });

  it('are those that the process remembers where the store refuses, with the reason and without secrets', async () => {
    const { backend, ports, clock } = await firing();
    const list: typeof backend.ruleStates.list = async () => ({ ok: false, message: 'no node at s3cret' });
    const stores = { ...backend, ruleStates: { ...backend.ruleStates, list } };
    const present = await watchPresentAlerts({ clock, ports: () => ports, stores, shown: text })();
    expect(present).toMatchObject({
      problem: 'the state cannot be read: no node at [redacted]',
      report: { alerts: [{ rule: 'boom', group: { service: 'a' }, status: 'firing', values: {} }] },
    });
  });

  it('are those that the process remembers where the store never answers, and it is not asked again meanwhile', async () => {
    const { backend, ports, clock, tired } = await firing();
    let reads = 0;
    const list = () => {
      reads++;
      return new Promise<never>(() => undefined);
    };
    const stores = { ...backend, ruleStates: { ...backend.ruleStates, list } };
    const read = watchPresentAlerts({ clock, ports: () => ports, stores, shown: text });
    const both = [read(), read()];
    tired();
    const [first] = await Promise.all(both);
    expect(first).toMatchObject({ problem: 'the store has not answered yet', report: { alerts: [{ rule: 'boom' }] } });
    expect(reads).toBe(1);
  });
});
