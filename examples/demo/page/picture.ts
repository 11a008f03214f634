import type { Duration, Instant } from '../../../src/core/time.ts';
import type { Arrived } from '../inbox.ts';
import type { Measured, StoryEvent } from '../story.ts';

/** A stretch of the alert's life, for the track below the chart. */
export interface Span {
  readonly from: Instant;
  readonly to: Instant;
  readonly state: 'pending' | 'warning' | 'critical' | 'recovering';
}

/** What holds messages back, or who works on it: a track of its own below that of the alert. */
export interface Track {
  readonly name: string;
  readonly boxes: readonly {
    readonly from: Instant;
    readonly to: Instant;
    readonly word: 'acknowledged' | 'silenced' | 'inhibited';
  }[];
}

/** A message with its number on the page, who got it, and why it was sent. */
export interface Delivery {
  readonly number: number;
  readonly receiver: string;
  readonly channel: 'slack' | 'mail';
  readonly title: string;
  readonly arrived: Arrived;
  readonly meaning: 'firing' | 'worse' | 'still' | 'resolved';
}

/** A line of the rule's levels, with the number that it compares with. */
export interface Threshold {
  readonly severity: string;
  readonly count: number;
}

/** What the page shows, read out of the story. */
export interface Picture {
  readonly start: Instant;
  readonly end: Instant;
  readonly measured: readonly Measured[];
  readonly deeds: readonly { readonly at: Instant; readonly text: string }[];
  readonly spans: readonly Span[];
  readonly tracks: readonly Track[];
  readonly thresholds: readonly Threshold[];
  readonly deliveries: readonly Delivery[];
  /** Moments of the story; undefined: it did not happen. */
  readonly moments: Readonly<Record<'released' | 'rolledBack' | 'firing' | 'resolved', Instant | undefined>>;
}

/** Reads the picture out of what happened. */
export function pictureOf(given: {
  readonly start: Instant;
  readonly end: Instant;
  readonly events: readonly StoryEvent[];
  readonly arrived: readonly Arrived[];
  readonly thresholds: readonly Threshold[];
}): Picture {
  const { start, end, events, arrived, thresholds } = given;
  const deeds = events.flatMap((event) => (event.kind === 'shop' ? [event] : []));
  const atOf = (kind: StoryEvent['kind']) => events.find((event) => event.kind === kind)?.at;
  return {
    start,
    end,
    measured: events.flatMap((event) => (event.kind === 'measured' ? [event.measured] : [])),
    deeds,
    spans: spansOf(events, end),
    tracks: tracksOf(events, end),
    thresholds,
    deliveries: deliveriesOf(events, arrived),
    moments: { released: deeds[0]?.at, rolledBack: deeds[1]?.at, firing: atOf('firing'), resolved: atOf('resolved') },
  };
}

function spansOf(events: readonly StoryEvent[], end: Instant): readonly Span[] {
  const changes = events.flatMap((event) => ('severity' in event ? [event] : []));
  return changes.flatMap((event, index) => {
    if (event.kind === 'resolved') return [];
    const state =
      event.kind === 'pending' || event.kind === 'recovering'
        ? event.kind
        : event.severity === 'critical'
          ? 'critical'
          : 'warning';
    return [{ from: event.at, to: changes[index + 1]?.at ?? end, state }];
  });
}

/** On call acknowledges until the alert is resolved, and silences it meanwhile; the other alert is inhibited from its beginning to its end. */
function tracksOf(events: readonly StoryEvent[], end: Instant): readonly Track[] {
  const at = (kind: StoryEvent['kind'], place = 0) => events.filter((event) => event.kind === kind)[place]?.at ?? end;
  const [acknowledged, silenced, over, resolved] = [at('on-call'), at('on-call', 1), at('silence'), at('resolved')];
  return [
    {
      name: 'on-call acts',
      boxes: [
        { from: acknowledged, to: silenced, word: 'acknowledged' },
        { from: silenced, to: over, word: 'silenced' },
        { from: over, to: resolved, word: 'acknowledged' },
      ],
    },
    { name: 'checkout', boxes: [{ from: at('inhibited'), to: at('inhibited', 1), word: 'inhibited' }] },
  ].map(({ name, boxes }) => ({ name, boxes: boxes.filter(({ from, to }) => from < to) })) as readonly Track[];
}

/** Messages in order of time, those of one moment by receiver; the n-th that was sent over a channel is the n-th that arrived there. */
function deliveriesOf(events: readonly StoryEvent[], arrived: readonly Arrived[]): readonly Delivery[] {
  const waiting = { slack: arrived.filter(({ kind }) => kind === 'slack'), mail: arrived.filter(({ kind }) => kind === 'mail') };
  let meaning: Delivery['meaning'] = 'firing';
  const deliveries: Delivery[] = [];
  for (const event of events) {
    if (event.kind === 'firing' || event.kind === 'worse' || event.kind === 'resolved') meaning = event.kind;
    if (event.kind === 'silence') meaning = 'still';
    if (event.kind !== 'sent') continue;
    const channel = event.channel === 'slack' ? 'slack' : 'mail';
    const one = waiting[channel].shift();
    if (one === undefined) continue;
    const { receiver, title } = event;
    deliveries.push({ number: deliveries.length + 1, receiver, channel, title, arrived: one, meaning });
  }
  return deliveries;
}

/** How long something took, undefined if one end of it did not happen. */
export function between(from: Instant | undefined, to: Instant | undefined): Duration | undefined {
  return from === undefined || to === undefined ? undefined : to - from;
}
