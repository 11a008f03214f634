import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { embeddedBackend } from '../../../src/backends/embedded/backend.ts';
import { simulate } from '../../../src/engine/simulate.ts';
import type { TurnPorts } from '../../../src/engine/turn-ports.ts';
import type { Rule } from '../../../src/rules/rule.ts';
import { Crash, type Fault, faulty } from '../../support/engine/faults.ts';
import type { Got } from '../../support/engine/test-channel.ts';
import { readOptions, testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, plainRouting, turnAt, world } from '../../support/engine/world.ts';
import { runs } from '../../support/thorough.ts';

const HOSTS: readonly string[] = ['node-0', 'node-1', 'node-2', 'node-3'];
/** An alert group for each host, and news at once. */
const routing = plainRouting({ groupBy: ['host.name'], groupInterval: 0 });

const ruleOf = (given: Partial<Rule['lifecycle']> = {}, expected: readonly string[] = [], outageHold = 60 * MINUTE) =>
  testRule({
    name: 'host-silent',
    type: 'flatline',
    options: readOptions('flatline', { expect: expected }, ['host.name']),
    index: 'metrics-*',
    groupBy: ['host.name'],
    window: 2 * MINUTE,
    condition: 'count < 1',
    labels: { severity: 'critical' },
    evidence: { fields: [], samples: 0, top: [] },
    lifecycle: given,
    outageHold,
  });

/** The host that an alert is about, or `all` for the message about the source. */
const nameOf = (alert: Got['message']['alerts'][number]) => alert.group['host.name'] ?? 'all';

/** What the receiver knows to be firing after these messages. */
function known(got: readonly Got[]): ReadonlySet<string> {
  const firing = new Set<string>();
  for (const { message } of got) {
    for (const alert of message.alerts) {
      if (alert.status === 'firing') firing.add(nameOf(alert));
      else firing.delete(nameOf(alert));
    }
  }
  return firing;
}

async function firingIn({ states }: TurnPorts): Promise<ReadonlyMap<string, string>> {
  const loaded = await states.load(['host-silent'], new Map());
  const document = loaded.ok ? loaded.value.get('host-silent')?.document : undefined;
  return new Map(Object.values(document?.alerts ?? {}).map(({ group, status }) => [group['host.name'] ?? '', status]));
}

const segment = fc.record({ minutes: fc.integer({ min: 7, max: 10 }), present: fc.subarray([...HOSTS]) });
const lives = fc.record({
  segments: fc.array(segment, { minLength: 1, maxLength: 5 }),
  wait: fc.constantFrom(0, 2 * MINUTE),
  keep: fc.constantFrom(0, 3 * MINUTE),
  expected: fc.subarray([...HOSTS], { maxLength: 2 }),
  hold: fc.constantFrom(0, 3 * MINUTE, 60 * MINUTE),
});

