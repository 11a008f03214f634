import type { Schedule } from '../../../src/core/schedule.ts';
import { simulate } from '../../../src/engine/simulate.ts';
import type { TurnPorts } from '../../../src/engine/turn-ports.ts';
import { expireSilence } from '../../../src/notify/silence-changes.ts';
import type { Silence } from '../../../src/notify/silences.ts';
import { readPosted } from '../../../src/received/read-posted.ts';
import { receive } from '../../../src/received/receive.ts';
import type { InhibitRule, Matcher, RepeatGrowth, Routing } from '../../../src/routing/route.ts';
import type { TimeInterval } from '../../../src/routing/time-intervals.ts';
import { routeTree } from '../../../src/routing/tree.ts';
import type { Rule } from '../../../src/rules/rule.ts';
import { acknowledgeDesk } from '../../../src/service/acknowledge-desk.ts';
import { testRule } from './test-rule.ts';
import { MINUTE, NOON, plainRouting, turnAt, type World, world } from './world.ts';

/** What befalls the world at a minute. */
export type Event =
  | { readonly kind: 'silence'; readonly at: number; readonly host: string; readonly for: number; readonly notify?: boolean }
  | { readonly kind: 'expire' | 'ack' | 'take back' | 'restart' | 'other replica'; readonly at: number }
  /** To which of its names: it may get a third one, or its first one back. */
  | { readonly kind: 'rename'; readonly at: number; readonly receiver: string; readonly to: 0 | 1 | 2 }
  /** It is taken out of the configuration for a while, and its routes with it. */
  | { readonly kind: 'remove'; readonly at: number; readonly receiver: string; readonly for: number }
  | { readonly kind: 'refuses'; readonly at: number; readonly receiver: string; readonly for: number };

/** When an alert is bad, in minutes, and how bad; of `beat`, when a host is silent, or with `critical` all of them. */
export interface Span {
  readonly rule: 'app' | 'node' | 'beat';
  readonly host: string;
  readonly from: number;
  readonly to: number;
  readonly critical: boolean;
}

/** A play: how alerts are routed, what is bad, and what people do. */
export interface Plot {
  readonly groupBy: readonly string[];
  readonly groupWait: number;
  readonly groupInterval: number;
  readonly growth: boolean;
  readonly schedule: boolean;
  readonly escalate: boolean;
  readonly mute: boolean;
  readonly inhibit: boolean;
  readonly pager: boolean;
  readonly flapping: boolean;
  /** Another system sends the alerts of `node`, which are those of a rule otherwise. */
  readonly sent: boolean;
  readonly spans: readonly Span[];
  readonly events: readonly Event[];
}

/** From here on nothing is held back and every receiver answers. */
export const CALM = 120;
export const END = 420;
export const HOSTS = ['h1', 'h2'];

const matcher = (label: string, value: string): Matcher => ({ label, op: '=', value });
const every20: Schedule = { kind: 'cron', pattern: '*/20 * * * *', timezone: 'UTC' };
const quiet: TimeInterval = { name: 'quiet', parts: [{ times: [{ from: 12 * 60 + 40, to: 13 * 60 + 10 }], location: 'UTC' }] };
const NODE: InhibitRule = {
  name: 'node',
  sourceMatchers: [matcher('alertname', 'node')],
  targetMatchers: [matcher('alertname', 'app')],
  equal: ['host'],
};
const levels = [
  { severity: 'critical', condition: 'count >= 3' },
  { severity: 'warning', condition: 'count >= 1' },
];
const FLAPPING = { episodes: 3, within: 60 * MINUTE, steady: 15 * MINUTE };

/** Two rules about documents, and one about hosts that send none: if all do, that is one message about their source. */
function rulesOf({ flapping }: Plot): readonly Rule[] {
  const flaps = flapping ? { flapping: FLAPPING } : {};
  return [
    ...['app', 'node'].map((name) => testRule({ name, index: `${name}-*`, window: MINUTE, groupBy: ['host'], levels, ...flaps })),
    testRule({
      ...{ name: 'beat', index: 'beat-*', type: 'flatline', condition: 'count < 1', groupBy: ['host'], window: MINUTE },
      ...{ labels: { severity: 'warning' }, outageHold: 30 * MINUTE, ...flaps },
    }),
  ];
}
const GROWTH: RepeatGrowth = { factor: 2, max: 40 * MINUTE };

