import { canonicalJson, jsonText } from '../core/json.ts';
import { own } from '../core/record.ts';
import type { Duration, Instant } from '../core/time.ts';
import { outageHold } from '../evaluation/outage/outage.ts';
import { anyDocument } from '../evaluation/outage/vanished.ts';
import type { Rule } from '../rules/rule.ts';
import type { Answer, Arrived } from '../search/answer.ts';
import type { Group, Query } from '../search/query.ts';
import type { Search } from '../search/search.ts';
import { groupFields, type HeldAnswer, type HeldAnswers, heldValue, questionKey, valueNames } from './held-answers.ts';

/** Numbers that are kept at once: a week of a percentile by fifty groups every minute is three quarters of it. */
const MOST_NUMBERS = 2_000_000;
/** What a window, and an answer, cost beside their rows. */
const WINDOW_NUMBERS = 2;
const ANSWER_NUMBERS = 4;

/** Why a rule's answers cannot be played again with other keys: it reports documents, answers were cut off, or there are too many. */
export type WhyNotHeld = 'documents' | 'truncated' | 'too_many';

/** Notes the answers that one rule has while it is played. */
export interface AnswerRecorder {
  /** Wraps the search that its turns ask, which are at `now`. */
  readonly over: (search: Search, now: () => Instant) => Search;
  recorded(): { readonly ok: true; readonly answers: HeldAnswers } | { readonly ok: false; readonly why: WhyNotHeld };
}

interface Windows {
  readonly key: string;
  readonly length: Duration;
  /** By the begins of windows. */
  readonly answers: Map<Instant, { readonly places: number[]; at: Instant }>;
}

/**
 * Starts without answers. Where a window holds nothing of a rule with groups, it also asks whether the source holds anything: a rule with other
 * keys may have alerts there that wait for that. `rules`: how many are recorded side by side and share the room.
 */
export function recordAnswers(rule: Rule, rules = 1): AnswerRecorder {
  const book = answerBook();
  let why: WhyNotHeld | undefined = rule.type === 'match' ? 'documents' : undefined;
  const anywhere = canonicalJson({ ...rule.source, ignoreMissingIndex: true });
  const follows = rule.groupBy.length > 0 && outageHold(rule) > 0;
  const note = (query: Query, answer: Answer, at: Instant) => {
    if (why !== undefined || !isOwn(query, rule, anywhere) || isEvidence(query, rule)) return;
    why = whyNot(query, answer, rule);
    if (why !== undefined) return;
    book.note(query, answer, at);
    if (book.numbers() > MOST_NUMBERS / rules) {
      why = 'too_many';
      book.clear();
    }
  };
  const noteAll = (queries: readonly Query[], answers: readonly Answer[], at: Instant) => {
    for (const [place, query] of queries.entries()) {
      const answer = answers[place];
      if (answer !== undefined) note(query, answer, at);
    }
  };
  const emptyOf = (queries: readonly Query[], answers: readonly Answer[]) =>
    follows && why === undefined ? emptyWindows(rule, queries, answers) : [];
  return {
    over: (search, now) => ({
      ask: async (queries, signal) => {
        const answers = await search.ask(queries, signal);
        noteAll(queries, answers, now());
        const empty = emptyOf(queries, answers);
        if (empty.length > 0) noteAll(empty, await search.ask(empty, signal), now());
        return answers;
      },
      ...(search.known !== undefined && {
        known: (queries: readonly Query[]) => {
          const answers = search.known?.(queries);
          if (answers === undefined) return undefined;
          const empty = emptyOf(queries, answers);
          const sources = empty.length === 0 ? [] : search.known?.(empty);
          if (sources === undefined) return undefined;
          noteAll(queries, answers, now());
          noteAll(empty, sources, now());
          return answers;
        },
      }),
    }),
    recorded: () => (why === undefined ? { ok: true, answers: book.answers() } : { ok: false, why }),
  };
}

/**
 * Rules that are played together share searches, and each asks with its own object for where it looks. What asks whether there is any document at
 * all may be of another rule with the same source: the answer is the same.
 */
function isOwn({ source }: Query, rule: Rule, anywhere: string): boolean {
  return source === rule.source || canonicalJson(source) === anywhere;
}

/** What messages show is asked for beside what decides, under names that begin with the rule's and the place of the alert. */
function isEvidence({ kind, name }: Query, { id }: Rule): boolean {
  if (!name.startsWith(`${id}/`)) return false;
  return kind === 'hits' || /^\d+\/top\//.test(name.slice(id.length + 1));
}

function whyNot(query: Query, answer: Answer, rule: Rule): WhyNotHeld | undefined {
  if (query.kind === 'hits' && answer.kind !== 'failed') {
    const isOfGroups = query.fields.every((field) => rule.groupBy.includes(field));
    const single = answer.hits.every(({ fields }) => Object.values(fields).every((values) => values.length <= 1));
    if (!isOfGroups || !single) return 'documents';
  }
  // Groups that did not come back are asked for by name, and which are depends on the alerts.
  return query.kind !== 'esql' && answer.kind === 'truncated' ? 'truncated' : undefined;
}

