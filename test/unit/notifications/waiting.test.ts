import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { embeddedBackend } from '../../../src/backends/embedded/backend.ts';
import { collectInternalErrors } from '../../../src/core/internal-errors.ts';
import { append, ENTRIES_WAITING } from '../../../src/notifications/append.ts';
import { type ClaimContext, compose } from '../../../src/notifications/claim.ts';
import type { ConversationDocument, HeldEntry, Remainder } from '../../../src/notifications/conversation.ts';
import type { Conversations } from '../../../src/notifications/conversations.ts';
import type { DeliveryPorts } from '../../../src/notifications/delivery-ports.ts';
import { handOn } from '../../../src/notifications/hand-on.ts';
import { ENTRIES_OF_ONE_ALERT, EVIDENCE_WAITING, shrink } from '../../../src/notifications/shrink.ts';
import { settle, suppressedAlerts } from '../../../src/notifications/suppression.ts';
import { testChannel } from '../../support/engine/test-channel.ts';
import { conversation, heldEntry, sendingOf, toldAs } from '../../support/engine/told.ts';
import { MINUTE, NOON } from '../../support/engine/world.ts';

const timing = { groupWait: 30_000, groupInterval: 5 * MINUTE, repeatInterval: 240 * MINUTE };
const free = () => undefined;
const silent = () => 'silence s';
const context = (given: Partial<ClaimContext> = {}): ClaimContext => ({
  conversation: 'c',
  suppression: free,
  mayClaim: true,
  token: 'mine',
  lease: MINUTE,
  timing,
  repeatOf: () => undefined,
  ...given,
});
const numbers = (entries: readonly HeldEntry[]) => entries.map((entry) => entry.n);
const fired = heldEntry(1);
const told = { alerts: { [fired.alert]: toldAs(fired) }, told_at: NOON };
const failed = (attempts: number) => ({ attempts, failed_at: NOON, next_at: null });
const remainder = (recipients: readonly string[], retry_at: number): Remainder => ({
  ...{ message: 'm', recipients, retry_at, thread: null, since: NOON, attempts: 1 },
  facts: { reminder: false, entries: [fired], also: {}, incident: 'incident' },
});
const host = (name: string) => ({ group: { 'host.name': name } });

describe('when a conversation is due', () => {
  const news = heldEntry(2, { ...host('h2'), handed_at: NOON + MINUTE });
  it.each<[string, Partial<ConversationDocument>, number | null]>([
    ['nothing was said: never', {}, null],
    ['the first news: after group_wait', { untold: [news] }, NOON + MINUTE + 30_000],
    ['news while something fires: after group_interval', { ...told, untold: [news] }, NOON + 5 * MINUTE],
    ['late news while something fires: at once', { ...told, told_at: NOON - 60 * MINUTE, untold: [news] }, NOON + MINUTE],
    ['something fires: at repeat_interval', told, NOON + 240 * MINUTE],
    ['something refused once: a minute later', { refused: [news], retry: failed(1) }, NOON + MINUTE],
    ['something refused twice: five minutes later', { refused: [news], retry: failed(2) }, NOON + 5 * MINUTE],
    ['something refused three times: a quarter of an hour later', { refused: [news], retry: failed(3) }, NOON + 15 * MINUTE],
    ['something refused more often: at repeat_interval', { refused: [news], retry: failed(4) }, NOON + 240 * MINUTE],
    ['something refused by an older version: at once', { refused: [news] }, MINUTE],
    [
      'something fires whose end was refused: with the next attempt',
      { ...told, refused: [heldEntry(3, { kind: 'resolved' })], retry: failed(1) },
      NOON + MINUTE,
    ],
    ['a reminder that was refused: a minute later', { ...told, told_at: NOON - 300 * MINUTE, retry: failed(1) }, NOON + MINUTE],
    ['a reminder that is not due when a new alert was refused', { ...told, retry: failed(1) }, NOON + 240 * MINUTE],
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
    ['a message that is being sent: when its lease is over', { ...told, sending: sendingOf([news]) }, NOON + MINUTE],
    [
      'a message that waits for a retry: then',
      { ...told, sending: sendingOf([news], { until: null, retry_at: NOON + 9 * MINUTE }) },
      NOON + 9 * MINUTE,
    ],
    [
      'a retry that was taken over: when the new lease is over',
      { sending: sendingOf([news], { until: NOON + MINUTE, retry_at: NOON - MINUTE }) },
      NOON + MINUTE,
    ],
    [
      'a lease far longer than a lease is: at once, a clock that was ahead took it',
      { sending: sendingOf([news], { until: NOON + 3 * MINUTE }) },
      0,
    ],
  ])('%s', (_name, given, due) => {
    expect(compose(conversation(given), NOON, context({ mayClaim: false })).document.due).toBe(due);
  });

  it.each<[string, Partial<ConversationDocument>]>([
    ['news are held back', { untold: [news] }],
    ['what fires is suppressed', told],
    ['what was refused is suppressed', { refused: [news], retry: failed(1) }],
  ])('%s: at the next look, within a minute', (_name, given) => {
    const composed = compose(conversation(given), NOON, context({ suppression: silent }));
    expect([composed.claimed, composed.document.due]).toEqual([false, NOON + MINUTE]);
  });

  it('the shortest repeat_interval among the rules that fire counts', () => {
    const other = heldEntry(2, { ...host('h2'), rule: 'quick' });
    const document = conversation({ ...told, alerts: { ...told.alerts, [other.alert]: toldAs(other) } });
    const repeatOf = (rule: string) => (rule === 'quick' ? 10 * MINUTE : undefined);
    expect(compose(document, NOON, context({ repeatOf })).document.due).toBe(NOON + 10 * MINUTE);
    const reminder = compose(document, NOON + 11 * MINUTE, context({ repeatOf }));
    const again = compose(document, NOON + 12 * MINUTE, context({ repeatOf, token: 'theirs' }));
    expect(Object.keys(reminder.document.sending?.facts.also ?? {})).toHaveLength(2);
    expect(reminder.document.sending?.id, 'its id is of the time that it was due').toBe(again.document.sending?.id);
  });
});

