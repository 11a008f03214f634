import type { Message, MessageAlert, MessageReason } from '../channels/message.ts';
import { newsView, stillView, type View, type ViewContext } from './alert-view.ts';
import type { ConversationDocument, HeldEntry, Sending } from './conversation.ts';

/** Most alerts listed in one message; the others are counted. */
const LISTED = 20;
/** Severities by weight; unknown ones stand between. */
const WEIGHTS: Readonly<Record<string, number>> = { critical: 5, error: 4, high: 4, warning: 3, medium: 3, low: 2, info: 1 };

/** Renders a claimed message from its frozen facts with the rules as they are loaded now. Pure. */
export function messageOf(conversation: string, document: ConversationDocument, sending: Sending, context: ViewContext): Message {
  const { facts } = sending;
  const at = sending.since;
  const news = byAlert(facts.entries).map((entries) => newsView(entries, entries[0].alert in document.alerts, context));
  const still = Object.entries(facts.also).map(([id, told]) => stillView(id, told, at, context));
  const views = [...news, ...still].sort(byImportance);
  const firing = views.filter(({ alert }) => alert.status === 'firing');
  const ended = views.length - firing.length;
  const listed = views.slice(0, LISTED).map(({ alert }) => alert);
  const status = firing.length > 0 ? 'firing' : 'resolved';
  const heard = firing.length > 0 ? firing : views;
  return {
    id: sending.id,
    conversation,
    incident: facts.incident,
    receiver: document.receiver,
    title: titleOf(listed, firing.length, ended, document.group_labels, facts.reminder),
    status,
    severity: worst(heard.map(({ alert }) => alert.severity)),
    reason: reasonOf(facts.reminder, news, status, Object.keys(document.alerts).length > 0),
    firing: firing.length,
    resolved: ended,
    alerts: listed,
    more: views.length - listed.length,
    groupLabels: document.group_labels,
    links: [],
    notes: notesOf(views),
    at,
  };
}

function byAlert(entries: readonly HeldEntry[]): readonly [HeldEntry, ...HeldEntry[]][] {
  const alerts = new Map<string, [HeldEntry, ...HeldEntry[]]>();
  for (const entry of entries) {
    const known = alerts.get(entry.alert);
    if (known === undefined) alerts.set(entry.alert, [entry]);
    else known.push(entry);
  }
  return [...alerts.values()];
}

function byImportance(a: View, b: View): number {
  const rank = ({ alert }: View) =>
    (alert.status === 'firing' ? 0 : 100) + (alert.change === 'still' ? 50 : 0) - weight(alert.severity);
  return rank(a) - rank(b) || (a.alert.title < b.alert.title ? -1 : a.alert.title > b.alert.title ? 1 : 0);
}

function weight(severity: string): number {
  return WEIGHTS[severity.toLowerCase()] ?? 2.5;
}

function worst(severities: readonly string[]): string {
  return [...severities].sort((a, b) => weight(b) - weight(a))[0] ?? 'warning';
}

/** One alert: its own title. Several: how many fire and what they have in common. */
function titleOf(
  alerts: readonly MessageAlert[],
  firing: number,
  ended: number,
  groupLabels: Readonly<Record<string, string>>,
  reminder: boolean,
): string {
  const [only] = alerts;
  const remark = reminder ? ', still' : '';
  if (firing + ended === 1 && only !== undefined) {
    return `[${only.status === 'firing' ? 'FIRING' : only.status.toUpperCase()}${remark}] ${only.title}`;
  }
  const counts = [firing > 0 ? `FIRING:${firing}${remark}` : '', ended > 0 ? `RESOLVED:${ended}` : ''].filter(
    (part) => part !== '',
  );
  const common = Object.values(groupLabels).filter((value) => value !== '');
  const names = common.length > 0 ? common : [...new Set(alerts.map((alert) => alert.rule))].slice(0, 3);
  return `[${counts.join(', ')}] ${names.join(', ')}`;
}

function reasonOf(reminder: boolean, news: readonly View[], status: Message['status'], toldBefore: boolean): MessageReason {
  if (reminder) return 'reminder';
  const changes = new Set(news.map(({ alert }) => alert.change));
  if (status === 'resolved') return changes.size === 1 && changes.has('moved') ? 'moved' : 'resolved';
  if (changes.has('firing')) return toldBefore ? 'more_alerts' : 'first';
  if (changes.has('worse')) return 'worse';
  return changes.has('better') ? 'better' : 'update';
}

function notesOf(views: readonly View[]): readonly string[] {
  const late = views.filter(({ alert }) => alert.late).length;
  const caughtUp =
    late === 0
      ? []
      : [`${late === 1 ? 'One alert was' : `${late} alerts were`} judged late, while catching up on windows that were missed.`];
  return [...new Set([...caughtUp, ...views.flatMap((view) => view.notes)])].slice(0, 10);
}
