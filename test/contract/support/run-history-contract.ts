import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/core/json.ts';
import type { RunHistory } from '../../../src/engine/history/run-history.ts';
import type { History, HistoryRecord } from '../../../src/notify/history.ts';

/** One empty storage: its history, what reads them back, and the namespace that their bodies name. */
export interface HistoryUnderTest {
  readonly namespace: string;
  readonly history: History;
  readonly runHistory: RunHistory;
  settle(): Promise<void>;
  dispose(): Promise<void>;
}

const HOUR = 3_600_000;
const AT = Date.UTC(2026, 0, 10, 23);
const all = { from: 0, to: AT + 99 * HOUR };

/** What reading back the records of history must do, whoever holds them. */
export function runHistoryContract(name: string, make: () => Promise<HistoryUnderTest>): void {
  describe(`the run history of ${name}`, () => {
    let storage: HistoryUnderTest;
    const runs = async (wanted: Partial<Parameters<RunHistory['runs']>[0]>) => {
      const answer = await storage.runHistory.runs({ rule: 'checkout', range: all, limit: 10, ...wanted });
      if (!answer.ok) throw new Error(answer.message);
      return answer.value;
    };

    beforeAll(async () => {
      storage = await make();
      const { namespace } = storage;
      const written = [
        run(namespace, 'checkout', AT, { changes: [change('alert-1', 'pending')] }),
        // The next day, and so in the next index.
        run(namespace, 'checkout', AT + 2 * HOUR, { changes: [change('alert-2', 'firing'), change('alert-1', 'firing')] }),
        run(namespace, 'checkout', AT + 3 * HOUR, { sent: [nested(60), { query: 'x'.repeat(40_000) }] }),
        run(namespace, 'other', AT, {}),
        run('somebody-else', 'checkout', AT + HOUR, {}),
        message(namespace, 'm1', AT, ['alert-1', 'alert-2']),
        message(namespace, 'm2', AT + HOUR, ['alert-1']),
        message('somebody-else', 'm3', AT, ['alert-1']),
        episode(namespace, 'over', { start: AT, end: AT + HOUR }),
        episode(namespace, 'firing', { start: AT + HOUR }),
        episode(namespace, 'later', { start: AT + 5 * HOUR, end: AT + 6 * HOUR }),
        episode('somebody-else', 'theirs', { start: AT }),
        acknowledged(namespace, 'alert-1', AT),
        acknowledged(namespace, 'alert-2', AT + HOUR),
        acknowledged('somebody-else', 'alert-1', AT),
        acknowledged(namespace, 'alert-1', AT + HOUR, 'acknowledgement-expired'),
      ];
      expect(await storage.history.write(written)).toBe(written.length);
      await storage.settle();
    });

    afterAll(() => storage.dispose());

    it('is of one namespace where records are pruned by age', async () => {
      const { history, namespace } = storage;
      await history.write([
        message(namespace, 'long-ago', AT - 999 * HOUR, ['alert-9']),
        message('somebody-else', 'theirs', AT - 999 * HOUR, ['alert-9']),
      ]);
      await storage.settle();
      expect(await history.pruneHistory(AT - 99 * HOUR)).toBe(1);
      await storage.settle();
      expect(await history.pruneHistory(AT - 99 * HOUR)).toBe(0);
    });

    it('gives the runs of a rule and namespace, newest first, over the indices of all days', async () => {
      expect((await runs({})).map(({ at }) => (at - AT) / HOUR)).toEqual([3, 2, 0]);
    });

    it('gives no more than were asked for, and only those of the range, its end left out', async () => {
      expect((await runs({ limit: 1 })).map(({ at }) => at)).toEqual([AT + 3 * HOUR]);
      expect((await runs({ range: { from: AT, to: AT + 2 * HOUR } })).map(({ at }) => at)).toEqual([AT]);
    });

    it('gives the acknowledgements of a range of time, or of one alert, the newest first', async () => {
      const read = async (wanted: object) => {
        const answer = await storage.runHistory.acknowledgements({ range: all, limit: 10, ...wanted });
        return answer.ok ? answer.value.map(({ alert, at, by, comment }) => [alert, at - AT, by, comment]) : answer.message;
      };
      const [first, second] = [
        ['alert-1', 0, 'kim', 'restarting'],
        ['alert-2', HOUR, 'kim', 'restarting'],
      ];
      expect(await read({})).toEqual([second, first]);
      expect(await read({ alert: 'alert-1' })).toEqual([first]);
      expect(await read({ range: { from: AT + 1, to: AT + HOUR + 1 } })).toEqual([second]);
      expect(await read({ limit: 1 })).toEqual([second]);
    });

    it('finds the runs that changed an alert', async () => {
      expect((await runs({ alert: 'alert-1' })).map(({ at }) => at)).toEqual([AT + 2 * HOUR, AT]);
      expect((await runs({ alert: 'alert-2' })).map(({ at }) => at)).toEqual([AT + 2 * HOUR]);
    });

    it('gives back what was recorded', async () => {
      expect((await runs({ range: { from: AT, to: AT + 1 } }))[0]).toEqual({
        at: AT,
        window: { from: AT - HOUR, to: AT },
        purpose: 'live',
        outcome: 'evaluated',
        matched: 7,
        ungrouped: 1,
        groups: 2,
        truncated: false,
        findings: { breach: 1, between: 0, clear: 1, absent: 0, unknown: 0 },
        changes: [change('alert-1', 'pending')],
        sent: [{ index: ['logs-*'] }],
        cost: { took: 3, shards: 2, merged: 1 },
      });
    });

    it('keeps questions however deep or long they are', async () => {
      expect((await runs({}))[0]?.sent).toEqual([nested(60), { query: 'x'.repeat(40_000) }]);
    });

    it('finds the messages about an alert', async () => {
      const answer = await storage.runHistory.messages({ alert: 'alert-1', range: all, limit: 10 });
      expect(answer).toMatchObject({ ok: true, value: [{ title: 'm2', at: AT + HOUR, outcome: 'delivered' }, { title: 'm1' }] });
      expect(await storage.runHistory.messages({ alert: 'alert-3', range: all, limit: 10 })).toEqual({ ok: true, value: [] });
    });

    it('finds the episodes that fired in a range of time, the newest first', async () => {
      const of = async (from: number, to: number, limit = 10) => {
        const answer = await storage.runHistory.episodes({ range: { from, to }, limit });
        if (!answer.ok) throw new Error(answer.message);
        return answer.value.map(({ alert }) => alert);
      };
      expect(await of(AT - HOUR, AT + 9 * HOUR)).toEqual(['later', 'firing', 'over']);
      expect(await of(AT - HOUR, AT + 9 * HOUR, 1)).toEqual(['later']);
      expect(await of(AT + 2 * HOUR, AT + 4 * HOUR)).toEqual(['firing']);
      expect(await of(AT + HOUR, AT + HOUR + 1)).toEqual(['firing', 'over']);
      expect(await of(AT - 2 * HOUR, AT)).toEqual([]);
      const whole = await storage.runHistory.episodes({ range: { from: AT, to: AT + 1 }, limit: 10 });
      expect(whole).toEqual({
        ok: true,
        value: [
          {
            ...{ rule: 'Checkout', alert: 'over', group: { service: 'shop' }, severity: 'critical' },
            ...{ labels: { team: 'shop', severity: 'critical' }, start: AT, end: AT + HOUR },
          },
        ],
      });
    });

    it('gives the next page, and the records of one alert or rule alone', async () => {
      const { runHistory } = storage;
      expect((await runs({ limit: 1, skip: 1 })).map(({ at }) => at)).toEqual([AT + 2 * HOUR]);
      expect(await runs({ skip: 3 })).toEqual([]);
      expect(await runHistory.messages({ range: all, limit: 10, skip: 1 })).toMatchObject({ value: [{ title: 'm1' }] });
      expect(await runHistory.episodes({ range: all, limit: 1, skip: 1 })).toMatchObject({ value: [{ alert: 'firing' }] });
      expect(await runHistory.episodes({ range: all, limit: 9, alert: 'over' })).toMatchObject({ value: [{ alert: 'over' }] });
      expect(await runHistory.episodes({ range: all, limit: 9, alert: 'theirs' })).toMatchObject({ value: [] });
      expect(await runHistory.episodes({ range: all, limit: 9, rule: 'checkout' })).toMatchObject({ value: { length: 3 } });
      expect(await runHistory.episodes({ range: all, limit: 9, rule: 'other' })).toMatchObject({ value: [] });
    });

    it('knows nothing of a rule that was never evaluated', async () => {
      expect(await runs({ rule: 'never' })).toEqual([]);
    });

    it('gives what was sent with one message of the namespace, and leaves it out of lists', async () => {
      const { namespace, runHistory, history } = storage;
      const sent = message(namespace, 'sent', AT - HOUR, ['alert-7']);
      const payload = JSON.stringify({ text: 'x'.repeat(60_000) });
      await history.write([
        { ...sent, body: { ...sent.body, 'event.id': sent.id, 'event.original': payload } },
        message('somebody-else', 'not-mine', AT, ['alert-7']),
      ]);
      await storage.settle();
      const found = await runHistory.payload(sent.id);
      expect(found).toMatchObject({ ok: true, value: { payload, cut: false, message: { id: sent.id } } });
      expect(await runHistory.payload(`${namespace}/m1`)).toMatchObject({ ok: true, value: { payload: undefined } });
      expect(
        await runHistory.payload('somebody-else/not-mine').then((answer) => answer.ok && answer.value?.message.id),
      ).toBeUndefined();
      expect(await runHistory.payload('none')).toEqual({ ok: true, value: undefined });
      const listed = await runHistory.messages({ alert: 'alert-7', range: all, limit: 10 });
      expect(listed).toMatchObject({ ok: true, value: [{ id: sent.id }] });
      expect(JSON.stringify(listed).length).toBeLessThan(1_000);
    });
  });
}