describe('a claim', () => {
  it('takes a message over as it is, with a new token and a new lease and nothing else', () => {
    const left = sendingOf([fired], { token: 'theirs', until: NOON - 1, attempts: 2, retry_at: NOON - MINUTE });
    const document = conversation({ sending: left, untold: [heldEntry(2, host('h2'))] });
    const taken = compose(document, NOON, context({ suppression: silent }));
    expect(taken.document).toEqual({
      ...document,
      sending: { ...left, token: 'mine', until: NOON + MINUTE },
      due: NOON + MINUTE,
    });
  });

  it.each<[string, Partial<ReturnType<typeof sendingOf>>]>([
    ['its holder lives', { until: NOON + 1 }],
    ['its retry is not due', { until: null, retry_at: NOON + 1 }],
  ])('leaves a message alone while %s, and writes nothing', (_name, given) => {
    const sending = sendingOf([fired], { token: 'theirs', ...given });
    const document = conversation({ sending, due: Math.max(sending.until ?? 0, sending.retry_at ?? 0) });
    const composed = compose(document, NOON, context());
    expect(composed.claimed).toBe(false);
    expect(composed.document).toBe(document);
  });

  it('decides what is held back and what is dropped also while a message is on its way', () => {
    const document = conversation({
      sending: sendingOf([fired]),
      untold: [
        heldEntry(2, host('h2')),
        heldEntry(3, { ...host('h2'), kind: 'resolved' }),
        heldEntry(4, host('h3')),
        heldEntry(5, { kind: 'resolved' }),
      ],
    });
    const { document: after, dropped } = compose(document, NOON, context({ mayClaim: false, suppression: silent }));
    expect(numbers(dropped)).toEqual([2, 3]);
    expect(after.untold.map(({ n, why }) => [n, why])).toEqual([
      [4, 'silence s'],
      [5, 'silence s'],
    ]);
    expect(after.suppressed).toEqual({ count: 2, last_at: NOON, why: 'silence s' });
    expect(after.sending).toBe(document.sending);
  });

  it('takes what was refused along with news of the same conversation', () => {
    const document = conversation({ refused: [fired], untold: [heldEntry(2, { kind: 'resolved' })] });
    const { document: after } = compose(document, NOON + MINUTE, context());
    expect(after.sending?.covers).toEqual({ 'boom#1': [1, 2] });
    expect([after.refused, after.untold]).toEqual([[], []]);
  });
});

