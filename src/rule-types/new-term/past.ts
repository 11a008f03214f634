import { chunked } from '../../core/chunked.ts';
import type { Json } from '../../core/json.ts';
import type { Duration, Instant, TimeRange } from '../../core/time.ts';
import type { Answers } from '../../search/answer.ts';
import { groupKey } from '../../search/group-key.ts';
import type { Group, GroupsQuery } from '../../search/query.ts';
import { groupsQuery } from '../grouped-question.ts';
import type { Input } from '../rule-type.ts';

type PastInput = Input<{ readonly lookback: Duration }, Json>;

/** What is known of a term of the window: it was there before, it was not, or the answers do not say. */
export type TermVerdict = 'old' | 'new' | 'undecided';

const NEWEST = 'newest';
const LEARN = 'lookback';
/** Terms in one question, and such questions at most. */
const CHUNK = 500;
const MAX_CHUNKS = 20;

/** The question from which a rule without memory learns every term of the lookback before its window. */
export function learningQuestion(input: PastInput): GroupsQuery {
  const { spec } = input;
  return groupsQuery(spec, LEARN, pastOf(input), { [NEWEST]: { of: 'max', field: spec.source.timeField } });
}

/** When each learned term was last seen before the window. */
export function learnedTerms(input: PastInput, answers: Answers): ReadonlyMap<string, Instant> {
  const { from, to } = pastOf(input);
  const rows = answers.get(LEARN)?.groups ?? [];
  return new Map(
    rows.map((row) => {
      const newest = Number(row.values[NEWEST] ?? from);
      return [groupKey(input.spec.groupBy, row.group), Math.min(Math.max(newest, from), to)] as const;
    }),
  );
}

/** Whether a rule without memory found that there is no past at all: its source is as young as the rule. */
export function hasNoPast(answers: Answers): boolean {
  return answers.get(LEARN)?.matched === 0;
}

/** Questions that ask for these terms alone in the lookback before the window; `round` distinguishes later ones from the first. */
export function pastQuestions(input: PastInput, terms: readonly Group[], round: string): readonly GroupsQuery[] {
  const { spec } = input;
  return chunked(terms, CHUNK)
    .slice(0, MAX_CHUNKS)
    .map((only, index) => {
      const maxGroups = Math.max(spec.maxGroups, only.length);
      return { ...groupsQuery(spec, `${round}/${index}`, pastOf(input)), only, maxGroups };
    });
}

/** What the answers prove of terms, by key: those of a whole learning answer and of the questions that asked for them. */
export function verdicts(input: PastInput, asked: readonly GroupsQuery[], answers: Answers): (key: string) => TermVerdict {
  const { groupBy } = input.spec;
  const old = new Set(learnedTerms(input, answers).keys());
  const fresh = new Set<string>();
  for (const question of asked) {
    const answer = answers.get(question.name);
    for (const row of answer?.groups ?? []) if (row.docs > 0) old.add(groupKey(groupBy, row.group));
    if (answer?.kind === 'complete') for (const group of question.only ?? []) fresh.add(groupKey(groupBy, group));
  }
  const isWhole = answers.get(LEARN)?.kind === 'complete';
  return (key) => (old.has(key) ? 'old' : isWhole || fresh.has(key) ? 'new' : 'undecided');
}

function pastOf({ spec, window }: PastInput): TimeRange {
  return { from: window.from - spec.options.lookback, to: window.from };
}
