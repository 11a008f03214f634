import { newestTick } from '../../core/schedule.ts';
import { DAY, type Duration, type Instant } from '../../core/time.ts';
import { windowOf } from '../../evaluation/due-windows.ts';
import { ruleTypeNamed } from '../../rule-types/registry.ts';
import type { Rule } from '../../rules/rule.ts';
import { INGESTED, ingestLagQuery } from '../../search/ingest-lag.ts';
import type { GroupsQuery, Metric, Query, QueryDsl } from '../../search/query.ts';

/** What is asked about one rule; each question of the day counts documents alone, so that it is cheap. */
export interface RuleQuestions {
  /** What the rule itself asks about its newest window. */
  readonly own: readonly Query[];
  /** Documents of the last day that match, and how many of them have each of `fields`. */
  readonly day: GroupsQuery;
  /** All documents of the rule's indices of the last day, and how many of them say when they arrived. */
  readonly source: GroupsQuery;
  /** The documents that arrived last; undefined for a rule that goes by their arrival anyway. */
  readonly lag: Query | undefined;
  /** Fields that the rule groups by or measures. */
  readonly fields: readonly UsedField[];
  /** Fields of which something was said before. */
  readonly reported?: ReadonlySet<string>;
}

/** A field that a rule's own question uses. */
interface UsedField {
  readonly field: string;
  /** series: distinguishes the counters of a group. */
  readonly use: 'group_by' | 'metric' | 'series';
  /** What narrows the documents that are measured. */
  readonly where?: QueryDsl;
}

/** Name of the count of documents that say when they arrived. */
export const STAMPED = 'stamped';

/** The questions about a rule at `now`. */
export function questionsAbout(rule: Rule, now: Instant): RuleQuestions {
  const own = ownQuestions(rule, now);
  const fields = usedFields(own, rule.groupBy);
  const counts = fields.map(({ field, where }, index) => [fieldCount(index), countOf(field, where)] as const);
  const goesByArrival = rule.source.timeField === INGESTED;
  return {
    own,
    fields,
    day: dayQuestion(rule, now, rule.filter, Object.fromEntries(counts)),
    source: dayQuestion(rule, now, { match_all: {} }, { [STAMPED]: countOf(INGESTED) }),
    lag: goesByArrival ? undefined : ingestLagQuery('lag', rule.source, now),
  };
}

/** How far back a query may have matched nothing before that is worth a warning. */
const WEEK: Duration = 7 * DAY;

/** Whether a rule's query matched anything lately; asked only where nothing of the last day does. */
export function weekQuestion(rule: Rule, now: Instant): GroupsQuery {
  return { ...dayQuestion(rule, now, rule.filter, {}), name: 'week', window: { from: now - WEEK, to: now } };
}

/** Name of the count of documents that have the field of this position. */
export function fieldCount(index: number): string {
  return `field_${index}`;
}

/** What a type asks first; a look back over weeks, as for learning, would cost more than a check may. */
function ownQuestions(rule: Rule, now: Instant): readonly Query[] {
  const at = newestTick(rule.schedule, now) ?? now;
  const window = windowOf(rule, at);
  const known = rule.groupBy.length === 0 ? [{}] : [];
  const input = { spec: rule, window, at, previous: undefined, purpose: 'live', known, memory: undefined } as const;
  const longest = Math.max(DAY, rule.window);
  const asked = ruleTypeNamed(rule.type)?.ask(input, new Map()) ?? [];
  return asked.filter((query) => query.window.to - query.window.from <= longest);
}

function usedFields(queries: readonly Query[], groupBy: readonly string[]): readonly UsedField[] {
  const used = queries.flatMap((query): readonly UsedField[] => {
    if (query.kind !== 'groups') return [];
    const measured = Object.values(query.metrics).flatMap((metric): readonly UsedField[] =>
      'field' in metric
        ? [{ field: metric.field, use: 'metric', ...(metric.where !== undefined && { where: metric.where }) }]
        : [],
    );
    const parts = query.groupBy.map((field): UsedField => ({ field, use: groupBy.includes(field) ? 'group_by' : 'series' }));
    return [...parts, ...measured];
  });
  return [...new Map(used.map((one) => [JSON.stringify(one), one])).values()];
}

function countOf(field: string, where?: QueryDsl): Metric {
  const exists = { exists: { field } };
  return { of: 'count', where: where === undefined ? exists : { bool: { filter: [exists, where] } } };
}

function dayQuestion(rule: Rule, now: Instant, filter: QueryDsl, metrics: GroupsQuery['metrics']): GroupsQuery {
  const window = { from: now - DAY, to: now };
  return {
    kind: 'groups',
    name: 'day',
    source: rule.source,
    window,
    filter,
    groupBy: [],
    missing: 'exclude',
    metrics,
    maxGroups: 1,
  };
}
