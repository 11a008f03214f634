import type { RuleId } from '../core/ids.ts';
import type { TurnPorts } from './turn-ports.ts';

type Files = Pick<TurnPorts, 'failures' | 'inBrokenFiles'>;

const NONE: ReadonlySet<RuleId> = new Set();

/** Rules that a file that does not load may hold; undefined: any, since what such a file last held is unknown. */
export function notLoaded({ failures, inBrokenFiles }: Files): ReadonlySet<RuleId> | undefined {
  return failures.length === 0 ? NONE : inBrokenFiles;
}

/** Whether no file has a rule any more, and none that does not load may have it. */
export function isKnownDeleted(rule: RuleId, ports: Files & Pick<TurnPorts, 'rules'>): boolean {
  return !ports.rules.has(rule) && notLoaded(ports)?.has(rule) === false;
}