describe('an episode that was suppressed from its beginning to its end', () => {
  it.each<[string, Partial<ConversationDocument>]>([
    ['was told', told],
    ['is being told', { sending: sendingOf([fired]) }],
    ['was refused', { refused: [fired] }],
  ])('is not dropped when something of it %s', (_name, given) => {
    const document = conversation({ ...given, untold: [heldEntry(2, { kind: 'resolved' })] });
    expect(settle(document, silent, NOON).dropped).toEqual([]);
  });

  it('that left for another conversation and came back is dropped only up to where it left', () => {
    const untold = [heldEntry(1, { kind: 'worse' }), heldEntry(3, { kind: 'moved' }), heldEntry(5, { kind: 'worse' })];
    const { document, dropped } = settle(conversation({ untold }), silent, NOON);
    expect([numbers(dropped), numbers(document.untold)]).toEqual([[1, 3], [5]]);
  });
});

describe('a receiver that is away', () => {
  const kinds = fc.constantFrom<HeldEntry['kind']>('firing', 'worse', 'better', 'moved', 'resolved');
  const life = fc.array(fc.tuple(kinds, fc.constantFrom('warning', 'critical')), { maxLength: 80, size: 'max' });
  const entriesOf = (story: readonly (readonly [HeldEntry['kind'], string])[]): readonly HeldEntry[] => {
    let episode = 0;
    let firing = false;
    return story.flatMap(([kind, severity], index) => {
      if ((kind === 'firing') === firing) return [];
      if (kind === 'firing') episode++;
      firing = kind !== 'resolved';
      return [heldEntry(index + 1, { kind, episode: `e${episode}`, labels: { severity } })];
    });
  };

  it('keeps few entries of an alert that flaps, and among them all that a silence or an end could ask for', () => {
    fc.assert(
      fc.property(life, (story) => {
        const entries = entriesOf(story);
        const document = conversation({ untold: entries });
        const after = shrink(document);
        expect(after.untold.length).toBeLessThanOrEqual(Math.max(ENTRIES_OF_ONE_ALERT, 12));
        expect(after.untold.reduce((sum, entry) => sum + 1 + (entry.folded ?? 0), 0)).toBe(entries.length);
        const begun = (list: readonly HeldEntry[]) =>
          list.reduce((sum, { kind, folded_episodes = 0 }) => sum + (kind === 'firing' ? 1 : 0) + folded_episodes, 0);
        expect(begun(after.untold)).toBe(begun(entries));
        expect(after.untold.at(-1)?.n).toBe(entries.at(-1)?.n);
        expect(numbers(after.untold)).toEqual(numbers(after.untold).toSorted((a, b) => a - b));
        for (const severity of ['warning', 'critical', 'info']) {
          const matches = (labels: Readonly<Record<string, string>>) => (labels['severity'] === severity ? 's' : undefined);
          expect(suppressedAlerts(after, matches, NOON)).toEqual(suppressedAlerts(document, matches, NOON));
        }
        for (const entry of after.untold) {
          const ends =
            entry.kind === 'resolved' &&
            entries.some(({ n, episode, kind }) => n < entry.n && episode === entry.episode && kind === 'firing');
          if (ends) expect(after.untold.some(({ episode, kind }) => episode === entry.episode && kind === 'firing')).toBe(true);
        }
      }),
      { numRuns: 1_000, seed: 5 },
    );
  });

  it('keeps evidence up to a bound, of the newest entries first', () => {
    const evidence = { documents: [{ at: NOON, fields: { message: 'x'.repeat(EVIDENCE_WAITING / 4) } }], top: [], trace_ids: [] };
    const untold = Array.from({ length: 6 }, (_, i) => heldEntry(i + 1, { ...host(`h${i}`), evidence }));
    expect(shrink(conversation({ untold })).untold.map((entry) => entry.evidence !== undefined)).toEqual([
      ...[false, false, false],
      ...[true, true, true],
    ]);
  });

  it('changes nothing of a conversation that is small enough', () => {
    const document = conversation({ untold: [fired, heldEntry(2, { kind: 'resolved' })], refused: [heldEntry(3, host('h2'))] });
    expect(shrink(document)).toBe(document);
  });
});

