import type { RuleId } from '../core/ids.ts';
import type { Instant } from '../core/time.ts';
import type { Unit } from '../core/units.ts';
import type { EvaluationSession } from '../evaluation/session.ts';
import type { AlertGroupSession } from '../notify/alert-group-session.ts';
import type { Silence } from '../notify/silences.ts';
import type { Reading } from '../rule-types/rule-type.ts';
import { type ChartMemory, newChartMemory } from './chart-memory.ts';
import type { WhatFires } from './firing-knowledge.ts';
import { createSendLimits, type SendLimits } from './send-limits.ts';

/** Until when an alert group is skipped after a step threw, and how often that happened in a row. */
interface Rest {
  readonly until: Instant;
  readonly times: number;
}

/** Unreadable documents found by the last search for rules that are not loaded, with the reason, and the rules that it covered; another replica reports the others. */
interface PutAside {
  readonly unreadable: ReadonlyMap<RuleId, string>;
  readonly evaluates: (rule: RuleId) => boolean;
}

/** What is known of the units of a rule's fields, and until when. */
interface KnownUnits {
  readonly fields: string;
  readonly until: Instant;
  readonly units: Readonly<Record<string, Unit>>;
}

/** The memory of this process between turns. Losing it only costs reads and repeats windows and searches. */
export interface Session extends EvaluationSession, AlertGroupSession {
  /** Alert groups that a turn of this process works on: two overlapping turns must not compete for one. */
  readonly busy: Set<string>;
  /** Limits of concurrent sends per destination, shared by all turns. */
  readonly sendLimits: SendLimits;
  readonly charts: ChartMemory;
  /** Units of fields that mappings name, by rule. */
  readonly units: Map<RuleId, KnownUnits>;
  /** Alert groups for which a step threw: retrying them with each sweep would only fill the log. */
  readonly resting: Map<string, Rest>;
  /** Rules that made a whole batch fail: they are evaluated separately until that succeeds, so that the others are not retried. */
  readonly apart: Set<RuleId>;
  /** Since when each rule catches up on windows that it missed; none when it is up to date. */
  readonly behind: Map<RuleId, Instant>;
  /** The silences as last read; undefined: not yet. Outdated ones only delay a message, or let one too many through. */
  silences: readonly Silence[] | undefined;
  /** Ends of silences for which this process has determined what still fires. */
  readonly announcedEnds: Set<string>;
  /** The last noise report that is known to be enqueued, and when one was last tried. */
  readonly noise: { done: Instant | undefined; triedAt: Instant };
  /** Firing alerts, for inhibit rules; undefined: there are no inhibit rules. */
  whatFires: WhatFires | undefined;
  /** When the acknowledgements were last read; undefined: not yet. */
  acknowledgedReadAt: Instant | undefined;
  /** Alerts whose acknowledgement was removed since this process last determined who is notified of them. */
  readonly takenBack: Set<string>;
  /** Paused rules that are known to be recorded as paused in their stored documents. */
  pauseSaved: ReadonlySet<RuleId>;
  /** Invalid documents of rules that are not loaded, which no evaluation would find. Undefined: not searched yet. */
  putAside: PutAside | undefined;
  /** Findings about Tocsin's own health that could not be saved yet, by subject: the next turn that can write saves them. */
  readonly unsavedHealth: Map<string, Reading>;
  /** Why this process cannot raise health alerts: their document cannot be read and must not be replaced. */
  healthProblem: string | undefined;
  /** When the next alert group found by the last search is due. */
  next: Instant | undefined;
  /** Destinations whose failed messages are retried at once because their configuration has changed. `ALL`: the process has just started. */
  readonly again: Set<string>;
  /** Destinations whose health alert has ended: failed messages known to other replicas still have to be searched. */
  readonly healed: Set<string>;
  /** When messages were last searched that a wrong clock has claimed far in the future. */
  lookedAhead: Instant | undefined;
  /** How many documents the last sweep found but could not read: the next one searches for as many more, so that they do not fill its results. */
  readonly unread: { rules: number; alertGroups: number };
  /** When invalid alert groups were last searched, and up to which ID; undefined: not yet. */
  lookedInvalid: { readonly at: Instant; readonly upTo: string } | undefined;
}

/** Stands for every destination; no destination has this name. */
export const ALL = '*';

/** Creates an empty session. */
export function newSession(): Session {
  return {
    rules: new Map(),
    alone: new Map(),
    dues: new Map(),
    destinations: new Map(),
    handedOver: new Set(),
    acknowledged: new Map(),
    acknowledgedReadAt: undefined,
    takenBack: new Set(),
    muted: new Map(),
    unrecorded: new Map(),
    sent: new Map(),
    failed: new Map(),
    working: new Map(),
    lastOrder: 0,
    busy: new Set(),
    sendLimits: createSendLimits(),
    charts: newChartMemory(),
    units: new Map(),
    resting: new Map(),
    apart: new Set(),
    behind: new Map(),
    silences: undefined,
    announcedEnds: new Set(),
    noise: { done: undefined, triedAt: Number.NEGATIVE_INFINITY },
    whatFires: undefined,
    pauseSaved: new Set(),
    putAside: undefined,
    unsavedHealth: new Map(),
    healthProblem: undefined,
    next: undefined,
    again: new Set([ALL]),
    healed: new Set(),
    lookedAhead: undefined,
    unread: { rules: 0, alertGroups: 0 },
    lookedInvalid: undefined,
  };
}

/** Clears everything, as if the process had restarted; no turn may be running. */
export function resetSession(session: Session): void {
  Object.assign(session, newSession());
}
