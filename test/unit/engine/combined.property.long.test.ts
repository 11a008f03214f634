import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  at,
  CALM,
  END,
  type Event,
  firstName,
  HOSTS,
  type Performed,
  type Plot,
  perform,
  type Span,
} from '../../support/engine/combined-play.ts';
import type { Got } from '../../support/engine/test-channel.ts';
import { MINUTE } from '../../support/engine/world.ts';
import { runs } from '../../support/thorough.ts';

const minute = fc.integer({ min: 1, max: 110 });
const span: fc.Arbitrary<Span> = fc
  .record({
    rule: fc.constantFrom<'app' | 'node' | 'beat'>('app', 'app', 'node', 'beat'),
    host: fc.constantFrom(...HOSTS),
    from: fc.integer({ min: 0, max: 80 }),
    length: fc.integer({ min: 2, max: 60 }),
    critical: fc.boolean(),
    ever: fc.boolean(),
  })
  .map(({ length, ever, ...one }) => ({
    ...one,
    // What inhibits is over at the end.
    to: ever && one.rule === 'app' ? END : Math.min(CALM - 10, one.from + length),
  }));
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({
    kind: fc.constant('silence' as const),
    at: minute,
    host: fc.constantFrom(...HOSTS),
    for: fc.integer({ min: 1, max: 60 }),
    notify: fc.boolean(),
  }),
  fc.record({ kind: fc.constantFrom<'expire' | 'ack' | 'ack' | 'take back'>('expire', 'ack', 'ack', 'take back'), at: minute }),
  fc.record({ kind: fc.constantFrom<'restart' | 'other replica'>('restart', 'other replica'), at: minute }),
  fc.record({
    kind: fc.constant('rename' as const),
    at: minute,
    receiver: fc.constantFrom('team', 'lead', 'boss', 'pager'),
    to: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
  }),
  fc.record({
    kind: fc.constant('remove' as const),
    at: minute,
    receiver: fc.constantFrom('team', 'lead', 'boss', 'pager'),
    for: fc.integer({ min: 1, max: 60 }),
  }),
  fc.record({
    kind: fc.constant('refuses' as const),
    at: minute,
    receiver: fc.constantFrom('team', 'lead', 'boss', 'pager'),
    for: fc.integer({ min: 1, max: 30 }),
  }),
);
const plot: fc.Arbitrary<Plot> = fc.record({
  groupBy: fc.constantFrom(['alertname'], ['...'], ['host'], []),
  groupWait: fc.constantFrom(0, 1),
  groupInterval: fc.constantFrom(1, 5, 15),
  growth: fc.boolean(),
  schedule: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.boolean()),
  escalate: fc.boolean(),
  mute: fc.boolean(),
  inhibit: fc.boolean(),
  pager: fc.boolean(),
  flapping: fc.boolean(),
  sent: fc.boolean(),
  spans: fc.array(span, { minLength: 1, maxLength: 4 }),
  events: fc.array(event, { maxLength: 6 }),
});

const CALMEST: Plot = {
  ...{ groupBy: ['alertname'], groupWait: 0, groupInterval: 15, growth: false, schedule: false, escalate: false },
  ...{ mute: false, inhibit: false, pager: false, flapping: false, sent: false, spans: [], events: [] },
};

/** Plots that went wrong once. */
const FOUND: readonly Plot[] = [
  // The end was handed on to who is notified in addition, and then that receiver got another name before it was sent.
  {
    ...CALMEST,
    escalate: true,
    spans: [{ rule: 'app', host: 'h1', from: 0, to: 16, critical: false }],
    events: [{ kind: 'rename', at: 17, receiver: 'lead', to: 1 }],
  },
  {
    ...CALMEST,
    escalate: true,
    spans: [{ rule: 'app', host: 'h1', from: 0, to: 31, critical: false }],
    events: [
      { kind: 'rename', at: 32, receiver: 'lead', to: 1 },
      { kind: 'rename', at: 35, receiver: 'lead', to: 2 },
    ],
  },
  // The message about a silent source went to a receiver that got another name, and while it was suppressed the source was back.
  {
    ...CALMEST,
    spans: [{ rule: 'beat', host: 'h1', from: 10, to: 30, critical: true }],
    events: [
      ...HOSTS.map((host) => ({ kind: 'silence' as const, at: 14, host, for: 60 })),
      { kind: 'rename', at: 20, receiver: 'team', to: 1 },
    ],
  },
  // The same once the alerts that it stood for are no longer held back.
  {
    ...CALMEST,
    spans: [{ rule: 'beat', host: 'h1', from: 10, to: 70, critical: true }],
    events: [{ kind: 'rename', at: 60, receiver: 'team', to: 1 }],
  },
  {
    ...CALMEST,
    mute: true,
    spans: [{ rule: 'app', host: 'h1', from: 0, to: 50, critical: false }],
    events: [{ kind: 'rename', at: 45, receiver: 'team', to: 1 }],
  },
];

type Shown = Got['message']['alerts'][number];
const nameOf = ({ rule, group }: Shown) => `${rule}/${group['host']}`;
const minuteOf = (time: number) => Math.round((time - at(0)) / 6_000) / 10;

