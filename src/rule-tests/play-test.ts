import { createMemory } from '../backends/embedded/memory-stores.ts';
import { hashId } from '../core/ids.ts';
import type { Problem } from '../core/problems.ts';
import { type Duration, type Instant, type TimeLimit, untimed } from '../core/time.ts';
import { assemble, DELIVERY_DEFAULTS } from '../engine/assemble.ts';
import { newSession, resetSession, type Session } from '../engine/session.ts';
import { type SimulatedStretch, simulate } from '../engine/simulate.ts';
import type { TurnPorts } from '../engine/turn-ports.ts';
import { checkpoint } from '../evaluation/evaluate-batch.ts';
import type { Silences } from '../notify/silences.ts';
import type { Rule } from '../rules/rule.ts';
import type { Budget } from './budget.ts';
import { chartedDelivery, recordedDelivery, simpleDelivery, type TestDelivery } from './delivery.ts';
import { failingSearch } from './failing-search.ts';
import { type DocumentBatch, makeDocuments, type TestDocument } from './make-documents.ts';
import type { Observation, Played } from './observation.ts';
import { type Observer, observer } from './observer.ts';
import type { OpenTestBackend, TestBackend } from './test-backend.ts';
import type { RuleTest, SilenceSpec } from './test-file.ts';
import type { TimelineEvent } from './timeline.ts';

/** What playing a test needs of the world. */
export interface PlayPorts {
  readonly open: OpenTestBackend;
  /** Who is notified by tests without a route of their own. */
  readonly delivery?: TestDelivery;
  /** A signal that aborts after `ms` or with its parent; searches in memory need no time of their own. */
  readonly deadline?: (ms: Duration, parent: AbortSignal) => TimeLimit;
  readonly signal: AbortSignal;
  /** Folders (real paths) that the files of a test may lie in. */
  readonly within: readonly string[];
  /** What the run may still use. */
  readonly budget: Budget;
  /** Draws the charts of all messages, whatever their channel; without it they have none. */
  readonly charts?: TurnPorts['charts'];
}

