import type { Answer, Arrived, GroupRow } from '../../../src/search/answer.ts';
import type { GroupsQuery, Metric, Query, Value } from '../../../src/search/query.ts';

/**
 * Says how two answers to one question differ; undefined when they are equal. Tolerated: the order of rows that compare equal, sums and averages
 * by 1e-9 of their size (the order of addition differs), and the statements below for what Elasticsearch approximates.
 */
export function difference(query: Query, ours: Answer, theirs: Answer): string | undefined {
  if (ours.kind === 'failed' || theirs.kind === 'failed') {
    return outcome(ours) === outcome(theirs) ||
      isExpectedRefusal(query, ours) ||
      isSaidBeforehand(ours, theirs) ||
      isOverlooked(query, ours) ||
      isTwiceWrong(query, ours, theirs)
      ? undefined
      : `${described(ours)} is not ${described(theirs)}`;
  }
  if (ours.kind !== theirs.kind) return `${ours.kind} is not ${theirs.kind}`;
  if (ours.matched !== theirs.matched) return `matched ${ours.matched} is not ${theirs.matched}`;
  if (ours.ungrouped !== theirs.ungrouped) return `ungrouped ${ours.ungrouped} is not ${theirs.ungrouped}`;
  return query.kind === 'groups' ? groupsDiffer(query, ours, theirs) : hitsDiffer(ours, theirs);
}

/**
 * That Elasticsearch would count keys of a flattened object wrongly is said of a mapping in memory, and of Elasticsearch where there is a count.
 * It may also refuse the question by itself: for another mistake in it, or, as 9.5 does, by an index beyond its own array.
 */
function isSaidBeforehand(ours: Answer, theirs: Answer): boolean {
  const isOfKeys =
    ours.kind === 'failed' && ours.problem.code === 'bad_mapping' && / which is flattened: /.test(ours.problem.message);
  return isOfKeys && (theirs.kind === 'failed' || theirs.groups.length === 0);
}

/** What memory may refuse of the questions that are drawn here, by the words of the refusal, and what such a question holds. */
const REFUSALS: readonly (readonly [refusal: RegExp, question: RegExp])[] = [
  // Elasticsearch refuses one kind of them, and lets another match the values of other keys.
  [/ a pattern over flat\.k, a key of a flattened field$/, /"(?:query_string|wildcard|prefix|case_insensitive)"/],
];

/** Whether documents in memory do not answer a question at all, and why is known: any other refusal is a difference. */
function isExpectedRefusal(query: Query, ours: Answer): boolean {
  if (ours.kind !== 'failed' || ours.problem.code !== 'unsupported') return false;
  const { message } = ours.problem;
  return REFUSALS.some(([refusal, question]) => refusal.test(message) && question.test(JSON.stringify(query)));
}

/**
 * Elasticsearch drops a part of a query unread when another part shows that it cannot match, and so overlooks a wrong value in it, by what
 * the shard happens to hold; documents in memory always notice.
 */
function isOverlooked(query: Query, ours: Answer): boolean {
  return outcome(ours) === 'bad_query' && /"(?:bool|where|only)"/.test(JSON.stringify(query));
}

/** Of a question that groups by what cannot be grouped, and has a wrong value besides, either may be said. */
function isTwiceWrong(query: Query, ours: Answer, theirs: Answer): boolean {
  const codes = new Set([outcome(ours), outcome(theirs)]);
  return codes.has('bad_mapping') && codes.has('bad_query') && /"bound"/.test(JSON.stringify(query));
}

function outcome(answer: Answer): string {
  return answer.kind === 'failed' ? answer.problem.code : answer.kind;
}

function described(answer: Answer): string {
  return answer.kind === 'failed' ? `${answer.problem.code} (${answer.problem.message})` : answer.kind;
}

function groupsDiffer(query: GroupsQuery, ours: Arrived, theirs: Arrived): string | undefined {
  if (ours.kind === 'truncated') return truncatedDiffer(query, ours, theirs);
  const known = byKey(theirs.groups);
  if (ours.groups.length !== theirs.groups.length) return `rows ${keys(ours.groups)} are not ${keys(theirs.groups)}`;
  for (const row of ours.groups) {
    const other = known.get(rowKey(row));
    const differs = other === undefined ? 'is missing' : rowDiffers(query, row, other);
    if (differs !== undefined) return `row ${rowKey(row)}: ${differs}`;
  }
  return undefined;
}

