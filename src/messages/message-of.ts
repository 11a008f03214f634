import { formatDuration } from '../core/duration.ts';
import { shortId } from '../core/ids.ts';
import type { ReaderSettings } from '../core/locale.ts';
import { own } from '../core/record.ts';
import { compareSeverities, worstSeverity } from '../core/severity.ts';
import { firstUnits } from '../core/truncate.ts';
import type { AlertGroupDocument, InflightMessage, QueuedEntry } from '../state/alert-group-document.ts';
import type { Template } from '../templates/template.ts';
import { factsOf } from './alert-facts.ts';
import { type View, type ViewContext, view } from './alert-view.ts';
import { type GroupFacts, type GroupTexts, groupTexts } from './group-text.ts';
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
  given: ViewContext,
): Rendered {
  const { facts } = inflight;
  const reader = readerOf(document, facts, given);
  const context = { ...given, reader };
  const at = inflight.since;
  const said = (shown: Shown): Shown => {
    const acknowledged = own(facts.acknowledged, shown.id);
    return acknowledged === undefined ? shown : { ...shown, acknowledged };
  };
  const changed = byAlert(facts.entries).map((entries) => said(news(entries, own(document.alerts, entries[0].alert))));
  const unchanged = Object.entries(facts.also).map(([id, notified]) => said(still(id, notified, at)));
  const all = worstFirst([...changed, ...unchanged].sort(byImportance), context);
  const firing = all.filter((shown) => shown.status === 'firing');
  const events = all.filter((shown) => shown.status === 'event');
  const moved = all.filter((shown) => shown.status === 'moved');
  const ended = all.filter((shown) => shown.status === 'ended' || isOver(shown.status));
  const stopped = new Set<Template>();
  const views = all.slice(0, LISTED).map((shown) => view(shown, context, stopped));
  const listed = views.map(({ alert }) => alert);
  const status = firing.length > 0 ? 'firing' : events.length > 0 ? 'event' : ended.length > 0 ? 'resolved' : 'moved';
  const heard = status === 'firing' || status === 'event' ? [...firing, ...events] : all;
  const texts = textsTogether(views, { firing: firing.length, resolved: ended.length }, document.group_labels, context);
  const usual = titleOf(
    views,
    { firing: firing.length, events, ended, moved: moved.length },
    document.group_labels,
    facts.reminder,
  );
  const message: Message = {
    id: inflight.repeats?.message ?? inflight.id,
    alertGroup,
    incident: facts.incident,
    dedupKey: status === 'event' ? (inflight.repeats?.message ?? inflight.id) : alertGroup,
    receiver: document.receiver,
    title: texts.title === undefined ? usual : titled(usual.marks, texts.title),
    ...(texts.text !== undefined && { text: texts.text, ...(texts.markup !== undefined && { markup: texts.markup }) }),
    status,
    severity: worstSeverity(heard.map(({ severity }) => severity)) ?? 'warning',
    reason: reasonOf(facts.reminder, changed, status, document.alerts),
    firing: firing.length,
    ...(all.length > 1 && firing.length > 0 && { levels: levelsOf(firing) }),
    resolved: ended.length,
    alerts: listed,
    more: all.length - listed.length,
    ...(all.length > listed.length && { summary: summaryOf(all.map(({ group }) => group)) }),
    groupLabels: document.group_labels,
    links: [],
    notes: [...endedNotes(facts, context), ...notesOf(all, views), ...texts.notes],
    ...reader,
    at,
  };
  // The text of a message about a silent source is not the rule's.
  return { message, texts: withGroupProblem(textsOf(views.filter((_, index) => all[index]?.outage === undefined)), texts.notes) };
}

/** The receiver knows its readers best, then the route; a rule speaks for them where it is the only one of the message. */
function readerOf(
  { receiver, route }: AlertGroupDocument,
  { entries, also }: InflightMessage['facts'],
  { ruleOf, readers }: ViewContext,
): ReaderSettings {
  const rules = new Set([...entries, ...Object.values(also)].map(({ rule }) => rule));
  const [only] = rules;
  const timezone = rules.size === 1 && only !== undefined ? ruleOf(only)?.timezone : undefined;
  return { ...(timezone !== undefined && { timezone }), ...readers?.(receiver, route) };
}

