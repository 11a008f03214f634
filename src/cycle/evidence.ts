import type { StoredEvidence } from '../alerts/entry.ts';
import type { Json } from '../core/json.ts';
import type { TimeRange } from '../core/time.ts';
import type { Rule } from '../rules/rule.ts';
import type { Arrived } from '../search/answer.ts';
import type { Group, Query, QueryDsl } from '../search/query.ts';

/** Fields by which documents of one request are tied together: ECS and OpenTelemetry. */
const TRACE_FIELDS = ['trace.id', 'trace_id'];
const TEXT_LIMIT = 1_000;
const TOP_VALUES = 5;
const TRACE_IDS = 5;

/** The rule's filter narrowed to one group. */
export function groupFilter(rule: Pick<Rule, 'filter'>, group: Group): QueryDsl {
  const fields = Object.entries(group);
  if (fields.length === 0) return rule.filter;
  const terms = fields.map(
    ([field, value]): QueryDsl =>
      value === null ? { bool: { must_not: [{ exists: { field } }] } } : { term: { [field]: { value } } },
  );
  return { bool: { filter: [rule.filter, ...terms] } };
}

/** Questions for the evidence of one alert: sample documents and top values of its group in its window. Names begin with `prefix`. */
export function evidenceQueries(rule: Rule, group: Group, window: TimeRange, prefix: string): readonly Query[] {
  const filter = groupFilter(rule, group);
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
  return [...samples, ...top];
}

/** Evidence out of the answers, bounded in length; undefined when nothing came back: evidence is a courtesy, never a reason to fail. */
export function evidenceOf(rule: Rule, answers: ReadonlyMap<string, Arrived>, prefix: string): StoredEvidence | undefined {
  const hits = answers.get(`${prefix}/samples`)?.hits ?? [];
  const documents = hits.map((hit) => ({
    at: hit.at,
    fields: Object.fromEntries(
      rule.evidence.fields.flatMap((field) => {
        const values = hit.fields[field];
        return values === undefined || values.length === 0 ? [] : [[field, bounded(values.map(text).join(', '))]];
      }),
    ),
  }));
  const traces = hits.flatMap((hit) => TRACE_FIELDS.flatMap((field) => hit.fields[field] ?? [])).map((id) => bounded(text(id)));
  const top = rule.evidence.top.flatMap((field) => {
    const rows = answers.get(`${prefix}/top/${field}`)?.groups ?? [];
    const values = rows.slice(0, TOP_VALUES).map((row) => ({ value: bounded(row.group[field] ?? '(none)'), count: row.docs }));
    return values.length === 0 ? [] : [{ field, values }];
  });
  if (documents.length === 0 && top.length === 0) return undefined;
  return { documents, top, trace_ids: [...new Set(traces)].slice(0, TRACE_IDS) };
}

function text(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function bounded(value: string): string {
  // A cut must not leave half a character behind: a store may refuse the whole document for it.
  return value.length > TEXT_LIMIT ? `${value.slice(0, TEXT_LIMIT).replace(/\p{Surrogate}/gu, '')}…` : value;
}
