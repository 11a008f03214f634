import type { FlappingRule } from '../../alerts/flapping.ts';
import type { Lifecycle } from '../../alerts/lifecycle.ts';
import type { Condition } from '../../conditions/condition.ts';
import { hashId } from '../../core/ids.ts';
import { MINUTE } from '../../core/time.ts';
import type { RuleDocument } from '../../evaluation/rule-states.ts';
import { knownDocument } from '../../evaluation/session.ts';
import { HEALTH_TEXT, HEALTH_TITLE } from '../../messages/health-texts.ts';
import type { KnownRule } from '../../messages/known-rule.ts';
import type { Rule } from '../../rules/rule.ts';
import type { Session } from '../session.ts';

/** Id of the built-in rule whose alerts are Tocsin's own problems; no rule file may use it. */
export const HEALTH_RULE_ID = 'tocsin-health';

/** Its text is empty: a message about a problem shows the problem, not the values of health. */
const FAILING: Condition = {
  text: '',
  evaluate: ({ problem }) => ({ kind: problem === undefined ? 'false' : 'true' }),
};

const LIFECYCLE: Lifecycle = {
  for: 0,
  keepFiringFor: 0,
  noData: 'keep',
  noDataAfter: MINUTE,
  settle: 0,
  forgetAfter: 0,
  levels: ['warning'],
};

const FLAPPING: FlappingRule = { episodes: 4, within: 60 * MINUTE, steady: 20 * MINUTE };

/** The built-in rule: ordinary alerts over the groups `{kind, subject}`. It is evaluated by the engine, never asked of a cluster. */
export const HEALTH_RULE: Rule = {
  id: HEALTH_RULE_ID,
  name: 'TocsinHealth',
  type: 'health',
  source: { indices: [], timeField: '@timestamp', ignoreMissingIndex: true, timeout: 0, frozen: false },
  filter: { match_none: {} },
  groupBy: ['kind', 'subject'],
  missing: 'exclude',
  window: MINUTE,
  maxGroups: 100_000,
  options: null,
  schedule: { kind: 'every', every: MINUTE },
  delay: 0,
  levels: [{ severity: 'warning', condition: FAILING }],
  leveled: false,
  lifecycle: LIFECYCLE,
  flapping: FLAPPING,
  catchUp: MINUTE,
  errorAfter: 1,
  labels: { severity: 'warning' },
  message: { title: HEALTH_TITLE, text: HEALTH_TEXT },
  evidence: { fields: [], samples: 0, top: [] },
  enabled: true,
  query: { language: 'dsl', text: '' },
  shape: hashId('health', 1),
  position: { file: '', line: 1, column: 1 },
};

/** The built-in rule as messages know it: one about several of its alerts names the parts that do not work. */
export const KNOWN_HEALTH_RULE: KnownRule = {
  ...HEALTH_RULE,
  part: ({ kind, subject }) => `${String(kind).replaceAll('_', ' ')} ${subject}`,
};

/** Subjects of one kind whose health alert lives, as far as this session knows. */
export function livingSubjects(kind: string, session: Session): readonly string[] {
  return subjectsIn(knownDocument(session, HEALTH_RULE_ID), kind);
}

/** Subjects of one kind whose health alert lives in a document of health. */
export function subjectsIn(document: RuleDocument | undefined, kind: string): readonly string[] {
  const living = Object.values(document?.alerts ?? {});
  return living.flatMap(({ group }) => (group['kind'] === kind ? [group['subject'] ?? ''] : []));
}
