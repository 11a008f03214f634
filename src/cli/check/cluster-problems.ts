import { formatDuration, humanDuration } from '../../core/duration.ts';
import type { Problem } from '../../core/problems.ts';
import { own } from '../../core/record.ts';
import type { Rule } from '../../rules/rule.ts';
import type { Answer, Arrived } from '../../search/answer.ts';
import { INGESTED, type IngestLag, ingestLag, suggestedDelay } from '../../search/ingest-lag.ts';
import type { SearchProblem } from '../../search/search-problem.ts';
import { fieldCount, type RuleQuestions, STAMPED } from './cluster-questions.ts';
import { mayBeQuiet } from './quiet-rules.ts';

/** What came back for the questions about one rule. */
export interface RuleAnswers {
  readonly own: readonly Answer[];
  readonly day: Answer;
  readonly source: Answer;
  readonly lag: Answer | undefined;
  /** Documents of the last week that match; only where none of the last day does. */
  readonly week?: Answer;
}

/** What is known of how late documents of a rule's indices arrive; `silent`: no document came, so there is nothing to say. */
export type LagFound =
  | { readonly kind: 'measured'; readonly lag: IngestLag }
  | { readonly kind: 'unknown'; readonly message: string }
  | { readonly kind: 'silent' };

type Found = Pick<Problem, 'code' | 'message'> & {
  readonly hint: string;
  readonly path?: string;
  readonly severity?: 'error' | 'note';
};

/** What the cluster says against a rule, at its keys; its lag has a separate function. Without its indices it cannot run: an error. */
export function clusterProblems(rule: Rule, questions: RuleQuestions, answers: RuleAnswers): readonly Problem[] {
  const { own: ownAnswers, day, week, source } = answers;
  const failures = failuresOf([...ownAnswers, day, ...(week === undefined ? [] : [week])]).filter(
    (one) => !isReported(one, questions),
  );
  const found = [
    ...failures.map(failure),
    ...ownAnswers.flatMap((answer) => groupsFound(rule, answer)).slice(0, 1),
    ...slowest(rule, ownAnswers),
    ...(day.kind === 'failed' ? [] : ofTheDay(rule, questions, day, { source, week })),
  ];
  return found.map((one) => problemOf(rule, one));
}

/** Whether the source had documents of the last day, and the query matched none of them. */
export function matchedNothing({ day, source }: Pick<RuleAnswers, 'day' | 'source'>): boolean {
  return day.kind !== 'failed' && day.matched === 0 && (source.kind === 'failed' || source.matched > 0);
}

/** How late documents arrive, as far as the answers show. */
export function lagFound(rule: Rule, { lag, source }: RuleAnswers): LagFound {
  if (lag === undefined || source.kind === 'failed' || source.matched === 0) return { kind: 'silent' };
  const stamped = source.groups[0]?.values[STAMPED];
  if (stamped === 0) return { kind: 'unknown', message: `no document has its arrival time in ${INGESTED}` };
  if (lag.kind === 'failed') return { kind: 'unknown', message: lag.problem.message };
  const measured = ingestLag(lag.hits, rule.source.timeField);
  return measured === undefined
    ? { kind: 'unknown', message: `no document of the last day has both ${INGESTED} and ${rule.source.timeField}` }
    : { kind: 'measured', lag: measured };
}

/** Warns of a rule that looks before its documents are there; late ones that it evaluates again within `revisit` are not lost. */
export function delayProblem(rule: Rule, lag: IngestLag): Problem | undefined {
  if (rule.delay + (rule.revisit ?? 0) >= lag.p99) return undefined;
  const { documents, median, p99 } = lag;
  const delay = formatDuration(suggestedDelay(lag));
  const message =
    `delay ${formatDuration(rule.delay)} is too short: of the newest ${count(documents)} documents, half arrived within ` +
    `${humanDuration(median)}, 99 of 100 within ${humanDuration(p99)}; later ones are not evaluated`;
  const hint = `delay: ${delay}; or revisit: ${delay}, which evaluates each window again for late documents`;
  return problemOf(rule, { code: 'cluster/delay', path: 'delay', message, hint });
}

/**
 * One note for all sources with an unknown latency of documents, at the first rule of them: the remedy is the same.
 */
export function unknownLags(lags: readonly { readonly rule: Rule; readonly found: LagFound }[]): readonly Problem[] {
  const unknown = lags.flatMap(({ rule, found }) => (found.kind === 'unknown' ? [{ rule, why: found.message }] : []));
  const [first] = unknown;
  if (first === undefined) return [];
  const bySource = new Map(unknown.map(({ rule, why }) => [rule.source.indices.join(','), why]));
  const reasons = [...new Set(bySource.values())];
  const parts = reasons.map((why) => {
    const sources = [...bySource].filter(([, other]) => other === why).map(([source]) => source);
    return `${sources.join(', ')} (${why})`;
  });
  return [
    {
      code: 'cluster/lag-unknown',
      severity: 'note',
      path: 'delay',
      message: `whether \`delay\` is long enough is unknown for ${parts.join('; ')}`,
      hint: `let an ingest pipeline set ${INGESTED} to {{{_ingest.timestamp}}}, as Elastic Agent's does`,
      at: first.rule.position,
    },
  ];
}

function problemOf(rule: Rule, found: Found): Problem {
  const place = found.path === undefined ? undefined : own(rule.places, found.path);
  return { severity: 'warning', ...found, at: place ?? rule.position };
}

