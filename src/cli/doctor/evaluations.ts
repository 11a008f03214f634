import { humanDuration } from '../../core/duration.ts';
import { readApart } from '../../core/read-apart.ts';
import { newestTick } from '../../core/schedule.ts';
import type { StoreAnswer, Versioned } from '../../core/stored.ts';
import { type Duration, type Instant, iso } from '../../core/time.ts';
import { everyOf } from '../../evaluation/due-windows.ts';
import type { RuleDocument } from '../../evaluation/rule-states.ts';
import type { CheckResult } from '../../reports/doctor/doctor-report.ts';
import { quoted } from '../../reports/explain/curl.ts';
import type { Rule } from '../../rules/rule.ts';
import { type DoctorCheck, SHORT } from './check.ts';
import { atMost, brief, error, good, note, warning } from './check-result.ts';
import { namesOf } from './sources.ts';

const MOST = 20;
/** Windows without a change are written only every few: a rule may be this many ahead of its document. */
const UNWRITTEN = 6;
const PATIENCE: Duration = 120_000;

/** Whether each rule was evaluated lately, and whether it can be evaluated. */
export const evaluationsCheck: DoctorCheck = {
  name: 'evaluations',
  title: 'Evaluations',
  needs: 'state',
  limit: SHORT,
  run: async ({ backend, enabled, clock }) => {
    const ids = enabled.map(({ id }) => id);
    const read = await readApart(ids, (some) => backend.ruleStates.load(some, new Map()));
    const loaded = read.ok ? ({ ok: true, value: read.value.found, unreadable: read.value.unreadable } as const) : read;
    return evaluationFindings(enabled, loaded, clock.now());
  },
};

/** What is to be said of the rules’ documents: those that are fine are one line. */
export function evaluationFindings(
  rules: readonly Rule[],
  loaded: StoreAnswer<ReadonlyMap<string, Versioned<RuleDocument>>>,
  now: Instant,
): readonly CheckResult[] {
  if (!loaded.ok)
    return [
      error('tocsin-rules', {
        found: loaded.message,
        expected: 'readable state of the rules',
        fix: 'check the health of the index tocsin-rules',
      }),
    ];
  const { unreadable = new Map<string, string>() } = loaded;
  const invalid = [...unreadable].map(([rule, found]) =>
    error(rule, {
      found,
      expected: 'a document as Tocsin writes it',
      fix: 'correct or delete the document; until then the rule is not evaluated',
    }),
  );
  const evaluated = rules
    .filter(({ id }) => !unreadable.has(id))
    .map((rule) => ({ rule, document: loaded.value.get(rule.id)?.document }));
  const never = evaluated.filter(({ document }) => document === undefined).map(({ rule }) => rule);
  const failing = evaluated.flatMap(({ rule, document }) => (document === undefined ? [] : ruleFailure(rule, document, now)));
  const fine = evaluated.length - never.length - new Set(failing.map(({ subject }) => subject)).size;
  const newest = Math.max(...evaluated.flatMap(({ document }) => document?.evaluated_through ?? []));
  return [
    ...(fine > 0 ? [good('rules', `${fine} of ${rules.length} evaluated lately; the newest tick saved is ${iso(newest)}`)] : []),
    ...(never.length > 0 ? [note(namesOf(never), `${never.length} ${never.length === 1 ? 'was' : 'were'} never evaluated`)] : []),
    ...atMost(MOST, [...invalid, ...failing], 'rules'),
  ];
}

function ruleFailure(rule: Rule, { health, evaluated_through }: RuleDocument, now: Instant): readonly CheckResult[] {
  if (health.failures > 0) {
    const since = health.failing_since === undefined ? '' : ` since ${iso(health.failing_since)}`;
    const { message, hint } = health.problem ?? { message: 'no reason is recorded', hint: 'see the log' };
    return [error(rule.name, { found: `cannot be evaluated${since}: ${brief(message)}`, expected: 'an answer', fix: hint })];
  }
  const every = everyOf(rule, now);
  const allowed = UNWRITTEN * every + rule.source.timeout + PATIENCE;
  const outbox = newestTick(rule.schedule, now - allowed);
  if (outbox !== undefined && evaluated_through < outbox) {
    return [
      error(rule.name, {
        found: `was last evaluated for ${iso(evaluated_through)}, ${humanDuration(now - evaluated_through)} ago`,
        expected: `each tick, every ${humanDuration(every)}`,
        fix: 'tocsin run   # check that a replica runs (see above), and look for this rule in its log',
      }),
    ];
  }
  const truncated = health.truncated === true;
  if (!truncated && (health.ungrouped ?? 0) < rule.errorAfter && (health.unknown ?? 0) < rule.errorAfter) return [];
  return [
    warning(rule.name, {
      found: truncated
        ? `has more groups than max_groups (${rule.maxGroups}); the others are not evaluated`
        : 'matches documents, but no group could be evaluated',
      expected: 'every group is evaluated',
      fix: `tocsin explain ${/^[\w.-]+$/.test(rule.name) ? rule.name : quoted(rule.name)}`,
    }),
  ];
}
