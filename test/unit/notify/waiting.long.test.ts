import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { embeddedBackend } from '../../../src/backends/embedded/backend.ts';
import { collectInternalErrors } from '../../../src/core/internal-errors.ts';
import { untimed } from '../../../src/core/time.ts';
import { newSession } from '../../../src/engine/session.ts';
import type { AlertGroupDocument, QueuedEntry, Remainder } from '../../../src/notify/alert-group.ts';
import type { AlertGroups } from '../../../src/notify/alert-groups.ts';
import { append, ENTRIES_WAITING } from '../../../src/notify/append.ts';
import { type ClaimContext, compose } from '../../../src/notify/claim.ts';
import type { DeliveryPorts } from '../../../src/notify/delivery-ports.ts';
import { enqueue } from '../../../src/notify/enqueue.ts';
import { ENTRIES_OF_ONE_ALERT, EVIDENCE_WAITING, shrink } from '../../../src/notify/shrink.ts';
import { type Suppression, settle, suppressedAlerts } from '../../../src/notify/suppression.ts';
import { alertGroup, inflightOf, notifiedAs, queuedEntry } from '../../support/engine/notified.ts';
import { testChannel } from '../../support/engine/test-channel.ts';
import { MINUTE, NOON } from '../../support/engine/world.ts';

const timing = { groupWait: 30_000, groupInterval: 5 * MINUTE, repeatInterval: 240 * MINUTE };
const free = () => undefined;
const silent = () => 'silence s';
const context = (given: Partial<ClaimContext> = {}): ClaimContext => ({
  alertGroup: 'c',
  suppression: free,
  mayClaim: true,
  token: 'mine',
  lease: MINUTE,
  timing,
  timingOf: () => ({}),
  mutedUntil: () => undefined,
  acknowledged: new Map(),
  escalationOf: () => ({ steps: [], quiet: false }),
  ...given,
});
const numbers = (entries: readonly QueuedEntry[]) => entries.map((entry) => entry.n);
const fired = queuedEntry(1);
const notified = { alerts: { [fired.alert]: notifiedAs(fired) }, notified_at: NOON };
const failed = (attempts: number) => ({ attempts, failed_at: NOON, next_at: null });
const remainder = (recipients: readonly string[], retry_at: number): Remainder => ({
  ...{ message: 'm', recipients, retry_at, thread: null, since: NOON, attempts: 1 },
  facts: { reminder: false, entries: [fired], also: {}, incident: 'incident' },
});
const host = (name: string) => ({ group: { 'host.name': name } });

