import { groupedBy } from '../../core/grouped-by.ts';
import { type InternalError, type InternalErrors, internalErrorText } from '../../core/internal-errors.ts';
import { worstSeverity } from '../../core/severity.ts';
import type { ReplacedGroup } from '../replace-alert-groups.ts';
import type { Session } from '../session.ts';
import type { InvalidDocument } from '../turn-log.ts';
import { ALERT_GROUP_KIND } from './health-of-alert-groups.ts';
import { HEALTH_RULE_ID, livingSubjects } from './health-rule.ts';

/** Something that health alerts are about, in problem (with the problem) or well again (undefined). */
export interface HealthFinding {
  readonly kind: string;
  readonly subject: string;
  readonly problem: string | undefined;
  /** How bad it is, where it is not a warning. */
  readonly severity?: string;
}

/** Kinds of health alerts about silences, about documents of rules that are not loaded, and about parts of the engine. */
const SILENCE_KIND = 'silence';
const DOCUMENT_KIND = 'document';
const ENGINE_KIND = 'engine';

/** What is to be notified of internal errors: one finding for each rule, alert group or step, with the first error of it. */
export function brokenFindings(errors: readonly InternalError[]): readonly HealthFinding[] {
  const first = new Map<string, HealthFinding>();
  for (const error of errors) {
    const { kind, subject } = error;
    const key = `${kind} ${subject}`;
    if (!first.has(key)) first.set(key, { kind: kindOf(kind), subject, problem: internalErrorText(error) });
  }
  return [...first.values()];
}

function kindOf(kind: InternalError['kind']): string {
  return kind === 'alert_group' ? ALERT_GROUP_KIND : kind === 'rule' ? 'rule' : ENGINE_KIND;
}

/** Alert groups of which a step threw in this turn. */
export function failingAlertGroups({ all }: InternalErrors): readonly string[] {
  return all.flatMap(({ kind, subject }) => (kind === 'alert_group' ? [subject] : []));
}

/** Steps of the engine that threw once, and did not in this turn, which has made all of them. */
export function recoveredSteps(session: Session, errors: readonly InternalError[]): readonly HealthFinding[] {
  const broken = new Set(errors.map(({ subject }) => subject));
  return wellAgain(ENGINE_KIND, session, broken);
}

/** Silences that are invalid, with the reason by id, and those that are not any more, or no longer exist. */
export function silenceFindings(unreadable: ReadonlyMap<string, string>, session: Session): readonly HealthFinding[] {
  const invalid = [...unreadable].map(([subject, problem]) => ({
    kind: SILENCE_KIND,
    subject,
    problem: `${problem}. It suppresses nothing: correct it or delete it`,
  }));
  return [...invalid, ...wellAgain(SILENCE_KIND, session, unreadable)];
}

/** Invalid documents that no evaluation meets: of rules that are not loaded, and that of the health alerts. */
export function documentsAside(session: Session): readonly InvalidDocument[] {
  const { healthProblem } = session;
  const rules = session.putAside?.unreadable ?? new Map<string, string>();
  return [
    ...[...rules].map(([id, problem]) => ({ kind: 'rule' as const, id, problem })),
    ...(healthProblem === undefined ? [] : [{ kind: 'health' as const, id: HEALTH_RULE_ID, problem: healthProblem }]),
  ];
}

/** Documents of rules that are not loaded and are invalid, and those with which all is well again. */
export function documentFindings(session: Session): readonly HealthFinding[] {
  const { unreadable, evaluates } = session.putAside ?? { unreadable: new Map<string, string>(), evaluates: () => false };
  const invalid = [...unreadable].map(([subject, problem]) => ({
    kind: DOCUMENT_KIND,
    subject,
    problem: `${problem}. The rule is not loaded, and its alerts cannot be ended: correct the document or delete it`,
  }));
  const over = wellAgain(DOCUMENT_KIND, session, unreadable);
  return [...invalid, ...over.filter(({ subject }) => subject === HEALTH_RULE_ID || evaluates(subject))];
}

/** The document of health itself was invalid and has been made again: notified once, and over with the next look. */
export function healthReplaced(problem: string): HealthFinding {
  return {
    kind: DOCUMENT_KIND,
    subject: HEALTH_RULE_ID,
    problem: `${problem}. It was replaced by a new document: firing health alerts start again`,
  };
}

/** Kind of the health alerts about receivers whose stored state was invalid and was replaced; their subject is the receiver. */
export const STATE_LOST_KIND = 'receiver_state';

/**
 * What is to be notified of alert groups that were replaced, one finding for each receiver, as bad as the worst that fires there. `session`:
 * those of earlier turns have ended.
 */
export function replacedFindings(begun: readonly ReplacedGroup[], session?: Session): readonly HealthFinding[] {
  const byReceiver = groupedBy(begun, ({ receiver }) => receiver);
  const findings = [...byReceiver].map(([subject, groups]): HealthFinding => {
    const [first, ...others] = groups;
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
    const severity = worstSeverity(groups.flatMap((one) => one.severity ?? []));
    const problem = `${first.problem}${more}. It was replaced by a new document: firing alerts are sent again; some recoveries and reminders may be missing`;
    return { kind: STATE_LOST_KIND, subject, problem, ...(severity !== undefined && { severity }) };
  });
  const living = session === undefined ? [] : livingSubjects(STATE_LOST_KIND, session);
  const over = living.filter((subject) => !byReceiver.has(subject));
  return [...findings, ...over.map((subject) => ({ kind: STATE_LOST_KIND, subject, problem: undefined }))];
}

function wellAgain(kind: string, session: Session, failing: { has(subject: string): boolean }): readonly HealthFinding[] {
  return livingSubjects(kind, session).flatMap((subject) =>
    failing.has(subject) ? [] : [{ kind, subject, problem: undefined }],
  );
}
