import { hashId } from '../../core/ids.ts';
import type { Json } from '../../core/json.ts';
import type { TimeRange } from '../../core/time.ts';
import type { Answers } from '../../search/answer.ts';
import { groupKey } from '../../search/group-key.ts';
import type { Group, GroupsQuery, Value } from '../../search/query.ts';
import { countedBy, groupsQuery, stillToAsk } from '../grouped-question.ts';
import type { Input } from '../rule-type.ts';

/** The newest two different values of a group, oldest first; equal when nothing changed. */
export interface ChangeStep {
  readonly previous: Value | null;
  readonly current: Value | null;
  readonly changed: boolean;
}

/** Groups looked at more closely in one evaluation. */
const MAX_GROUPS = 100;
/** Into how many pieces the time since the last evaluation is cut for them. */
const PIECES = 60;
const LONGEST = 512;
const DISTINCT = 'distinct';
const VALUE = 'value';

/** The newest change among values, oldest first; undefined without a value. */
export function newestStep(values: readonly (Value | null)[]): ChangeStep | undefined {
  const kept = values.map(comparable);
  const current = kept.at(-1);
  if (current === undefined) return undefined;
  const last = kept.findLastIndex((value) => !isSame(value, current));
  return last < 0 ? { previous: current, current, changed: false } : { previous: kept[last] ?? null, current, changed: true };
}

/** The part of a tick's window that no evaluation has seen; undefined when there is none. */
function freshPart({ window, at, previous }: Pick<Input<unknown, Json>, 'window' | 'at' | 'previous'>): TimeRange | undefined {
  const seen = previous === undefined ? window.from : previous - (at - window.to);
  const from = Math.max(window.from, seen);
  return from < window.to ? { from, to: window.to } : undefined;
}

/**
 * Questions that find what changed and changed back between two evaluations: how many values each group had since, then, for the
 * few groups that had several, their values piece by piece.
 */
export function askSteps(
  input: Input<{ readonly field: string }, Json>,
  wanted: readonly Group[],
  soFar: Answers,
): readonly GroupsQuery[] {
  const fresh = freshPart(input);
  if (fresh === undefined) return [];
  const open = stillToAsk(freshQuestion(input, fresh), wanted, soFar);
  if (open.length > 0) return open;
  const only = restless(input, fresh, wanted, soFar);
  return only.length === 0 || soFar.has('steps') ? [] : [stepsQuestion(input, fresh, only)];
}

/** The values since the last evaluation, by group key and oldest first, of the groups that were asked for piece by piece. */
export function stepsOf(groupBy: readonly string[], answers: Answers): ReadonlyMap<string, readonly Value[]> {
  const steps = new Map<string, Value[]>();
  const rows = answers.get('steps')?.groups ?? [];
  for (const row of rows.toSorted((a, b) => (a.bucket ?? 0) - (b.bucket ?? 0))) {
    const value = row.values[VALUE] ?? null;
    if (value === null) continue;
    const key = groupKey(groupBy, row.group);
    steps.set(key, [...(steps.get(key) ?? []), value]);
  }
  return steps;
}

function freshQuestion({ spec }: Input<{ readonly field: string }, Json>, fresh: TimeRange): GroupsQuery {
  return groupsQuery(spec, 'fresh', fresh, { [DISTINCT]: { of: 'cardinality', field: spec.options.field } });
}

/** A field with several values in one document has several values at once: its pieces show that nothing changed. */
function restless(
  input: Input<{ readonly field: string }, Json>,
  fresh: TimeRange,
  wanted: readonly Group[],
  answers: Answers,
): readonly Group[] {
  const { rows } = countedBy(freshQuestion(input, fresh), wanted, answers);
  const several = [...rows.values()].filter((row) => Number(row.values[DISTINCT] ?? 0) > 1);
  return several.slice(0, MAX_GROUPS).map((row) => row.group);
}

function stepsQuestion({ spec }: Input<{ readonly field: string }, Json>, fresh: TimeRange, only: readonly Group[]): GroupsQuery {
  const question = groupsQuery(spec, 'steps', fresh, { [VALUE]: { of: 'last', field: spec.options.field, all: true } });
  const bucket = Math.max(1, Math.ceil((fresh.to - fresh.from) / PIECES));
  return { ...question, bucket, ...(spec.groupBy.length > 0 && { only, maxGroups: Math.max(question.maxGroups, only.length) }) };
}

function isSame(a: Value | null, b: Value | null): boolean {
  // A field may be a number in one index and a keyword in the next.
  return a === b || (a !== null && b !== null && String(a) === String(b));
}

/** A value as it is compared and remembered: as JSON keeps it, and a very long text by its beginning and its hash. */
function comparable(value: Value | null): Value | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : String(value);
  if (typeof value !== 'string' || value.length <= LONGEST) return value;
  return `${value.slice(0, LONGEST - 40)}… ${hashId(value)}`;
}
