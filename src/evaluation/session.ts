import type { RuleId } from '../core/ids.ts';
import type { Versioned } from '../core/stored.ts';
import type { Instant } from '../core/time.ts';
import type { Reading } from '../rule-types/rule-type.ts';
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

/** An alert group in which a message has failed: since when it waits, and how often this process has tried it before its time, in vain so far. */
export interface FailedAlertGroup {
  readonly destination: string;
  readonly since: Instant;
  /** Its place among the failures and deliveries that this process saw. */
  readonly order: number;
  readonly triedAt: Instant | undefined;
  readonly times: number;
}

/** This replica's memory of documents it read or wrote. Losing it costs reads and repeats windows; nothing else. */
export interface Session {
  readonly rules: Map<RuleId, RuleSession>;
  /** Alert groups that a turn of this process works on: two overlapping turns must not fight for one. */
  readonly busy: Set<string>;
  /** When each alert group this process read or wrote is due: a search for them lags behind. */
  readonly dues: Map<string, Instant>;
  /** The destination of each of these alert groups, in addition to `dues`: sends must not wait for another receiver. */
  readonly destinations: Map<string, string>;
  /** Since when each rule catches up on windows that it missed; none when it is up to date. */
  readonly behind: Map<RuleId, Instant>;
  /** What was seen of Tocsin's own health and could not be saved yet, by subject: the next turn that can write saves it. */
  readonly unsavedHealth: Map<string, Reading>;
  /** Why this process can raise no health alert: their document cannot be read and must not be replaced. */
  healthProblem: string | undefined;
  /** When the next alert group is due that the last search found. */
  next: Instant | undefined;
  /** Destinations whose failed messages are tried again at once: their configuration has changed. `ALL`: the process has just started. */
  readonly again: Set<string>;
  /** Alert groups in which a message has failed, as far as this process knows. */
  readonly failed: Map<string, FailedAlertGroup>;
  /** Destinations that have delivered a message although others have failed there: the place of the last one in the same order. */
  readonly working: Map<string, number>;
  /** Destinations whose health alert has ended: what another replica knows to have failed there is still to be looked for. */
  readonly healed: Set<string>;
  /** The last place given. */
  lastOrder: number;
  /** When messages were last looked for that a wrong clock has claimed far ahead. */
  lookedAhead: Instant | undefined;
  /** When invalid alert groups were last looked for, and up to which id; undefined: not yet. */
  lookedInvalid: { readonly at: Instant; readonly upTo: string } | undefined;
}

/** In place of every destination; no destination is called so. */
export const ALL = '*';

/** Makes an empty session. */
export function newSession(): Session {
  return {
    rules: new Map(),
    busy: new Set(),
    dues: new Map(),
    destinations: new Map(),
    behind: new Map(),
    unsavedHealth: new Map(),
    healthProblem: undefined,
    next: undefined,
    again: new Set([ALL]),
    failed: new Map(),
    working: new Map(),
    healed: new Set(),
    lastOrder: 0,
    lookedAhead: undefined,
    lookedInvalid: undefined,
  };
}

/** Forgets everything, as a process does that ends. */
export function resetSession(session: Session): void {
  session.rules.clear();
  session.busy.clear();
  session.dues.clear();
  session.destinations.clear();
  session.behind.clear();
  session.unsavedHealth.clear();
  session.healthProblem = undefined;
  session.next = undefined;
  session.again.add(ALL);
  session.failed.clear();
  session.working.clear();
  session.healed.clear();
}

/** A rule's document as far as this session knows, windows not saved yet included; undefined when it knows nothing. */
export function knownDocument(session: Session, rule: RuleId): RuleDocument | undefined {
  return session.rules.get(rule)?.current;
}

/** A rule's document as it was read, with the windows that this process has evaluated since and not written yet. */
export function newest(session: Session, rule: RuleId, found: Versioned<RuleDocument>): RuleDocument {
  const known = session.rules.get(rule);
  return known?.current !== undefined && sameVersion(known.stored, found) ? known.current : found.document;
}

/** Takes what a load found into the session: what is unchanged keeps the windows evaluated since, everything else starts from the store. */
export function remember(session: Session, ids: readonly RuleId[], loaded: ReadonlyMap<RuleId, Versioned<RuleDocument>>): void {
  for (const id of ids) {
    const found = loaded.get(id);
    const known = session.rules.get(id);
    if (known !== undefined && sameVersion(known.stored, found)) continue;
    session.rules.set(id, { stored: found, current: found?.document, unsaved: 0, confirmed: new Set() });
  }
}

/** The versions this session holds, for a load that leaves out unchanged bodies. */
export function held(session: Session, ids: readonly RuleId[]): ReadonlyMap<RuleId, Versioned<RuleDocument>> {
  const have = new Map<RuleId, Versioned<RuleDocument>>();
  for (const id of ids) {
    const stored = session.rules.get(id)?.stored;
    if (stored !== undefined) have.set(id, stored);
  }
  return have;
}

function sameVersion(a: Versioned<RuleDocument> | undefined, b: Versioned<RuleDocument> | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.version.seqNo === b.version.seqNo && a.version.primaryTerm === b.version.primaryTerm;
}

/** The document without the outbox entries that every target has confirmed. */
export function withoutConfirmed(document: RuleDocument, confirmed: ReadonlySet<number>): RuleDocument {
  if (confirmed.size === 0 || !document.outbox.some((entry) => confirmed.has(entry.n))) return document;
  const outbox = document.outbox.filter((entry) => !confirmed.has(entry.n));
  return { ...document, outbox, hasOutbox: outbox.length > 0 };
}
