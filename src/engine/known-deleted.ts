import type { RuleId } from '../core/ids.ts';
import { RECEIVED_RULE_ID } from '../received/received-rule.ts';
import type { TurnPorts } from './turn-ports.ts';

type Files = Pick<TurnPorts, 'failures' | 'inBrokenFiles'>;

const NONE: ReadonlySet<RuleId> = new Set();

/** Rules that a file that does not load may hold; undefined: any, since what such a file last held is unknown. */
export function notLoaded({ failures, inBrokenFiles }: Files): ReadonlySet<RuleId> | undefined {
  return failures.length === 0 ? NONE : inBrokenFiles;
}

/** Whether any file has a rule. Without one they were not deleted but not found, as with a folder that is not mounted. */
export function hasRulesOfFiles({ rules }: Pick<TurnPorts, 'rules'>): boolean {
  return rules.size > (rules.has(RECEIVED_RULE_ID) ? 1 : 0);
}

/** Whether files have rules, but none of them this one any more, and none that does not load may have it. */
export function isKnownDeleted(rule: RuleId, ports: Files & Pick<TurnPorts, 'rules'>): boolean {
  return hasRulesOfFiles(ports) && !ports.rules.has(rule) && notLoaded(ports)?.has(rule) === false;
}
