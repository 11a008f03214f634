import type { Session } from '../cycle/session.ts';
import { knownDocument } from '../cycle/session.ts';

/** Id of the built-in rule whose alerts are Tocsin's own troubles; no rule file may use it. */
export const HEALTH_RULE_ID = 'tocsin-health';

/** Subjects of one kind whose health alert lives, as far as this session knows. */
export function livingSubjects(kind: string, session: Session): readonly string[] {
  const living = Object.values(knownDocument(session, HEALTH_RULE_ID)?.alerts ?? {});
  return living.flatMap(({ group }) => (group['kind'] === kind ? [group['subject'] ?? ''] : []));
}
