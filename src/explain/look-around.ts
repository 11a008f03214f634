import { humanDuration } from '../core/duration.ts';
import { DAY, type Duration, HOUR, type Instant, iso } from '../core/time.ts';
import type { Rule } from '../rules/rule.ts';
import type { Answer, Arrived } from '../search/answer.ts';
import { fieldsOfDsl } from '../search/fields-of-dsl.ts';
import type { GroupsQuery, HitsQuery, Query } from '../search/query.ts';
import type { Search } from '../search/search.ts';
import type { Caution } from './explanation.ts';

/** How far back is looked for a document that matches. */
const LOOKBACK = 7 * DAY;
/** How far back is looked at all documents of the indices, matching or not. */
const SOURCE_LOOKBACK = DAY;
const MOST_FIELDS = 30;

/** The end of the window that is explained, and the present. */
export interface Until {
  readonly to: Instant;
  readonly now: Instant;
}

/** Of a window that ended long ago, `the last 24 hours` would be another day than is meant. */
function within(length: string, { to, now }: Until): string {
  return now - to > HOUR ? `in the ${length} before ${iso(to)}` : `in the last ${length}`;
}

/**
 * Looks whether the rule still looks at anything: documents that match, and fields that documents have, up to `to`. Two cheap questions,
 * and a third when nothing matched. Questions that fail give a caution of their own.
 */
export async function lookAround(
  rule: Rule,
  questions: readonly Query[],
  until: Until,
  search: Search,
  signal: AbortSignal,
): Promise<readonly Caution[]> {
  const { to } = until;
  // What an ES|QL text looks at, and whether anything matched it, its own answer says.
  if (questions.some(({ kind }) => kind === 'esql')) return [];
  const fields = [...new Set([...rule.groupBy, ...measuredFields(questions)])].slice(0, MOST_FIELDS);
  const asked = { source: rule.source, window: { from: to - LOOKBACK, to }, filter: rule.filter };
  const [first, counts] = await search.ask([newestOf(asked), fieldCounts(asked, 'fields', fields)], signal);
  if (!arrived(first) || !arrived(counts)) return [notLooked([first, counts])];
  const last = first.hits[0]?.at;
  if (last === undefined) return lookAtSource(rule, questions, until, search, signal);
  const stale =
    to - last >= DAY ? [{ code: 'no-documents' as const, text: `no document has matched for ${ago(to - last)}` }] : [];
  return [...stale, ...withoutDocuments(fields, counts, `no document that matched ${within('7 days', until)}`)];
}

/** When the newest document of a rule's indices before `to` is, whether or not its query matches; undefined: there is none, or no answer. */
export async function newestDocument(rule: Rule, to: Instant, search: Search, signal: AbortSignal): Promise<Instant | undefined> {
  const asked = { source: rule.source, window: { from: to - LOOKBACK, to }, filter: { match_all: {} } };
  const [answer] = await search.ask([newestOf(asked)], signal);
  return arrived(answer) ? answer.hits[0]?.at : undefined;
}

/** Asks for the newest document. */
function newestOf(asked: Pick<HitsQuery, 'source' | 'window' | 'filter'>): HitsQuery {
  return { ...asked, kind: 'hits', name: 'newest', fields: [], limit: 1 };
}

async function lookAtSource(
  rule: Rule,
  questions: readonly Query[],
  until: Until,
  search: Search,
  signal: AbortSignal,
): Promise<readonly Caution[]> {
  const { to } = until;
  const fields = [...new Set([...fieldsOfDsl(rule.filter), ...rule.groupBy, ...measuredFields(questions)])].slice(0, MOST_FIELDS);
  const asked = { source: rule.source, window: { from: to - SOURCE_LOOKBACK, to }, filter: { match_all: {} } };
  const [counts] = await search.ask([fieldCounts(asked, 'source', fields)], signal);
  const nothing: Caution = {
    code: 'no-documents',
    text: `no document has matched ${within('7 days', until)}`,
    hint: 'if you expect documents, try the query in Discover',
  };
  if (!arrived(counts)) return [nothing, notLooked([counts])];
  if (counts.matched === 0) {
    const indices = rule.source.indices.join(', ');
    return [{ ...nothing, hint: `${indices} received no documents ${within('24 hours', until)}: check that data still arrives` }];
  }
  return [nothing, ...withoutDocuments(fields, counts, `no document ${within('24 hours', until).replace(/^in/, 'of')}`)];
}

function fieldCounts(
  asked: Pick<GroupsQuery, 'source' | 'window' | 'filter'>,
  name: string,
  fields: readonly string[],
): GroupsQuery {
  const metrics = Object.fromEntries(
    fields.map((field, index) => [`f${index}`, { of: 'count', where: { exists: { field } } } as const]),
  );
  return { ...asked, kind: 'groups', name, groupBy: [], missing: 'exclude', metrics, maxGroups: 1 };
}

function withoutDocuments(fields: readonly string[], counts: Arrived, none: string): readonly Caution[] {
  const values = counts.groups[0]?.values ?? {};
  return fields.flatMap((field, index) =>
    values[`f${index}`] === 0
      ? [{ code: 'no-field' as const, text: `${none} has the field ${field}`, hint: 'check its name against the documents' }]
      : [],
  );
}

/** The fields that metrics take their values from. */
function measuredFields(questions: readonly Query[]): readonly string[] {
  return questions.flatMap((query) =>
    query.kind !== 'groups' ? [] : Object.values(query.metrics).flatMap((metric) => ('field' in metric ? [metric.field] : [])),
  );
}

function arrived(answer: Answer | undefined): answer is Arrived {
  return answer !== undefined && answer.kind !== 'failed';
}

function notLooked(answers: readonly (Answer | undefined)[]): Caution {
  const failed = answers.find((answer) => answer?.kind === 'failed');
  const why = failed?.kind === 'failed' ? failed.problem.message : 'no answer';
  return { code: 'not-looked', text: `could not check whether documents still match: ${why}` };
}

/** Days and hours are enough for what is days ago. */
function ago(duration: Duration): string {
  return humanDuration(Math.floor(duration / HOUR) * HOUR);
}
