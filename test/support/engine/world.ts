import { embeddedBackend } from '../../../src/backends/embedded/backend.ts';
import { createDocuments } from '../../../src/backends/embedded/documents.ts';
import { untimed } from '../../../src/core/time.ts';
import { assemble, DELIVERY_DEFAULTS, type Parts } from '../../../src/engine/assemble.ts';
import type { Backend } from '../../../src/engine/backend.ts';
import { openTurn } from '../../../src/engine/open-turn.ts';
import { simulate } from '../../../src/engine/simulate.ts';
import { turn } from '../../../src/engine/turn.ts';
import type { TurnLog } from '../../../src/engine/turn-log.ts';
import type { TurnPorts } from '../../../src/engine/turn-ports.ts';
import type { Route, Routing } from '../../../src/routing/route.ts';
import type { Rule } from '../../../src/rules/rule.ts';
import { titleText } from '../messages/title-text.ts';
import { type TestChannel, testChannel } from './test-channel.ts';

export const MINUTE = 60_000;
/** A Thursday noon, aligned to every schedule of the tests. */
export const NOON = Date.parse('2026-01-01T12:00:00.000Z');

/** A routing with one receiver, `team`, and Alertmanager's defaults with `group_interval` as given. */
export function plainRouting(route: Partial<Route> = {}): Routing {
  const root: Route = {
    key: '{}',
    receiver: 'team',
    matchers: [],
    continue: false,
    groupBy: ['alertname'],
    groupWait: 0,
    groupInterval: 5 * MINUTE,
    repeatInterval: 240 * MINUTE,
    routes: [],
    ...route,
  };
  const destination = (receiver: string) => [{ id: `${receiver}/test/0`, receiver, channel: 'test' }];
  return { root, destinations: { team: destination('team'), other: destination('other'), meta: destination('meta') } };
}

/** An engine over the embedded backend, a channel in memory and a clock turned by hand. */
export interface World {
  readonly backend: ReturnType<typeof embeddedBackend>;
  readonly channel: TestChannel;
  /** Assembles an engine over the same stores: a second call is a restart. */
  engine(rules: readonly Rule[], parts?: Partial<Parts>): TurnPorts;
  add(index: string, ...documents: readonly Readonly<Record<string, unknown>>[]): void;
}

/** Makes a world without documents; its channel addresses these recipients, if any are given. */
export function world(overrides: Partial<Backend> = {}, recipients?: readonly string[]): World {
  const backend = embeddedBackend({ documents: createDocuments(), freeze: true });
  const channel = testChannel(recipients);
  let tokens = 0;
  return {
    backend,
    channel,
    engine: (rules, parts = {}) =>
      assemble({
        namespace: 'default',
        backend: { ...backend, ...overrides },
        rules,
        failures: [],
        routing: plainRouting(),
        destination: (id) => ({ channel: channel.channel, options: { id } }),
        meta: undefined,
        kibana: undefined,
        io: { fetch, print: () => undefined },
        clock: { monotonic: () => 0, sleep: async () => undefined },
        deadline: untimed,
        newToken: () => `token-${++tokens}`,
        delivery: DELIVERY_DEFAULTS,
        ...parts,
      }),
    add: (index, ...documents) => {
      backend.documents.add(documents.map((source) => ({ index, source: source as never })));
    },
  };
}

/** Plays virtual time and gives all reports. */
export async function play(ports: TurnPorts, from: number, to: number): Promise<readonly TurnLog[]> {
  const reports: TurnLog[] = [];
  for await (const report of simulate({ from, to }, ports, new AbortController().signal)) reports.push(report);
  return reports;
}

/** One turn at `now` in which every rule may be due. */
export function turnAt(ports: TurnPorts, now: number, signal = new AbortController().signal): Promise<TurnLog> {
  return turn(openTurn({ now, due: [...ports.rules.values()], sweep: true }, ports, signal));
}

/** Turns at `now` until no window is due any more. */
export async function catchUpAt(ports: TurnPorts, now: number): Promise<void> {
  while ((await turnAt(ports, now)).nextWake === now);
}

/** Changes of status of the reports, one text each: `12:05 pending => firing`. */
export function timeline(reports: readonly TurnLog[]): readonly string[] {
  return reports.flatMap((report) =>
    report.runs.flatMap((run) =>
      run.changes.map(({ transition, group }) => {
        const who = Object.values(group).join(',');
        return `${new Date(transition.at).toISOString().slice(11, 16)}${who === '' ? '' : ` ${who}`} ${transition.from} => ${transition.to}`;
      }),
    ),
  );
}

/** What receivers got, one text each: `12:05 team [FIRING] title`. */
export function heard(channel: TestChannel): readonly string[] {
  return channel.got.map(
    ({ at, destination, message }) =>
      `${new Date(at).toISOString().slice(11, 16)} ${destination.split('/')[0]} ${titleText(message.title)}`,
  );
}