/** A test that was played, or why it could not be. */
export type PlayResult =
  | { readonly ok: true; readonly played: Played; readonly documents: readonly TestDocument[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Plays a test from its start to its last check through the same turns as `run`: nothing is sent, nothing outlives it. */
export async function playTest(test: RuleTest, rules: readonly Rule[], ports: PlayPorts): Promise<PlayResult> {
  const { within, budget } = ports;
  const made = await makeDocuments(test.documents, { timeFields: timeFieldsOf(rules), within, budget, mapping: test.mapping });
  if (made.problems.length > 0) return { ok: false, problems: made.problems };
  const backend = await ports.open({ documents: made.documents, mapping: test.mapping, rules });
  try {
    const { timeline, ...played } = await play(test, rules, backend, ports);
    const events = [...made.batches.flatMap(arrival), ...failuresOf(test), ...timeline];
    return { ok: true, played: { ...played, timeline: inOrder(events) }, documents: made.documents };
  } finally {
    await backend.close();
  }
}

async function play(test: RuleTest, rules: readonly Rule[], backend: TestBackend, ports: PlayPorts): Promise<Played> {
  const session = newSession();
  const watch = observer(new Map(rules.map((rule) => [rule.id, rule])), session);
  let time = test.start;
  const search = failingSearch(backend.search, test.searchFails, () => time);
  const engine = await engineOf(test, rules, { ...backend, search }, ports, { session, watch });
  const observations: Observation[] = [];
  const lookBefore = (time: Instant) => {
    for (const check of test.checks.slice(observations.length)) {
      if (check.at >= time) return;
      observations.push(watch.observe(check.at));
    }
  };
  for (const range of uptimes(test)) {
    if (range.restart === true) {
      // What a check in the downtime sees is what the process left behind.
      lookBefore(range.from);
      await checkpoint(engine);
      resetSession(session);
    }
    // A check comes after the turns of its time, so it runs before the first later one.
    const turns = simulate(range, engine, ports.signal, async (now) => {
      lookBefore(now);
      time = now;
      await backend.advance(now);
    });
    for await (const log of turns) {
      watch.see(log);
      await ports.budget.breathe();
    }
  }
  lookBefore(Number.POSITIVE_INFINITY);
  return { observations, ...watch.result() };
}

/** The stretches of a test in which Tocsin runs: what is due at the moment it goes down is done after it is back. */
function uptimes({ start, down, checks }: RuleTest): readonly SimulatedStretch[] {
  const end = checks.at(-1)?.at ?? start;
  const begins = [{ from: start, to: start }, ...down];
  return begins.flatMap(({ to: from }, index): readonly SimulatedStretch[] => {
    const to = Math.min(end, (down[index]?.from ?? Number.POSITIVE_INFINITY) - 1);
    return from > end ? [] : [{ from, to, restart: index > 0 }];
  });
}

interface Watched {
  readonly session: Session;
  readonly watch: Observer;
}

/** The ports of the turns: stores in memory, destinations that record, and nothing that waits. */
async function engineOf(
  test: RuleTest,
  rules: readonly Rule[],
  { search, ranges }: Pick<TestBackend, 'search' | 'ranges'>,
  ports: PlayPorts,
  { session, watch }: Watched,
): Promise<TurnPorts> {
  const stores = createMemory({ freeze: true }).stores('test');
  await silence(test.silences, stores.silences);
  const delivery =
    test.route === undefined && ports.delivery !== undefined
      ? ports.delivery
      : simpleDelivery(test.route, rules, ports.delivery?.routing.intervals);
  let tokens = 0;
  return assemble({
    namespace: 'test',
    // The history of a test is not read.
    backend: {
      ...stores,
      search,
      ...(ports.charts !== undefined && ranges !== undefined && { ranges }),
      history: { write: async (batch) => batch.length, prune: async () => [], pruneHistory: async () => 0 },
    },
    rules,
    session,
    keepFindings: true,
    failures: [],
    ...recordedDelivery(ports.charts === undefined ? delivery : chartedDelivery(delivery), watch.collect),
    ...(ports.charts !== undefined && { charts: ports.charts }),
    io: { fetch: () => Promise.reject(new Error('a rule test sends nothing')), print: () => undefined },
    clock: { monotonic: () => 0, sleep: async () => undefined },
    deadline: ports.deadline ?? untimed,
    newToken: () => `token-${++tokens}`,
    delivery: DELIVERY_DEFAULTS,
  });
}

function timeFieldsOf(rules: readonly Rule[]): readonly string[] {
  return [...new Set(['@timestamp', ...rules.map((rule) => rule.source.timeField)])];
}

async function silence(specs: readonly SilenceSpec[], silences: Silences): Promise<void> {
  for (const [index, { matchers, from, until }] of specs.entries()) {
    await silences.put({
      v: 1,
      id: hashId('silence', index),
      matchers,
      starts_at: from,
      ends_at: until,
      created_by: 'test',
      comment: '',
    });
  }
}

function arrival({ documents, late }: DocumentBatch): readonly TimelineEvent[] {
  const times = documents.flatMap(({ time }) => time ?? []);
  const at = times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY);
  const until = times.reduce((most, time) => Math.max(most, time), Number.NEGATIVE_INFINITY);
  const index = documents[0]?.index;
  if (times.length === 0) return [];
  return [
    {
      kind: 'documents',
      at,
      until,
      count: documents.length,
      ...(index === undefined ? {} : { index }),
      ...(late === undefined ? {} : { late }),
    },
  ];
}

function failuresOf({ down, searchFails }: RuleTest): readonly TimelineEvent[] {
  return [
    ...down.map(({ from, to }): TimelineEvent => ({ kind: 'failure', at: from, until: to, what: 'Tocsin is not running' })),
    ...searchFails.map(
      ({ from, to, problem }): TimelineEvent => ({ kind: 'failure', at: from, until: to, what: `searches fail: ${problem}` }),
    ),
  ];
}

function inOrder(events: readonly TimelineEvent[]): readonly TimelineEvent[] {
  return [...events].sort((a, b) => a.at - b.at);
}
