import { readApart } from '../core/read-apart.ts';
import { loadAlertGroups } from '../notify/alert-group-session.ts';
import type { Claimed } from '../notify/claimed.ts';
import { claim, deliver } from '../notify/deliver.ts';
import type { Notified } from '../notify/delivery-ports.ts';
import type { RetryMode } from '../notify/due.ts';
import { leaveGone } from '../notify/hand-over.ts';
import type { NotifyContext } from '../notify/notify-context.ts';
import { noteDelivered } from '../notify/works-again.ts';
import { isResting, rest, rouse } from './resting.ts';
import { SENDS_TO_ONE } from './send-limits.ts';
import type { Session } from './session.ts';

/** Sends of one turn, begun as soon as there is something to send: messages do not wait for another rule's slow index. */
export interface Deliveries {
  /** Sends messages that this turn has claimed already. */
  send(claimed: readonly Claimed[]): void;
  /**
   * Claims and sends what these alert groups have to send, unless another turn of this process is at it. `again`: what failed, or waits for another
   * attempt, is tried at once, and why.
   */
  claimAndSend(alertGroups: readonly string[], again?: RetryMode): void;
  /** Something was begun, or met, since the last call of `finished`. */
  readonly isUnderWay: boolean;
  /** Waits for all that was begun since the last call. What was thrown is noted in the ports' internal errors. */
  finished(): Promise<Delivered>;
}

/** What deliveries came to: attempts in the order of their beginning, what the store would not take, and unreadable alert groups. */
interface Delivered {
  readonly notified: readonly Notified[];
  readonly problems: readonly string[];
  /** With the reason, by id. */
  readonly unreadable: ReadonlyMap<string, string>;
}

/** Failures of one destination in a row after which a turn begins no more of its alert groups: they stay due, and the next turn tries. */
const FAILURES = SENDS_TO_ONE;

/** Starts the deliveries of a turn. */
export function startDeliveries(context: NotifyContext, session: Session): Deliveries {
  const { ports } = context;
  const { busy, sendLimits } = session;
  const begun: Promise<readonly Notified[]>[] = [];
  const failures = new Map<string, number>();
  let problems: string[] = [];
  let unreadable = new Map<string, string>();

  /** The wall around one alert group: whatever is thrown over it is noted, it rests for a while, and the others are notified. */
  const begin = (id: string, work: Promise<readonly Notified[]>): void => {
    const walled = work.then(
      (notified) => {
        rouse(session, id);
        return notified;
      },
      (thrown: unknown) => {
        ports.errors.note('alert_group', id, 'notifying its receiver', thrown);
        rest(session, id, context.began);
        return [];
      },
    );
    begun.push(walled);
  };
  const send = async (claimed: Claimed): Promise<readonly Notified[]> => {
    const notified = await deliver(claimed, context);
    noteDelivered(notified, session);
    for (const { destination, outcome } of notified)
      failures.set(destination, outcome === 'retry' || outcome === 'unknown' ? (failures.get(destination) ?? 0) + 1 : 0);
    return notified;
  };
  const alone = async (id: string, work: () => Promise<readonly Notified[]>): Promise<readonly Notified[]> => {
    const mine = !busy.has(id);
    busy.add(id);
    try {
      return await work();
    } finally {
      if (mine) busy.delete(id);
    }
  };
  const claimOne = async (id: string, destination: string, again: RetryMode | undefined): Promise<readonly Notified[]> => {
    if ((failures.get(destination) ?? 0) >= FAILURES) return [];
    if (ports.destination(destination) === undefined) {
      session.unrecorded.delete(id);
      const left = await leaveGone(id, context);
      if (left.problem !== undefined) problems.push(left.problem);
      if (left.unreadable !== undefined) unreadable.set(id, left.unreadable);
      for (const [other, why] of left.closed ?? []) unreadable.set(other, why);
      return left.notified;
    }
    const answer = await claim(id, context, again);
    if (answer.problem !== undefined) problems.push(answer.problem);
    if (answer.unreadable !== undefined) unreadable.set(id, answer.unreadable);
    for (const [other, why] of answer.closed ?? []) unreadable.set(other, why);
    return answer.claimed === undefined ? [] : send(answer.claimed);
  };
  /** Reads the alert groups that this process has never seen, so that it knows their destinations. */
  const meet = async (ids: readonly string[]): Promise<void> => {
    const unknown = ids.filter((id) => !session.destinations.has(id));
    if (unknown.length === 0) return;
    const loaded = await readApart(unknown, (some) => loadAlertGroups(some, ports));
    if (!loaded.ok) problems.push(loaded.message);
    else for (const [id, problem] of loaded.value.unreadable) unreadable.set(id, problem);
  };

  return {
    // A message claimed by this turn is sent by it even if another works on the alert group: otherwise its lease would only expire.
    send: (claimed) => {
      for (const one of claimed)
        begin(
          one.id,
          alone(one.id, () => sendLimits.enter(one.document.destination, () => send(one))),
        );
    },
    claimAndSend: (alertGroups, again) => {
      if (alertGroups.length === 0) return;
      const open = alertGroups.filter((id) => !busy.has(id) && !isResting(session, id, context.began));
      const met = meet(open);
      for (const id of open) {
        begin(
          id,
          alone(id, async () => {
            await met;
            const destination = session.destinations.get(id);
            return destination === undefined ? [] : sendLimits.enter(destination, () => claimOne(id, destination, again));
          }),
        );
      }
    },
    get isUnderWay() {
      return begun.length > 0 || problems.length > 0 || unreadable.size > 0;
    },
    finished: async () => {
      const notified: Notified[] = [];
      for (let work = begun.shift(); work !== undefined; work = begun.shift()) notified.push(...(await work));
      const delivered = { notified, problems, unreadable };
      problems = [];
      unreadable = new Map();
      failures.clear();
      return delivered;
    },
  };
}
