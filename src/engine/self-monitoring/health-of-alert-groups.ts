import { readApart } from '../../core/read-apart.ts';
import { iso } from '../../core/time.ts';
import type { Unrecorded } from '../../notify/claimed.ts';
import { restless } from '../resting.ts';
import type { TurnPorts } from '../turn-ports.ts';
import { livingSubjects } from './health-rule.ts';

/** Kind of the health alerts about an alert group's document. */
export const ALERT_GROUP_KIND = 'alert_group';

/** An alert group whose document cannot be read, or could not be. */
export interface AlertGroupFinding {
  readonly alertGroup: string;
  readonly problem: string | undefined;
}

/** Looked at in one turn; more broken ones than that are looked at in their turn. */
const MOST = 500;

/** What is to be notified of alert groups that a turn could not read, with the reason, by id. */
export function unreadableFindings(unreadable: ReadonlyMap<string, string>): readonly AlertGroupFinding[] {
  return [...unreadable].map(([alertGroup, message]) => ({
    alertGroup,
    problem: `${message}; nothing is sent for this alert group until the document is fixed or deleted`,
  }));
}

/** What is to be notified of alert groups in which this process cannot record the outcome of a message. */
export function unrecordedFindings(unrecorded: ReadonlyMap<string, Unrecorded>): readonly AlertGroupFinding[] {
  return [...unrecorded].flatMap(([alertGroup, { stuck, since, problem, outcome }]) => {
    const text = `the outcome of a message (${outcome.kind}) could not be recorded since ${iso(since)}: ${problem}; nothing else is sent for this alert group until it can be recorded`;
    return stuck ? [{ alertGroup, problem: text }] : [];
  });
}

/** Alert groups that were in problem, are not `failing` in this turn, and can be read, or no longer exist: nothing else would ever say so of one in which nothing is due. */
export async function recoveredAlertGroups(
  ports: Pick<TurnPorts, 'session' | 'alertGroups'>,
  failing: () => ReadonlySet<string>,
): Promise<readonly AlertGroupFinding[]> {
  const alerts = livingSubjects(ALERT_GROUP_KIND, ports.session);
  if (alerts.length === 0) return [];
  const aside = new Set([...failing(), ...restless(ports.session)]);
  const living = alerts.filter((id) => !aside.has(id));
  if (living.length === 0) return [];
  const asked = living.slice(0, MOST);
  const loaded = await readApart(asked, ports.alertGroups.load);
  if (!loaded.ok) return [];
  const bad = loaded.value.unreadable;
  return asked.filter((id) => !bad.has(id)).map((alertGroup) => ({ alertGroup, problem: undefined }));
}
