import { expect } from 'vitest';
import type { Backend } from '../../../src/engine/backend.ts';
import { simulate } from '../../../src/engine/simulate.ts';
import type { TurnPorts } from '../../../src/engine/turn-ports.ts';
import type { Routing } from '../../../src/routing/route.ts';
import type { Search } from '../../../src/search/search.ts';
import { Crash, type Fault, faulty } from './faults.ts';
import { beginLife, type Failure, randomOf } from './random-faults.ts';
import type { Got, TestChannel } from './test-channel.ts';
import { testRule } from './test-rule.ts';
import { MINUTE, NOON, plainRouting, turnAt, type World, world } from './world.ts';

/** The end of the scenario in virtual time: long enough for every reminder, retry and lease to be over. */
const END = NOON + 25 * MINUTE;

/** Two services fail at different times, one of them three times: by its second episode it flaps, the third is not told apart. */
function documents() {
  const failing: readonly (readonly [string, readonly number[]])[] = [
    ['a', [0, 1, 2, 3]],
    ['b', [2, 3, 4, 12, 13, 15]],
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
  flapping: { episodes: 2, within: 20 * MINUTE, steady: 3 * MINUTE },
  evidence: { fields: [], samples: 0, top: [] },
});

/** What is different in a play: how the receivers behave, and what the configuration becomes. */
export interface Variant {
  readonly recipients?: readonly string[];
  readonly prepare?: (channel: TestChannel) => void;
  /** From this moment on, the receiver `team` is called `fresh`. */
  readonly renamedAt?: number;
}

/** What one play of the scenario gave. */
export interface Played {
  readonly got: readonly Got[];
  readonly operations: readonly string[];
  readonly crashes: number;
}

/** The rule and the configuration of a moment. */
function configurationAt(now: number, { renamedAt = Number.POSITIVE_INFINITY }: Variant) {
  const plain = plainRouting({ groupInterval: MINUTE });
  if (now < renamedAt) return { rule: RULE, routing: plain, until: Math.min(END, renamedAt) };
  const { team: _team, ...others } = plain.destinations;
  const fresh = [{ id: 'fresh/test/0', receiver: 'fresh', channel: 'test' }];
  const routing: Routing = { root: { ...plain.root, receiver: 'fresh' }, destinations: { ...others, fresh } };
  return { rule: { ...RULE, receivers: ['fresh', 'other'] }, routing, until: END };
}

