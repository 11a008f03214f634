import type { Audience, Outcome, Payload } from '../channels/channel.ts';
import { internalErrorText } from '../core/internal-errors.ts';
import type { Instant } from '../core/time.ts';
import type { Message } from '../messages/message.ts';
import { bareMessage, type Rendered, renderMessage } from '../messages/message-of.ts';
import { firstLine } from '../messages/sentence.ts';
import { aboutRules } from './about-rules.ts';
import type { AlertGroupDocument, InflightMessage } from './alert-group.ts';
import { loadAlertGroups, saveAlertGroups } from './alert-group-session.ts';
import { chartSubject } from './chart-subject.ts';
import { type ClaimContext, type Composed, compose } from './claim.ts';
import type { Claimed } from './claimed.ts';
import type { DeliveryPorts, Notified, ReadyDestination } from './delivery-ports.ts';
import type { RetryMode } from './due.ts';
import { claimContext } from './enqueue.ts';
import { type HandedOver, handOver } from './hand-over.ts';
import { hasLeaving } from './leave.ts';
import { type NotifyContext, timeIn } from './notify-context.ts';
import { endOrphans } from './orphans.ts';
import { frozenAlso, withPresent } from './present.ts';
import { takePlace } from './rate.ts';
import { type Recording, recordAttempt, recordLater } from './record-attempt.ts';

const CLAIM_ATTEMPTS = 5;
/** Time kept between the end of a send and the end of its lease, ms. */
const LEASE_MARGIN = 2_000;

/**
 * What a claim came to: nothing to send when it is not due or held by another; `problem`: why the store did not take it; `unreadable`: why the
 * document cannot be read, which no other attempt would change.
 */
export interface ClaimAnswer extends HandedOver {
  readonly claimed: Claimed | undefined;
  readonly unreadable?: string;
}

const NOTHING: ClaimAnswer = { claimed: undefined };

/**
 * Claims whatever an alert group has to send, or takes over a message whose holder no longer exists. `again`: what failed, or waits for another attempt, is tried
 * at once, and why.
 */
export async function claim(id: string, context: NotifyContext, again?: RetryMode): Promise<ClaimAnswer> {
  const { ports, signal } = context;
  const token = ports.newToken();
  let problem: string | undefined;
  let handed: HandedOver = {};
  for (let attempt = 0; attempt < CLAIM_ATTEMPTS && !signal.aborted; attempt++) {
    if (attempt > 0) await ports.pause(attempt, signal);
    // The outcome of the last message is recorded first: who does not know it would send that message again.
    const later = attempt === 0 ? await recordLater(id, context) : undefined;
    if (later !== undefined && !later.done) return { claimed: undefined, ...(!later.stuck && { problem: later.problem }) };
    if (later?.next !== undefined) return { claimed: later.next };
    const loaded = await loadAlertGroups([id], ports);
    problem = loaded.ok ? undefined : loaded.message;
    if (!loaded.ok && loaded.unreadable?.has(id)) return { claimed: undefined, unreadable: loaded.message };
    if (!loaded.ok) continue;
    const found = loaded.value.get(id);
    if (found === undefined) return NOTHING;
    // Its destination is configured again, and what others were to report it is still to be handed over.
    if (attempt === 0 && hasLeaving(found.document)) handed = await handOver(id, found.document, context);
    // An earlier write of this very claim was applied although its answer was lost.
    if (found.document.inflight?.token === token) return { ...handed, claimed: { id, document: found.document, token } };
    const mine = claimContext({ id, document: found.document, token, mayClaim: true }, context);
    const composed = await composeTrue(found.document, timeIn(context), { ...mine, again }, ports);
    if (!composed.claimed && composed.document === found.document) return { ...handed, ...NOTHING };
    const [result] = await saveAlertGroups([{ id, document: composed.document, version: found.version }], ports);
    if (result?.kind === 'saved') {
      // At once, rather than with the next look: who is notified in addition has waited long enough.
      if (hasLeaving(composed.document) && !hasLeaving(found.document)) handed = await handOver(id, composed.document, context);
      return { ...handed, claimed: composed.claimed ? { id, document: composed.document, token } : undefined };
    }
    if (result?.kind === 'refused') return { claimed: undefined, problem: result.message };
    if (result?.kind === 'unclear') problem = result.message;
  }
  return problem === undefined ? NOTHING : { claimed: undefined, problem };
}

/**
 * Before a reminder of an alert, its rule's document is read to see whether it can still end it, and what was measured last; what cannot be
 * ended any more ends here. A message that exists is taken over as it is.
 */
