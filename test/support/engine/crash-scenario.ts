import { expect } from 'vitest';
import type { Backend } from '../../../src/engine/backend.ts';
import { simulate } from '../../../src/engine/simulate.ts';
import type { Search } from '../../../src/search/search.ts';
import { Crash, type Fault, faulty } from './faults.ts';
import type { Got } from './test-channel.ts';
import { testRule } from './test-rule.ts';
import { MINUTE, NOON, plainRouting, turnAt, world } from './world.ts';

/** The end of the scenario in virtual time: long enough for every reminder, retry and lease to be over. */
const END = NOON + 25 * MINUTE;

/** Two services fail at different times, one of them twice; two receivers are told. */
function documents() {
  const failing: readonly (readonly [string, readonly number[]])[] = [
    ['a', [0, 1, 2, 3]],
    ['b', [2, 3, 4, 12, 13]],
  ];
  return failing.flatMap(([service, minutes]) =>
    minutes.map((minute) => ({
      '@timestamp': new Date(NOON + minute * MINUTE).toISOString(),
      'service.name': service,
      message: 'boom',
    })),
  );
}

const RULE = testRule({
  name: 'boom',
  groupBy: ['service.name'],
  window: MINUTE,
  receivers: ['team', 'other'],
  evidence: { fields: [], samples: 0, top: [] },
});

/** What one play of the scenario gave. */
export interface Played {
  readonly got: readonly Got[];
  readonly operations: readonly string[];
  readonly crashes: number;
}

/** Plays the scenario with at most one fault. After a crash a new engine starts over the same stores, half a minute later. */
export async function playScenario(
  makeStores: () => Promise<Omit<Backend, 'search'>>,
  fault: Fault | undefined,
): Promise<Played> {
  const { engine, add, backend: documentsBackend, channel } = world();
  add('logs-app', ...documents());
  const stores = await makeStores();
  const search: Search = documentsBackend.search;
  const operations: string[] = [];
  let crashes = 0;
  let now = NOON - 1;
  for (let life: Fault | undefined = fault; now < END; life = undefined) {
    const wrapped = faulty({ ...stores, search }, channel, life);
    const ports = engine([RULE], {
      backend: wrapped.faulty.backend,
      destination: (id) => ({ channel: channel.channel, options: { id } }),
      routing: plainRouting({ groupInterval: MINUTE }),
    });
    try {
      if (crashes > 0) await turnAt(ports, now);
      for await (const report of simulate({ from: now, to: END }, ports, new AbortController().signal)) now = report.now;
      now = END;
    } catch (thrown) {
      if (!(thrown instanceof Crash)) throw thrown;
      crashes++;
      now += MINUTE / 2;
    } finally {
      wrapped.revive();
      operations.push(...wrapped.faulty.operations);
    }
  }
  return { got: channel.got, operations, crashes };
}

/** First copies of what each receiver heard of each episode, in order: `firing`, `resolved`, or `ended` for both at once. */
export function stories(got: readonly Got[]): ReadonlyMap<string, readonly string[]> {
  const told = new Map<string, string[]>();
  for (const { destination, message } of got) {
    for (const alert of message.alerts) {
      if (alert.change === 'still') continue;
      const story = told.get(`${destination} ${alert.group['service.name']} ${alert.episode}`) ?? [];
      const heard = alert.status;
      if (!story.includes(heard)) story.push(heard);
      told.set(`${destination} ${alert.group['service.name']} ${alert.episode}`, story);
    }
  }
  return told;
}

/** Nothing owed is lost, nothing is told out of order, and a message repeats at most once for the one fault. */
export function expectPromises(played: Played, baseline: Played): void {
  const expected = stories(baseline.got);
  const actual = stories(played.got);
  expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [episode, story] of actual) {
    expect([['firing', 'resolved'], ['ended'], ['ended', 'firing', 'resolved']], episode).toContainEqual(story);
  }
  const copies = new Map<string, number>();
  for (const { destination, message } of played.got) {
    const key = `${destination} ${message.id}`;
    copies.set(key, (copies.get(key) ?? 0) + 1);
  }
  const repeats = [...copies.values()].reduce((sum, count) => sum + count - 1, 0);
  // One fault may strike while one message to each of the two receivers is in flight.
  expect(repeats).toBeLessThanOrEqual(2);
}
