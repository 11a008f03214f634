import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Entry, isEnd } from '../../../src/alerts/entry.ts';
import type { Outcome } from '../../../src/channels/channel.ts';
import type { AlertGroupDocument, InflightMessage, QueuedEntry } from '../../../src/notify/alert-group.ts';
import { newAlertGroup } from '../../../src/notify/alert-group-id.ts';
import { append } from '../../../src/notify/append.ts';
import { type ClaimContext, compose } from '../../../src/notify/claim.ts';
import { recordOutcome } from '../../../src/notify/record.ts';
import type { Suppression } from '../../../src/notify/suppression.ts';
import { runs } from '../../support/thorough.ts';

const MINUTE = 60_000;
const LEASE = 60_000;
const GIVE_UP = 24 * 60 * MINUTE;
const ALERTS = ['a', 'b'] as const;
type Alert = (typeof ALERTS)[number];

type Action =
  | { readonly kind: 'fire' | 'worsen' | 'end'; readonly alert: Alert }
  | { readonly kind: 'silence'; readonly on: boolean }
  | { readonly kind: 'wait'; readonly minutes: number }
  | { readonly kind: 'claim' }
  | {
      readonly kind: 'outcome';
      readonly outcome: 'delivered' | 'retry' | 'unknown' | 'unknown but arrived' | 'rejected' | 'crash';
    };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('fire', 'worsen', 'end'),
      alert: fc.constantFrom(...ALERTS),
    }) as fc.Arbitrary<Action>,
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('silence' as const), on: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 300 }) }) },
  { weight: 4, arbitrary: fc.constant({ kind: 'claim' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('outcome' as const),
      outcome: fc.constantFrom(
        'delivered',
        'delivered',
        'retry',
        'unknown',
        'unknown but arrived',
        'rejected',
        'crash',
      ) as fc.Arbitrary<'delivered' | 'retry' | 'unknown' | 'unknown but arrived' | 'rejected' | 'crash'>,
    }),
  },
);

/** One alert group, the alerts that talk in it, one sender, and what the receiver heard. */
class Play {
  document: AlertGroupDocument = newAlertGroup({
    receiver: 'team',
    destination: 'team/test/0',
    route: '{}',
    group_labels: {},
  });
  now = 1_000_000_000_000;
  silenced = false;
  n = 0;
  token = 0;
  mine: { readonly inflight: InflightMessage; readonly token: string } | undefined;
  readonly firing = new Map<Alert, string>();
  readonly outbox: Entry[] = [];
  readonly heard = new Set<number>();
  readonly dropped = new Set<number>();

  suppression: Suppression = ({ labels }) => (this.silenced && labels['alert'] === 'b' ? 'silence s' : undefined);

  act(what: Action): void {
    if (what.kind === 'silence') this.silenced = what.on;
    else if (what.kind === 'wait') this.now += what.minutes * MINUTE;
    else if (what.kind === 'claim') this.claim();
    else if (what.kind === 'outcome') this.outcome(what.outcome);
    else this.change(what.kind, what.alert);
  }

  private context(mayClaim: boolean): ClaimContext {
    const timing = { groupWait: 0, groupInterval: 5 * MINUTE, repeatInterval: 240 * MINUTE };
    return {
      alertGroup: 'c',
      suppression: this.suppression,
      mayClaim,
      token: `t${++this.token}`,
      lease: LEASE,
      timing,
      timingOf: () => ({}),
      mutedUntil: () => undefined,
      acknowledged: new Map(),
      escalationOf: () => ({ steps: [], quiet: false }),
    };
  }

  private write(document: AlertGroupDocument, mayClaim: boolean): void {
    const context = this.context(mayClaim);
    const composed = compose(document, this.now, context);
    for (const entry of composed.dropped) {
      expect(this.heard.has(entry.n), `entry ${entry.n} was notified and is dropped`).toBe(false);
      this.dropped.add(entry.n);
    }
    this.document = composed.document;
    if (composed.claimed && composed.document.inflight !== null) {
      const { inflight } = composed.document;
      if (inflight.attempts === 0 && inflight.since === this.now) {
        for (const entry of inflight.facts.entries)
          expect(this.silenced && entry.alert === 'b', 'a silenced alert was frozen').toBe(false);
        if (this.silenced) expect(inflight.facts.also).not.toHaveProperty('b');
      }
      this.mine = { inflight, token: context.token };
    }
  }

