import { groupedBy } from '../core/grouped-by.ts';
import { shortId } from '../core/ids.ts';
import type { ReaderSettings } from '../core/locale.ts';
import { own } from '../core/record.ts';
import { compareSeverities, worstSeverity } from '../core/severity.ts';
import { compareTexts } from '../core/text-order.ts';
import type { Instant } from '../core/time.ts';
import { firstUnits } from '../core/truncate.ts';
import type { AlertGroupDocument, InflightMessage } from '../state/alert-group-document.ts';
import type { Template } from '../templates/template.ts';
import { factsOf } from './alert-facts.ts';
import { NO_MEASURES, type View, type ViewContext, view } from './alert-view.ts';
import { type GroupFacts, type GroupTexts, groupTexts } from './group-text.ts';
import { type Message, type MessageEscalation, type MessageReason, type Title, type TitleMark, UNWATCHED } from './message.ts';
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
  const byAlert = groupedBy(facts.entries, ({ alert }) => alert);
  const changed = [...byAlert].map(([alert, entries]) => said(news(entries, own(document.alerts, alert))));
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
  const escalated = escalationsOf(firing, at);
  const remarks = remarksOf(facts.reminder, allEscalated(escalated, firing.length));
  const texts = textsTogether(views, { firing: firing.length, resolved: ended.length }, document.group_labels, context);
  const usual = titleOf(views, { firing: firing.length, events, ended, moved: moved.length }, document.group_labels, remarks);
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
    ...(escalated.length > 0 && { escalated }),
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

/** What fires before events and what has ended; news before what is notified again; worst first. */
function byImportance(a: Shown, b: Shown): number {
  const name = ({ rule, group }: Shown) => [rule, ...Object.values(group)].join('\n');
  return rankOf(a) - rankOf(b) || compareSeverities(a.severity, b.severity) || compareTexts(name(a), name(b));
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
        factsOf(shown, { measures: ruleOf(shown.rule)?.measures ?? NO_MEASURES, locale: reader?.locale }).excess ?? 0,
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
function titleOf(views: readonly View[], ways: Ways, groupLabels: Readonly<Record<string, string>>, general: Remarks): Title {
  const only = views[0]?.alert;
  const total = ways.firing + ways.events.length + ways.ended.length + ways.moved;
  if (total === 1 && only !== undefined) {
    const flaps = isFlapping(only) ? (['flapping'] as const) : [];
    const remarks = [...general, ...flaps];
    const count = only.status === 'event' ? eventsOf(ways.events) : 1;
    return titled([{ status: only.status, count, ...(remarks.length > 0 && { remarks }) }], only.title);
  }
  const { alertname, ...divided } = groupLabels;
  const common = Object.values(divided).filter((value) => value !== '');
  const about = [...new Set(views.map((one) => one.about))];
  const named = alertname === undefined || alertname === '' ? (common.length > 0 ? [] : about.slice(0, 3)) : about.slice(0, 1);
  const names = [...named, ...common];
  return titled(marksOf(ways, general), `${names.join(', ')}${partsOf(views, total)}`);
}

/** Of a mixture, resolved is what matters; what may not have recovered is counted apart. */
function marksOf({ firing, events, ended, moved }: Ways, remarks: Remarks): readonly TitleMark[] {
  const uncertain = ended.map(({ status }) => status).filter(isUncertain);
  const over = ended.every(({ status }) => status === 'ended' || isUncertain(status)) ? 'ended' : 'resolved';
  const marks: readonly TitleMark[] = [
    { status: 'firing', count: firing, ...(remarks.length > 0 && { remarks }) },
    { status: 'event', count: eventsOf(events) },
    { status: over, count: ended.length - uncertain.length },
    ...UNCERTAIN.map((status) => ({ status, count: uncertain.filter((one) => one === status).length })),
    { status: 'moved', count: moved },
  ];
  return marks.filter(({ count }) => count > 0);
}

type Remarks = NonNullable<TitleMark['remarks']>;

/** What is said of all that fires. */
function remarksOf(reminder: boolean, escalated: boolean): Remarks {
  return [...(reminder ? (['still'] as const) : []), ...(escalated ? (['escalated'] as const) : [])];
}

/** What has escalated to this receiver, by who was notified before. */
function escalationsOf(firing: readonly Shown[], at: Instant): readonly MessageEscalation[] {
  const found = new Map<string, MessageEscalation>();
  for (const { escalated: step } of firing) {
    if (step?.after === undefined) continue;
    const ago = step.notified_at === undefined ? step.after : Math.max(0, at - step.notified_at);
    const { from, before = [] } = step;
    const key = JSON.stringify([from, before]);
    const known = found.get(key);
    found.set(key, { from, before, ago: Math.max(ago, known?.ago ?? 0), alerts: (known?.alerts ?? 0) + 1 });
  }
  return [...found.values()];
}

function allEscalated(escalated: readonly MessageEscalation[], firing: number): boolean {
  return firing > 0 && escalated.reduce((sum, { alerts }) => sum + alerts, 0) === firing;
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
  return [...new Set([...remarks, ...moved, ...views.flatMap((view) => view.notes)])].slice(0, 10);
}
