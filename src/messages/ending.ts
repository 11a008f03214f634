import type { Json } from '../core/json.ts';
import { own } from '../core/record.ts';
import { UNWATCHED } from './message.ts';

/** Values that a line names. */
const NAMED = 3;

/** What is known of the end of an alert. */
export interface Ended {
  readonly reason: string;
  readonly values: Readonly<Record<string, Json>>;
  /** The rule was changed between the last evaluation that found the problem and this end. */
  readonly ruleChanged: boolean;
}

/** What is said of an end that is not known to be a recovery. */
export const NOT_KNOWN = 'not known to have recovered';

const REASONS: Readonly<Record<string, string>> = {
  again: 'it changed again',
  no_data: `ended because there is no more data; ${NOT_KNOWN}`,
  expired: `not seen for so long that it is no longer tracked; ${NOT_KNOWN}`,
  rule_changed: `the rule was changed; ${NOT_KNOWN}`,
  rule_removed: `the rule was removed; ${NOT_KNOWN}`,
  state_lost: `its stored state was lost; ${NOT_KNOWN}`,
  late_documents: 'documents that arrived late changed the result',
};

/** The statuses of what receivers were notified of, and has ended. */
type EndStatus = 'resolved' | 'no_data' | (typeof UNWATCHED)[number];

/** How an alert ended: what is silent, or no longer evaluated, is not known to have recovered. */
export function endStatus({ reason }: Pick<Ended, 'reason'>): EndStatus {
  const unwatched = UNWATCHED.find((one) => one === reason);
  return unwatched ?? (reason === 'no_data' || reason === 'expired' ? 'no_data' : 'resolved');
}

/** Why an alert ended, in a few words with what is measured now: `recovered, now count 0`; `print` writes the value of a name for people. */
export function endingText({ reason, values, ruleChanged }: Ended, print: (name: string, value: Json) => string): string {
  if (reason !== 'recovered') return own(REASONS, reason) ?? reason.replaceAll('_', ' ');
  const named = Object.entries(values).filter(([, value]) => value !== null);
  const now = named.slice(0, NAMED).map(([name, value]) => `${name} ${print(name, value)}`);
  const measured = now.length === 0 ? '' : `, now ${now.join(', ')}`;
  return ruleChanged ? `the rule was changed, and its condition is no longer true${measured}` : `recovered${measured}`;
}
