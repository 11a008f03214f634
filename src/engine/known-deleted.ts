import type { RuleId } from '../core/ids.ts';
import type { TurnPorts } from './turn-ports.ts';

type Files = Pick<TurnPorts, 'failures' | 'inBrokenFiles'>;

const NONE: ReadonlySet<RuleId> = new Set();

/** Rules that may exist although they are not loaded; undefined: any may, since it is not known what a file that does not load last held. */
export function notLoaded({ failures, inBrokenFiles }: Files): ReadonlySet<RuleId> | undefined {
  return failures.length === 0 ? NONE : inBrokenFiles;
}

/** Whether no file has a rule any more, and none that does not load may have it. */
export function isKnownDeleted(rule: RuleId, ports: Files & Pick<TurnPorts, 'rules'>): boolean {
  return !ports.rules.has(rule) && notLoaded(ports)?.has(rule) === false;
}