/** Plays the scenario with at most one fault. After a crash a new engine starts over the same stores, half a minute later. */
export async function playScenario(
  makeStores: () => Promise<Omit<Backend, 'search'>>,
  fault: Fault | undefined,
  variant: Variant = {},
): Promise<Played> {
  const { engine, add, backend: documentsBackend, channel } = world({}, variant.recipients);
  variant.prepare?.(channel);
  add('logs-app', ...documents());
  const stores = await makeStores();
  const search: Search = documentsBackend.search;
  const operations: string[] = [];
  let crashes = 0;
  let now = NOON - 1;
  for (let life: Fault | undefined = fault; now < END; life = undefined) {
    const wrapped = faulty({ ...stores, search }, channel, life);
    let session: TurnPorts['session'] | undefined;
    try {
      // The engine has walls against what is thrown in it; a process that is gone has none.
      const survive = () => {
        if (wrapped.faulty.crashed()) throw new Crash('the engine is dead');
      };
      while (now < END) {
        const { rule, routing, until } = configurationAt(now, variant);
        const known = new Set(Object.values(routing.destinations).flatMap((list) => list.map(({ id }) => id)));
        const ports = engine([rule], {
          backend: wrapped.faulty.backend,
          destination: (id) => (known.has(id) ? { channel: channel.channel, options: { id } } : undefined),
          routing,
          ...(session !== undefined && { session }),
        });
        if (crashes > 0 && session === undefined) await turnAt(ports, now);
        ({ session } = ports);
        survive();
        for await (const report of simulate({ from: now, to: until }, ports, new AbortController().signal)) {
          survive();
          now = report.now;
        }
        survive();
        now = until;
      }
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

/** What two engines that crash at random made of the scenario, and what befell them. */
export interface RandomlyPlayed extends Played {
  readonly unknownSends: number;
}

/** How probable each kind of fault is, an operation. */
export type Chances = Pick<Failure, 'crash' | 'lostWrite' | 'lostSend'>;

const NO_CHANCES: Chances = { crash: 0, lostWrite: 0, lostSend: 0 };
const STEP = 20_000;

/**
 * Plays the scenario with two engines side by side over the same stores, their clocks apart. Until shortly before the end, operations crash
 * an engine or lose their answers at random; a dead engine is followed by a new one, without memory, half a minute later.
 */
export async function playRandomly(
  makeStores: () => Promise<Omit<Backend, 'search'>>,
  seed: number,
  chances: Chances,
): Promise<RandomlyPlayed> {
  const scene = world();
  scene.add('logs-app', ...documents());
  const backend: Backend = { ...(await makeStores()), search: scene.backend.search };
  const random = randomOf(seed);
  const failure: Failure = { random, ...chances, crashes: 0, unknownSends: 0 };
  const engines = [0, 1].map((index) => oneAfterAnother(scene, backend, failure, (index * STEP) / 3));
  for (let now = NOON; now < END + 40 * MINUTE; now += STEP) {
    if (now >= END) Object.assign(failure, NO_CHANCES);
    await Promise.all(engines.map((engine) => engine(now)));
  }
  return { got: scene.channel.got, operations: [], crashes: failure.crashes, unknownSends: failure.unknownSends };
}

/** The lives of one replica: gives what it does at a moment. */
function oneAfterAnother(scene: World, backend: Backend, failure: Failure, skew: number): (now: number) => Promise<void> {
  const begin = () => {
    const life = beginLife(backend, scene.channel, failure);
    const ports = scene.engine([RULE], {
      backend: life.backend,
      destination: (id) => ({ channel: life.channel.channel, options: { id } }),
      routing: plainRouting({ groupInterval: MINUTE }),
    });
    return { life, ports };
  };
  let { life, ports } = begin();
  let restart = 0;
  return async (now) => {
    if (life.dead()) {
      if (now < restart) return;
      ({ life, ports } = begin());
    }
    await turnAt(ports, now + skew);
    if (life.dead()) restart = now + MINUTE / 2;
  };
}

/** What Tocsin says of itself is no part of the story. */
function ofTheRule(got: readonly Got[]): readonly Got[] {
  return got.filter(({ message }) => message.alerts.every(({ rule }) => rule === RULE.name));
}

/** First copies of what each receiver heard of each episode, in order: `firing`, `resolved`, or `ended` for both at once. */
export function stories(got: readonly Got[]): ReadonlyMap<string, readonly string[]> {
  const notified = new Map<string, string[]>();
  for (const one of ofTheRule(got)) {
    const { message } = one;
    // Under another name it is the same receiver.
    const destination = one.destination.replace('fresh', 'team');
    for (const alert of message.alerts) {
      if (alert.change === 'still') continue;
      const story = notified.get(`${destination} ${alert.group['service.name']} ${alert.episode}`) ?? [];
      const heard = alert.status;
      if (!story.includes(heard)) story.push(heard);
      notified.set(`${destination} ${alert.group['service.name']} ${alert.episode}`, story);
    }
  }
  return notified;
}

/** Messages to the two receivers may be in flight when an engine dies. */
const IN_FLIGHT = 2;

/** Nothing outstanding is lost, nothing is notified out of order, and a message repeats at most once for the one fault. */
export function expectPromises(played: Played, baseline: Played): void {
  expectFrozenOnce(played);
  expectPromisesWithRetries(played, baseline, 1);
}

/** The same where receivers refuse something, so that it is frozen into more than one message; each has so many recipients. */
export function expectPromisesWithRetries(played: Played, baseline: Played, recipients: number): void {
  expectStories(played, baseline, true);
  // One fault may strike while one message to each of the two receivers is in flight.
  expect(repeatsOf(played)).toBeLessThanOrEqual(IN_FLIGHT * recipients);
}

/** The same after any number of faults: each crash and each send without an answer may repeat what was in flight. */
export function expectPromisesAtRandom(played: RandomlyPlayed, baseline: Played): void {
  expectFrozenOnce(played);
  expectStories(played, baseline);
  expect(repeatsOf(played)).toBeLessThanOrEqual(IN_FLIGHT * played.crashes + played.unknownSends);
}

/** `retried`: a message that comes late shows the last episode of an alert alone, and speaks for those before it. */
function expectStories(played: Played, baseline: Played, retried = false): void {
  const expected = stories(baseline.got);
  const actual = stories(played.got);
  const keys = [...expected.keys()];
  const later = (key: string) => {
    const alert = key.slice(0, key.lastIndexOf(' '));
    return keys.slice(keys.indexOf(key) + 1).some((other) => other.startsWith(alert) && actual.has(other));
  };
  const due = retried ? keys.filter((key) => actual.has(key) || !later(key)) : keys;
  expect([...actual.keys()].sort()).toEqual(due.sort());
  for (const [episode, story] of actual) {
    expect([['firing', 'resolved'], ['ended'], ['ended', 'firing', 'resolved']], episode).toContainEqual(story);
  }
}

/** Nothing is refused here, so each transition is frozen into exactly one message, however often that one is sent. */
function expectFrozenOnce({ got }: Played): void {
  const messages = new Map<string, Set<string>>();
  for (const { destination, message } of got) {
    for (const alert of message.alerts) {
      if (alert.change === 'still') continue;
      const key = `${destination} ${alert.group['service.name']} ${alert.episode} ${alert.change}`;
      messages.set(key, (messages.get(key) ?? new Set()).add(message.id));
    }
  }
  for (const [transition, ids] of messages) expect([...ids], transition).toHaveLength(1);
}

function repeatsOf({ got }: Played): number {
  const copies = new Map<string, number>();
  for (const { destination, message } of ofTheRule(got)) {
    const key = `${destination} ${message.id}`;
    copies.set(key, (copies.get(key) ?? 0) + 1);
  }
  return [...copies.values()].reduce((sum, count) => sum + count - 1, 0);
}