function run(namespace: string, rule: string, at: number, more: Readonly<Record<string, Json>>): HistoryRecord {
  const tocsin: JsonObject = {
    namespace,
    window: { from: new Date(at - HOUR).toISOString(), to: new Date(at).toISOString() },
    purpose: 'live',
    matched: 7,
    ungrouped: 1,
    groups: 2,
    truncated: false,
    findings: { breach: 1, between: 0, clear: 1, absent: 0, unknown: 0 },
    changes: [],
    problem: null,
    cost: { took: 3, shards: 2, merged: 1 },
    sent: [{ index: ['logs-*'] }],
    ...more,
  };
  const body = { '@timestamp': new Date(at).toISOString(), 'event.outcome': 'success', 'rule.id': rule, tocsin };
  return { index: 'runs', id: `${namespace}/${rule}/${at}`, at, body };
}

function message(namespace: string, title: string, at: number, about: readonly string[]): HistoryRecord {
  const tocsin = { namespace, receiver: 'team', destination: 'team/slack/0', channel: 'slack', outcome: 'delivered', about };
  const body = { '@timestamp': new Date(at).toISOString(), message: title, tocsin: { ...tocsin, reason: 'first', attempt: 1 } };
  return { index: 'notifications', id: `${namespace}/${title}`, at, body };
}

