import { formatDuration, humanDuration } from '../../core/duration.ts';
import { own } from '../../core/record.ts';
import { type Instant, iso } from '../../core/time.ts';
import { sameTarget } from '../../cycle/owed-entry.ts';
import type { LivingAlert, RuleDocument } from '../../cycle/rule-states.ts';
import type { ConversationDocument, HeldEntry, Sending } from '../../notifications/conversation.ts';
import { conversationId } from '../../notifications/conversation-id.ts';
import { isEnd } from '../../notifications/suppression.ts';
import type { Labels, Routing, Target } from '../../routing/route.ts';
import { explainRoute, findRoute, route } from '../../routing/routing.ts';
import type { Rule } from '../../rules/rule.ts';
import type { ExplainedReceiver, Telling } from './explanation.ts';

/** An alert of which somebody wants to know who is told. */
export interface ToldOf {
  readonly rule: Pick<Rule, 'receivers'>;
  readonly alert: string;
  readonly labels: Labels;
  readonly living: LivingAlert | undefined;
  readonly document: RuleDocument | undefined;
}

/** What deciding that needs to know. */
export interface TellingContext {
  readonly namespace: string;
  readonly routing: Routing;
  readonly now: Instant;
  /** By conversation id. */
  readonly conversations: ReadonlyMap<string, ConversationDocument>;
}

/** Every conversation that knows of an alert, or would: those that hold it, those that are owed something, and those it is routed to. */
export function targetsOf({ alert, living, document, labels, rule }: ToldOf, routing: Routing): readonly Target[] {
  const owed = (document?.owed ?? []).filter((entry) => entry.alert === alert).flatMap(({ to }) => to);
  const all = [...heldBy(alert, living, document), ...owed, ...route(labels, routing, rule.receivers)];
  return all.filter((target, index) => all.findIndex((other) => sameTarget(other, target)) === index);
}

/** An alert that flaps is held while it does not fire as well. */
function heldBy(alert: string, living: LivingAlert | undefined, document: RuleDocument | undefined): readonly Target[] {
  return living?.held_by ?? own(document?.past, alert)?.told?.held_by ?? [];
}

/** Who is told of an alert and who is not, with the reason; `messages` are left to the caller. */
export function tellingOf(told: ToldOf, context: TellingContext): Omit<Telling, 'messages'> {
  const { labels, rule } = told;
  const byRule = rule.receivers !== undefined;
  const paths = byRule ? [] : explainRoute(labels, context.routing).map(({ path }) => path.map(({ key }) => key));
  const receivers = targetsOf(told, context.routing).map((target): ExplainedReceiver => {
    const { receiver, destination, route: key, group_labels } = target;
    return { receiver, destination, route: key, groupLabels: group_labels, ...standing(target, told, context) };
  });
  return { paths, byRule, receivers };
}

type Standing = Pick<ExplainedReceiver, 'state' | 'why'>;

function standing(target: Target, told: ToldOf, context: TellingContext): Standing {
  if (!isConfigured(target, context.routing))
    return {
      state: 'gone',
      why: 'this destination is no longer configured: the alert moves to where its labels lead now, with the next evaluation of its rule',
    };
  const conversation = context.conversations.get(conversationId(context.namespace, target));
  const heard = conversation === undefined ? undefined : inConversation(told.alert, conversation, target, context);
  return heard ?? outside(target, told, conversation);
}

function isConfigured({ receiver, destination }: Target, { destinations }: Routing): boolean {
  return (own(destinations, receiver) ?? []).some(({ id }) => id === destination);
}

/** Where the alert stands within a conversation that has something of it; the most urgent news first. */
function inConversation(
  alert: string,
  conversation: ConversationDocument,
  target: Target,
  context: TellingContext,
): Standing | undefined {
  const { sending, alerts, dead } = conversation;
  const untold = conversation.untold.filter((entry) => entry.alert === alert);
  const held = untold.find(({ why }) => why !== undefined);
  if (held?.why !== undefined) return { state: 'held', why: `${entryWords(untold)} held back by ${held.why}` };
  const underway = sending?.facts.entries.filter((entry) => entry.alert === alert) ?? [];
  if (sending !== null && underway.length > 0) return { state: 'sending', why: sendingWords(sending, underway, context.now) };
  if (untold.length > 0) return { state: 'waiting', why: waitingWords(untold, conversation, target, context) };
  const refused = conversation.refused.filter((entry) => entry.alert === alert);
  if (refused.length > 0) {
    const reason =
      dead === null ? 'delivery failed for good' : `delivery failed for good ${ago(dead.last_at, context.now)}: ${dead.reason}`;
    return { state: 'dead', why: `${entryWords(refused)} not told, ${reason}; ${nextTry(conversation, context.now)}` };
  }
  const firing = own(alerts, alert);
  if (firing === undefined) return undefined;
  const at = conversation.told_at === null ? '' : `; the conversation last spoke ${ago(conversation.told_at, context.now)}`;
  const flaps = firing.flapping === undefined ? '' : ', and that it flaps: quiet until it is steady';
  return { state: 'told', why: `knows it as firing (${firing.level}) since ${iso(firing.since)}${flaps}${at}` };
}