/** Each kind of failure once: a source that does not exist fails every question. */
function failuresOf(answers: readonly Answer[]): readonly SearchProblem[] {
  const byCode = new Map<string, SearchProblem>();
  for (const answer of answers)
    if (answer.kind === 'failed' && !byCode.has(answer.problem.code)) byCode.set(answer.problem.code, answer.problem);
  return [...byCode.values()];
}

/** What Elasticsearch says of a field whose type was reported as the cause. */
function isReported({ code, message }: SearchProblem, { reported }: RuleQuestions): boolean {
  return code === 'bad_mapping' && [...(reported ?? [])].some((field) => message.includes(field));
}

function failure({ code, message, hint }: SearchProblem): Found {
  const lacksIndex = code === 'no_index' || code === 'closed_index';
  return { code: `search/${code}`, message, hint, ...(lacksIndex && { path: 'index', severity: 'error' }) };
}

/** Share of `max_groups` from which the rest is worth a word. */
const NEARLY_ALL = 0.8;

function groupsFound(rule: Rule, answer: Answer): readonly Found[] {
  if (answer.kind === 'failed') return [];
  if (answer.kind === 'truncated') return [tooManyGroups(rule, answer)];
  if (rule.groupBy.length === 0 || answer.groups.length < NEARLY_ALL * rule.maxGroups) return [];
  return [
    {
      code: 'cluster/many-groups',
      message: `the newest window has ${count(answer.groups.length)} groups, max_groups is ${count(rule.maxGroups)}`,
      hint: 'raise max_groups before there are more groups; those beyond it are unknown',
      path: 'max_groups',
      severity: 'note',
    },
  ];
}

/** A rule that needs half of its time on a quiet day has none left when the cluster is busy. */
function slowest({ source: { timeout } }: Rule, answers: readonly Answer[]): readonly Found[] {
  const [cost] = answers.map((answer) => answer.cost).sort((a, b) => b.took - a.took);
  if (cost === undefined || cost.took * 2 < timeout) return [];
  const message = `one search of the newest window took ${humanDuration(cost.took)} over ${count(cost.shards)} shards, timeout is ${formatDuration(timeout)}`;
  return [
    {
      code: 'cluster/slow',
      message,
      hint: 'use a narrower index or query, a shorter window, fewer groups, or a longer timeout',
      path: 'timeout',
    },
  ];
}

function tooManyGroups({ maxGroups }: Rule, { atLeast }: Arrived): Found {
  return {
    code: 'cluster/truncated',
    message: `the newest window has at least ${count(atLeast)} groups, max_groups is ${count(maxGroups)}: the others are unknown`,
    hint: 'use a higher max_groups, fewer group_by fields or a narrower query',
    path: 'max_groups',
  };
}

/** What follows where no document has a field, by its use. */
const WITHOUT = {
  group_by: 'so there is no group',
  metric: 'so there is nothing to measure',
  series: 'so it distinguishes no counters of a group',
} as const;

function ofTheDay(
  rule: Rule,
  { fields, reported }: RuleQuestions,
  day: Arrived,
  { source, week }: { readonly source: Answer; readonly week: Answer | undefined },
): readonly Found[] {
  if (day.matched === 0) {
    const all = source.kind === 'failed' ? undefined : source.matched;
    if (all !== 0) return [quiet(rule, noMatch(all, week))];
    return rule.source.ignoreMissingIndex ? [] : [quiet(rule, noDocuments(rule))];
  }
  return fields.flatMap(({ field, use }, index) => {
    if (reported?.has(field) === true || own(day.groups[0]?.values, fieldCount(index)) !== 0) return [];
    const what = WITHOUT[use];
    const message = `none of the ${count(day.matched)} documents of the last day that match has the field ${field}, ${what}`;
    const hint = 'check for a typo, or look up the field’s name in Discover';
    return [{ code: 'cluster/no-field', message, hint, ...(use === 'group_by' && { path: 'group_by' }) }];
  });
}

/** What is worth a look for most rules is the usual state of rules that wait for events. */
function quiet(rule: Rule, found: Found): Found {
  return mayBeQuiet(rule) ? { ...found, severity: 'note' } : found;
}

function noMatch(all: number | undefined, week: Answer | undefined): Found {
  const ofDay =
    all === undefined ? 'no document from the last day matches' : `none of ${count(all)} documents of the last day matches`;
  if (week === undefined || week.kind === 'failed' || week.matched > 0) {
    const before = week === undefined || week.kind === 'failed' ? '' : `; ${count(week.matched)} of the last 7 days did`;
    const hint = 'normal for rare events; otherwise check for a typo in a field or a value';
    return { code: 'cluster/no-match', message: `${ofDay}${before}`, hint, path: 'query', severity: 'note' };
  }
  return {
    code: 'cluster/no-match-week',
    message: `no document of the last 7 days matches; ${ofDay}`,
    hint: 'check for a typo in a field or a value; if the events are rare, add # tocsin:ignore cluster/no-match-week REASON',
    path: 'query',
  };
}

function noDocuments({ source }: Rule): Found {
  return {
    code: 'cluster/no-documents',
    message: `${source.indices.join(', ')} has no documents from the last day by ${source.timeField}`,
    hint: 'check index and time_field, and whether documents are still written there',
    path: 'index',
  };
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}
