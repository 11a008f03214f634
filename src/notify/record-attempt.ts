import type { Duration, Instant } from '../core/time.ts';
import type { AlertGroupDocument, InflightMessage } from './alert-group.ts';
import { loadAlertGroups, saveAlertGroups } from './alert-group-session.ts';
import { compose } from './claim.ts';
import type { Claimed, Unrecorded } from './claimed.ts';
import { claimContext } from './enqueue.ts';
import { type NotifyContext, timeIn } from './notify-context.ts';
import { withPresentRead } from './present.ts';
import { type Attempt, recordOutcome } from './record.ts';

/** What recording an attempt came to: the message that was claimed in the same write, and what happens to the one that was attempted. */
export interface Recording {
  readonly next: Claimed | undefined;
  readonly givenUp: boolean;
  /** When a message that was not delivered is tried again. */
  readonly retryAt?: Instant;
}

/** An attempt that was made and is to be recorded. */
interface Attempted extends Pick<Attempt, 'outcome' | 'titles'> {
  readonly claimed: Claimed;
  readonly inflight: InflightMessage;
}

/** One try to record: done, or why not. `stuck`: this document alone takes no write. */
type Tried = ({ readonly done: true } & Recording) | { readonly done: false; readonly problem: string; readonly stuck: boolean };

/** How long an attempt that cannot be recorded may keep others from the same receiver waiting, ms. */
const PATIENCE: Duration = 60_000;
/** More than the pauses between them allow within that time, so that it also ends in a test with a stopped clock. */
const MOST_ATTEMPTS = 60;
const NOTHING = { done: true, next: undefined, givenUp: false } as const;

/**
 * Records an attempt by fenced write, even when the lease has expired: who does not record what was delivered makes another replica repeat it. When
 * more is outstanding and the lease is still ours, the next message is claimed in the same write. What cannot be recorded for a minute is kept in
 * the session, and tried again before this process claims anything in that alert group.
 */
export async function recordAttempt(attempted: Attempted, context: NotifyContext): Promise<Recording> {
  const { began, ports, signal } = context;
  const token = ports.newToken();
  const since = ports.elapsed();
  for (let attempt = 0; attempt === 0 || !signal.aborted; attempt++) {
    if (attempt > 0) await ports.pause(attempt, signal);
    const tried = await tryToRecord(attempted, token, context);
    if (tried.done) return tried;
    if (ports.elapsed() - since < PATIENCE && attempt < MOST_ATTEMPTS) continue;
    const { problem, stuck } = tried;
    ports.session.unrecorded.set(attempted.claimed.id, { ...attempted, token, since: began + since, problem, stuck });
    break;
  }
  return { next: undefined, givenUp: false };
}

/** Tries again to record what could not be recorded in an alert group; undefined: there is nothing of that kind. */
export async function recordLater(id: string, context: NotifyContext): Promise<Tried | undefined> {
  const { unrecorded } = context.ports.session;
  const waiting: Unrecorded | undefined = unrecorded.get(id);
  if (waiting === undefined) return undefined;
  const tried = await tryToRecord(waiting, waiting.token, context);
  if (tried.done) unrecorded.delete(id);
  else unrecorded.set(id, { ...waiting, problem: tried.problem, stuck: tried.stuck });
  return tried;
}

async function tryToRecord(
  { claimed, inflight, outcome, titles }: Attempted,
  token: string,
  context: NotifyContext,
): Promise<Tried> {
  const { ports } = context;
  const { id } = claimed;
  const loaded = await loadAlertGroups([id], ports);
  // A document that cannot be read cannot be written: the search for due alert groups reports it.
  if (!loaded.ok && loaded.unreadable?.has(id)) return NOTHING;
  if (!loaded.ok) return { done: false, problem: loaded.message, stuck: false };
  const found = loaded.value.get(id);
  if (found === undefined) return NOTHING;
  if (found.document.inflight?.token === token)
    return { done: true, next: { id, document: found.document, token }, givenUp: false };
  const now = timeIn(context);
  const sent: Attempt = { id: inflight.id, token: claimed.token, outcome, ...(titles && { titles }) };
  const recorded = recordOutcome(found.document, sent, now, ports.giveUpAfter);
  if (recorded.kind === 'nothing') return NOTHING;
  const chain = recorded.kind === 'delivered' && recorded.mine;
  const { document } = recorded;
  const next = compose(document, now, claimContext({ id, document, token, mayClaim: chain }, context));
  const composed = await withPresentRead(id, next, now, ports);
  const givenUp = recorded.kind === 'dead' && outcome.kind !== 'rejected';
  const [result] = await saveAlertGroups([{ id, document: composed.document, version: found.version }], ports);
  if (result?.kind === 'saved') {
    const retryAt = recorded.kind === 'retry' ? retryOf(document, inflight) : undefined;
    const claimedNext = composed.claimed ? { id, document: composed.document, token } : undefined;
    return { done: true, next: claimedNext, givenUp, ...(retryAt !== undefined && { retryAt }) };
  }
  const problem = result !== undefined && 'message' in result ? result.message : 'every attempt conflicted with another write';
  const stuck = result?.kind === 'conflict' || (result?.kind === 'refused' && result.of !== 'index');
  return { done: false, problem, stuck };
}

/** When the message of an attempt that was recorded as failed is tried again; one to some recipients waits among the remainders. */
function retryOf({ inflight, remainders = [] }: AlertGroupDocument, { id, repeats }: InflightMessage): Instant | undefined {
  if (repeats === undefined) return inflight?.id === id ? (inflight.retry_at ?? undefined) : undefined;
  const waiting = remainders.filter(({ recipients }) => recipients.some((one) => repeats.recipients.includes(one)));
  return waiting.length === 0 ? undefined : Math.min(...waiting.map(({ retry_at }) => retry_at));
}
