import { TocsinError } from '../../../core/errors.ts';
import type { Json } from '../../../core/json.ts';
import { put } from '../../../core/record.ts';
import type { TimeRange } from '../../../core/time.ts';
import type { ProposedDocument } from '../../../rule-tests/proposal/proposal-text.ts';
import { ruleTypeNamed } from '../../../rule-types/registry.ts';
import type { Rule } from '../../../rules/rule.ts';
import type { HitRow } from '../../../search/answer.ts';
import { fieldsOfDsl } from '../../../search/fields-of-dsl.ts';
import type { Group, HitsQuery, QueryDsl } from '../../../search/query.ts';
import type { Search } from '../../../search/search.ts';

/** Which documents to take: those of a rule in a range of time, of one group of it or of all. */
export interface Taking {
  readonly rule: Rule;
  readonly window: TimeRange;
  readonly group?: Group | undefined;
  readonly most: number;
}

/** Longest text of a field that is taken, characters: what a rule compares is seldom longer, and what is longer may hold anything. */
const LONGEST_TEXT = 300;

/** Takes the newest documents that match a rule, oldest first, with the fields that the rule uses and no others. */
export async function takeDocuments(
  search: Search,
  { rule, window, group, most }: Taking,
  signal: AbortSignal,
): Promise<readonly ProposedDocument[]> {
  const fields = usedFields(rule);
  const filter = group === undefined ? rule.filter : withGroup(rule.filter, group);
  const query: HitsQuery = { kind: 'hits', name: 'documents', source: rule.source, window, filter, fields, limit: most };
  const [answer] = await search.ask([query], signal);
  if (answer === undefined || answer.kind === 'failed') {
    const problem = answer?.problem;
    throw new TocsinError(
      `search/${problem?.code ?? 'bad_answer'}`,
      `the documents cannot be read: ${problem?.message ?? 'no answer'}`,
      {
        hint: problem?.hint ?? 'try again',
      },
    );
  }
  return answer.hits.map((hit) => ({ at: hit.at, source: sourceOf(hit, rule) })).reverse();
}

/** The fields that a rule's query, groups, metrics, evidence and texts name; what conditions use is measured of these. */
function usedFields(rule: Rule): readonly string[] {
  const named = (rule.namedFields ?? []).map(({ field }) => field);
  const measured = ruleTypeNamed(rule.type)?.measuredFields?.(rule.options) ?? [];
  const shown = [...rule.evidence.fields, ...rule.evidence.top].filter((field) => !field.includes('*'));
  const all = [...named, ...fieldsOfDsl(rule.filter), ...rule.groupBy, ...measured, ...shown];
  return [...new Set(all)].filter((field) => field !== rule.source.timeField && field !== '@timestamp' && !field.startsWith('_'));
}

function withGroup(filter: QueryDsl, group: Group): QueryDsl {
  const parts = Object.entries(group).map(
    ([field, value]): QueryDsl =>
      value === null ? { bool: { must_not: [{ exists: { field } }] } } : { term: { [field]: value } },
  );
  return { bool: { filter: [filter, ...parts] } };
}

function sourceOf({ fields }: HitRow, rule: Rule): ProposedDocument['source'] {
  const source: Record<string, Json> = {};
  const { timeField } = rule.source;
  for (const [field, values] of Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (field === timeField || field === '@timestamp' || values.length === 0) continue;
    const kept = values.map((value) => (typeof value === 'string' ? value.slice(0, LONGEST_TEXT) : value));
    // A multi-field is made of its field.
    const own = field.replace(/\.keyword$/, '');
    const [first = null] = kept;
    put(source, own, kept.length === 1 ? first : kept);
  }
  return source;
}
