import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Entry, isEnd } from '../../../src/alerts/entry.ts';
import type { Outcome } from '../../../src/channels/channel.ts';
import type { AlertGroupDocument, InflightMessage, QueuedEntry } from '../../../src/notify/alert-group.ts';
import { newAlertGroup } from '../../../src/notify/alert-group-id.ts';
import { append } from '../../../src/notify/append.ts';
import { compose } from '../../../src/notify/claim.ts';
import { recordOutcome } from '../../../src/notify/record.ts';
import { shrink } from '../../../src/notify/shrink.ts';
import type { SuppressionSubject } from '../../../src/notify/suppression.ts';
import { runs } from '../../support/thorough.ts';

const MINUTE = 60_000;
const LEASE = MINUTE;
const GIVE_UP = 24 * 60 * MINUTE;
const SOURCES = ['r#1', 's#1'] as const;
type Source = (typeof SOURCES)[number];
/** Whether a write is acknowledged, refused by its fence, or its answer is lost before or after it was applied. */
type Fate = 'kept' | 'lost before' | 'lost after';

type Action =
  | {
      readonly kind: 'change';
      readonly source: Source;
      readonly alert: 'a' | 'b';
      readonly what: 'firing' | 'worse' | 'resolved';
    }
  | { readonly kind: 'silence'; readonly on: boolean }
  | { readonly kind: 'wait'; readonly seconds: number }
  | ({ readonly who: 0 | 1; readonly fate: Fate } & (
      | { readonly kind: 'look'; readonly skew: number }
      | { readonly kind: 'enqueue' | 'claim' | 'read' }
      | { readonly kind: 'send'; readonly outcome: Outcome['kind'] | 'unknown, arrived' | 'crash' }
      | { readonly kind: 'record' | 'go on' }
    ));

const who = fc.constantFrom<0 | 1>(0, 1);
const fate = fc.oneof({ weight: 6, arbitrary: fc.constant<Fate>('kept') }, fc.constantFrom<Fate>('lost before', 'lost after'));
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('change' as const),
      source: fc.constantFrom(...SOURCES),
      alert: fc.constantFrom<'a' | 'b'>('a', 'b'),
      what: fc.constantFrom<'firing' | 'worse' | 'resolved'>('firing', 'worse', 'resolved'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('silence' as const), on: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.constantFrom(1, 10, 50, 70, 300, 900, 15_000) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('look' as const), who, fate, skew: fc.integer({ min: -20, max: 20 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom<'enqueue' | 'claim' | 'read'>('enqueue', 'claim', 'read'), who, fate }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      who,
      fate,
      outcome: fc.constantFrom(
        'delivered' as const,
        'delivered' as const,
        'retry' as const,
        'unknown' as const,
        'unknown, arrived' as const,
        'rejected' as const,
        'crash' as const,
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('record' as const), who, fate }) },
  // The next step of a replica's work, so that most plays get far.
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('go on' as const), who, fate }) },
);

/** What one replica knows: its own clock, the silences as it last read them, a document it read some time ago, and what it is about. */
class Replica {
  skew = 0;
  silenced: boolean | undefined;
  read: { readonly document: AlertGroupDocument; readonly version: number } | undefined;
  inflight: { readonly inflight: InflightMessage; readonly token: string } | undefined;
  /** Sent and not recorded yet. */
  outcome: Outcome | undefined;
  claiming: string | undefined;
  letGo = false;
}

/** One alert group in a store with a fence, two replicas that fight for it, and what the receiver heard. */
class Play {
  document: AlertGroupDocument = newAlertGroup({
    receiver: 'team',
    destination: 'team/test/0',
    route: '{}',
    group_labels: {},
  });
  version = 0;
  now = 1_000_000_000_000;
  silenced = false;
  tokens = 0;
  faults = 0;
  repeats = 0;
  readonly replicas = [new Replica(), new Replica()] as const;
  readonly outbox: Record<Source, Entry[]> = { 'r#1': [], 's#1': [] };
  readonly heard = new Set<string>();
  readonly copies = new Set<string>();
  readonly dropped = new Set<string>();
  readonly failed = new Set<string>();