async function composeTrue(
  document: AlertGroupDocument,
  now: Instant,
  context: ClaimContext,
  ports: DeliveryPorts,
): Promise<Composed> {
  const composed = compose(document, now, context);
  const also = frozenAlso(composed);
  if (Object.keys(also).length === 0) return composed;
  const { orphans, present } = await ports.standingOf(context.alertGroup, also, now);
  const isReminder = composed.document.inflight?.facts.reminder === true;
  const checked = isReminder && orphans.length > 0 ? compose(endOrphans(document, orphans, now), now, context) : composed;
  return document.inflight === null ? withPresent(checked, present) : checked;
}

/** Sends a claimed message and records its outcome, and goes on with what the record claimed next. */
export async function deliver(claimed: Claimed, context: NotifyContext): Promise<readonly Notified[]> {
  const { ports } = context;
  const notified: Notified[] = [];
  let next: Claimed | undefined = claimed;
  while (next !== undefined && next.document.inflight !== null) {
    const { inflight } = next.document;
    await ports.learnUnits?.(rulesOf(inflight), context.signal);
    const rendered = await withChart(next, inflight, prepare(next, inflight, ports), context);
    const outcome = asRepeat(inflight, await send(next, inflight, rendered, context));
    const recorded: Recording = await recordAttempt({ claimed: next, inflight, outcome, titles: titlesOf(rendered) }, context);
    const givenUp = recorded.givenUp || timeIn(context) - inflight.since >= ports.giveUpAfter;
    const attempt = { claimed: next, inflight, rendered, outcome: outcomeSeen(outcome, givenUp), recorded };
    notified.push(notifiedOf(attempt, ports));
    next = recorded.next;
  }
  return notified;
}

function rulesOf({ facts }: InflightMessage): readonly string[] {
  return [...new Set([...facts.entries, ...Object.values(facts.also)].map(({ rule }) => rule))];
}

/** A server that refuses everything says nothing of these recipients: the message is sent to them again until it is given up. */
function asRepeat({ repeats }: InflightMessage, outcome: Outcome): Outcome {
  const isRefusal = outcome.kind === 'rejected' && outcome.reason.kind !== 'refused_recipient';
  return repeats !== undefined && isRefusal ? { kind: 'retry', reason: outcome.reason } : outcome;
}

/** Once a message is given up, recipients that were refused for the moment are refused permanently: they are not tried again. */
function outcomeSeen(outcome: Outcome, givenUp: boolean): Outcome {
  if (outcome.kind !== 'delivered' || outcome.recipients === undefined || !givenUp) return outcome;
  const { accepted, deferred, refused } = outcome.recipients;
  return { ...outcome, recipients: { accepted, deferred: [], refused: [...refused, ...deferred] } };
}

/** A message as its channel sends it, or why there is none to send. */
interface Prepared extends Rendered {
  readonly payload: Payload | undefined;
  readonly refusal?: string;
}

/**
 * The wall around the wording of one message. What cannot be said with the rules' own texts is said without them, so that nothing is held up by
 * its wording; a message that its channel cannot even put like that is refused, and is its receiver's health alert.
 */
function prepare(claimed: Claimed, inflight: InflightMessage, ports: DeliveryPorts): Prepared {
  const { id, document } = claimed;
  const destination = ports.destination(document.destination);
  const render = (view: DeliveryPorts['view']): Prepared => {
    const rendered = renderMessage(id, document, inflight, view);
    return { ...rendered, payload: destination && payloadOf(rendered.message, document, inflight, destination) };
  };
  try {
    return render(ports.view);
  } catch (thrown) {
    ports.errors.note('alert_group', id, 'rendering a message', thrown);
  }
  const plain: DeliveryPorts['view'] = { ruleOf: () => undefined, kibana: undefined };
  try {
    return render(plain);
  } catch (thrown) {
    const text = internalErrorText(ports.errors.note('alert_group', id, 'rendering the default message', thrown));
    return { message: bareMessage(id, document, inflight), texts: [], payload: undefined, refusal: text };
  }
}

function payloadOf(
  message: Message,
  { receipt }: AlertGroupDocument,
  { repeats }: InflightMessage,
  { channel, options }: ReadyDestination,
): Payload {
  const thread = repeats === undefined ? receipt : repeats.thread;
  return channel.render(message, thread ?? undefined, options);
}

/**
 * The message with a chart, of a destination that shows one. It is drawn now and not kept, since it only illustrates what was frozen; whatever fails or
 * takes long about it, the message goes without.
 */
