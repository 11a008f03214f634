import { isEnd } from '../../alerts/entry.ts';
import type { Json } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import { DAY, type Instant, type TimeRange } from '../../core/time.ts';
import { labelsOf, severityOf } from '../../evaluation/labels.ts';
import type { LivingAlert, RuleDocument } from '../../evaluation/rule-states.ts';
import { view } from '../../messages/alert-view.ts';
import { still } from '../../messages/shown.ts';
import type { Labels } from '../../routing/route.ts';
import type { Rule } from '../../rules/rule.ts';
import type { RunHistory } from '../history/run-history.ts';
import type { IndexedGroup, QueuedAlert } from './notified-of.ts';

/** What was last recorded of an alert for its receivers. */
export interface LastSaid {
  readonly values: Readonly<Record<string, Json>>;
  readonly condition: string;
  readonly window: TimeRange;
}

/** The labels of an alert: those it was routed with, else those it would be. */
export function labelsOfAlert(alert: LivingAlert, document: RuleDocument, rule: Rule | undefined): Labels {
  const known = rule ?? { name: document.rule, labels: {}, levels: [] };
  const severity = alert.level ?? alert.labels?.['severity'] ?? severityOf(known, undefined);
  return alert.labels === undefined ? labelsOf(known, alert.group, severity) : { ...alert.labels, severity };
}

/**
 * What the rule's document and its alert groups last recorded of an alert: measured, or to be sent; undefined while there is neither. The newest window decides:
 * ticks and windows lie `delay` apart, so that they cannot be compared with each other.
 */
export function lastSaid({ id, alert, outbox }: QueuedAlert, groups: readonly IndexedGroup[]): LastSaid | undefined {
  // What is still on its way is about an earlier episode.
  if (alert.status === 'pending') return undefined;
  const sent = groups.flatMap(({ document, failed, inflight, queued }): readonly LastSaid[] => {
    const entries = [failed, inflight, queued].flatMap((part) => part.get(id) ?? []);
    return [...optional(own(document.alerts, id)), ...entries.filter((entry) => !isEnd(entry))];
  });
  return [...optional(alert.measured), ...sent, ...outbox.filter((entry) => !isEnd(entry))].reduce<LastSaid | undefined>(
    (newest, one) => (newest === undefined || one.window.to >= newest.window.to ? one : newest),
    undefined,
  );
}

/** The title under which receivers know an alert: where its rule is not loaded, nothing else says it. */
export function notifiedTitle(
  { id, alert }: Pick<QueuedAlert, 'id' | 'alert'>,
  groups: readonly IndexedGroup[],
): string | undefined {
  const episode = alert.notified_as?.episode ?? alert.episode;
  const known = groups.flatMap(({ document }) => optional(own(document.alerts, id)));
  return known
    .filter((one) => one.episode === episode)
    .sort((a, b) => b.window.to - a.window.to)
    .find(({ title }) => title !== undefined)?.title;
}

function optional<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}

const MOST_PENDING = 50;

/** The values with which alerts became pending, as their runs recorded them, by alert id; of those beyond fifty nothing is looked up. */
export async function pendingValues(
  alerts: readonly { readonly id: string; readonly alert: LivingAlert; readonly document: RuleDocument }[],
  { runHistory }: { readonly runHistory?: RunHistory },
  now: Instant,
): Promise<ReadonlyMap<string, LastSaid['values']>> {
  if (runHistory === undefined) return new Map();
  const pending = alerts.filter(({ alert }) => alert.status === 'pending').slice(0, MOST_PENDING);
  const found = await Promise.all(
    pending.map(async ({ id, alert, document }) => {
      const range = { from: alert.since - DAY, to: now + 1 };
      const runs = await runHistory.runs({ rule: document.rule, range, limit: 1, alert: id });
      const change = runs.ok ? runs.value[0]?.changes.findLast((one) => one.alert === id) : undefined;
      return change === undefined ? [] : [[id, change.values] as const];
    }),
  );
  return new Map(found.flat());
}

/** An alert of which a title is wanted. */
export interface Untitled {
  readonly id: string;
  readonly alert: LivingAlert;
  readonly document: RuleDocument;
  readonly labels: Labels;
  readonly last: LastSaid | undefined;
  readonly values: LastSaid['values'];
  readonly now: Instant;
}

/** The title that a message about the alert would have now. */
export function titledView(
  { id, alert, document, labels, last, values, now }: Untitled,
  rules: ReadonlyMap<string, Rule>,
): string {
  const outage = document.outage?.notified.find((one) => one.alert === id)?.facts;
  const since = alert.started ?? alert.since;
  const shown = still(
    id,
    {
      ...{ rule: document.rule, episode: alert.episode ?? '', labels, group: alert.group, values, since },
      level: labels['severity'] ?? 'warning',
      window: last?.window ?? { from: since, to: now },
      condition: last?.condition ?? '',
      ...(outage !== undefined && { outage }),
    },
    now,
  );
  return view(shown, { ruleOf: (rule) => rules.get(rule), kibana: undefined }, new Set()).alert.title;
}
