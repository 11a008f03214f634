import type { Json } from '../core/json.ts';
import { iso } from '../core/time.ts';
import { truncate } from '../core/truncate.ts';
import type { Reading, RuleType } from '../rule-types/rule-type.ts';
import type { HitRow } from '../search/answer.ts';
import type { Group, Query, Source } from '../search/query.ts';
import type { ReceivedAlert } from '../state/received-alert.ts';
import { receivedId } from './received-alerts.ts';

/** Where the built-in rule looks: no index. The search port of the service knows it by identity, and answers from the store. */
export const RECEIVED_SOURCE: Source = Object.freeze({
  indices: Object.freeze([]),
  timeField: '@timestamp',
  ignoreMissingIndex: true,
  timeout: 0,
  frozen: false,
});

/** The field of a hit that has the alert; a hit without it is of a stored alert that cannot be read. */
export const RECEIVED_FIELD = 'received';

/** Texts as a message and a page may use them; the store has them whole. Together they must fit into one document of a rule. */
const LONGEST_SUMMARY = 300;
const LONGEST_TEXT = 2_000;
const TEXTS = 4_000_000;

const QUESTION = 'received';

/** Reads what other systems have sent: each alert that fires is a group, whose name are its labels. */
export const receivedType: RuleType<unknown, Json> = {
  name: 'received',
  description: 'Alerts that other systems send.',
  schema: { type: 'object', properties: {} },
  memoryVersion: 1,
  read: () => null,
  variables: () => ({}),
  absence: () => 'zero',
  ask: ({ spec, window }): readonly Query[] => [
    {
      ...{ kind: 'hits', name: QUESTION, source: RECEIVED_SOURCE, window },
      ...{ filter: { match_all: {} }, fields: [RECEIVED_FIELD], limit: spec.maxGroups },
    },
  ],
  measure: ({ known }, answers) => {
    const hits = answers.get(QUESTION)?.hits ?? [];
    const alerts = hits.flatMap((hit) => alertOf(hit) ?? []);
    const unread = new Set(hits.flatMap((hit) => (alertOf(hit) === undefined ? [hit.id] : [])));
    const firing = new Set(alerts.map(({ id }) => id));
    // Nothing is said of a group whose stored alert cannot be read: it stays as it is.
    const over = known.filter((group) => !firing.has(receivedId(group)) && !unread.has(receivedId(group)));
    const longest = Math.max(LONGEST_SUMMARY, Math.min(LONGEST_TEXT, Math.floor(TEXTS / Math.max(1, alerts.length))));
    return { kind: 'groups', readings: [...alerts.map((alert) => readingOf(alert, longest)), ...over.map(endOf)], memory: null };
  },
};

function alertOf({ fields }: HitRow): ReceivedAlert | undefined {
  return fields[RECEIVED_FIELD]?.[0] as ReceivedAlert | undefined;
}

function readingOf({ labels, annotations, generator_url, starts_at }: ReceivedAlert, longest: number): Reading {
  const { summary, description, message, runbook_url } = annotations;
  const text = description ?? message;
  return {
    group: labels,
    present: true,
    ...(labels['severity'] !== undefined && { level: labels['severity'] }),
    values: {
      starts_at: iso(starts_at),
      ...(summary !== undefined && { summary: truncate(summary, LONGEST_SUMMARY) }),
      ...(text !== undefined && { description: truncate(text, longest) }),
      // Half an address leads nowhere.
      ...(runbook_url !== undefined && runbook_url.length <= longest && { runbook_url }),
      ...(generator_url !== undefined && generator_url.length <= longest && { generator_url }),
    },
  };
}

function endOf(group: Group): Reading {
  return { group, present: false, values: {} };
}