async function withChart(
  { id, document }: Claimed,
  inflight: InflightMessage,
  prepared: Prepared,
  { ports, signal }: NotifyContext,
): Promise<Prepared> {
  const destination = ports.destination(document.destination);
  if (
    ports.chartOf === undefined ||
    prepared.payload === undefined ||
    destination?.channel.charts?.(destination.options) !== true
  )
    return prepared;
  try {
    const subject = chartSubject(prepared.message, document, inflight);
    const chart = subject === undefined ? undefined : await ports.chartOf(subject, signal);
    if (chart === undefined) return prepared;
    return { ...prepared, payload: payloadOf({ ...prepared.message, chart }, document, inflight, destination) };
  } catch (thrown) {
    ports.errors.note('alert_group', id, 'drawing the chart of a message', thrown);
    return prepared;
  }
}

async function send(
  { id, document }: Claimed,
  inflight: InflightMessage,
  { payload, refusal }: Prepared,
  context: NotifyContext,
): Promise<Outcome> {
  const { ports, signal } = context;
  const destination = ports.destination(document.destination);
  if (destination === undefined) {
    return {
      kind: 'rejected',
      reason: { kind: 'config', text: `the destination ${document.destination} is no longer configured` },
    };
  }
  if (payload === undefined)
    return { kind: 'rejected', reason: { kind: 'invalid_payload', text: refusal ?? 'there is nothing to send' } };
  const now = timeIn(context);
  const left = (inflight.until ?? now) - now - LEASE_MARGIN;
  if (left <= 0)
    return { kind: 'retry', reason: { kind: 'aborted', text: 'the lease expired before the message could be sent' } };
  const wait = takePlace(document.destination, destination, now, ports.session.sent);
  if (wait > 0) {
    const text = 'its rate_limit is reached';
    return { kind: 'retry', reason: { kind: 'rate_limited', text }, after: wait };
  }
  const limit = ports.deadline(Math.min(destination.timeout ?? ports.sendTimeout, ports.sendTimeout, left), signal);
  try {
    return await destination.channel.send(payload, destination.options, { ...ports.io, now }, limit.signal, audienceOf(inflight));
  } catch (thrown) {
    // A channel must not throw; whether it had sent already is not known.
    const { error } = ports.errors.note('alert_group', id, 'sending a message', thrown);
    return { kind: 'unknown', reason: { kind: 'client_error', text: error.message } };
  } finally {
    limit.end();
  }
}

function audienceOf({ repeats, except }: InflightMessage): Audience | undefined {
  if (repeats !== undefined) return { only: repeats.recipients };
  return except === undefined ? undefined : { except };
}

/** What people read of each alert that the message lists: its end is sent under the same title. */
function titlesOf({ message }: Rendered): ReadonlyMap<string, string> {
  return new Map(message.alerts.map(({ id, title }) => [id, title]));
}

/** One attempt that has ended, and what was recorded of it. */
interface FinishedAttempt {
  readonly claimed: Claimed;
  readonly inflight: InflightMessage;
  readonly rendered: Prepared;
  readonly outcome: Outcome;
  readonly recorded: Pick<Recording, 'givenUp' | 'retryAt'>;
}

function notifiedOf({ claimed, inflight, rendered, outcome, recorded }: FinishedAttempt, ports: DeliveryPorts): Notified {
  const { document } = claimed;
  const { message, texts, payload } = rendered;
  const { givenUp, retryAt } = recorded;
  const shown = [...inflight.facts.entries, ...Object.values(inflight.facts.also)];
  return {
    alertGroup: claimed.id,
    id: message.id,
    at: inflight.since,
    receiver: document.receiver,
    destination: document.destination,
    channel: ports.destination(document.destination)?.channel.name ?? 'none',
    outcome: givenUp ? 'given_up' : isPartial(outcome) ? 'partial' : outcome.kind,
    reason: message.reason,
    title: message.title,
    firstLine: firstLine(message),
    alerts: message.alerts.length + message.more,
    firing: message.firing,
    resolved: message.resolved,
    ...aboutRules(shown),
    severity: message.severity,
    about: [...new Set([...inflight.facts.entries.map((entry) => entry.alert), ...Object.keys(inflight.facts.also)])],
    attempt: inflight.attempts + 1,
    ...(retryAt !== undefined && { retryAt }),
    texts,
    ...(outcome.kind === 'delivered' && outcome.recipients !== undefined && { recipients: outcome.recipients }),
    ...(inflight.repeats !== undefined && { only: inflight.repeats.recipients }),
    ...(outcome.kind !== 'delivered' && { problem: outcome.reason }),
    ...(outcome.kind === 'delivered' && outcome.warning !== undefined && { problem: outcome.warning }),
    ...(ports.reportsPayloads && payload !== undefined && { payload }),
  };
}

/** Some recipients received the message and others did not. */
function isPartial(outcome: Outcome): boolean {
  return (
    outcome.kind === 'delivered' && (outcome.recipients?.deferred.length ?? 0) + (outcome.recipients?.refused.length ?? 0) > 0
  );
}