  private change(kind: 'fire' | 'worsen' | 'end', alert: Alert): void {
    const episode = this.firing.get(alert);
    if ((kind === 'fire') === (episode !== undefined)) return;
    const began = episode ?? `${alert}${this.n}`;
    const entry: Entry = {
      n: ++this.n,
      alert,
      episode: began,
      kind: kind === 'fire' ? 'firing' : kind === 'worsen' ? 'worse' : 'resolved',
      reason: 'breach',
      at: this.now,
      started: this.now,
      group: { alert },
      labels: { alert },
      level: 'warning',
      window: { from: 0, to: 1 },
      values: {},
      condition: '',
      late: false,
    };
    if (kind === 'end') this.firing.delete(alert);
    else this.firing.set(alert, began);
    this.outbox.push(entry);
    this.write(
      append(this.document, [{ source: 'r#1', rule: 'r', entries: this.outbox }], this.now),
      this.document.inflight === null && this.mine === undefined,
    );
  }

  private claim(): void {
    if (this.mine === undefined) this.write(this.document, true);
  }

  private outcome(how: (Action & { kind: 'outcome' })['outcome']): void {
    if (this.mine === undefined) return;
    const { inflight, token } = this.mine;
    this.mine = undefined;
    if (how === 'crash') return;
    if (how === 'delivered' || how === 'unknown but arrived') this.hear(inflight);
    const reason = { kind: 'timeout', text: 'no answer' } as const;
    const outcome: Outcome =
      how === 'delivered' ? { kind: 'delivered' } : { kind: how === 'unknown but arrived' ? 'unknown' : how, reason };
    const recorded = recordOutcome(this.document, { id: inflight.id, token, outcome }, this.now, GIVE_UP);
    if (recorded.kind !== 'nothing') this.write(recorded.document, recorded.kind === 'delivered' && recorded.mine);
  }

  private hear({ facts }: InflightMessage): void {
    for (const entry of facts.entries) {
      expect(this.dropped.has(entry.n), `entry ${entry.n} was dropped and is notified`).toBe(false);
      if (this.heard.has(entry.n)) continue;
      const later = this.outbox.filter((other) => other.alert === entry.alert && other.n > entry.n && this.heard.has(other.n));
      expect(later, `entry ${entry.n} is first notified after a later one of its alert`).toEqual([]);
      if (isEnd(entry)) this.expectBegun(entry, facts.entries);
      this.heard.add(entry.n);
    }
  }

  private expectBegun(end: QueuedEntry, together: readonly QueuedEntry[]): void {
    const begin = this.outbox.find((entry) => entry.episode === end.episode && entry.kind === 'firing');
    const known = begin !== undefined && (this.heard.has(begin.n) || together.some((entry) => entry.n === begin.n));
    expect(known, `the end ${end.n} is notified although its firing never was`).toBe(true);
  }

  /** The silence ends and everything is delivered from now on. */
  settle(): void {
    this.silenced = false;
    for (let round = 0; round < 20; round++) {
      this.outcome('delivered');
      this.now += 20 * MINUTE;
      this.claim();
    }
  }
}

describe('an alert group under silences, failures and crashes', () => {
  it('tells every entry once its silence is over, in order, or dropped it before anybody heard of the episode', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60, size: 'max' }), (actions) => {
        const play = new Play();
        for (const each of actions) play.act(each);
        play.settle();
        const lost = play.outbox.filter((entry) => !play.heard.has(entry.n) && !play.dropped.has(entry.n));
        expect(lost.map((entry) => entry.n)).toEqual([]);
        expect(play.document.queued).toEqual([]);
        expect(play.document.inflight?.facts.entries ?? []).toEqual([]);
        // What was refused was tried again; everything that fires is known to fire.
        expect(play.document.failed).toEqual([]);
        for (const [alert, episode] of play.firing) expect(play.document.alerts[alert]?.episode).toBe(episode);
      }),
      { numRuns: runs(1_500) },
    );
  });
});