describe('when an alert group is due', () => {
  const news = queuedEntry(2, { ...host('h2'), queued_at: NOON + MINUTE });
  it.each<[string, Partial<AlertGroupDocument>, number | null]>([
    ['nothing was said: never', {}, null],
    ['the first news: after group_wait', { queued: [news] }, NOON + MINUTE + 30_000],
    ['news while something fires: after group_interval', { ...notified, queued: [news] }, NOON + 5 * MINUTE],
    ['late news while something fires: at once', { ...notified, notified_at: NOON - 60 * MINUTE, queued: [news] }, NOON + MINUTE],
    ['something fires: at repeat_interval', notified, NOON + 240 * MINUTE],
    ['something refused once: a minute later', { failed: [news], retry: failed(1) }, NOON + MINUTE],
    ['something refused twice: five minutes later', { failed: [news], retry: failed(2) }, NOON + 5 * MINUTE],
    ['something refused three times: a quarter of an hour later', { failed: [news], retry: failed(3) }, NOON + 15 * MINUTE],
    ['something refused more often: at repeat_interval', { failed: [news], retry: failed(4) }, NOON + 240 * MINUTE],
    ['something refused by an older version: at once', { failed: [news] }, MINUTE],
    [
      'something fires whose end was refused: with the next attempt',
      { ...notified, failed: [queuedEntry(3, { kind: 'resolved' })], retry: failed(1) },
      NOON + MINUTE,
    ],
    [
      'a reminder that was refused: a minute later',
      { ...notified, notified_at: NOON - 300 * MINUTE, retry: failed(1) },
      NOON + MINUTE,
    ],
    ['a reminder that is not due when a new alert was refused', { ...notified, retry: failed(1) }, NOON + 240 * MINUTE],
    [
      'a recipient that was refused for the moment: then',
      { remainders: [remainder(['a'], NOON + 7 * MINUTE)] },
      NOON + 7 * MINUTE,
    ],
    [
      'recipients that wait for an older message of their own: with that',
      { remainders: [remainder(['a'], NOON + 7 * MINUTE), remainder(['a', 'b'], NOON + 3 * MINUTE)] },
      NOON + 7 * MINUTE,
    ],
    [
      'recipients of different messages: with the earliest',
      { remainders: [remainder(['a'], NOON + 7 * MINUTE), remainder(['b'], NOON + 3 * MINUTE)] },
      NOON + 3 * MINUTE,
    ],
    ['something others are to take over: now', { leaving: { since: 1, n: 1, entries: [{ ...news, to: [] }] } }, NOON],
    ['a message that is being sent: when its lease is over', { ...notified, inflight: inflightOf([news]) }, NOON + MINUTE],
    [
      'a message that waits for a retry: then',
      { ...notified, inflight: inflightOf([news], { until: null, retry_at: NOON + 9 * MINUTE }) },
      NOON + 9 * MINUTE,
    ],
    [
      'a retry that was taken over: when the new lease is over',
      { inflight: inflightOf([news], { until: NOON + MINUTE, retry_at: NOON - MINUTE }) },
      NOON + MINUTE,
    ],
    [
      'a lease far longer than a lease is: at once, a clock that was ahead took it',
      { inflight: inflightOf([news], { until: NOON + 3 * MINUTE }) },
      0,
    ],
  ])('%s', (_name, given, due) => {
    expect(compose(alertGroup(given), NOON, context({ mayClaim: false })).document.due).toBe(due);
  });

  it.each<[string, Partial<AlertGroupDocument>]>([
    ['news are held back', { queued: [news] }],
    ['what fires is suppressed', notified],
    ['what was refused is suppressed', { failed: [news], retry: failed(1) }],
  ])('%s: at the next look, within a minute', (_name, given) => {
    const composed = compose(alertGroup(given), NOON, context({ suppression: silent }));
    expect([composed.claimed, composed.document.due]).toEqual([false, NOON + MINUTE]);
  });

  it('the shortest repeat_interval among the rules that fire counts', () => {
    const other = queuedEntry(2, { ...host('h2'), rule: 'quick' });
    const document = alertGroup({ ...notified, alerts: { ...notified.alerts, [other.alert]: notifiedAs(other) } });
    const timingOf = (rule: string) => (rule === 'quick' ? { repeatInterval: 10 * MINUTE } : {});
    expect(compose(document, NOON, context({ timingOf })).document.due).toBe(NOON + 10 * MINUTE);
    const reminder = compose(document, NOON + 11 * MINUTE, context({ timingOf }));
    const again = compose(document, NOON + 12 * MINUTE, context({ timingOf, token: 'theirs' }));
    expect(Object.keys(reminder.document.inflight?.facts.also ?? {})).toHaveLength(2);
    expect(reminder.document.inflight?.id, 'its id is of the time that it was due').toBe(again.document.inflight?.id);
  });
});

describe('a claim', () => {
  it('takes a message over as it is, with a new token and a new lease and nothing else', () => {
    const left = inflightOf([fired], { token: 'theirs', until: NOON - 1, attempts: 2, retry_at: NOON - MINUTE });
    const document = alertGroup({ inflight: left, queued: [queuedEntry(2, host('h2'))] });
    const taken = compose(document, NOON, context({ suppression: silent }));
    expect(taken.document).toEqual({
      ...document,
      inflight: { ...left, token: 'mine', until: NOON + MINUTE },
      due: NOON + MINUTE,
    });
  });

  it.each<[string, Partial<ReturnType<typeof inflightOf>>]>([
    ['its holder lives', { until: NOON + 1 }],
    ['its retry is not due', { until: null, retry_at: NOON + 1 }],
  ])('leaves a message alone while %s, and writes nothing', (_name, given) => {
    const inflight = inflightOf([fired], { token: 'theirs', ...given });
    const document = alertGroup({ inflight, due: Math.max(inflight.until ?? 0, inflight.retry_at ?? 0) });
    const composed = compose(document, NOON, context());
    expect(composed.claimed).toBe(false);
    expect(composed.document).toBe(document);
  });

  it('decides what is held back and what is dropped also while a message is on its way', () => {
    const document = alertGroup({
      inflight: inflightOf([fired]),
      queued: [
        queuedEntry(2, host('h2')),
        queuedEntry(3, { ...host('h2'), kind: 'resolved' }),
        queuedEntry(4, host('h3')),
        queuedEntry(5, { kind: 'resolved' }),
      ],
    });
    const { document: after, dropped } = compose(document, NOON, context({ mayClaim: false, suppression: silent }));
    expect(numbers(dropped)).toEqual([2, 3]);
    expect(after.queued.map(({ n, why }) => [n, why])).toEqual([
      [4, 'silence s'],
      [5, 'silence s'],
    ]);
    expect(after.suppressed).toEqual({ count: 2, last_at: NOON, why: 'silence s' });
    expect(after.inflight).toBe(document.inflight);
  });

  it('takes what was refused along with news of the same alert group', () => {
    const document = alertGroup({ failed: [fired], queued: [queuedEntry(2, { kind: 'resolved' })] });
    const { document: after } = compose(document, NOON + MINUTE, context());
    expect(after.inflight?.covers).toEqual({ 'boom#1': [1, 2] });
    expect([after.failed, after.queued]).toEqual([[], []]);
  });
});

