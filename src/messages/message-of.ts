import { own } from '../core/record.ts';
import { compareSeverities, worstSeverity } from '../core/severity.ts';
import { firstUnits } from '../core/truncate.ts';
import type { AlertGroupDocument, InflightMessage, QueuedEntry } from '../state/alert-group-document.ts';
import type { Template } from '../templates/template.ts';
import { type View, type ViewContext, view } from './alert-view.ts';
import { type Message, type MessageReason, type Title, type TitleMark, UNWATCHED } from './message.ts';
import { isOver, news, type Shown, still } from './shown.ts';
import { summaryOf } from './summary.ts';
import { titled } from './title.ts';
import { eventsOf, isFlapping, isUncertain } from './wording.ts';

/** Most alerts listed in one message; the others are counted. */
const LISTED = 20;

/** How the own texts of a rule did in a message; `problem`: one of them failed, and the default was shown. */
export interface RuleTexts {
  readonly rule: string;
  readonly problem?: string;
}

/** A message, and how the texts of the rules of the alerts it lists did, one of each rule. */
export interface Rendered {
  readonly message: Message;
  readonly texts: readonly RuleTexts[];
}

/** Renders a claimed message from its frozen facts with the rules as they are loaded now. Pure. */
export function messageOf(
  alertGroup: string,
  document: AlertGroupDocument,
  inflight: InflightMessage,
  context: ViewContext,
): Message {
  return renderMessage(alertGroup, document, inflight, context).message;
}

/** As messageOf, and how the rules' own texts did. */
export function renderMessage(
  alertGroup: string,
  document: AlertGroupDocument,
  inflight: InflightMessage,
  context: ViewContext,
): Rendered {
  const { facts } = inflight;
  const at = inflight.since;
  const changed = byAlert(facts.entries).map((entries) => news(entries, own(document.alerts, entries[0].alert)));
  const unchanged = Object.entries(facts.also).map(([id, notified]) => still(id, notified, at));
  const all = [...changed, ...unchanged].sort(byImportance);
  const firing = all.filter((shown) => shown.status === 'firing');
  const events = all.filter((shown) => shown.status === 'event');
  const moved = all.filter((shown) => shown.status === 'moved');
  const ended = all.filter((shown) => shown.status === 'ended' || isOver(shown.status));
  const stopped = new Set<Template>();
  const views = all.slice(0, LISTED).map((shown) => view(shown, context, stopped));
  const listed = views.map(({ alert }) => alert);
  const status = firing.length > 0 ? 'firing' : events.length > 0 ? 'event' : ended.length > 0 ? 'resolved' : 'moved';
  const heard = status === 'firing' || status === 'event' ? [...firing, ...events] : all;
  const message: Message = {
    id: inflight.repeats?.message ?? inflight.id,
    alertGroup,
    incident: facts.incident,
    dedupKey: status === 'event' ? (inflight.repeats?.message ?? inflight.id) : alertGroup,
    receiver: document.receiver,
    title: titleOf(views, { firing: firing.length, events, ended, moved: moved.length }, document.group_labels, facts.reminder),
    status,
    severity: worstSeverity(heard.map(({ severity }) => severity)) ?? 'warning',
    reason: reasonOf(facts.reminder, changed, status, document.alerts),
    firing: firing.length,
    resolved: ended.length,
    alerts: listed,
    more: all.length - listed.length,
    ...(all.length > listed.length && { summary: summaryOf(all.map(({ group }) => group)) }),
    groupLabels: document.group_labels,
    links: [],
    notes: notesOf(all, views),
    at,
  };
  // The text of a message about a silent source is not the rule's.
  return { message, texts: textsOf(views.filter((_, index) => all[index]?.outage === undefined)) };
}

/** What is known of a message that cannot be rendered: enough for the records of what became of it. Reads nothing that could throw. */
export function bareMessage(alertGroup: string, document: AlertGroupDocument, { id, facts, since }: InflightMessage): Message {
  return {
    id,
    alertGroup,
    incident: facts.incident,
    dedupKey: alertGroup,
    receiver: document.receiver,
    title: titled([], `a message about ${facts.entries.length} changes that could not be rendered`),
    status: 'firing',
    severity: 'critical',
    reason: facts.reminder ? 'reminder' : 'update',
    firing: 0,
    resolved: 0,
    alerts: [],
    more: facts.entries.length,
    groupLabels: document.group_labels,
    links: [],
    notes: [],
    at: since,
  };
}

function textsOf(views: readonly View[]): readonly RuleTexts[] {
  const failed = new Map(views.flatMap(({ rule, notes }) => (notes[0] === undefined ? [] : [[rule, notes[0]] as const])));
  return [...new Set(views.map(({ rule }) => rule))].map((rule) => {
    const problem = failed.get(rule);
    return { rule, ...(problem !== undefined && { problem }) };
  });
}

function byAlert(entries: readonly QueuedEntry[]): readonly [QueuedEntry, ...QueuedEntry[]][] {
  const alerts = new Map<string, [QueuedEntry, ...QueuedEntry[]]>();
  for (const entry of entries) {
    const known = alerts.get(entry.alert);
    if (known === undefined) alerts.set(entry.alert, [entry]);
    else known.push(entry);
  }
  return [...alerts.values()];
}

