import { countsAsFiring } from '../alerts/alert-state.ts';
import { isEnd } from '../alerts/entry.ts';
import { formatDuration, humanDuration } from '../core/duration.ts';
import { own } from '../core/record.ts';
import { type Instant, timeText } from '../core/time.ts';
import { labelsOf } from '../evaluation/labels.ts';
import type { LivingAlert, RuleDocument } from '../evaluation/rule-states.ts';
import { type AcknowledgedAlerts, type Acknowledgement, gotWorse, isAbout } from '../notify/acknowledgements.ts';
import type { AlertGroupDocument, InflightMessage, NotifiedAlert, QueuedEntry } from '../notify/alert-group.ts';
import { alertGroupId } from '../notify/alert-group-id.ts';
import { escalatedTo } from '../notify/escalate.ts';
import type { Labels, Routing, Target } from '../routing/route.ts';
import { explainRoute, findRoute, route, routeName } from '../routing/routing.ts';
import { distinctTargets, sameTarget } from '../routing/targets.ts';
import { mutedBy } from '../routing/time-intervals.ts';
import type { Rule } from '../rules/rule.ts';
import type { Group } from '../search/query.ts';
import type { ExplainedNotification, ExplainedReceiver } from './explanation.ts';

/** An alert whose recipients are to be explained. */
export interface NotificationSubject {
  readonly rule: Pick<
    Rule,
    'name' | 'labels' | 'received' | 'levels' | 'leveled' | 'receivers' | 'muteTimeIntervals' | 'activeTimeIntervals'
  >;
  readonly group: Group;
  readonly alert: string;
  readonly labels: Labels;
  readonly living: LivingAlert | undefined;
  readonly document: RuleDocument | undefined;
}

/** What deciding that needs to know. */
export interface NotificationContext {
  readonly namespace: string;
  readonly routing: Routing;
  readonly now: Instant;
  /** By alert group id. */
  readonly alertGroups: ReadonlyMap<string, AlertGroupDocument>;
  /** What suppresses an alert now, in words; without it nothing is said of that. */
  readonly suppressedBy?: (labels: Labels) => string | undefined;
  readonly acknowledged?: AcknowledgedAlerts;
}

/** Every alert group that knows of an alert, or would: those that hold it, those that have something pending about it, and those it is routed to. */
export function targetsOf({ alert, living, document, labels, rule }: NotificationSubject, routing: Routing): readonly Target[] {
  const outbox = (document?.outbox ?? []).filter((entry) => entry.alert === alert).flatMap(({ to }) => to);
  return distinctTargets([...heldBy(alert, living, document), ...outbox, ...route(labels, routing, rule.receivers)]);
}

/** An alert that flaps is held while it does not fire as well. */
function heldBy(alert: string, living: LivingAlert | undefined, document: RuleDocument | undefined): readonly Target[] {
  return living?.held_by ?? own(document?.past, alert)?.notified?.held_by ?? [];
}

/** Who is notified of an alert and who is not, with the reason; `messages` are left to the caller. */
export function notificationOf(
  subject: NotificationSubject,
  context: NotificationContext,
): Omit<ExplainedNotification, 'messages'> {
  const { labels, rule } = subject;
  const byRule = rule.receivers !== undefined;
  const ways = byRule ? [] : explainRoute(labels, context.routing);
  const paths = ways.map(({ path }) => path.map(({ key }) => key));
  const routeNames = ways.map(({ path }) => routeName(path));
  const direct = targetsOf(subject, context.routing);
  const receivers = [...direct, ...escalatedFrom(direct, subject, context)].map((target): ExplainedReceiver => {
    const { receiver, destination, route: key, group_labels } = target;
    return { receiver, destination, route: key, groupLabels: group_labels, ...standing(target, subject, context) };
  });
  return { paths, routeNames, byRule, levels: byRule ? [] : levelRoutes(subject, context.routing), receivers };
}

/** Who is notified in addition, because no one acknowledged it. */
function escalatedFrom(
  direct: readonly Target[],
  { alert }: NotificationSubject,
  context: NotificationContext,
): readonly Target[] {
  const all = direct.flatMap((target) => {
    const alertGroup = context.alertGroups.get(alertGroupId(context.namespace, target));
    return alertGroup === undefined ? [] : escalatedTo(alertGroup, alert);
  });
  return distinctTargets(all).filter((target) => !direct.some((other) => sameTarget(other, target)));
}