describe('an episode that was suppressed from its beginning to its end', () => {
  it.each<[string, Partial<AlertGroupDocument>]>([
    ['was notified', notified],
    ['is being notified', { inflight: inflightOf([fired]) }],
    ['was refused', { failed: [fired] }],
  ])('is not dropped when something of it %s', (_name, given) => {
    const document = alertGroup({ ...given, queued: [queuedEntry(2, { kind: 'resolved' })] });
    expect(settle(document, silent, NOON).dropped).toEqual([]);
  });

  it('that left for another alert group and came back is dropped only up to where it left', () => {
    const queued = [queuedEntry(1, { kind: 'worse' }), queuedEntry(3, { kind: 'moved' }), queuedEntry(5, { kind: 'worse' })];
    const { document, dropped } = settle(alertGroup({ queued }), silent, NOON);
    expect([numbers(dropped), numbers(document.queued)]).toEqual([[1, 3], [5]]);
  });
});

describe('a receiver that is away', () => {
  const kinds = fc.constantFrom<QueuedEntry['kind']>('firing', 'worse', 'better', 'moved', 'resolved');
  const life = fc.array(fc.tuple(kinds, fc.constantFrom('warning', 'critical')), { maxLength: 80, size: 'max' });
  const entriesOf = (story: readonly (readonly [QueuedEntry['kind'], string])[]): readonly QueuedEntry[] => {
    let episode = 0;
    let firing = false;
    return story.flatMap(([kind, severity], index) => {
      if ((kind === 'firing') === firing) return [];
      if (kind === 'firing') episode++;
      firing = kind !== 'resolved';
      return [queuedEntry(index + 1, { kind, episode: `e${episode}`, labels: { severity } })];
    });
  };

  it('keeps few entries of an alert that flaps, and including all that a silence or an end could ask for', () => {
    fc.assert(
      fc.property(life, (story) => {
        const entries = entriesOf(story);
        const document = alertGroup({ queued: entries });
        const after = shrink(document);
        expect(after.queued.length).toBeLessThanOrEqual(Math.max(ENTRIES_OF_ONE_ALERT, 12));
        expect(after.queued.reduce((sum, entry) => sum + 1 + (entry.folded ?? 0), 0)).toBe(entries.length);
        const begun = (list: readonly QueuedEntry[]) =>
          list.reduce((sum, { kind, folded_episodes = 0 }) => sum + (kind === 'firing' ? 1 : 0) + folded_episodes, 0);
        expect(begun(after.queued)).toBe(begun(entries));
        expect(after.queued.at(-1)?.n).toBe(entries.at(-1)?.n);
        expect(numbers(after.queued)).toEqual(numbers(after.queued).toSorted((a, b) => a - b));
        for (const severity of ['warning', 'critical', 'info']) {
          const matches: Suppression = ({ labels }) => (labels['severity'] === severity ? 's' : undefined);
          expect(suppressedAlerts(after, matches, NOON)).toEqual(suppressedAlerts(document, matches, NOON));
        }
        for (const entry of after.queued) {
          const ends =
            entry.kind === 'resolved' &&
            entries.some(({ n, episode, kind }) => n < entry.n && episode === entry.episode && kind === 'firing');
          if (ends) expect(after.queued.some(({ episode, kind }) => episode === entry.episode && kind === 'firing')).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps evidence up to a bound, of the newest entries first', () => {
    const evidence = { documents: [{ at: NOON, fields: { message: 'x'.repeat(EVIDENCE_WAITING / 4) } }], top: [], trace_ids: [] };
    const queued = Array.from({ length: 6 }, (_, i) => queuedEntry(i + 1, { ...host(`h${i}`), evidence }));
    expect(shrink(alertGroup({ queued })).queued.map((entry) => entry.evidence !== undefined)).toEqual([
      ...[false, false, false],
      ...[true, true, true],
    ]);
  });

  it('changes nothing of an alert group that is small enough', () => {
    const document = alertGroup({ queued: [fired, queuedEntry(2, { kind: 'resolved' })], failed: [queuedEntry(3, host('h2'))] });
    expect(shrink(document)).toBe(document);
  });
});

describe('enqueuing', () => {
  const target = { receiver: 'team', destination: 'team/test/0', route: '{}', group_labels: {} };
  const elsewhere = { ...target, destination: 'other/test/0', receiver: 'other' };
  const ports = (alertGroups: AlertGroups): DeliveryPorts => ({
    namespace: 'n',
    alertGroups,
    destination: () => ({ channel: testChannel().channel, options: {} }),
    routeOf: () => [],
    timing: () => timing,
    timingOf: () => ({}),
    escalationOf: () => ({ steps: [], quiet: false }),
    mutedBy: () => undefined,
    view: { ruleOf: () => undefined, kibana: undefined },
    standingOf: async () => ({ orphans: [], present: new Map() }),
    io: { fetch, print: () => undefined },
    session: newSession(),
    errors: collectInternalErrors(),
    newToken: () => 'token',
    elapsed: () => 0,
    pause: async () => undefined,
    deadline: untimed,
    lease: MINUTE,
    sendTimeout: 20_000,
    giveUpAfter: 24 * 60 * MINUTE,
  });
  const outbox = (count: number, from = 1) =>
    Array.from({ length: count }, (_, i) => ({ ...queuedEntry(from + i, host(`h${from + i}`)), to: [target] }));
  const signal = new AbortController().signal;
  const hand = (entries: readonly (QueuedEntry & { to: readonly (typeof target)[] })[], alertGroups: AlertGroups, now = NOON) =>
    enqueue([{ source: 'boom#1', rule: 'boom', outbox: entries }], {
      began: now,
      suppression: free,
      ended: [],
      ports: ports(alertGroups),
      signal,
    });

  it('confirms an entry only when each of its alert groups has it', async () => {
    const { alertGroups } = embeddedBackend();
    const refusing: AlertGroups = {
      ...alertGroups,
      save: async (writes) => {
        const saved = await alertGroups.save(writes.filter(({ document }) => document.receiver !== 'other'));
        return writes.map(({ document }) =>
          document.receiver === 'other' ? { kind: 'refused', message: 'too large' } : (saved[0] ?? { kind: 'conflict' }),
        );
      },
    };
    const entries = [...outbox(1), { ...queuedEntry(2), to: [target, elsewhere] }];
    const first = await hand(entries, refusing);
    expect(first.confirmed).toEqual([{ rule: 'boom', source: 'boom#1', numbers: [1] }]);
    expect(first.failed).toMatchObject([{ problem: 'too large' }]);
    const second = await hand(entries, alertGroups);
    expect([second.confirmed[0]?.numbers, second.failed]).toEqual([[1, 2], []]);
  });

  it('takes no more than there is room for, and the rest in order once there is', async () => {
    const { alertGroups } = embeddedBackend();
    const entries = outbox(ENTRIES_WAITING + 3);
    const first = await hand(entries, alertGroups);
    expect(first.confirmed[0]?.numbers).toEqual([]);
    const [id] = first.failed.map((one) => one.alertGroup);
    const read = async () => {
      const loaded = await alertGroups.load([id ?? '']);
      const found = loaded.ok ? loaded.value.get(id ?? '') : undefined;
      if (found === undefined) throw new Error('no alert group');
      return found;
    };
    const { document, version } = await read();
    expect([document.queued.length, document.taken]).toEqual([ENTRIES_WAITING, { 'boom#1': ENTRIES_WAITING }]);
    await alertGroups.save([{ id: id ?? '', document: { ...document, queued: [] }, version }]);
    expect((await hand(entries, alertGroups)).confirmed[0]?.numbers).toHaveLength(ENTRIES_WAITING + 3);
    expect(numbers((await read()).document.queued)).toEqual([ENTRIES_WAITING + 1, ENTRIES_WAITING + 2, ENTRIES_WAITING + 3]);
  });

  it('takes each number of a source once, whatever older document it is enqueued from', () => {
    const from = (...entries: readonly QueuedEntry[]) => [{ source: 'boom#1', rule: 'boom', entries }];
    const [one, two] = [queuedEntry(1), queuedEntry(2, host('h2'))];
    const both = append(alertGroup(), from(two, one), NOON);
    expect(numbers(both.queued)).toEqual([1, 2]);
    expect(append(both, from(one), NOON)).toBe(both);
    expect(append(both, [{ source: 'boom#2', rule: 'boom', entries: [one] }], NOON).queued).toHaveLength(3);
  });
});
