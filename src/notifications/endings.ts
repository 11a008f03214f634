import { own } from '../core/record.ts';
import type { ConversationDocument, HeldEntry, ToldAlert } from './conversation.ts';

/**
 * Prepares the ends that wait in a conversation. Alerts of rules without a recovery end without a message: what they reported does not get better, it
 * only stops being news. An end whose beginning still waits is kept and goes out with it; while a message is being sent nothing changes, since
 * it may be that very beginning. The other ends take with them how their receiver knows the alert, so that whenever they are sent, or sent
 * again, they say so. Gives the same document when there is nothing to prepare.
 */
export function withEndings(document: ConversationDocument): ConversationDocument {
  if (document.sending !== null || !document.untold.some(({ kind }) => kind === 'resolved')) return document;
  const alerts = { ...document.alerts };
  const waiting = new Set(document.refused.map(({ alert }) => alert));
  const untold = document.untold.flatMap((entry): readonly HeldEntry[] => {
    const told = own(alerts, entry.alert);
    const quiet = told?.no_recovery ?? entry.no_recovery;
    if (entry.kind !== 'resolved' || quiet !== true || waiting.has(entry.alert)) {
      waiting.add(entry.alert);
      return [withTold(entry, told)];
    }
    delete alerts[entry.alert];
    return [];
  });
  if (untold.length === document.untold.length) {
    return untold.every((entry, index) => entry === document.untold[index]) ? document : { ...document, untold };
  }
  const over = Object.keys(alerts).length === 0;
  return { ...document, alerts, untold, ...(over && { incident: null, receipt: null }) };
}

/** An end with how its receiver knows the alert; any other entry as it is. */
export function withTold(entry: HeldEntry, told: ToldAlert | undefined): HeldEntry {
  if (entry.kind !== 'resolved' || entry.told !== undefined || told === undefined) return entry;
  const { title, values, condition, level, no_recovery } = told;
  const known = { values, condition, level, ...(title !== undefined && { title }), ...(no_recovery && { no_recovery }) };
  return { ...entry, told: known };
}