  act(what: Action): void {
    if (what.kind === 'change') this.change(what.source, what.alert, what.what);
    else if (what.kind === 'silence') this.silenced = what.on;
    else if (what.kind === 'wait') this.now += what.seconds * 1_000;
    else this.step(what);
  }

  private step(what: Extract<Action, { readonly who: 0 | 1 }>): void {
    const replica = this.replicas[what.who];
    if (what.kind === 'look') {
      replica.silenced = this.silenced;
      replica.skew = what.skew * 1_000;
    } else if (what.kind === 'read') replica.read = { document: this.document, version: this.version };
    else if (what.kind === 'enqueue') this.enqueue(replica, what.fate);
    else if (what.kind === 'claim') this.claim(replica, what.fate);
    else if (what.kind === 'send') this.send(replica, what.outcome);
    else if (what.kind === 'go on') this.goOn(replica, what.fate);
    else this.record(replica, what.fate);
  }

  private goOn(replica: Replica, how: Fate): void {
    replica.silenced ??= this.silenced;
    if (replica.outcome !== undefined) this.record(replica, how);
    else if (replica.inflight !== undefined) this.send(replica, 'delivered');
    else {
      this.enqueue(replica, how);
      this.claim(replica, how);
    }
  }

  private clock(replica: Replica): number {
    return this.now + replica.skew;
  }

  private context(replica: Replica, mayClaim: boolean) {
    const { silenced } = replica;
    const suppression = silenced === undefined ? undefined : this.suppressionOf(silenced);
    const timing = { groupWait: 0, groupInterval: 5 * MINUTE, repeatInterval: 240 * MINUTE };
    return {
      alertGroup: 'c',
      suppression,
      mayClaim,
      token: `t${++this.tokens}`,
      lease: LEASE,
      timing,
      timingOf: () => ({}),
      mutedUntil: () => undefined,
      acknowledged: new Map(),
      escalationOf: () => ({ steps: [], quiet: false }),
    };
  }

  private suppressionOf(silenced: boolean) {
    return ({ labels }: SuppressionSubject) => (silenced && labels['alert'] === 'b' ? 'silence s' : undefined);
  }

  /** A fenced write against what the replica read. */
  private write(
    replica: Replica,
    composed: { readonly document: AlertGroupDocument; readonly dropped: readonly QueuedEntry[] },
    how: Fate,
  ): 'saved' | 'conflict' | 'unclear' {
    const fresh = replica.read?.version === this.version;
    const applied = fresh && how !== 'lost before';
    if (applied) {
      for (const entry of composed.dropped) {
        const key = `${entry.source}/${entry.n}`;
        expect(this.heard.has(key), `${key} was notified and is dropped`).toBe(false);
        this.dropped.add(key);
      }
      this.document = composed.document;
      this.version++;
    }
    replica.read = undefined;
    if (how !== 'kept') return 'unclear';
    return applied ? 'saved' : 'conflict';
  }

  private enqueue(replica: Replica, how: Fate): void {
    if (replica.inflight !== undefined) return;
    replica.read ??= { document: this.document, version: this.version };
    const before = replica.read.document;
    const incoming = SOURCES.map((source) => ({ source, rule: source, entries: this.outbox[source] }));
    const after = append(before, incoming, this.clock(replica));
    if (after === before) return;
    const context = this.context(replica, after.inflight === null);
    const composed = compose(shrink(after), this.clock(replica), context);
    if (composed.claimed) this.expectFree(replica, composed.document.inflight);
    const saved = this.write(replica, composed, how);
    if (saved === 'saved' && composed.claimed && composed.document.inflight !== null)
      replica.inflight = { inflight: composed.document.inflight, token: context.token };
  }