/** Where each level of a rule leads, worst first; none for a rule with one condition. */
function levelRoutes({ rule, group }: NotificationSubject, routing: Routing): ExplainedNotification['levels'] {
  if (!rule.leveled) return [];
  return rule.levels.map(({ severity }) => {
    const labels = labelsOf(rule, group, severity);
    const ways = explainRoute(labels, routing);
    const routes = ways.map(({ path }) => path.at(-1)?.key ?? '');
    const destinations = [...new Set(route(labels, routing, undefined).map(({ destination }) => destination))];
    return { severity, routes, routeNames: ways.map(({ path }) => routeName(path)), destinations };
  });
}

type Standing = Pick<ExplainedReceiver, 'state' | 'why'>;

function standing(target: Target, subject: NotificationSubject, context: NotificationContext): Standing {
  if (!isConfigured(target, context.routing))
    return {
      state: 'gone',
      why: 'this destination is no longer configured: with the next evaluation of its rule, the alert moves to the receivers that match now',
    };
  const alertGroup = context.alertGroups.get(alertGroupId(context.namespace, target));
  const inside = alertGroup === undefined ? undefined : inAlertGroup(subject, alertGroup, target, context);
  return withMuted(inside ?? outside(target, subject, context.routing, alertGroup), target, subject, context);
}

/** What nothing is sent of at this time, beside what an entry that is held back says itself. */
function withMuted(
  found: Standing,
  { route: key }: Target,
  { rule }: NotificationSubject,
  { routing, now }: NotificationContext,
): Standing {
  const { intervals } = routing;
  if (intervals === undefined || !['notified', 'waiting', 'would'].includes(found.state)) return found;
  const node = findRoute(routing, key);
  const why = (node && mutedBy(node, intervals, now)) ?? mutedBy(rule, intervals, now);
  return why === undefined ? found : { ...found, why: `${found.why}; no message meanwhile because of ${why}` };
}

function isConfigured({ receiver, destination }: Target, { destinations }: Routing): boolean {
  return (own(destinations, receiver) ?? []).some(({ id }) => id === destination);
}

/** State of the alert within an alert group that has entries of it; the most urgent first. */
function inAlertGroup(
  { alert, labels }: NotificationSubject,
  alertGroup: AlertGroupDocument,
  target: Target,
  context: NotificationContext,
): Standing | undefined {
  const { inflight, alerts, dead } = alertGroup;
  const queued = alertGroup.queued.filter((entry) => entry.alert === alert);
  const held = queued.find(({ why }) => why !== undefined);
  const suppressor = context.suppressedBy?.(labels);
  if (held?.why !== undefined) return { state: 'held', why: `${entryWords(queued)}, by ${suppressor ?? held.why}` };
  const underway = inflight?.facts.entries.filter((entry) => entry.alert === alert) ?? [];
  if (inflight !== null && underway.length > 0) return { state: 'inflight', why: inflightWords(inflight, underway, context.now) };
  if (queued.length > 0) return { state: 'waiting', why: waitingWords(queued, alertGroup, target, context) };
  const failed = alertGroup.failed.filter((entry) => entry.alert === alert);
  if (failed.length > 0) {
    const reason = dead === null ? 'delivery failed' : `delivery failed ${ago(dead.last_at, context.now)}: ${dead.reason}`;
    return { state: 'dead', why: `${entryWords(failed)}: ${reason}; ${nextTry(alertGroup, context.now)}` };
  }
  const firing = own(alerts, alert);
  if (firing === undefined) return undefined;
  const at = alertGroup.notified_at === null ? '' : `; last message ${ago(alertGroup.notified_at, context.now)}`;
  const flaps = firing.flapping === undefined ? '' : ', and that it flaps: no message until it is steady';
  const quiet = suppressor === undefined ? '' : `; suppressed since by ${suppressor}`;
  const work = acknowledgedWords(context.acknowledged?.get(alert), firing);
  const from = firing.escalated === undefined ? '' : `, escalated from ${firing.escalated}`;
  return {
    state: 'notified',
    why: `of it as firing (${firing.level}) since ${timeText(firing.since)}${from}${flaps}${at}${quiet}${work}`,
  };
}

/** Who works on it, and what that changes. */
function acknowledgedWords(acknowledgement: Acknowledgement | undefined, firing: NotifiedAlert): string {
  if (acknowledgement === undefined || !isAbout(acknowledgement, firing)) return '';
  const { by, at, comment } = acknowledgement;
  const effect = gotWorse(acknowledgement, firing) ? 'before it got worse, so reminders continue' : 'so there are no reminders';
  return `; acknowledged by ${by} ${timeText(at)} (${comment}), ${effect}`;
}

