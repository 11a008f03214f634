import { alertId } from '../alerts/alert-id.ts';
import { hashId } from '../core/ids.ts';
import { own } from '../core/record.ts';
import { MINUTE } from '../core/time.ts';
import type { Rule } from '../rules/rule.ts';
import { ALL_LABELS } from '../search/group-key.ts';
import type { ReceivedAlert } from '../state/received-alert.ts';
import { MOST_RECEIVED } from './received-alerts.ts';
import { RECEIVED_SOURCE, receivedType } from './received-type.ts';

/** Id of the built-in rule whose alerts other systems have sent; no rule file may use it. */
export const RECEIVED_RULE_ID = 'tocsin-received';

/** The id of the alert that was sent with these labels. */
export function receivedAlertId(namespace: string, { labels }: Pick<ReceivedAlert, 'labels'>): string {
  return alertId(namespace, RECEIVED_RULE_ID, labels);
}

/** How often what was received is looked at, ms. */
const EVERY = 5_000;

const HIDDEN = { hidden: true } as const;

type Text = NonNullable<Rule['message']['title']>;

/** A text out of the values and labels of an alert; empty: the default is shown. */
function textOf(said: (values: Readonly<Record<string, unknown>>, labels: Readonly<Record<string, string>>) => unknown): Text {
  return {
    source: '',
    render: (scope) => {
      const text = said(
        scope['values'] as Readonly<Record<string, unknown>>,
        scope['labels'] as Readonly<Record<string, string>>,
      );
      return { ok: true, text: typeof text === 'string' ? text : '' };
    },
  };
}

/** Labels that say where something is, in the order in which they are shown; the `instance` of a pod's alert is most often that of the exporter. */
const PLACES = ['namespace', 'pod', 'deployment', 'statefulset', 'daemonset', 'persistentvolumeclaim', 'node', 'instance'];
const MOST_PLACES = 3;

/** The name of the alert, its summary and where it is: summaries such as "Pod is crash looping." name neither. */
const TITLE = textOf((values, { alertname = '', severity: _severity, ...others }) => {
  const summary = values['summary'];
  if (typeof summary !== 'string') {
    const rest = Object.values(others);
    return rest.length === 0 ? alertname : `${alertname}: ${rest.join(', ')}`;
  }
  const named = summary.includes(alertname) ? summary : `${alertname}: ${summary}`;
  const places = placesOf(others).filter((place) => !named.includes(place));
  return places.length === 0 ? named : `${named.replace(/\.$/, '')} (${places.join(', ')})`;
});

function placesOf(labels: Readonly<Record<string, string>>): readonly string[] {
  const isNews = (name: string) => name !== 'instance' || own(labels, 'pod') === undefined;
  const places = PLACES.filter(isNews).flatMap((name) => own(labels, name) ?? []);
  return [...new Set(places)].slice(0, MOST_PLACES);
}

/** The built-in rule: every alert that was sent and is not over is one of its groups, and has the ordinary life from there. */
export const RECEIVED_RULE: Rule = {
  id: RECEIVED_RULE_ID,
  name: 'ReceivedAlert',
  type: receivedType.name,
  received: true,
  source: RECEIVED_SOURCE,
  filter: { match_all: {} },
  groupBy: ALL_LABELS,
  missing: 'exclude',
  window: EVERY,
  maxGroups: MOST_RECEIVED,
  options: null,
  schedule: { kind: 'every', every: EVERY },
  delay: 0,
  levels: [
    {
      severity: 'warning',
      condition: { text: '', evaluate: (values) => ({ kind: own(values, 'starts_at') === undefined ? 'false' : 'true' }) },
    },
  ],
  leveled: true,
  lifecycle: { for: 0, keepFiringFor: 0, noData: 'keep', noDataAfter: EVERY, settle: 0, forgetAfter: 0, levels: [] },
  flapping: { episodes: 4, within: 60 * MINUTE, steady: 20 * MINUTE },
  outageHold: 0,
  catchUp: MINUTE,
  errorAfter: 3,
  labels: {},
  message: {
    title: TITLE,
    text: textOf(({ description }) => description),
    runbook: textOf(({ runbook_url }) => runbook_url),
    links: [{ label: 'Source', url: textOf(({ generator_url }) => generator_url) }],
    chart: false,
  },
  measures: { starts_at: HIDDEN, summary: HIDDEN, description: HIDDEN, runbook_url: HIDDEN, generator_url: HIDDEN },
  evidence: { fields: [], samples: 0, top: [] },
  enabled: true,
  query: { language: 'dsl', text: '' },
  shape: hashId('received', 1),
  position: { file: '', line: 1, column: 1 },
};
