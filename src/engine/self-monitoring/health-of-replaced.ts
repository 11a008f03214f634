import { worstSeverity } from '../../core/severity.ts';
import type { ReplacedGroup } from '../replace-alert-groups.ts';
import type { Session } from '../session.ts';
import type { HealthFinding } from './health-of-state.ts';
import { livingSubjects } from './health-subjects.ts';

/** Kind of the health alerts about receivers whose stored state was invalid and was replaced; their subject is the receiver. */
export const STATE_LOST_KIND = 'receiver_state';

/**
 * What is to be notified of alert groups that were replaced, one finding for each receiver, as bad as the worst that fires there. `session`:
 * those of earlier turns have ended.
 */
export function replacedFindings(begun: readonly ReplacedGroup[], session?: Session): readonly HealthFinding[] {
  const byReceiver = new Map<string, ReplacedGroup[]>();
  for (const one of begun) byReceiver.set(one.receiver, [...(byReceiver.get(one.receiver) ?? []), one]);
  const findings = [...byReceiver].map(([subject, groups]): HealthFinding => {
    const [first, ...others] = groups;
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
    const severity = worstSeverity(groups.flatMap((one) => one.severity ?? []));
    const problem = `${first?.problem ?? ''}${more}. It was replaced by a new document: firing alerts are sent again; some recoveries and reminders may be missing`;
    return { kind: STATE_LOST_KIND, subject, problem, ...(severity !== undefined && { severity }) };
  });
  const living = session === undefined ? [] : livingSubjects(STATE_LOST_KIND, session);
  const over = living.filter((subject) => !byReceiver.has(subject));
  return [...findings, ...over.map((subject) => ({ kind: STATE_LOST_KIND, subject, problem: undefined }))];
}
