import type { Finding } from '../alerts/finding.ts';
import type { Json } from '../core/json.ts';
import { newestTick } from '../core/schedule.ts';
import type { StoreAnswer } from '../core/stored.ts';
import type { Instant } from '../core/time.ts';
import { windowOf } from '../evaluation/due-windows.ts';
import type { RuleStates } from '../evaluation/rule-states.ts';
import type { RuleType } from '../rule-types/rule-type.ts';
import type { Rule } from '../rules/rule.ts';
import type { Group } from '../search/query.ts';
import { type Again, type AnsweredAgain, askAgain, questionsOf } from './ask-again.ts';
import { type Candidate, candidatesOf, isWanted } from './candidates.ts';
import { cautionsOf, outsideSchedule } from './cautions.ts';
import { explainGroups, type GroupPorts, linkTo } from './explain-groups.ts';
import type { AskedAgain, Explanation, MissingGroup } from './explanation.ts';
import { lookAround, newestDocument } from './look-around.ts';

/** What is to be explained: a rule at the newest tick up to a moment; with `group`, the groups that have these values. */
export interface ExplainInput {
  readonly rule: Rule;
  readonly group: Group | undefined;
  readonly moment: Instant;
  readonly now: Instant;
}

/** What explaining reads; it writes nothing. */
export interface ExplainPorts extends GroupPorts {
  readonly states: Pick<RuleStates, 'load'>;
  readonly typeNamed: (name: string) => RuleType<unknown, Json> | undefined;
}

const MOST_GROUPS = 20;
/** Groups about which there is nothing to say are shown up to this many: to see values at all. */
const PLAIN_GROUPS = 3;
const NAMED_GROUPS = 20;

/**
 * Explains a rule's alerts at a tick: asks its question again through the same code as the engine, and reads what the engine left
 * behind. `ok: false` only if the store or the schedule leaves nothing to explain.
 */
export async function explain(input: ExplainInput, ports: ExplainPorts, signal: AbortSignal): Promise<StoreAnswer<Explanation>> {
  const { rule, now } = input;
  const type = ports.typeNamed(rule.type);
  const at = newestTick(rule.schedule, input.moment);
  if (type === undefined || at === undefined) return { ok: false, message: 'the rule has no tick before this time' };
  const loaded = await ports.states.load([rule.id], new Map());
  if (!loaded.ok) return loaded;
  const document = loaded.value.get(rule.id)?.document;
  const again: Again = { rule, type, at, document, wanted: wholeGroup(rule, input.group) };
  const window = windowOf(rule, at);
  const [runs, answer, looked, lastDocument] = await Promise.all([
    ports.history.runs({ rule: rule.id, range: { from: at, to: at + 1 }, limit: 1 }),
    askAgain(again, ports.search, signal),
    rule.received === true ? [] : lookAround(rule, questionsOf(again), { to: window.to, now }, ports.search, signal),
    document?.outage === undefined ? undefined : newestDocument(rule, document.outage.over ?? now, ports.search, signal),
  ]);
  const recorded = runs.ok ? runs.value[0] : undefined;
  const candidates = candidatesOf({ namespace: ports.namespace, rule, type, document, recorded, again: answer });
  const chosen = choose(candidates, input);
  const groups = await explainGroups(chosen, { ...input, at, window, document, recorded }, ports, signal);
  if (!groups.ok) return groups;
  const asked = askedAgain(answer, candidates);
  const { id, name, source, query, groupBy } = rule;
  const discover = linkTo(rule, input.group ?? {}, window, ports.kibana);
  const state = cautionsOf({
    rule,
    at,
    document,
    recorded,
    asked,
    lastDocument,
    historyProblem: runs.ok ? undefined : runs.message,
  });
  return {
    ok: true,
    value: {
      now,
      rule: {
        ...{ id, name, type: rule.type, indices: source.indices, query, groupBy },
        evaluatedThrough: document?.evaluated_through,
        failingSince: document?.health.failing_since,
      },
      at,
      window,
      recorded,
      asked,
      discover,
      groups: groups.value,
      more: candidates.length - chosen.length,
      missing: input.group !== undefined && chosen.length === 0 ? missing(input.group, candidates) : undefined,
      // That as many fire as may does not mean that some are missing.
      cautions: [
        ...outsideSchedule(rule.schedule, at, input.moment),
        ...state.filter(({ code }) => rule.received !== true || code !== 'truncated'),
        ...looked,
      ],
    },
  };
}

function wholeGroup(rule: Rule, group: Group | undefined): Group | undefined {
  return group !== undefined && rule.groupBy.every((field) => Object.hasOwn(group, field)) ? group : undefined;
}

function choose(candidates: readonly Candidate[], { group }: ExplainInput): readonly Candidate[] {
  if (group !== undefined) return candidates.filter((one) => isWanted(one.group, group)).slice(0, MOST_GROUPS);
  const noteworthy = candidates.filter(isNoteworthy).slice(0, MOST_GROUPS);
  const plain = candidates.filter((one) => !isNoteworthy(one));
  return [...noteworthy, ...plain.slice(0, Math.max(0, PLAIN_GROUPS - noteworthy.length))];
}

function isNoteworthy({ changes, finding, living, flaps }: Candidate): boolean {
  const lives = living !== undefined && living.status !== 'inactive';
  return changes.length > 0 || lives || flaps || finding.kind === 'breach' || finding.kind === 'unknown';
}

function missing(group: Group, candidates: readonly Candidate[]): MissingGroup {
  const living = candidates.filter((one) => one.living !== undefined && one.living.status !== 'inactive');
  const came = candidates.filter((one) => one.reading !== undefined);
  const groupsOf = (list: readonly Candidate[]) => list.slice(0, NAMED_GROUPS).map((one) => one.group);
  return { group, living: groupsOf(living), came: groupsOf(came) };
}

function askedAgain(answer: AnsweredAgain, candidates: readonly Candidate[]): AskedAgain {
  const { sent, cost } = answer;
  if (!answer.ok) {
    const { code, message, hint } = answer.problem;
    return { kind: 'failed', sent, cost, problem: { code, message, hint } };
  }
  const findings: Record<Finding['kind'], number> = { breach: 0, between: 0, clear: 0, absent: 0, unknown: 0 };
  for (const { finding } of candidates) findings[finding.kind]++;
  return {
    kind: 'answered',
    sent,
    cost,
    matched: Math.max(0, ...answer.answers.map(({ matched }) => matched)),
    ungrouped: Math.max(0, ...answer.answers.map(({ ungrouped }) => ungrouped)),
    truncated: answer.answers.some(({ kind }) => kind === 'truncated'),
    groups: answer.measured.kind === 'groups' ? answer.measured.readings.length : 0,
    events: answer.measured.kind === 'events' ? answer.measured.events.length : undefined,
    findings,
  };
}
