import type { Entry } from '../alerts/entry.ts';
import type { RuleId } from '../core/ids.ts';
import type { Versioned } from '../core/stored.ts';
import type { Instant } from '../core/time.ts';
import type { Target } from '../routing/route.ts';
import { append, type Handed } from './append.ts';
import { type ClaimContext, compose } from './claim.ts';
import type { ConversationDocument } from './conversation.ts';
import { conversationId, newConversation } from './conversation-id.ts';
import type { Claimed, DeliveryPorts, KnownSuppression } from './delivery-ports.ts';

/** What one rule document owes, as it was acknowledged or read back. */
export interface Owing {
  readonly source: string;
  readonly rule: RuleId;
  readonly owed: readonly (Entry & { readonly to: readonly Target[] })[];
}

/** What was handed on: entries that every target has confirmed, by rule, and messages claimed in the same writes. */
export interface HandedOn {
  readonly confirmed: ReadonlyMap<RuleId, readonly number[]>;
  readonly claimed: readonly Claimed[];
  /** Conversations that could not be written; the next sweep tries again. */
  readonly failed: readonly { readonly conversation: string; readonly message: string }[];
}

interface Errand {
  readonly target: Target;
  readonly handed: Map<string, { readonly rule: RuleId; readonly entries: Entry[] }>;
}

const ATTEMPTS = 5;

/**
 * Gives each conversation the entries it has not taken yet: get, append those beyond `taken`, write fenced, all conversations in one bulk
 * a round. What is due at once is claimed in the same write. An entry is confirmed when each of its targets acknowledged or already had it.
 */
export async function handOn(
  owing: readonly Owing[],
  now: Instant,
  suppression: KnownSuppression,
  ports: DeliveryPorts,
  signal: AbortSignal,
): Promise<HandedOn> {
  let open = errands(owing, ports.namespace);
  const done = new Set<string>();
  const claimed: Claimed[] = [];
  const failed = new Map<string, string>();
  for (let attempt = 0; attempt < ATTEMPTS && open.size > 0 && !signal.aborted; attempt++) {
    if (attempt > 0) await ports.pause(attempt, signal);
    const round = await handRound(open, now, suppression, ports);
    for (const id of round.done) {
      done.add(id);
      failed.delete(id);
    }
    for (const [id, message] of round.failed) failed.set(id, message);
    claimed.push(...round.claimed);
    open = new Map([...open].filter(([id]) => !done.has(id)));
  }
  return {
    confirmed: confirmedBy(owing, done, ports.namespace),
    claimed,
    failed: [...failed].map(([conversation, message]) => ({ conversation, message })),
  };
}

function errands(owing: readonly Owing[], namespace: string): Map<string, Errand> {
  const all = new Map<string, Errand>();
  for (const { source, rule, owed } of owing) {
    for (const { to, ...entry } of owed) {
      for (const target of to) {
        const id = conversationId(namespace, target);
        const errand = all.get(id) ?? { target, handed: new Map() };
        const handed = errand.handed.get(source) ?? { rule, entries: [] };
        handed.entries.push(entry);
        errand.handed.set(source, handed);
        all.set(id, errand);
      }
    }
  }
  return all;
}

interface Round {
  readonly done: readonly string[];
  readonly claimed: readonly Claimed[];
  readonly failed: ReadonlyMap<string, string>;
}

async function handRound(
  open: ReadonlyMap<string, Errand>,
  now: Instant,
  suppression: KnownSuppression,
  ports: DeliveryPorts,
): Promise<Round> {
  const loaded = await ports.conversations.load([...open.keys()]);
  if (!loaded.ok) return { done: [], claimed: [], failed: new Map([...open.keys()].map((id) => [id, loaded.message])) };
  const plans = [...open].map(([id, errand]) => plan(id, errand, loaded.value.get(id), now, suppression, ports));
  const writes = plans.filter((one) => one.write);
  const results =
    writes.length === 0
      ? []
      : await ports.conversations.save(writes.map(({ id, document, version }) => ({ id, document, version })));
  const done = plans.filter((one) => !one.write).map((one) => one.id);
  const claimed: Claimed[] = [];
  const failed = new Map<string, string>();
  for (const [index, one] of writes.entries()) {
    const result = results[index];
    if (result?.kind === 'saved') {
      done.push(one.id);
      if (one.claimed) claimed.push({ id: one.id, document: one.document, token: one.token });
    } else {
      failed.set(
        one.id,
        result === undefined ? 'no answer' : result.kind === 'conflict' ? 'another writer was faster' : result.message,
      );
    }
  }
  return { done, claimed, failed };
}

function plan(
  id: string,
  errand: Errand,
  found: Versioned<ConversationDocument> | undefined,
  now: Instant,
  suppression: KnownSuppression,
  ports: DeliveryPorts,
) {
  const before = found?.document ?? newConversation(errand.target);
  const handed = [...errand.handed].map(([source, { rule, entries }]): Handed => ({ source, rule, entries }));
  const appended = handed.reduce((document, each) => append(document, each, now), before);
  const token = ports.newToken();
  if (appended === before) return { id, document: before, version: found?.version, write: false, claimed: false, token };
  // A message whose lease ran out is left to the sweep: a hand-on appends, and claims only what it can freeze anew.
  const mayClaim = appended.sending === null;
  const composed = compose(appended, now, claimContext(id, appended, token, mayClaim, suppression, ports));
  return { id, document: composed.document, version: found?.version, write: true, claimed: composed.claimed, token };
}

/** What a claim of this conversation by this process needs. */
export function claimContext(
  id: string,
  document: ConversationDocument,
  token: string,
  mayClaim: boolean,
  suppression: KnownSuppression,
  ports: DeliveryPorts,
): ClaimContext {
  return {
    conversation: id,
    suppression,
    mayClaim,
    token,
    lease: ports.lease,
    timing: ports.timing(document.route),
    repeatOf: ports.repeatOf,
  };
}

function confirmedBy(
  owing: readonly Owing[],
  done: ReadonlySet<string>,
  namespace: string,
): ReadonlyMap<RuleId, readonly number[]> {
  const confirmed = new Map<RuleId, number[]>();
  for (const { rule, owed } of owing) {
    const numbers = owed
      .filter((entry) => entry.to.every((target) => done.has(conversationId(namespace, target))))
      .map((entry) => entry.n);
    if (numbers.length > 0) confirmed.set(rule, [...(confirmed.get(rule) ?? []), ...numbers]);
  }
  return confirmed;
}