  private claim(replica: Replica, how: Fate): void {
    if (replica.inflight !== undefined) return;
    if (replica.claiming !== undefined && this.document.inflight?.token === replica.claiming) {
      replica.inflight = { inflight: this.document.inflight, token: replica.claiming };
      replica.claiming = undefined;
      return;
    }
    replica.read ??= { document: this.document, version: this.version };
    const before = replica.read.document;
    const context = this.context(replica, true);
    const composed = compose(before, this.clock(replica), context);
    if (composed.document === before) {
      replica.read = undefined;
      return;
    }
    const ranOut = composed.claimed && (before.inflight?.until ?? Number.POSITIVE_INFINITY) <= this.clock(replica);
    if (composed.claimed && before.inflight === null) this.expectFree(replica, composed.document.inflight);
    const saved = this.write(replica, composed, how);
    // Whoever takes over from a living holder makes it one whose lease ran out.
    if (
      ranOut &&
      saved !== 'conflict' &&
      this.replicas.some((other) => other !== replica && other.inflight?.token === before.inflight?.token)
    )
      this.faults++;
    replica.claiming = saved === 'unclear' ? context.token : undefined;
    if (saved === 'saved' && composed.claimed && composed.document.inflight !== null)
      replica.inflight = { inflight: composed.document.inflight, token: context.token };
  }

  private expectFree({ silenced }: Replica, inflight: InflightMessage | null): void {
    expect(silenced, 'who never read the silences claims nothing').toBeDefined();
    if (silenced !== true || inflight === null) return;
    expect(inflight.facts.entries.filter((entry) => entry.alert.endsWith('b'))).toEqual([]);
    expect(Object.keys(inflight.facts.also).filter((alert) => alert.endsWith('b'))).toEqual([]);
  }

  private send(replica: Replica, how: (Action & { kind: 'send' })['outcome']): void {
    if (replica.inflight === undefined || replica.outcome !== undefined) return;
    const { inflight } = replica.inflight;
    if ((inflight.until ?? 0) <= this.clock(replica)) {
      replica.outcome = { kind: 'retry', reason: { kind: 'aborted', text: 'the lease was over' } };
      return;
    }
    if (how === 'delivered' || how === 'unknown, arrived') this.hear(inflight);
    if (how === 'unknown' || how === 'unknown, arrived' || how === 'crash') this.faults++;
    if (how === 'crash') {
      replica.inflight = undefined;
      return;
    }
    const reason = { kind: 'timeout', text: 'no answer' } as const;
    replica.outcome =
      how === 'delivered' ? { kind: 'delivered' } : { kind: how === 'unknown, arrived' ? 'unknown' : how, reason };
  }

  /** By re-read, always: what a replica read before it sent is not what it writes over. */
  private record(replica: Replica, how: Fate): void {
    if (replica.inflight === undefined || replica.outcome === undefined) return;
    const { inflight, token } = replica.inflight;
    const done = () => {
      replica.inflight = undefined;
      replica.outcome = undefined;
    };
    replica.read = { document: this.document, version: this.version };
    if (replica.claiming !== undefined && this.document.inflight?.token === replica.claiming) {
      replica.inflight = { inflight: this.document.inflight, token: replica.claiming };
      replica.outcome = undefined;
      replica.claiming = undefined;
      return;
    }
    const recorded = recordOutcome(
      this.document,
      { id: inflight.id, token, outcome: replica.outcome },
      this.clock(replica),
      GIVE_UP,
    );
    if (recorded.kind === 'nothing') {
      done();
      return;
    }
    const context = this.context(replica, recorded.kind === 'delivered' && recorded.mine);
    const composed = compose(recorded.document, this.clock(replica), context);
    const saved = this.write(replica, composed, how);
    if (recorded.kind === 'dead' && saved !== 'conflict' && how !== 'lost before')
      for (const entry of inflight.facts.entries) this.failed.add(`${entry.source}/${entry.n}`);
    if (saved === 'unclear' && composed.claimed) replica.claiming = context.token;
    if (saved !== 'saved') return;
    done();
    if (composed.claimed && composed.document.inflight !== null)
      replica.inflight = { inflight: composed.document.inflight, token: context.token };
  }