describe('whoever would have been sent the alerts of hosts that come and go, alone and all together', () => {
  it('knows after each change of what fires, by the host or by the message in its place, and of nothing that is over', async () => {
    await fc.assert(
      fc.asyncProperty(lives, async ({ segments, wait, keep, expected, hold }) => {
        const { engine, add, channel } = world();
        const rule = ruleOf({ for: wait, keepFiringFor: keep }, expected, hold);
        const ports = engine([rule], { routing });
        const all = [{ minutes: 3, present: HOSTS }, ...segments, { minutes: 10, present: HOSTS }];
        let minute = 0;
        for (const { minutes, present } of all) {
          const documents = Array.from({ length: minutes }, (_, index) => index + minute).flatMap((at) =>
            present.map((host) => ({ '@timestamp': new Date(NOON + at * MINUTE).toISOString(), 'host.name': host })),
          );
          add('metrics-system', ...documents);
          const range = { from: NOON + minute * MINUTE, to: NOON + (minute + minutes) * MINUTE };
          for await (const _report of simulate(range, ports, new AbortController().signal));
          minute += minutes;
          const heard = known(channel.got);
          const alerts = await firingIn(ports);
          const firing = [...alerts].flatMap(([host, status]) => (status === 'firing' ? [host] : []));
          const notified = (host: string) => heard.has(host) || (present.length === 0 && hold > 0 && heard.has('all'));
          expect(
            firing.filter((host) => !notified(host)),
            `at minute ${minute}`,
          ).toEqual([]);
          expect(
            firing.filter((host) => expected.includes(host) && !heard.has(host)),
            'expected hosts',
          ).toEqual([]);
          expect(
            [...heard].filter((host) => host !== 'all' && !alerts.has(host)),
            'what is over',
          ).toEqual([]);
          if (present.length > 0) expect(heard.has('all'), 'the source is back').toBe(false);
          if (hold === 3 * MINUTE)
            expect(
              firing.filter((host) => !heard.has(host)),
              'released',
            ).toEqual([]);
        }
        expect([...known(channel.got)]).toEqual([]);
      }),
      { numRuns: runs(60) },
    );
  }, 60_000);
});

/** Three hosts go silent together; one stays away. */
async function outage(fault: Fault | undefined) {
  const { engine, add, backend, channel } = world();
  for (let minute = 0; minute < 30; minute++) {
    const present = minute < 4 ? HOSTS.slice(0, 3) : minute < 9 ? [] : HOSTS.slice(0, 2);
    add(
      'metrics-system',
      ...present.map((host) => ({ '@timestamp': new Date(NOON + minute * MINUTE).toISOString(), 'host.name': host })),
    );
  }
  const stores = embeddedBackend({ freeze: true });
  const operations: string[] = [];
  const end = NOON + 20 * MINUTE;
  let now = NOON - 1;
  let crashes = 0;
  for (let life: Fault | undefined = fault; now < end; life = undefined) {
    const wrapped = faulty({ ...stores, search: backend.search }, channel, life);
    const ports = engine([ruleOf()], { backend: wrapped.faulty.backend, routing });
    const survive = () => {
      if (wrapped.faulty.crashed()) throw new Crash('the engine is dead');
    };
    try {
      if (crashes > 0) await turnAt(ports, now);
      // The engine has walls against what is thrown in it; a process that is gone has none.
      survive();
      for await (const report of simulate({ from: now, to: end }, ports, new AbortController().signal)) {
        survive();
        now = report.now;
      }
      survive();
      now = end;
    } catch (thrown) {
      if (!(thrown instanceof Crash)) throw thrown;
      crashes++;
      now += MINUTE / 2;
    } finally {
      wrapped.revive();
      operations.push(...wrapped.faulty.operations);
    }
  }
  const first = new Map(channel.got.map((one) => [one.message.id, one]));
  const said = [...first.values()].flatMap(({ message }) => message.alerts.map((alert) => `${alert.status} ${nameOf(alert)}`));
  return { said, copies: channel.got.length - first.size, operations };
}

describe('an engine that fails while a source is silent', () => {
  const story = ['firing all', 'resolved all', 'firing node-2'];

  it.each([
    { kind: 'crash', when: 'before' },
    { kind: 'crash', when: 'after' },
    { kind: 'lost answer', when: 'before' },
    { kind: 'lost answer', when: 'after' },
  ] as const)(
    'tells the same with a $kind $when any of its writes and sends',
    async (kind) => {
      const { said, operations } = await outage(undefined);
      expect(said).toEqual(story);
      const struck = [...operations.keys()].filter((index) => /^(save|send)/.test(operations[index] ?? ''));
      expect(struck.length).toBeGreaterThan(10);
      for (const operation of struck) {
        const played = await outage({ ...kind, operation });
        expect(played.said, `at operation ${operation}, ${operations[operation]}`).toEqual(story);
        expect(played.copies).toBeLessThanOrEqual(1);
      }
    },
    60_000,
  );
});