const NAMES = ['', 'new-', 'newer-'] as const;

/** The receiver, whichever of its names that is. Under each its destination has another ID. */
export function firstName(receiver: string): string {
  return receiver.replace(/^(?:new|newer)-/, '');
}

/** How receivers are called at a time, and which of them are not configured. */
interface Names {
  readonly of: ReadonlyMap<string, 0 | 1 | 2>;
  readonly removed: ReadonlySet<string>;
}

/** The routing of a plot, as receivers are called. */
function routingOf(plot: Plot, { of, removed }: Names): Routing {
  const named = (receiver: string) => `${NAMES[of.get(receiver) ?? 0]}${receiver}`;
  const isThere = (receiver: string) => !removed.has(receiver);
  const steps = [
    { after: 15 * MINUTE, receiver: 'lead' },
    { after: 30 * MINUTE, receiver: 'boss' },
  ].flatMap(({ after, receiver }) => (isThere(receiver) ? [{ after, receiver: named(receiver) }] : []));
  const growth = plot.growth ? { repeatGrowth: GROWTH } : {};
  const common = { muteTimeIntervals: plot.mute ? ['quiet'] : [] };
  const root = routeTree({
    receiver: 'meta',
    groupBy: plot.groupBy,
    groupWait: plot.groupWait * MINUTE,
    groupInterval: plot.groupInterval * MINUTE,
    repeatInterval: 10 * MINUTE,
    ...growth,
    ...(plot.schedule && { schedule: every20 }),
    ...(plot.escalate && steps.length > 0 && { escalate: steps }),
    routes: [
      ...(plot.pager && isThere('pager')
        ? [{ receiver: named('pager'), matchers: [matcher('severity', 'critical')], ...common }]
        : []),
      ...(isThere('team')
        ? [{ receiver: named('team'), matchers: [{ label: 'host', op: '!=' as const, value: '' }], ...common }]
        : []),
    ],
  });
  const destination = (receiver: string) => [{ id: `${receiver}/test/0`, receiver, channel: 'test' }];
  const names = ['meta', 'team', 'pager', 'lead', 'boss', 'author'].filter(isThere).map(named);
  return {
    ...plainRouting(),
    root,
    destinations: Object.fromEntries(names.map((name) => [name, destination(name)])),
    intervals: { quiet },
    inhibitRules: plot.inhibit ? [NODE] : [],
  };
}

export const at = (minute: number): number => NOON + minute * MINUTE;

/** The world after a play, and what its turns complained about. */
export interface Performed {
  readonly scene: World;
  readonly problems: readonly string[];
}

function isSent({ rule }: Span, { sent }: Plot): boolean {
  return sent && rule === 'node';
}

/** Another system sends an alert and says until when it fires. */
async function post({ rule, host, critical, to }: Span, now: number, { backend }: World): Promise<void> {
  const labels = { alertname: rule, host, severity: critical ? 'critical' : 'warning' };
  const posted = [{ labels, endsAt: new Date(Math.max(now, at(to))).toISOString() }];
  const read = readPosted(posted, { now, source: 'prometheus', resolveTimeout: 5 * MINUTE });
  if (typeof read === 'string' || read.problems.length > 0) throw new Error(JSON.stringify(read));
  const { problem } = await receive(read.alerts, backend.received, { now, max: 100 });
  if (problem !== undefined) throw new Error(problem);
}

