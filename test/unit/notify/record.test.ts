import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/channels/channel.ts';
import { type RecordResult, recordOutcome } from '../../../src/notify/record.ts';
import { alertGroup, inflightOf, notifiedAs, queuedEntry } from '../../support/engine/notified.ts';
import { MINUTE, NOON } from '../../support/engine/world.ts';

const DAY = 24 * 60 * MINUTE;
const reason = { kind: 'timeout', text: 'no answer' } as const;
const fired = queuedEntry(1);
const document = alertGroup({ inflight: inflightOf([fired]) });
const attempt = (outcome: Outcome, token = 'mine', id = 'message') => ({ id, token, outcome });
const documentOf = (recorded: RecordResult) => (recorded.kind === 'nothing' ? undefined : recorded.document);

describe('recording an attempt', () => {
  it('keeps what was notified, the receipt and the time of the claim, even when another replica holds the message by now', () => {
    const delivered = { kind: 'delivered', receipt: { ts: '1' } } as const;
    const recorded = recordOutcome(document, attempt(delivered, 'theirs'), NOON + 5 * MINUTE, DAY);
    expect(recorded).toMatchObject({ kind: 'delivered', mine: false });
    expect(documentOf(recorded)).toMatchObject({
      inflight: null,
      notified_at: NOON,
      alerts: { [fired.alert]: notifiedAs(fired) },
      receipt: { ts: '1' },
      incident: 'incident',
    });
  });

  it.each<[string, Outcome]>([
    ['was not delivered', { kind: 'retry', reason }],
    ['may have been delivered', { kind: 'unknown', reason }],
    ['was rejected', { kind: 'rejected', reason }],
  ])('that %s is left to whoever holds the message by now', (_name, outcome) => {
    expect(recordOutcome(document, attempt(outcome, 'theirs'), NOON, DAY)).toEqual({ kind: 'nothing' });
    expect(recordOutcome(document, attempt(outcome, 'mine', 'another'), NOON, DAY)).toEqual({ kind: 'nothing' });
  });

  it('lets go of the lease for a retry, and counts the attempt once though its answer was lost', () => {
    const outcome = { kind: 'retry', reason } as const;
    const once = documentOf(recordOutcome(document, attempt(outcome), NOON, DAY));
    expect(once?.inflight).toMatchObject({ ...document.inflight, attempts: 1, until: null, retry_at: expect.any(Number) });
    expect(once && recordOutcome(once, attempt(outcome), NOON, DAY)).toEqual({ kind: 'nothing' });
  });

  it.each([
    ['its own backoff', undefined, 3_750, 6_250],
    ['what the receiver asks for, if that is later', 60_000, 60_000, 60_000],
    ['no longer than until the message is given up', 10 * DAY, DAY, DAY],
  ])('waits for %s', (_name, wait, least, most) => {
    const outcome: Outcome = { kind: 'retry', reason, ...(wait !== undefined && { after: wait }) };
    const retryAt = documentOf(recordOutcome(document, attempt(outcome), NOON, DAY))?.inflight?.retry_at ?? 0;
    expect(retryAt - NOON).toBeGreaterThanOrEqual(least);
    expect(retryAt - NOON).toBeLessThanOrEqual(most);
  });

  it.each<[string, Outcome, number, string]>([
    ['rejected', { kind: 'rejected', reason }, 0, 'no answer'],
    ['given up', { kind: 'retry', reason }, DAY, 'given up: no answer'],
  ])('keeps what was %s among the refused, and says so', (_name, outcome, later, why) => {
    expect(documentOf(recordOutcome(document, attempt(outcome), NOON + later, DAY))).toMatchObject({
      inflight: null,
      failed: [fired],
      notified_at: null,
      dead: { count: 1, last_at: NOON + later, reason: why },
    });
  });

  it('counts what fails in a row, and no more after a success', () => {
    const rejected = { kind: 'rejected', reason } as const;
    const once = documentOf(recordOutcome(document, attempt(rejected), NOON, DAY));
    expect(once?.retry).toEqual({ attempts: 1, failed_at: NOON, next_at: null });
    const again = alertGroup({ ...once, inflight: inflightOf([fired]) });
    expect(documentOf(recordOutcome(again, attempt(rejected), NOON + MINUTE, DAY))?.retry?.attempts).toBe(2);
    expect(documentOf(recordOutcome(again, attempt({ kind: 'delivered' }), NOON, DAY))?.retry).toBeUndefined();
  });

  it('leaves the intervals as they are when what failed was sent before its time, because something new was to be said', () => {
    const retry = { attempts: 1, failed_at: NOON - MINUTE / 2, next_at: NOON + MINUTE / 2 };
    const early = alertGroup({ retry, inflight: inflightOf([fired]) });
    expect(documentOf(recordOutcome(early, attempt({ kind: 'rejected', reason }), NOON, DAY))?.retry).toEqual(retry);
    const inTime = alertGroup({ retry: { ...retry, next_at: NOON }, inflight: inflightOf([fired]) });
    expect(documentOf(recordOutcome(inTime, attempt({ kind: 'rejected', reason }), NOON, DAY))?.retry?.attempts).toBe(2);
  });

  it('tries a reminder that was rejected again like everything else that failed', () => {
    const facts = { reminder: true, entries: [], also: { [fired.alert]: notifiedAs(fired) }, incident: 'incident' };
    const reminding = alertGroup({ notified_at: NOON - DAY, inflight: inflightOf([], { facts }) });
    expect(documentOf(recordOutcome(reminding, attempt({ kind: 'rejected', reason }), NOON, DAY))).toMatchObject({
      notified_at: NOON - DAY,
      failed: [],
      retry: { attempts: 1, failed_at: NOON },
    });
  });
});
