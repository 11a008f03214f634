import { createMemory } from '../backends/embedded/memory-stores.ts';
import { hashId } from '../core/ids.ts';
import type { Problem } from '../core/problems.ts';
import type { Duration } from '../core/time.ts';
import { assemble, DELIVERY_DEFAULTS } from '../engine/assemble.ts';
import { simulate } from '../engine/simulate.ts';
import type { Rule } from '../rules/rule.ts';
import { newSession } from '../cycle/session.ts';
import type { Silences } from '../notifications/silences.ts';
import { recordedDelivery, simpleDelivery, type TestDelivery } from './delivery.ts';
import { type DocumentBatch, makeDocuments } from './make-documents.ts';
import type { Observation, Played } from './observation.ts';
import { observer } from './observer.ts';
import type { OpenTestBackend } from './test-backend.ts';
import type { RuleTest, SilenceSpec } from './test-file.ts';
import type { TimelineEvent } from './timeline.ts';

/** What playing a test needs of the world. */
export interface PlayPorts {
  readonly open: OpenTestBackend;
  /** Who is told by tests without a route of their own. */
  readonly delivery?: TestDelivery;
  /** A signal that aborts after `ms` or with its parent; searches in memory need no time of their own. */
  readonly deadline?: (ms: Duration, parent: AbortSignal) => AbortSignal;
  readonly signal: AbortSignal;
}

/** A test that was played, or why it could not be. */
export type PlayResult = { readonly ok: true; readonly played: Played } | { readonly ok: false; readonly problems: readonly Problem[] };

/** Plays a test from its start to its last check through the same turns as `run`: nothing is sent, nothing outlives it. */
export async function playTest(test: RuleTest, rules: readonly Rule[], ports: PlayPorts): Promise<PlayResult> {
  const made = await makeDocuments(test.documents, timeFieldsOf(rules));
  if (made.problems.length > 0) return { ok: false, problems: made.problems };
  const backend = await ports.open({ documents: made.documents, mapping: test.mapping, rules });
  try {
    const stores = createMemory({ freeze: true }).stores('test');
    await silence(test.silences, stores.silences);
    const session = newSession();
    const byId = new Map(rules.map((rule) => [rule.id, rule]));
    const watch = observer(byId, session);
    const delivery = test.route === undefined && ports.delivery !== undefined ? ports.delivery : simpleDelivery(test.route, rules);
    let tokens = 0;
    const turnPorts = {
      ...assemble({
        namespace: 'test',
        backend: { ...stores, search: backend.search },
        rules,
        session,
        troubles: [],
        ...recordedDelivery(delivery, watch.hear),
        io: { fetch: () => Promise.reject(new Error('a rule test sends nothing')), print: () => undefined },
        clock: { monotonic: () => 0, sleep: async () => undefined },
        deadline: ports.deadline ?? ((_ms, parent) => parent),
        newToken: () => `token-${++tokens}`,
        delivery: DELIVERY_DEFAULTS,
      }),
      typeNamed: watch.typeNamed,
    };
    const observations: Observation[] = [];
    const lookUntil = (time: number) => {
      for (let next = test.checks[observations.length]; next !== undefined && next.at < time; next = test.checks[observations.length]) {
        observations.push(watch.observe(next.at));
      }
    };
    const range = { from: test.start, to: test.checks.at(-1)?.at ?? test.start };
    const turns = simulate(range, turnPorts, ports.signal, async (now) => {
      lookUntil(now);
      await backend.advance(now);
    });
    for await (const report of turns) watch.see(report);
    lookUntil(Number.POSITIVE_INFINITY);
    const { timeline, ...rest } = watch.result();
    return { ok: true, played: { observations, ...rest, timeline: inOrder([...made.batches.flatMap(arrival), ...timeline]) } };
  } finally {
    await backend.close();
  }
}

function timeFieldsOf(rules: readonly Rule[]): readonly string[] {
  return [...new Set(['@timestamp', ...rules.map((rule) => rule.source.timeField)])];
}

async function silence(specs: readonly SilenceSpec[], silences: Silences): Promise<void> {
  for (const [index, { matchers, from, until }] of specs.entries()) {
    await silences.put({ v: 1, id: hashId('silence', index), matchers, starts_at: from, ends_at: until, created_by: 'test', comment: '' });
  }
}

function arrival({ documents, late }: DocumentBatch): readonly TimelineEvent[] {
  const times = documents.flatMap(({ time }) => time ?? []);
  const at = times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY);
  const until = times.reduce((most, time) => Math.max(most, time), Number.NEGATIVE_INFINITY);
  const index = documents[0]?.index;
  if (times.length === 0) return [];
  return [{ kind: 'documents', at, until, count: documents.length, ...(index === undefined ? {} : { index }), ...(late === undefined ? {} : { late }) }];
}

function inOrder(events: readonly TimelineEvent[]): readonly TimelineEvent[] {
  return [...events].sort((a, b) => a.at - b.at);
}