  private hear({ id, facts }: InflightMessage): void {
    if (this.copies.has(id)) this.repeats++;
    this.copies.add(id);
    for (const entry of facts.entries) {
      const key = `${entry.source}/${entry.n}`;
      expect(this.dropped.has(key), `${key} was dropped and is notified`).toBe(false);
      if (this.heard.has(key)) continue;
      const outbox = this.outbox[entry.source as Source];
      const later = outbox.filter(
        (other) => other.alert === entry.alert && other.n > entry.n && this.heard.has(`${entry.source}/${other.n}`),
      );
      expect(
        later.map((other) => other.n),
        `${key} is first notified after a later one`,
      ).toEqual([]);
      if (isEnd(entry)) {
        const begin = outbox.find((other) => other.episode === entry.episode && other.kind === 'firing');
        const known =
          this.heard.has(`${entry.source}/${begin?.n}`) ||
          facts.entries.some((other) => other.source === entry.source && other.n === begin?.n);
        expect(known || (entry.folded ?? 0) > 0, `the end ${key} is notified although its firing never was`).toBe(true);
      }
      this.heard.add(key);
    }
  }

  private change(source: Source, name: 'a' | 'b', kind: 'firing' | 'worse' | 'resolved'): void {
    const alert = `${source} ${name}`;
    const entries = this.outbox[source];
    const last = entries.findLast((entry) => entry.alert === alert);
    const firing = last !== undefined && last.kind !== 'resolved';
    if ((kind === 'firing') === firing) return;
    const n = entries.length + 1;
    const episode = firing ? last.episode : `${alert} ${n}`;
    const shown = {
      group: {},
      labels: { alert: name, level: kind === 'worse' ? 'critical' : 'warning' },
      values: {},
      window: { from: 0, to: 1 },
    };
    entries.push({
      n,
      alert,
      episode,
      kind,
      reason: '',
      at: this.now,
      started: this.now,
      level: '',
      condition: '',
      late: false,
      ...shown,
    });
  }

  /** The silence is over, nothing fails any more, and both replicas go on. */
  settle(): void {
    this.silenced = false;
    for (const replica of this.replicas)
      Object.assign(replica, { silenced: false, skew: 0, read: undefined, claiming: undefined });
    for (let round = 0; round < 24; round++) {
      for (const replica of this.replicas) {
        this.enqueue(replica, 'kept');
        this.claim(replica, 'kept');
        this.send(replica, 'delivered');
        this.record(replica, 'kept');
      }
      this.now += 20 * MINUTE;
    }
  }
}

describe('two replicas over one alert group', () => {
  it('tell every entry, first copies in order, and repeat no more than answers were lost, senders died or leases ran out', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 90, size: 'max' }), (actions) => {
        const play = new Play();
        for (const each of actions) play.act(each);
        play.settle();
        const { document } = play;
        for (const source of SOURCES) {
          expect(document.taken[source] ?? 0).toBe(play.outbox[source].length);
          const lost = play.outbox[source]
            .map((entry) => `${source}/${entry.n}`)
            .filter((key) => !play.heard.has(key) && !play.dropped.has(key));
          expect(lost).toEqual([]);
        }
        expect([document.queued, document.failed]).toEqual([[], []]);
        expect(document.inflight?.facts.entries ?? []).toEqual([]);
        for (const [alert, notified] of Object.entries(document.alerts)) {
          const last = Object.values(play.outbox)
            .flat()
            .findLast((entry) => entry.alert === alert);
          expect([last?.kind === 'resolved', last?.episode]).toEqual([false, notified.episode]);
        }
        expect(play.repeats).toBeLessThanOrEqual(play.faults);
      }),
      { numRuns: runs(1_500) },
    );
  });
});
