import { uncovered } from '../../core/schedule.ts';
import type { Rule } from '../../rules/rule.ts';
import { groupKey } from '../../search/group-key.ts';
import type { Query } from '../../search/query.ts';
import type { Search } from '../../search/search.ts';
import { usualEveryOf } from '../due-windows.ts';
import type { RuleEvaluation } from '../rule-evaluation.ts';
import type { RuleDocument } from '../rule-states.ts';
import type { Run } from '../run.ts';
import { foldOutage, isSuspect, outageHold } from './outage.ts';
import type { OutageWindow, SourceInput } from './outage-state.ts';

/** A rule evaluation whose newest run is a window just evaluated, and its document before that. */
export interface EvaluatedWindow {
  readonly evaluation: RuleEvaluation;
  readonly before: RuleDocument;
}

const NONE_EXPECTED: ReadonlySet<string> = new Set();

/** Name of what a rule looks at, for people: its data streams and patterns. */
function sourceName(rule: Pick<Rule, 'source'>): string {
  return rule.source.indices.join(',');
}

/**
 * Looks whether groups that went quiet together did so because their whole source stopped sending: no document of it in the window, whatever the
 * rule's query. Asked only then and while it lasts, one count a window. A question that fails holds nothing back: the groups are reported
 * as they are.
 */
export async function followSources(
  evaluated: readonly EvaluatedWindow[],
  search: Search,
  { namespace, route }: Pick<OutageWindow, 'namespace' | 'route'>,
  signal: AbortSignal,
): Promise<void> {
  const open = evaluated.flatMap((one) => openQuestion(one) ?? []);
  if (open.length === 0) return;
  const asked = open.filter(({ run }) => run.matched === 0);
  const questions = asked.map(({ evaluation, run }) => anyDocument(evaluation.rule, run));
  const answers = questions.length === 0 ? [] : await search.ask(questions, signal);
  const sights = new Map(asked.map((one, index) => [one, inputOf(answers[index])]));
  for (const one of open) {
    const { evaluation, before, run, expected } = one;
    const { rule, document: after, now } = evaluation;
    const source = sights.get(one) ?? 'speaking';
    evaluation.document = foldOutage({
      ...{ namespace, route, rule, before, after, run, source, sourceName: sourceName(rule), now, expected },
      lost: uncovered(before.evaluated_through, run.at, usualEveryOf(rule, run.at)),
    });
  }
}

interface OpenQuestion extends EvaluatedWindow {
  readonly run: Run;
  readonly expected: ReadonlySet<string>;
}

/** The window, where it may begin, go on or end an outage. */
function openQuestion({ evaluation, before }: EvaluatedWindow): OpenQuestion | undefined {
  const { rule, expected: groups } = evaluation;
  const run = evaluation.runs.at(-1);
  if (run?.outcome !== 'evaluated') return undefined;
  const known = before.outage !== undefined;
  if (!known && (run.matched > 0 || rule.groupBy.length === 0 || outageHold(rule) <= 0 || run.changes.length === 0))
    return undefined;
  const expected = groups.length === 0 ? NONE_EXPECTED : new Set(groups.map((group) => groupKey(rule.groupBy, group)));
  return known || isSuspect(rule, run, expected) ? { evaluation, before, run, expected } : undefined;
}

function inputOf(answer: Awaited<ReturnType<Search['ask']>>[number] | undefined): SourceInput {
  if (answer === undefined || answer.kind === 'failed') return 'unknown';
  return answer.matched > 0 ? 'speaking' : 'silent';
}

/** Whether the source of a rule holds any document in a window, whatever its query. */
export function anyDocument({ id, source }: Rule, { window }: Pick<Run, 'window'>): Query {
  return {
    name: `${id}/source`,
    kind: 'groups',
    source: { ...source, ignoreMissingIndex: true },
    window,
    filter: { match_all: {} },
    groupBy: [],
    missing: 'exclude',
    metrics: {},
    maxGroups: 1,
  };
}