/** What each receiver read, by receiver and alert. */
function read(got: readonly Got[]): Map<string, Map<string, { at: number; alert: Shown; notes: readonly string[] }[]>> {
  const all = new Map<string, Map<string, { at: number; alert: Shown; notes: readonly string[] }[]>>();
  for (const { at: time, destination, message } of got) {
    // Under whichever name: who takes its place knows what it knew.
    const receiver = firstName(destination.split('/')[0] ?? '');
    const alerts = all.get(receiver) ?? new Map();
    all.set(receiver, alerts);
    for (const alert of message.alerts)
      if (['app', 'node', 'beat'].includes(alert.rule))
        alerts.set(nameOf(alert), [...(alerts.get(nameOf(alert)) ?? []), { at: time, alert, notes: message.notes }]);
  }
  return all;
}

/** Spans that overlap add up: three that are not critical are. */
function documentsAtEnd(spans: readonly Span[], host: string): number {
  return spans.filter((one) => one.to === END && one.host === host).reduce((sum, one) => sum + (one.critical ? 3 : 1), 0);
}

/** The faults of a play, in words; none when all went well. */
function faultsOf({ spans, escalate, pager, events }: Plot, { scene, problems }: Performed): readonly string[] {
  const faults: string[] = [...problems];
  const fires = new Set(spans.filter(({ to }) => to === END).map(({ rule, host }) => `${rule}/${host}`));
  const critical = new Set(HOSTS.filter((host) => documentsAtEnd(spans, host) >= 3).map((host) => `app/${host}`));
  const all = read(scene.channel.got);
  const lastOf = (receiver: string, name: string) => all.get(receiver)?.get(name)?.at(-1);
  // While a receiver is not there its alerts go elsewhere, and stay there.
  const wasRemoved = events.some(({ kind }) => kind === 'remove');
  for (const [receiver, alerts] of all)
    for (const [name, story] of alerts) {
      const last = story.at(-1);
      // Who was taken out of the configuration is notified of nothing, and whoever took its place of the end.
      const left = events.some(
        (one) => one.kind === 'remove' && one.receiver === receiver && at(one.at + one.for) >= (last?.at ?? 0),
      );
      const others = [...all].filter(
        ([other, known]) => other !== receiver && known.get(name)?.at(-1)?.alert.change === 'resolved',
      );
      if (last?.alert.status === 'firing' && !fires.has(name) && !(left && others.length > 0))
        faults.push(`${receiver} never read that ${name} is over`);
      const begun = story.filter(({ alert }) => alert.change === 'firing').map(({ alert }) => alert.episode);
      const moved = story.some(({ alert }) => alert.status === 'moved');
      const isRenamed = wasRemoved || events.some((one) => one.kind === 'rename' && one.receiver === receiver);
      if (!moved && !isRenamed && new Set(begun).size < begun.length) faults.push(`${receiver} read twice that ${name} fires`);
      const over = story.filter(({ alert }) => alert.change === 'resolved').map(({ alert }) => alert.episode);
      if (!isRenamed && new Set(over).size < over.length) faults.push(`${receiver} read twice that ${name} is over`);
    }
  for (const name of fires) {
    const routed = pager && critical.has(name) ? 'pager' : 'team';
    const heardAt = (receiver: string) => lastOf(receiver, name)?.at ?? 0;
    const owner = wasRemoved ? ['team', 'pager', 'meta'].reduce((a, b) => (heardAt(b) > heardAt(a) ? b : a)) : routed;
    const last = lastOf(owner, name);
    if (last?.alert.status !== 'firing') {
      faults.push(`${owner} does not know that ${name} fires`);
      continue;
    }
    const acknowledged = last.alert.acknowledged !== undefined && last.alert.acknowledged.worse !== true;
    const hasAck = events.some(({ kind }) => kind === 'ack');
    if (!hasAck && !acknowledged && at(END) - last.at > 62 * MINUTE)
      faults.push(`${owner} is not reminded of ${name}: ${minuteOf(last.at)}`);
    if (escalate && !hasAck && !wasRemoved)
      for (const receiver of ['lead', 'boss'])
        if (lastOf(receiver, name)?.alert.status !== 'firing') faults.push(`${receiver} does not know that ${name} fires`);
  }
  return faults;
}

function storyOf({ scene }: Performed): string {
  return scene.channel.got
    .map(({ at: time, destination, message }) => {
      const alerts = message.alerts.map((one) => `${one.rule}/${one.group['host']} ${one.severity} ${one.change}`).join(', ');
      return `${minuteOf(time)} ${destination} ${message.reason}: ${alerts} ${message.notes.join(' | ')}`;
    })
    .join('\n');
}

describe('whatever befalls alerts at once', () => {
  it('what fires at the end is known, every end is notified, and nothing twice', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(plot, async (given) => {
        const performed = await perform(given);
        const faults = faultsOf(given, performed);
        expect(faults, storyOf(performed)).toEqual([]);
      }),
      { numRuns: FOUND.length + runs(40), examples: FOUND.map((given) => [given]) },
    );
  });
});