function change(alert: string, kind: string): JsonObject {
  const group = { 'service.name': 'stub', zone: null };
  return {
    alert,
    group,
    kind,
    from: 'inactive',
    to: kind,
    reason: 'breach',
    severity: 'critical',
    values: { count: 7, 'p 95': null },
  };
}

function nested(depth: number): Json {
  return depth === 0 ? { term: { field: 'x' } } : { bool: { filter: [nested(depth - 1)] } };
}

function episode(
  namespace: string,
  alert: string,
  { start, end }: { readonly start: number; readonly end?: number },
): HistoryRecord {
  const tocsin = {
    namespace,
    alert,
    severity: 'critical',
    group: { service: 'shop' },
    labels: { team: 'shop', severity: 'critical' },
  };
  const body = {
    '@timestamp': new Date(end ?? start).toISOString(),
    'event.start': new Date(start).toISOString(),
    ...(end !== undefined && { 'event.end': new Date(end).toISOString() }),
    'rule.id': 'checkout',
    'rule.name': 'Checkout',
    tocsin,
  };
  return { index: 'alerts', id: `${namespace}/${alert}`, at: end ?? start, body };
}

function acknowledged(namespace: string, alert: string, at: number, action = 'alert-acknowledged'): HistoryRecord {
  const body = {
    '@timestamp': new Date(at).toISOString(),
    ...{ 'event.kind': 'event', 'event.action': action, message: 'm' },
    tocsin: { namespace, alert, episode: 'e', by: 'kim', comment: 'restarting' },
  };
  return { index: 'alerts', id: `${namespace}/${alert} ${action}`, at, body };
}