/** Plays a plot to its end and gives the world. */
export async function perform(plot: Plot): Promise<Performed> {
  const scene = world();
  const silent = (host: string, minute: number) =>
    plot.spans.some((one) => one.rule === 'beat' && (one.critical || one.host === host) && one.from <= minute && minute < one.to);
  if (plot.spans.some(({ rule }) => rule === 'beat'))
    for (const host of HOSTS)
      for (let minute = -10; minute < END; minute++)
        if (!silent(host, minute)) scene.add('beat-a', { '@timestamp': new Date(at(minute)).toISOString(), host });
  for (const { rule, host, from, to, critical } of plot.spans.filter((one) => one.rule !== 'beat' && !isSent(one, plot)))
    for (let minute = from; minute < to; minute++)
      for (let n = 0; n < (critical ? 3 : 1); n++)
        scene.add(`${rule}-a`, { '@timestamp': new Date(at(minute) + n).toISOString(), host });
  // Both indices are there.
  for (const rule of ['app', 'node', 'beat']) scene.add(`${rule}-a`, { '@timestamp': new Date(at(-600)).toISOString() });
  const refusals = plot.events.filter((event) => event.kind === 'refuses');
  let now = 0;
  scene.channel.answer = (message) => {
    const refuses = refusals.some(
      (one) => one.receiver === firstName(message.receiver) && at(one.at) <= now && now < at(Math.min(CALM, one.at + one.for)),
    );
    return refuses ? { kind: 'rejected', reason: { kind: 'config', text: 'no' } } : { kind: 'delivered' };
  };
  const names = { of: new Map<string, 0 | 1 | 2>(), removed: new Set<string>() };
  const rulesOfPlot = rulesOf(plot);
  const start = (): TurnPorts => {
    const routing = routingOf(plot, names);
    const known = new Set(Object.values(routing.destinations).flatMap((all) => all.map(({ id }) => id)));
    const { channel } = scene.channel;
    const receives = plot.sent ? { max: 100 } : undefined;
    const rules = plot.sent ? rulesOfPlot.filter(({ name }) => name !== 'node') : rulesOfPlot;
    return scene.engine(rules, {
      routing,
      receives,
      destination: (id) => (known.has(id) ? { channel, options: { id } } : undefined),
    });
  };
  let replicas = [start(), start()];
  const problems: string[] = [];
  let active = 0;
  let silences: Silence[] = [];
  const stretch = async (from: number, to: number) => {
    const turns = simulate(
      { from: at(from), to: at(to) },
      replicas[active] as TurnPorts,
      new AbortController().signal,
      (time) => {
        now = time;
      },
    );
    for await (const log of turns) problems.push(...log.storeProblems, ...log.errors.map((error) => JSON.stringify(error)));
  };
  let minute = 0;
  const sent = plot.spans.filter((one) => isSent(one, plot)).map((span) => ({ kind: 'post' as const, at: span.from, span }));
  const added = plot.events.flatMap((event) =>
    event.kind === 'remove' ? [{ ...event, kind: 'add' as const, at: Math.min(CALM, event.at + event.for) }] : [],
  );
  for (const [index, event] of [...plot.events, ...sent, ...added].sort((a, b) => a.at - b.at).entries()) {
    await stretch(minute, event.at);
    minute = Math.max(minute, event.at);
    const time = at(minute) + 10_000;
    if (event.kind === 'post') await post(event.span, time, scene);
    else if (event.kind === 'silence') {
      const silence: Silence = {
        v: 1,
        id: `silence-${index}`,
        matchers: [matcher('host', event.host)],
        starts_at: time,
        ends_at: Math.min(time + event.for * MINUTE, at(CALM)),
        created_by: 'kim',
        comment: 'upgrade',
        ...(event.notify && { notify: 'author' }),
      };
      silences.push(silence);
      await scene.backend.silences.put(silence);
    } else if (event.kind === 'expire') {
      for (const one of silences) {
        const expired = expireSilence(one, time);
        if (expired.ok) await scene.backend.silences.put(expired.silence);
      }
      silences = [];
    } else if (event.kind === 'ack' || event.kind === 'take back') {
      const desk = acknowledgeDesk({
        stores: scene.backend,
        namespace: 'default',
        rules: rulesOfPlot,
        clock: { now: () => time },
      });
      if (event.kind === 'ack') await desk.acknowledge({ matchers: [] }, { by: 'anna', comment: 'on it' });
      else await desk.expire({ matchers: [] });
    } else if (event.kind === 'restart') replicas[active] = start();
    else if (event.kind === 'rename') {
      names.of.set(event.receiver, event.to);
      replicas = [start(), start()];
    } else if (event.kind === 'remove' || event.kind === 'add') {
      names.removed[event.kind === 'remove' ? 'add' : 'delete'](event.receiver);
      replicas = [start(), start()];
    } else if (event.kind === 'other replica') active = 1 - active;
  }
  await stretch(minute, END);
  await turnAt(replicas[active] as TurnPorts, at(END) + 1_000);
  return { scene, problems };
}