function nextTry({ retry }: ConversationDocument, now: Instant): string {
  const next = retry?.next_at;
  const when = next === undefined || next === null || next <= now ? 'due now' : `in ${humanDuration(next - now)}`;
  return `next attempt ${when}, or as soon as the configuration of this destination changes`;
}

/** Nothing in the conversation speaks of the alert: it was never to be told there, it is over, or the news are still on their way to it. */
function outside(target: Target, { alert, living, document }: ToldOf, conversation: ConversationDocument | undefined): Standing {
  const owed = (document?.owed ?? []).filter((entry) => entry.alert === alert && entry.to.some((to) => sameTarget(to, target)));
  const source = document === undefined ? '' : `${document.rule}#${document.incarnation}`;
  const taken = own(conversation?.taken, source) ?? 0;
  if (owed.some(({ n }) => n > taken)) return { state: 'handing', why: 'owed, and not handed over to this conversation yet' };
  const holds = heldBy(alert, living, document).some((to) => sameTarget(to, target));
  if (holds) {
    const dropped = conversation?.suppressed;
    if (dropped !== undefined)
      return { state: 'over', why: `nothing is owed: it was suppressed while it lasted (${dropped.why})` };
    return { state: 'over', why: 'nothing is owed to it' };
  }
  const status = living?.status ?? 'inactive';
  if (status === 'pending') return { state: 'would', why: 'nobody is told while it is pending; told as soon as it fires' };
  if (status === 'firing' || status === 'recovering')
    return {
      state: 'would',
      why: 'the labels lead here now, but this episode is told where it began; told from the next episode on',
    };
  return { state: 'would', why: 'nothing is owed to it; told when it fires' };
}

function sendingWords(
  { attempts, retry_at, until, since, last_failure }: Sending,
  entries: readonly HeldEntry[],
  now: Instant,
): string {
  const failure = last_failure === undefined ? '' : `, the last failed: ${last_failure.text}`;
  if (attempts === 0)
    return `${entryWords(entries)} on its way since ${iso(since)}${until !== null && until <= now ? ', its sender is gone' : ''}`;
  const next = retry_at === null ? 'now' : retry_at <= now ? 'due' : `in ${humanDuration(retry_at - now)}`;
  const times = `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'} since ${iso(since)}`;
  return `${entryWords(entries)} not told yet after ${times}${failure}; next attempt ${next}`;
}

function waitingWords(
  untold: readonly HeldEntry[],
  conversation: ConversationDocument,
  target: Target,
  { routing, now }: TellingContext,
): string {
  const node = findRoute(routing, target.route);
  const first = Object.keys(conversation.alerts).length === 0;
  const behind = conversation.sending !== null ? 'behind the message that is being sent' : undefined;
  const wait =
    node === undefined
      ? undefined
      : first
        ? (['group_wait', node.groupWait] as const)
        : (['group_interval', node.groupInterval] as const);
  const rule = wait === undefined || wait[1] === 0 ? 'for its turn' : `for ${wait[0]} ${formatDuration(wait[1])}`;
  const due =
    conversation.due === null || conversation.due <= now ? 'due now' : `due in ${humanDuration(conversation.due - now)}`;
  return `${entryWords(untold)} waits ${behind ?? rule}, ${due}`;
}

function entryWords(entries: readonly HeldEntry[]): string {
  const last = entries.at(-1);
  if (last === undefined) return 'its news';
  const begun = entries.some((entry) => !isEnd(entry));
  if (isEnd(last)) return begun ? 'its beginning and end' : 'its end';
  if (last.kind === 'steady') return 'that it is steady and fires on';
  return last.kind === 'firing' ? 'its firing' : `its change to ${last.kind}`;
}

function ago(at: Instant, now: Instant): string {
  return at >= now ? 'just now' : `${humanDuration(now - at)} ago`;
}
