import type { StoredEvidence } from '../../alerts/entry.ts';
import { nameTest } from '../../core/glob.ts';
import { textOfValue } from '../../core/json.ts';
import { EVIDENCE_FIELDS, groupValue } from '../../core/printed.ts';
import { own } from '../../core/record.ts';
import type { TimeRange } from '../../core/time.ts';
import { truncate } from '../../core/truncate.ts';
import type { MatchEvent } from '../../rule-types/rule-type.ts';
import type { Rule } from '../../rules/rule.ts';
import type { Arrived } from '../../search/answer.ts';
import { ofValue } from '../../search/of-value.ts';
import type { Group, Query, QueryDsl } from '../../search/query.ts';
import { atTick } from '../../search/tick-as-now.ts';
import { TRACE_FIELDS } from '../../search/trace-logs.ts';
import { type Breach, evidenceFilter } from './evidence-filter.ts';

const TEXT_LIMIT = 1_000;
/** Values of one field that are kept one by one. */
const LIST_LIMIT = 20;
const TOP_VALUES = 5;
const TRACE_IDS = 5;

/** The rule's filter narrowed to one group. */
export function groupFilter(rule: Pick<Rule, 'filter'>, group: Group): QueryDsl {
  const fields = Object.entries(group);
  if (fields.length === 0) return rule.filter;
  const terms = fields.map(
    ([field, value]): QueryDsl => (value === null ? { bool: { must_not: [{ exists: { field } }] } } : ofValue(field, value)),
  );
  return { bool: { filter: [rule.filter, ...terms] } };
}

/** An alert, and what of its group's documents is behind it; without `breach` all of them are. */
export interface EvidenceSubject {
  readonly rule: Rule;
  readonly group: Group;
  readonly window: TimeRange;
  readonly breach?: Breach;
}

/** Questions for the evidence of one alert: sample documents and top values of its group in its window. Names begin with `prefix`. */
export function evidenceQueries({ rule, group, window, breach }: EvidenceSubject, prefix: string): readonly Query[] {
  const narrowed = evidenceFilter(rule, breach);
  const whole = groupFilter(rule, group);
  const filter: QueryDsl = narrowed === undefined ? whole : { bool: { filter: [whole, narrowed] } };
  const asked = { source: rule.source, window, filter };
  const samples: readonly Query[] =
    rule.evidence.samples === 0
      ? []
      : [
          {
            ...asked,
            name: `${prefix}/samples`,
            kind: 'hits',
            fields: [...new Set([...rule.evidence.fields, ...TRACE_FIELDS])],
            limit: rule.evidence.samples,
          },
        ];
  const top = rule.evidence.top.map(
    (field): Query => ({
      ...asked,
      name: `${prefix}/top/${field}`,
      kind: 'groups',
      groupBy: [field],
      missing: 'exclude',
      metrics: {},
      maxGroups: TOP_VALUES,
    }),
  );
  // The window ends `delay` before the tick that evaluated it.
  return [...samples, ...top].map((query) => atTick(query, window.to + rule.delay));
}

/** Evidence out of the answers, bounded in length; undefined when nothing came back: evidence is a courtesy, never a reason to fail. */
export function evidenceOf(rule: Rule, answers: ReadonlyMap<string, Arrived>, prefix: string): StoredEvidence | undefined {
  const hits = answers.get(`${prefix}/samples`)?.hits ?? [];
  const top = rule.evidence.top.flatMap((field) => {
    const rows = answers.get(`${prefix}/top/${field}`)?.groups ?? [];
    const values = rows
      .slice(0, TOP_VALUES)
      .map((row) => ({ value: truncate(groupValue(own(row.group, field) ?? null), TEXT_LIMIT), count: row.docs }));
    return values.length === 0 ? [] : [{ field, values }];
  });
  return stored(rule, hits, top);
}

/** Evidence out of the events of one group, newest first: they are their own samples, and nothing more is asked. */
export function evidenceOfEvents(
  rule: Pick<Rule, 'evidence'>,
  events: readonly Pick<MatchEvent, 'at' | 'fields'>[],
): StoredEvidence | undefined {
  const top = rule.evidence.top.flatMap((field) => {
    const counts = new Map<string, number>();
    for (const { fields } of events) {
      for (const value of new Set((own(fields, field) ?? []).map(textOfValue))) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, TOP_VALUES);
    return most.length === 0
      ? []
      : [{ field, values: most.map(([value, count]) => ({ value: truncate(groupValue(value), TEXT_LIMIT), count })) }];
  });
  return stored(rule, events.slice(0, rule.evidence.samples), top);
}

function stored(
  rule: Pick<Rule, 'evidence'>,
  hits: readonly Pick<MatchEvent, 'at' | 'fields'>[],
  top: StoredEvidence['top'],
): StoredEvidence | undefined {
  const documents = hits.map((hit) => {
    const shown = shownFields(rule.evidence.fields, hit.fields).flatMap(
      (field): readonly (readonly [string, readonly string[]])[] => {
        const values = own(hit.fields, field);
        return values === undefined || values.length === 0 ? [] : [[field, values.map(textOfValue)]];
      },
    );
    const lists = shown.filter(([, values]) => values.length > 1).map(([field, values]) => [field, listed(values)] as const);
    return {
      at: hit.at,
      fields: Object.fromEntries(shown.map(([field, values]) => [field, truncate(values.join(', '), TEXT_LIMIT)])),
      ...(lists.length > 0 && { lists: Object.fromEntries(lists) }),
    };
  });
  const traces = hits
    .flatMap((hit) => TRACE_FIELDS.flatMap((field) => own(hit.fields, field) ?? []))
    .map((id) => truncate(textOfValue(id), TEXT_LIMIT));
  if (documents.length === 0 && top.length === 0) return undefined;
  return { documents, top, trace_ids: [...new Set(traces)].slice(0, TRACE_IDS) };
}

/** The first values of a field that has several, which together are no longer than a text. */
function listed(values: readonly string[]): readonly string[] {
  let room = TEXT_LIMIT;
  return values.slice(0, LIST_LIMIT).flatMap((value) => {
    const kept = truncate(value, Math.max(0, room));
    room -= kept.length;
    return room < 0 ? [] : [kept];
  });
}

/** The names of a document's fields that are asked for, in their order; patterns give the first of those they match, without their `.keyword` multi-fields. */
function shownFields(asked: readonly string[], fields: MatchEvent['fields']): readonly string[] {
  if (!asked.some((name) => name.includes('*'))) return asked;
  const present = Object.keys(fields).sort();
  const fileKey = (name: string) => name.endsWith('.keyword') && Object.hasOwn(fields, name.slice(0, -'.keyword'.length));
  const found = asked.flatMap((name) => {
    if (!name.includes('*')) return [name];
    const isNamed = nameTest(name);
    return present.filter((one) => isNamed(one) && !fileKey(one) && !one.startsWith('_'));
  });
  return [...new Set(found)].slice(0, EVIDENCE_FIELDS);
}
