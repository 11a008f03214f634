import { labelsOfHeld } from '../alerts/outage.ts';
import { hashId } from '../core/ids.ts';
import type { Instant } from '../core/time.ts';
import { undeliverableTitle } from '../messages/title.ts';
import type { Labels, Target } from '../routing/route.ts';
import { aboutRules } from './about-rules.ts';
import type { AlertGroupDocument, QueuedEntry } from './alert-group.ts';
import { alertGroupId } from './alert-group-id.ts';
import { loadAlertGroups, saveAlertGroups } from './alert-group-session.ts';
import { compose } from './claim.ts';
import type { DeliveryPorts, Notified } from './delivery-ports.ts';
import { claimContext, enqueue } from './enqueue.ts';
import { passOn, successorsOfStep } from './escalate.ts';
import { hasLeaving, LEAVE_AFTER, type LeaveContext, leave, outboxOfLeaving, withoutTaken } from './leave.ts';
import { type NotifyContext, timeIn } from './notify-context.ts';

const ATTEMPTS = 5;

/** The outcome of an alert group whose destination is no longer configured; `notified`: something is no longer notified anywhere. */
export interface HandOverAnswer extends HandedOver {
  readonly notified: readonly Notified[];
  readonly unreadable?: string;
}

/**
 * Takes apart an alert group whose destination is no longer configured, once it has been due for a while, and hands over what other destinations
 * must notify. Each step is a fenced write that any replica may repeat.
 */
export async function leaveGone(id: string, context: NotifyContext): Promise<HandOverAnswer> {
  const { ports, signal } = context;
  let problem: string | undefined;
  for (let attempt = 0; attempt < ATTEMPTS && !signal.aborted; attempt++) {
    if (attempt > 0) await ports.pause(attempt, signal);
    const loaded = await loadAlertGroups([id], ports);
    problem = loaded.ok ? undefined : loaded.message;
    if (!loaded.ok && loaded.unreadable?.has(id)) return { notified: [], unreadable: loaded.message };
    if (!loaded.ok) continue;
    const found = loaded.value.get(id);
    const now = timeIn(context);
    if (found === undefined) return { notified: [] };
    const { document, version } = found;
    if (hasLeaving(document)) return { notified: [], ...(await handOver(id, document, context)) };
    if (document.due === null || document.due + LEAVE_AFTER > now) return { notified: [] };
    const mine = claimContext({ id, document, token: '', mayClaim: false }, context);
    const left = leave(passOn(document, now, mine), id, now, leaveContext(document, ports));
    const [result] = await saveAlertGroups([{ id, document: left.document, version }], ports);
    if (result?.kind === 'saved') {
      const notified = left.undeliverable.length === 0 ? [] : [undeliverableNews(id, left.document, left.undeliverable, now)];
      return { notified, ...(await handOver(id, left.document, context)) };
    }
    if (result?.kind === 'refused') return { notified: [], problem: result.message };
    if (result?.kind === 'unclear') problem = result.message;
  }
  return { notified: [], ...(problem !== undefined && { problem }) };
}

function leaveContext(document: AlertGroupDocument, ports: DeliveryPorts): LeaveContext {
  return {
    escalatedTo: (entry) =>
      successorsOfStep(entry, ports.escalationOf(document, entry.rule)).filter(
        ({ destination }) => ports.destination(destination) !== undefined,
      ),
    successorsOf: (entry) => {
      const found = new Map<string, Target>();
      for (const labels of labelsRouted(entry))
        for (const target of ports.routeOf(entry.rule, labels))
          if (ports.destination(target.destination) !== undefined) found.set(alertGroupId(ports.namespace, target), target);
      return [...found].map(([id, target]) => ({ id, target }));
    },
  };
}

/** A message about a silent source goes where the alerts go that it stands for: its own labels are only what these share. */
function labelsRouted({ labels, outage }: QueuedEntry): readonly Labels[] {
  return outage === undefined ? [labels] : (labelsOfHeld(outage, labels) ?? [labels]);
}

/** What could not be handed over: why the store did not take it, and the alert groups that take over nothing, with the reason. */
export interface HandedOver {
  readonly problem?: string;
  readonly closed?: ReadonlyMap<string, string>;
}

/** Lets other alert groups take over what is leaving one, and then forgets it there; whatever fails is repeated by the next look. */
export async function handOver(id: string, document: AlertGroupDocument, context: NotifyContext): Promise<HandedOver> {
  const { ports } = context;
  if (document.leaving === undefined || !hasLeaving(document)) return {};
  // What is handed over is claimed by the next look at its new alert group.
  const incoming = await enqueue(outboxOfLeaving(id, document.leaving), { ...context, suppression: undefined });
  for (const to of document.leaving.entries.flatMap((entry) => entry.to))
    ports.session.handedOver.add(alertGroupId(ports.namespace, to));
  const why = incoming.failed.find(({ problem }) => problem !== undefined)?.problem;
  const left: HandedOver = {
    ...(why !== undefined && { problem: why }),
    ...(incoming.unreadable.size > 0 && { closed: incoming.unreadable }),
  };
  const taken = new Set(incoming.confirmed.flatMap(({ numbers }) => numbers));
  if (taken.size === 0) return left;
  const loaded = await loadAlertGroups([id], ports);
  if (!loaded.ok) return { ...left, problem: loaded.message };
  const found = loaded.value.get(id);
  if (found?.document.leaving?.since !== document.leaving.since) return left;
  const rest = withoutTaken(found.document, taken);
  const unclaimed = claimContext({ id, document: rest, token: '', mayClaim: false }, context);
  const { document: next } = compose(rest, timeIn(context), unclaimed);
  await saveAlertGroups([{ id, document: next, version: found.version }], ports);
  return left;
}

/** For metrics, the log and the health of the destination. */
function undeliverableNews(
  id: string,
  document: AlertGroupDocument,
  undeliverable: readonly QueuedEntry[],
  now: Instant,
): Notified {
  const { receiver, destination, dead } = document;
  const count = undeliverable.length === 1 ? 'one alert' : `${undeliverable.length} alerts`;
  const title = undeliverableTitle(undeliverable.length);
  return {
    ...{ alertGroup: id, id: hashId('undeliverable', id, now), at: now, receiver, destination },
    ...{ channel: 'none', outcome: 'given_up', reason: 'moved', title, firstLine: title.text },
    ...{
      alerts: undeliverable.length,
      firing: 0,
      resolved: undeliverable.length,
      about: undeliverable.map(({ alert }) => alert),
    },
    ...aboutRules(undeliverable),
    severity: undeliverable[0]?.level ?? 'warning',
    ...{ attempt: 0, texts: [], problem: { kind: 'config', text: `${count}: ${dead?.reason ?? ''}` } },
  };
}