/** What is known of a message that cannot be rendered: enough for the records of its outcome. Reads nothing that could throw. */
export function bareMessage(alertGroup: string, document: AlertGroupDocument, { id, facts, since }: InflightMessage): Message {
  return {
    id,
    alertGroup,
    incident: facts.incident,
    dedupKey: alertGroup,
    receiver: document.receiver,
    title: titled([], `a message about ${facts.entries.length} changes, which could not be rendered`),
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

/** What the rule of all alerts of a message says about them together; nothing of one alert, and of alerts of several rules. */
function textsTogether(
  views: readonly View[],
  counts: Pick<GroupFacts, 'firing' | 'resolved'>,
  labels: Readonly<Record<string, string>>,
  { ruleOf, reader }: ViewContext,
): GroupTexts {
  const [only, ...others] = new Set(views.map(({ rule }) => rule));
  const rule = only === undefined || others.length > 0 || views.length < 2 ? undefined : ruleOf(only);
  if (rule?.message.groupTitle === undefined && rule?.message.groupText === undefined) return { notes: [] };
  const alerts = views.map(({ alert }) => alert);
  const severity = worstSeverity(alerts.map((alert) => alert.severity)) ?? 'warning';
  return groupTexts(rule, alerts, { ...counts, severity, labels, timezone: reader?.timezone ?? 'UTC' });
}

function withGroupProblem(texts: readonly RuleTexts[], [problem]: readonly string[]): readonly RuleTexts[] {
  return problem === undefined ? texts : texts.map((one) => (one.problem === undefined ? { ...one, problem } : one));
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

/** What fires before events and what has ended; news before what is notified again; worst first. */
function byImportance(a: Shown, b: Shown): number {
  const name = ({ rule, group }: Shown) => [rule, ...Object.values(group)].join('\n');
  return (
    rankOf(a) - rankOf(b) || compareSeverities(a.severity, b.severity) || (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0)
  );
}

function rankOf({ status, change }: Shown): number {
  return (status === 'firing' ? 0 : status === 'event' ? 2 : 4) + (change === 'still' ? 1 : 0);
}

/** Alerts whose numbers are compared to find the worst; of more, those of one severity are in the order of their names. */
const MEASURED = 200;

/** Among alerts that matter alike, the one farthest beyond its limit comes first. */
function worstFirst(sorted: readonly Shown[], { ruleOf, reader }: ViewContext): readonly Shown[] {
  if (sorted.length < 2) return sorted;
  const excess = new Map(
    sorted
      .slice(0, MEASURED)
      .map((shown) => [
        shown,
        factsOf(shown, { measures: ruleOf(shown.rule)?.measures ?? {}, locale: reader?.locale }).excess ?? 0,
      ]),
  );
  const alike = (a: Shown, b: Shown) => rankOf(a) === rankOf(b) && compareSeverities(a.severity, b.severity) === 0;
  const by = (a: Shown, b: Shown) => (alike(a, b) && a.rule === b.rule ? (excess.get(b) ?? 0) - (excess.get(a) ?? 0) : 0);
  const place = new Map(sorted.map((shown, index) => [shown, index]));
  return [...sorted].sort((a, b) => by(a, b) || (place.get(a) ?? 0) - (place.get(b) ?? 0));
}

/** How many of some alerts have which severity, worst first. */
function levelsOf(firing: readonly Shown[]): NonNullable<Message['levels']> {
  const counts = new Map<string, number>();
  for (const { severity } of firing) counts.set(severity, (counts.get(severity) ?? 0) + 1);
  return [...counts].map(([severity, count]) => ({ severity, count })).sort((a, b) => compareSeverities(a.severity, b.severity));
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
  const { alertname, ...divided } = groupLabels;
  const common = Object.values(divided).filter((value) => value !== '');
  const about = [...new Set(views.map((one) => one.about))];
  const named = alertname === undefined || alertname === '' ? (common.length > 0 ? [] : about.slice(0, 3)) : about.slice(0, 1);
  const names = [...named, ...common];
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

/** Why a message comes although nothing has changed, or what has kept it back until now. */
function endedNotes({ silence_ended: ended = [] }: InflightMessage['facts'], { silence }: ViewContext): readonly string[] {
  return ended.map(({ id }) => {
    const known = silence?.(id);
    const about = known === undefined ? '' : `: ${known.comment}`;
    const by = known === undefined ? '' : ` by ${known.created_by}`;
    return `Silence ${shortId(id)}${by} has ended${about}`;
  });
}

function notesOf(all: readonly Shown[], views: readonly View[]): readonly string[] {
  const remarks = (['missed windows', 'late documents'] as const).flatMap((why) => {
    const count = all.filter(({ late }) => late === why).length;
    return count === 0 ? [] : [`${count === 1 ? 'One alert was' : `${count} alerts were`} ${LATE[why]}`];
  });
  const moved = all.some(({ reason }) => reason === 'receiver_removed')
    ? ['Another receiver was notified of this before; it is no longer configured.']
    : [];
  const escalated = all.flatMap(({ escalated: step }) => (step?.after === undefined ? [] : [step]));
  const from = escalated.map(
    (step) => `Escalated: ${step.from} was notified ${formatDuration(step.after ?? 0)} ago, and no one has acknowledged it.`,
  );
  return [...new Set([...remarks, ...moved, ...from, ...views.flatMap((view) => view.notes)])].slice(0, 10);
}
