import { chunked } from '../core/chunked.ts';
import { readApart } from '../core/read-apart.ts';
import type { StoreAnswer } from '../core/stored.ts';
import type { Duration, Instant } from '../core/time.ts';
import { DAY } from '../core/time.ts';
import type { AlertGroupDocument } from '../notify/alert-group.ts';
import { loadAlertGroups } from '../notify/alert-group-session.ts';
import { freeFrom, remainderDue } from '../notify/due.ts';
import { noteWorks } from '../notify/works-again.ts';
import { ALL } from './session.ts';
import type { TurnPorts } from './turn-ports.ts';

/** Everything that is due at all is due within this, ms. */
const EVER: Duration = 10 * 365 * DAY;
const MOST = 10_000;
const PAGE = 200;

/** How often messages are looked for that a wrong clock has claimed far ahead: no search for what is due now finds them, ms. */
const LOOK_AHEAD_EVERY: Duration = 600_000;
/** How often at most what another replica knows to have failed is looked for, ms. */
const LOOK_FOR_FAILED_EVERY: Duration = 60_000;

/**
 * Alert groups in which something failed that is to be tried again at once: all of them after the start of this process, later those of
 * destinations whose configuration has changed. Which ones they are stays noted in the session until the store has answered. And now and then,
 * and when this machine's clock went back, those in which a message was claimed by a clock that was ahead. Reading them shows as well where another
 * replica's messages have failed.
 */
export async function alertGroupsToTryAgain(
  now: Instant,
  { session, alertGroups, delivery }: Pick<TurnPorts, 'session' | 'alertGroups' | 'delivery'>,
): Promise<StoreAnswer<readonly string[]>> {
  const wanted = new Set(session.again);
  const looked = session.lookedAhead;
  const every = session.healed.size > 0 ? LOOK_FOR_FAILED_EVERY : LOOK_AHEAD_EVERY;
  const isEarly = looked !== undefined && now >= looked && now - looked < every;
  if (wanted.size === 0 && isEarly) return { ok: true, value: [] };
  const listed = await alertGroups.due(now + EVER, MOST);
  if (!listed.ok) return listed;
  const found: string[] = [];
  for (const ids of chunked(listed.value.ids, PAGE)) {
    const loaded = await readApart(ids, (some) => loadAlertGroups(some, { alertGroups, session }));
    if (!loaded.ok) return loaded;
    for (const [id, { document }] of loaded.value.found)
      if (isWaiting(document, wanted) || isStuck(document, now, delivery.lease)) found.push(id);
  }
  session.lookedAhead = now;
  for (const destination of wanted) session.again.delete(destination);
  for (const destination of session.healed) noteWorks(destination, session);
  session.healed.clear();
  return { ok: true, value: found };
}

/** A start does not cut short what a receiver asked for; another address is another receiver. */
function isWaiting({ destination, retry, inflight }: AlertGroupDocument, wanted: ReadonlySet<string>): boolean {
  const failed = retry !== undefined && inflight === null;
  if (wanted.has(destination)) return failed || (inflight !== null && inflight.retry_at !== null);
  return failed && wanted.has(ALL);
}

/** It is due later than it would be if its times were believed: a clock that was ahead has written them. */
function isStuck(document: AlertGroupDocument, now: Instant, lease: Duration): boolean {
  const { due, inflight } = document;
  if (due === null || due <= now) return false;
  const free = inflight === null ? remainderDue(document, now) : freeFrom(inflight, now, lease);
  return free !== undefined && free <= now;
}
