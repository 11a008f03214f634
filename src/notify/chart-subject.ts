import type { Json } from '../core/json.ts';
import type { ReaderSettings } from '../core/locale.ts';
import { own } from '../core/record.ts';
import type { Instant } from '../core/time.ts';
import type { Message, MessageAlert } from '../messages/message.ts';
import { rowName } from '../messages/rows.ts';
import type { AlertGroupDocument, InflightMessage } from './alert-group.ts';

/** Alerts of a message that a chart draws: those that the message lists first. */
const DRAWN = 3;

/** An alert that a chart draws. */
export interface ChartedAlert {
  readonly name: string;
  readonly group: Readonly<Record<string, string | null>>;
  readonly startedAt: Instant;
  readonly endedAt: Instant | undefined;
  /** What decided that it fires, and of which values. */
  readonly condition: string;
  readonly decided: Readonly<Record<string, Json>>;
}

/** What a chart of a message is about: alerts of one rule. */
export interface ChartSubject {
  readonly rule: string;
  readonly alerts: readonly [ChartedAlert, ...ChartedAlert[]];
  readonly at: Instant;
  readonly reader: ReaderSettings;
}

/** The alerts of a message that a chart can show: the first one that has a value over time, and others of its rule. Undefined if no alert has one. */
export function chartSubject(
  message: Message,
  document: Pick<AlertGroupDocument, 'alerts'>,
  { facts }: Pick<InflightMessage, 'facts'>,
): ChartSubject | undefined {
  const all = message.alerts.flatMap((alert) => {
    const found = charted(alert, message, document, facts);
    return found === undefined ? [] : [found];
  });
  const rule = all[0]?.rule;
  const [first, ...others] = all.filter((one) => one.rule === rule).slice(0, DRAWN);
  if (rule === undefined || first === undefined) return undefined;
  const { timezone, locale } = message;
  const reader = { ...(timezone !== undefined && { timezone }), ...(locale !== undefined && { locale }) };
  return { rule, alerts: [first.alert, ...others.map(({ alert }) => alert)], at: message.at, reader };
}

/** What happened once, moved elsewhere or is about a whole source has no line of its own. */
function charted(
  alert: MessageAlert,
  message: Message,
  { alerts }: Pick<AlertGroupDocument, 'alerts'>,
  facts: InflightMessage['facts'],
): { readonly rule: string; readonly alert: ChartedAlert } | undefined {
  if (alert.status === 'event' || alert.status === 'moved') return undefined;
  const entry = facts.entries.findLast((one) => one.alert === alert.id);
  const notified = own(facts.also, alert.id) ?? own(alerts, alert.id);
  const known = entry !== undefined && entry.kind !== 'resolved' ? entry : (notified ?? entry);
  if (known === undefined || known.outage !== undefined || entry?.outage !== undefined) return undefined;
  const { startedAt, endedAt } = alert;
  const name = rowName(alert, message);
  const { rule, group, condition, values: decided } = known;
  return { rule, alert: { name, group, startedAt, endedAt, condition, decided } };
}