describe('handing on', () => {
  const target = { receiver: 'team', destination: 'team/test/0', route: '{}', group_labels: {} };
  const elsewhere = { ...target, destination: 'other/test/0', receiver: 'other' };
  const ports = (conversations: Conversations): DeliveryPorts => ({
    namespace: 'n',
    conversations,
    destination: () => ({ channel: testChannel().channel, options: {} }),
    routeOf: () => [],
    timing: () => timing,
    repeatOf: () => undefined,
    view: { ruleOf: () => undefined, kibana: undefined },
    orphansOf: async () => [],
    io: { fetch, print: () => undefined },
    unrecorded: new Map(),
    errors: collectInternalErrors(),
    newToken: () => 'token',
    elapsed: () => 0,
    pause: async () => undefined,
    deadline: (_ms, parent) => parent,
    lease: MINUTE,
    sendTimeout: 20_000,
    giveUpAfter: 24 * 60 * MINUTE,
  });
  const owed = (count: number, from = 1) =>
    Array.from({ length: count }, (_, i) => ({ ...heldEntry(from + i, host(`h${from + i}`)), to: [target] }));
  const signal = new AbortController().signal;
  const hand = (entries: readonly (HeldEntry & { to: readonly (typeof target)[] })[], conversations: Conversations, now = NOON) =>
    handOn([{ source: 'boom#1', rule: 'boom', owed: entries }], now, free, ports(conversations), signal);

  it('confirms an entry only when each of its conversations has it', async () => {
    const { conversations } = embeddedBackend();
    const refusing: Conversations = {
      ...conversations,
      save: async (writes) => {
        const saved = await conversations.save(writes.filter(({ document }) => document.receiver !== 'other'));
        return writes.map(({ document }) =>
          document.receiver === 'other' ? { kind: 'refused', message: 'too large' } : (saved[0] ?? { kind: 'conflict' }),
        );
      },
    };
    const entries = [...owed(1), { ...heldEntry(2), to: [target, elsewhere] }];
    const first = await hand(entries, refusing);
    expect(first.confirmed).toEqual([{ rule: 'boom', source: 'boom#1', numbers: [1] }]);
    expect(first.failed).toMatchObject([{ problem: 'too large' }]);
    const second = await hand(entries, conversations);
    expect([second.confirmed[0]?.numbers, second.failed]).toEqual([[1, 2], []]);
  });

  it('takes no more than there is room for, and the rest in order once there is', async () => {
    const { conversations } = embeddedBackend();
    const entries = owed(ENTRIES_WAITING + 3);
    const first = await hand(entries, conversations);
    expect(first.confirmed[0]?.numbers).toEqual([]);
    const [id] = first.failed.map((one) => one.conversation);
    const read = async () => {
      const loaded = await conversations.load([id ?? '']);
      const found = loaded.ok ? loaded.value.get(id ?? '') : undefined;
      if (found === undefined) throw new Error('no conversation');
      return found;
    };
    const { document, version } = await read();
    expect([document.untold.length, document.taken]).toEqual([ENTRIES_WAITING, { 'boom#1': ENTRIES_WAITING }]);
    await conversations.save([{ id: id ?? '', document: { ...document, untold: [] }, version }]);
    expect((await hand(entries, conversations)).confirmed[0]?.numbers).toHaveLength(ENTRIES_WAITING + 3);
    expect(numbers((await read()).document.untold)).toEqual([ENTRIES_WAITING + 1, ENTRIES_WAITING + 2, ENTRIES_WAITING + 3]);
  });

  it('takes each number of a source once, whatever older document it is handed on from', () => {
    const from = (...entries: readonly HeldEntry[]) => [{ source: 'boom#1', rule: 'boom', entries }];
    const [one, two] = [heldEntry(1), heldEntry(2, host('h2'))];
    const both = append(conversation(), from(two, one), NOON);
    expect(numbers(both.untold)).toEqual([1, 2]);
    expect(append(both, from(one), NOON)).toBe(both);
    expect(append(both, [{ source: 'boom#2', rule: 'boom', entries: [one] }], NOON).untold).toHaveLength(3);
  });
});
