import type { RuleId } from '../core/ids.ts';
import { sameVersion, type Versioned } from '../core/stored.ts';
import type { Instant } from '../core/time.ts';
import type { RuleDocument } from './rule-states.ts';

/** What this replica remembers of one rule between turns. */
export interface RuleSession {
  /** As last read or written; undefined: known not to exist. */
  stored: Versioned<RuleDocument> | undefined;
  /** The stored document with the windows evaluated since: a fold that a crash only repeats. */
  current: RuleDocument | undefined;
  /** Windows evaluated since the stored document. */
  unsaved: number;
  /** Numbers of outbox entries that every target has confirmed; cleared by the rule's next write. */
  readonly confirmed: Set<number>;
}

/** This replica's memory of rule documents it read or wrote. Losing it costs reads and repeats windows; nothing else. */
export interface EvaluationSession {
  readonly rules: Map<RuleId, RuleSession>;
  /** Questions that cannot be asked about several windows at once, and until when they are asked alone. */
  readonly alone: Map<string, Instant>;
}

/** A rule's document as far as this session knows, windows not saved yet included; undefined when it knows nothing. */
export function knownDocument(session: EvaluationSession, rule: RuleId): RuleDocument | undefined {
  return session.rules.get(rule)?.current;
}

/** A rule's document as it was read, with the windows that this process has evaluated since and not written yet. */
export function newest(session: EvaluationSession, rule: RuleId, found: Versioned<RuleDocument>): RuleDocument {
  const known = session.rules.get(rule);
  return known?.current !== undefined && sameVersion(known.stored?.version, found.version) ? known.current : found.document;
}

/** Takes what a load found into the session: what is unchanged keeps the windows evaluated since, everything else starts from the store. */
export function remember(
  session: EvaluationSession,
  ids: readonly RuleId[],
  loaded: ReadonlyMap<RuleId, Versioned<RuleDocument>>,
): void {
  for (const id of ids) {
    const found = loaded.get(id);
    const known = session.rules.get(id);
    if (known !== undefined && sameVersion(known.stored?.version, found?.version)) continue;
    session.rules.set(id, { stored: found, current: found?.document, unsaved: 0, confirmed: new Set() });
  }
}

/** The versions this session holds, for a load that leaves out unchanged bodies. */
export function held(session: EvaluationSession, ids: readonly RuleId[]): ReadonlyMap<RuleId, Versioned<RuleDocument>> {
  const have = new Map<RuleId, Versioned<RuleDocument>>();
  for (const id of ids) {
    const stored = session.rules.get(id)?.stored;
    if (stored !== undefined) have.set(id, stored);
  }
  return have;
}

/** The document without the outbox entries that every target has confirmed. */
export function withoutConfirmed(document: RuleDocument, confirmed: ReadonlySet<number>): RuleDocument {
  if (confirmed.size === 0 || !document.outbox.some((entry) => confirmed.has(entry.n))) return document;
  const outbox = document.outbox.filter((entry) => !confirmed.has(entry.n));
  return { ...document, outbox, hasOutbox: outbox.length > 0 };
}