function emptyWindows(rule: Rule, queries: readonly Query[], answers: readonly Answer[]): readonly Query[] {
  const empty = new Map<string, Query>();
  for (const [place, query] of queries.entries()) {
    const { window } = query;
    const answer = answers[place];
    if (query.source !== rule.source || answer === undefined || answer.kind === 'failed' || answer.matched > 0) continue;
    if (window.to - window.from !== rule.window) continue;
    empty.set(`${window.from}`, anyDocument(rule, { window }));
  }
  return [...empty.values()];
}

interface AnswerBook {
  note(query: Query, answer: Answer, at: Instant): void;
  numbers(): number;
  answers(): HeldAnswers;
  clear(): void;
}

function answerBook(): AnswerBook {
  const questions = new Map<string, Windows>();
  const groups = new Map<string, number>();
  const held: HeldAnswer[] = [];
  const known = new Map<string, number>();
  let numbers = 0;
  const groupPlace = (fields: readonly string[], group: Group) => {
    const text = JSON.stringify(fields.map((field) => own(group, field) ?? null));
    const place = groups.get(text) ?? groups.size;
    groups.set(text, place);
    return place;
  };
  const answerPlace = (answer: HeldAnswer) => {
    const rows = (answer.rows ?? answer.table ?? []).reduce((sum, row) => sum + row.length, 0);
    const size = ANSWER_NUMBERS + rows + (answer.buckets?.length ?? 0) + 2 * (answer.times?.length ?? 0);
    const text = JSON.stringify(answer);
    const before = known.get(text);
    if (before !== undefined) return before;
    const place = held.push(answer) - 1;
    numbers += size;
    known.set(text, place);
    return place;
  };
  return {
    note: (query, answer, at) => {
      const { from, to } = query.window;
      const key = questionKey(query);
      const name = `${to - from} ${key}`;
      const windows = questions.get(name) ?? { key, length: to - from, answers: new Map() };
      questions.set(name, windows);
      const place = answerPlace(heldAnswer(answer, query, groupPlace));
      const before = windows.answers.get(from);
      // What is known already, and turns out to need a turn, is asked for again at the same tick: that is one answer.
      if (before?.at === at && before.places.at(-1) === place) return;
      numbers += WINDOW_NUMBERS;
      if (before === undefined) windows.answers.set(from, { places: [place], at });
      else {
        before.places.push(place);
        before.at = at;
      }
    },
    numbers: () => numbers,
    answers: () => ({
      groups: [...groups.keys()].map((text): readonly (string | null)[] => JSON.parse(text)),
      answers: held,
      questions: [...questions.values()].map(({ key, length, answers }) => {
        const sorted = [...answers].sort(([a], [b]) => a - b);
        return {
          key,
          length,
          begins: sorted.map(([begin], index) => begin - (sorted[index - 1]?.[0] ?? 0)),
          answers: sorted.map(([, { places }]) => (places.every((place) => place === places[0]) ? (places[0] ?? 0) : places)),
        };
      }),
    }),
    clear: () => {
      questions.clear();
      groups.clear();
      known.clear();
      held.length = 0;
    },
  };
}

type PlaceOf = (fields: readonly string[], group: Group) => number;

function heldAnswer(answer: Answer, query: Query, placeOf: PlaceOf): HeldAnswer {
  if (answer.kind === 'failed') return { problem: answer.problem };
  const { matched, ungrouped, atLeast, dates, named } = answer;
  const fields = groupFields(query);
  return {
    ...(matched > 0 && { matched }),
    ...(ungrouped > 0 && { ungrouped }),
    ...(atLeast > 0 && { atLeast }),
    ...(answer.kind === 'truncated' && { truncated: true as const }),
    ...(dates !== undefined && { dates }),
    ...(named !== undefined && { named: named.map((group) => placeOf(fields, group)) }),
    ...rowsOf(answer, query, placeOf),
  };
}

function rowsOf(answer: Arrived, query: Query, placeOf: PlaceOf): Partial<HeldAnswer> {
  const fields = groupFields(query);
  if (query.kind === 'groups') {
    if (answer.groups.length === 0) return {};
    const names = valueNames(query);
    const { from } = query.window;
    return {
      ...(query.bucket !== undefined && { buckets: answer.groups.map(({ bucket = from }) => bucket - from) }),
      rows: answer.groups.map(({ group, docs, values }) => [
        placeOf(fields, group),
        docs,
        ...names.map((name) => heldValue(own(values, name) ?? null)),
      ]),
    };
  }
  if (query.kind === 'hits') {
    return {
      times: answer.hits.map(({ at, fields: shown }) => {
        const group = Object.fromEntries(fields.map((field) => [field, textOf(own(shown, field)?.[0])]));
        return [at - query.window.from, placeOf(fields, group)];
      }),
    };
  }
  const columns = [...new Set(answer.table.flatMap((row) => Object.keys(row)))];
  return { columns, table: answer.table.map((row) => columns.map((name) => heldValue(own(row, name) ?? null))) };
}

function textOf(value: unknown): string | null {
  return value === undefined || value === null ? null : typeof value === 'string' ? value : jsonText(value);
}