/** Which of equally large groups came back is left to each; that what came back is right and of the right size is not. */
function truncatedDiffer(query: GroupsQuery, ours: Arrived, theirs: Arrived): string | undefined {
  const sizes = (answer: Arrived) => answer.groups.map((row) => row.docs).sort((a, b) => b - a);
  const bySize = query.groupBy.length === 1 && query.bucket === undefined;
  if (bySize && String(sizes(ours)) !== String(sizes(theirs))) return `sizes ${sizes(ours)} are not ${sizes(theirs)}`;
  const known = byKey(theirs.groups);
  for (const row of ours.groups) {
    const other = known.get(rowKey(row));
    if (other === undefined && !bySize) return `row ${rowKey(row)} is not among ${keys(theirs.groups)}`;
    const differs = other === undefined ? undefined : rowDiffers(query, row, other);
    if (differs !== undefined) return `row ${rowKey(row)}: ${differs}`;
  }
  return undefined;
}

function rowDiffers(query: GroupsQuery, ours: GroupRow, theirs: GroupRow): string | undefined {
  if (ours.docs !== theirs.docs) return `${ours.docs} documents are not ${theirs.docs}`;
  for (const [name, metric] of Object.entries(query.metrics)) {
    const [a, b] = [ours.values[name], theirs.values[name]];
    if (!close(metric, a, b)) return `${name} ${JSON.stringify(a)} is not ${JSON.stringify(b)}`;
  }
  return undefined;
}

/**
 * Cardinality counts exactly below Elasticsearch's precision threshold of 3,000 values, which the corpus stays under. Percentiles come
 * from a t-digest that keeps every value of groups as small as these, and interpolates as we do.
 */
function close(metric: Metric, a: Value | null | undefined, b: Value | null | undefined): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b;
  const exact =
    metric.of === 'count' ||
    metric.of === 'value_count' ||
    metric.of === 'cardinality' ||
    metric.of === 'min' ||
    metric.of === 'max';
  return exact ? a === b : Math.abs(a - b) <= Math.max(roundingOf(metric), 1e-9 * Math.max(1, Math.abs(a), Math.abs(b)));
}

/** Where integers of 64 bits add up to next to nothing, what is left is what doubles of that size are rounded by, in the order of addition. */
function roundingOf(metric: Metric): number {
  return 'field' in metric && metric.field === 'big' ? 2 ** 13 : 0;
}

/**
 * Not compared: a `flattened` field, which Elasticsearch shows as one object and memory as its values; and how a nanosecond is shown, as memory
 * keeps times to about a quarter of a microsecond and shows milliseconds.
 */
const SHOWN_OTHERWISE = /^(?:flat(?:\..*)?|nano)$/;

function hitsDiffer(ours: Arrived, theirs: Arrived): string | undefined {
  const times = (answer: Arrived) => answer.hits.map((hit) => hit.at).join(' ');
  if (times(ours) !== times(theirs)) return `times ${times(ours)} are not ${times(theirs)}`;
  if (ours.kind === 'truncated') return undefined;
  const shown = (answer: Arrived) => answer.hits.map((hit) => JSON.stringify([hit.at, fieldsOf(hit)])).sort();
  const [left, right] = [shown(ours), shown(theirs)];
  const at = left.findIndex((hit, place) => hit !== right[place]);
  return at < 0 ? undefined : `hit ${left[at]} is not ${right[at]}`;
}

function fieldsOf({ fields }: Arrived['hits'][number]) {
  return Object.entries(fields)
    .filter(([name]) => !SHOWN_OTHERWISE.test(name))
    .sort();
}

function rowKey(row: GroupRow): string {
  return JSON.stringify([Object.entries(row.group).sort(), row.bucket ?? null]);
}

function byKey(rows: readonly GroupRow[]): ReadonlyMap<string, GroupRow> {
  return new Map(rows.map((row) => [rowKey(row), row]));
}

function keys(rows: readonly GroupRow[]): string {
  return rows
    .slice(0, 20)
    .map((row) => `${rowKey(row)}×${row.docs}`)
    .join(' ');
}