/** What fires before events and what is over; news before what is notified again; the worst first. */
function byImportance(a: Shown, b: Shown): number {
  const rank = ({ status, change }: Shown) =>
    (status === 'firing' ? 0 : status === 'event' ? 2 : 4) + (change === 'still' ? 1 : 0);
  const name = ({ rule, group }: Shown) => [rule, ...Object.values(group)].join('\n');
  return rank(a) - rank(b) || compareSeverities(a.severity, b.severity) || (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0);
}

/** How many alerts of a message fire and moved, and those that are events or over. */
interface Ways {
  readonly firing: number;
  readonly events: readonly Shown[];
  readonly ended: readonly Shown[];
  readonly moved: number;
}

/** One alert: its own title. Several: how many fire and what they have in common. */
function titleOf(views: readonly View[], ways: Ways, groupLabels: Readonly<Record<string, string>>, reminder: boolean): Title {
  const only = views[0]?.alert;
  const total = ways.firing + ways.events.length + ways.ended.length + ways.moved;
  if (total === 1 && only !== undefined) {
    const flaps = only.status === 'firing' && isFlapping(only);
    const remarks = remarksOf(reminder, flaps);
    const count = only.status === 'event' ? eventsOf(ways.events) : 1;
    return titled([{ status: only.status, count, ...(remarks.length > 0 && { remarks }) }], only.title);
  }
  const common = Object.values(groupLabels).filter((value) => value !== '');
  const names = common.length > 0 ? common : [...new Set(views.map(({ alert }) => alert.rule))].slice(0, 3);
  return titled(marksOf(ways, reminder), `${names.join(', ')}${partsOf(views, total)}`);
}

/** Of a mixture, resolved is what matters; what may not have recovered is counted apart. */
function marksOf({ firing, events, ended, moved }: Ways, reminder: boolean): readonly TitleMark[] {
  const uncertain = ended.map(({ status }) => status).filter(isUncertain);
  const over = ended.every(({ status }) => status === 'ended' || isUncertain(status)) ? 'ended' : 'resolved';
  const remarks = remarksOf(reminder, false);
  const marks: readonly TitleMark[] = [
    { status: 'firing', count: firing, ...(remarks.length > 0 && { remarks }) },
    { status: 'event', count: eventsOf(events) },
    { status: over, count: ended.length - uncertain.length },
    ...UNCERTAIN.map((status) => ({ status, count: uncertain.filter((one) => one === status).length })),
    { status: 'moved', count: moved },
  ];
  return marks.filter(({ count }) => count > 0);
}

function remarksOf(reminder: boolean, flapping: boolean): NonNullable<TitleMark['remarks']> {
  return [...(reminder ? (['still'] as const) : []), ...(flapping ? (['flapping'] as const) : [])];
}

const UNCERTAIN = ['no_data', ...UNWATCHED] as const;
/** Parts that a title names; the others are counted. */
const PARTS = 3;

/** What alerts are about whose rule says nothing by itself, such as Tocsin's own health: `: file rules/a.yaml, receiver oncall/slack`. */
function partsOf(views: readonly View[], total: number): string {
  const parts = views.flatMap(({ part }) => part ?? []);
  if (parts.length === 0 || parts.length < views.length) return '';
  const named = parts.slice(0, PARTS).map((part) => firstUnits(part, 80));
  const more = total - named.length;
  return `: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function reasonOf(
  reminder: boolean,
  changed: readonly Shown[],
  status: Message['status'],
  known: AlertGroupDocument['alerts'],
): MessageReason {
  if (reminder) return 'reminder';
  const changes = new Set(changed.map(({ change }) => change));
  if (status === 'event') return 'event';
  if (status === 'resolved' || status === 'moved') return status;
  // An alert that fires because a value changed is the same alert when the value changes again.
  const changedAgain = ({ id, valueChanges }: Shown) => valueChanges !== undefined && own(known, id) !== undefined;
  if (changed.some((shown) => shown.change === 'firing' && !changedAgain(shown)))
    return Object.keys(known).length > 0 ? 'more_alerts' : 'first';
  if (changes.has('flapping')) return 'flapping';
  if (changes.has('worse')) return 'worse';
  if (changes.has('better')) return 'better';
  if (changes.has('steady')) return 'steady';
  return changes.has('event') ? 'event' : 'update';
}

const LATE = {
  'missed windows': 'evaluated late, while catching up on windows that were missed.',
  'late documents': 'found late, in documents that arrived after their window was evaluated.',
} as const;

function notesOf(all: readonly Shown[], views: readonly View[]): readonly string[] {
  const remarks = (['missed windows', 'late documents'] as const).flatMap((why) => {
    const count = all.filter(({ late }) => late === why).length;
    return count === 0 ? [] : [`${count === 1 ? 'One alert was' : `${count} alerts were`} ${LATE[why]}`];
  });
  const moved = all.some(({ reason }) => reason === 'receiver_removed')
    ? ['Another receiver was notified of this before; it is no longer configured.']
    : [];
  return [...new Set([...remarks, ...moved, ...views.flatMap((view) => view.notes)])].slice(0, 10);
}