function nextTry({ retry }: AlertGroupDocument, now: Instant): string {
  const next = retry?.next_at;
  const when = next === undefined || next === null || next <= now ? 'due now' : `in ${humanDuration(next - now)}`;
  return `next attempt ${when}, or as soon as the configuration of this destination changes`;
}

/** Nothing in the alert group is about the alert: it was never to go there, it has ended, it has left, or an entry is still on its way there. */
function outside(
  target: Target,
  subject: NotificationSubject,
  routing: Routing,
  alertGroup: AlertGroupDocument | undefined,
): Standing {
  const { alert, living, document } = subject;
  const outbox = (document?.outbox ?? []).filter(
    (entry) => entry.alert === alert && entry.to.some((to) => sameTarget(to, target)),
  );
  const source = document === undefined ? '' : `${document.rule}#${document.incarnation}`;
  const taken = own(alertGroup?.taken, source) ?? 0;
  if (outbox.some(({ n }) => n > taken))
    return { state: 'outbox', why: 'saved with the rule, passed to this destination within seconds' };
  const holds = heldBy(alert, living, document).some((to) => sameTarget(to, target));
  if (holds) {
    const dropped = alertGroup?.suppressed;
    if (dropped !== undefined) return { state: 'over', why: `it was suppressed while it lasted (${dropped.why})` };
    return { state: 'over', why: 'all messages about it were sent' };
  }
  const leadsHere = route(subject.labels, routing, subject.rule.receivers).some((to) => sameTarget(to, target));
  if (!leadsHere) return { state: 'over', why: 'the alert has moved to the receivers of its current level or labels' };
  const status = living?.status ?? 'inactive';
  if (status === 'pending') return { state: 'would', why: 'pending: this destination is notified when it fires' };
  if (countsAsFiring(status))
    return {
      state: 'would',
      why: 'the routing has changed since it fired: this episode stays with its receivers until its level changes or it ends',
    };
  return { state: 'would', why: 'not firing: this destination is notified when it fires' };
}

function inflightWords(
  { attempts, retry_at, until, since, last_failure }: InflightMessage,
  entries: readonly QueuedEntry[],
  now: Instant,
): string {
  const failure = last_failure === undefined ? '' : `, the last failed: ${last_failure.text}`;
  if (attempts === 0)
    return `${entryWords(entries)} on its way since ${timeText(since)}${until !== null && until <= now ? ', its sender has stopped' : ''}`;
  const next = retry_at === null ? 'now' : retry_at <= now ? 'due' : `in ${humanDuration(retry_at - now)}`;
  const times = `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'} since ${timeText(since)}`;
  return `${entryWords(entries)} not delivered after ${times}${failure}; next attempt ${next}`;
}

function waitingWords(
  queued: readonly QueuedEntry[],
  alertGroup: AlertGroupDocument,
  target: Target,
  { routing, now }: NotificationContext,
): string {
  const node = findRoute(routing, target.route);
  const first = Object.keys(alertGroup.alerts).length === 0;
  const behind = alertGroup.inflight !== null ? 'behind the message that is being sent' : undefined;
  const wait =
    node === undefined
      ? undefined
      : first
        ? (['group_wait', node.groupWait] as const)
        : (['group_interval', node.groupInterval] as const);
  const isDigest = node?.schedule !== undefined && node.schedule !== 'off';
  const rule = isDigest
    ? 'for the next time in its schedule'
    : wait === undefined || wait[1] === 0
      ? 'for its turn'
      : `for ${wait[0]} ${formatDuration(wait[1])}`;
  const due = alertGroup.due === null || alertGroup.due <= now ? 'due now' : `due in ${humanDuration(alertGroup.due - now)}`;
  return `${entryWords(queued)} waits ${behind ?? rule}, ${due}`;
}

function entryWords(entries: readonly QueuedEntry[]): string {
  const last = entries.at(-1);
  if (last === undefined) return 'its last change';
  const begun = entries.some((entry) => !isEnd(entry));
  if (isEnd(last)) return last.kind === 'moved' ? 'its move to other receivers' : begun ? 'its beginning and end' : 'its end';
  if (last.kind === 'steady') return 'that it is steady and still firing';
  return last.kind === 'firing' ? 'its firing' : `its change to ${last.kind}`;
}

function ago(at: Instant, now: Instant): string {
  return at >= now ? 'just now' : `${humanDuration(now - at)} ago`;
}
