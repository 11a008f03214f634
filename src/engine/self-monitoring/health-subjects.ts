import type { RuleDocument } from '../../evaluation/rule-states.ts';
import { knownDocument } from '../../evaluation/session.ts';
import type { Session } from '../session.ts';

/** Id of the built-in rule whose alerts are Tocsin's own problems; no rule file may use it. */
export const HEALTH_RULE_ID = 'tocsin-health';

/** Subjects of one kind whose health alert lives, as far as this session knows. */
export function livingSubjects(kind: string, session: Session): readonly string[] {
  return subjectsIn(knownDocument(session, HEALTH_RULE_ID), kind);
}

/** Subjects of one kind whose health alert lives in a document of health. */
export function subjectsIn(document: RuleDocument | undefined, kind: string): readonly string[] {
  const living = Object.values(document?.alerts ?? {});
  return living.flatMap(({ group }) => (group['kind'] === kind ? [group['subject'] ?? ''] : []));
}
