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

/** Until when an alert group over which a step threw is left alone, and how often that was so in a row. */
interface Rest {
  readonly until: Instant;
  readonly times: number;
}

/** What the last look at the rules that are not loaded could not read, with the reason, and which rules it looked at: of the others another replica speaks. */
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

/** This process's memory between turns. Losing it costs reads, repeats windows and searches; nothing else. */
export interface Session extends EvaluationSession, AlertGroupSession {
  /** Alert groups that a turn of this process works on: two overlapping turns must not fight for one. */
  readonly busy: Set<string>;
  /** How much goes to one destination at once; its turns share it. */
  readonly sendLimits: SendLimits;
  readonly charts: ChartMemory;
  /** Units of fields that mappings name, by rule. */
  readonly units: Map<RuleId, KnownUnits>;
  /** Alert groups over which a step threw: trying them with each sweep would only fill the log. */
  readonly resting: Map<string, Rest>;
  /** Rules over which a whole batch broke: they are evaluated alone until that goes well, and cost the others no second try. */
  readonly apart: Set<RuleId>;
  /** Since when each rule catches up on windows that it missed; none when it is up to date. */
  readonly behind: Map<RuleId, Instant>;
  /** The silences as they were last read; undefined: not yet. Old knowledge only delays a message, or sends one too many. */
  silences: readonly Silence[] | undefined;
  /** Ends of silences of which this process has found out what still fires. */
  readonly announcedEnds: Set<string>;
  /** The last noise report that is known to be enqueued, and when one was last tried. */
  readonly noise: { done: Instant | undefined; triedAt: Instant };
  /** What fires, for inhibit rules; undefined: there are none. */
  whatFires: WhatFires | undefined;
  /** When the acknowledgements were last read; undefined: not yet. */
  acknowledgedReadAt: Instant | undefined;
  /** Alerts whose acknowledgement was taken back since this process last looked at who is notified of them. */
  readonly takenBack: Set<string>;
  /** Paused rules of which this process knows that their stored documents say so. */
  pauseSaved: ReadonlySet<RuleId>;
  /** Invalid documents of rules that are not loaded: no evaluation will ever meet them. Undefined: not looked for yet. */
  putAside: PutAside | undefined;
  /** What was seen of Tocsin's own health and could not be saved yet, by subject: the next turn that can write saves it. */
  readonly unsavedHealth: Map<string, Reading>;
  /** Why this process can raise no health alert: their document cannot be read and must not be replaced. */
  healthProblem: string | undefined;
  /** When the next alert group is due that the last search found. */
  next: Instant | undefined;
  /** Destinations whose failed messages are tried again at once: their configuration has changed. `ALL`: the process has just started. */
  readonly again: Set<string>;
  /** Destinations whose health alert has ended: what another replica knows to have failed there is still to be looked for. */
  readonly healed: Set<string>;
  /** When messages were last looked for that a wrong clock has claimed far ahead. */
  lookedAhead: Instant | undefined;
  /** How many documents the last sweep found and could not read: the next one looks for that many more, so that they do not fill its searches. */
  readonly unread: { rules: number; alertGroups: number };
  /** When invalid alert groups were last looked for, and up to which id; undefined: not yet. */
  lookedInvalid: { readonly at: Instant; readonly upTo: string } | undefined;
}

/** In place of every destination; no destination is called so. */
export const ALL = '*';

/** Makes an empty session. */
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

/** Forgets everything, as a process does that ends; no turn may be running. */
export function resetSession(session: Session): void {
  Object.assign(session, newSession());
}
