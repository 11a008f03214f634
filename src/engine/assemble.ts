import { DAY, type Duration } from '../core/time.ts';
import { RECEIVED_RULE } from '../received/received-rule.ts';
import { searchReceived } from '../received/search-received.ts';
import { typeOfAnyRule } from '../received/type-named.ts';
import type { Rule } from '../rules/rule.ts';
import { TRACE_LOGS } from '../search/trace-logs.ts';
import type { Backend } from './backend.ts';
import { newSession } from './session.ts';
import type { TurnPorts } from './turn-ports.ts';

/** Default times of delivery, ms. */
export const DELIVERY_DEFAULTS: { readonly giveUpAfter: Duration; readonly sendTimeout: Duration; readonly lease: Duration } = {
  giveUpAfter: DAY,
  sendTimeout: 20_000,
  lease: 60_000,
};

/** What a composition root chooses; the rest of the turn's ports follows from it. */
export interface Parts
  extends Omit<
    TurnPorts,
    | 'search'
    | 'ranges'
    | 'fieldUnits'
    | 'traceLogs'
    | 'states'
    | 'alertGroups'
    | 'silences'
    | 'acknowledgements'
    | 'received'
    | 'history'
    | 'session'
    | 'typeNamed'
    | 'rules'
  > {
  readonly backend: Pick<
    Backend,
    'search' | 'ranges' | 'fieldUnits' | 'ruleStates' | 'alertGroups' | 'silences' | 'acknowledgements' | 'history'
  > &
    Partial<Pick<Backend, 'received'>>;
  readonly rules: readonly Rule[];
  /** Other systems may send alerts, at most so many at once: the built-in rule of theirs is among the rules. */
  readonly receives?: { readonly max: number } | undefined;
  /** Where the logs of traces are; by default `logs-*`. */
  readonly traceLogs?: TurnPorts['traceLogs'];
  /** Goes on with another assembly's memory: after a reload. */
  readonly session?: TurnPorts['session'];
}

/** Assembles the ports of turns out of a backend, rules and destinations. */
export function assemble({ backend, rules, receives, session, traceLogs, ...parts }: Parts): TurnPorts {
  const { received } = backend;
  const all =
    receives === undefined || received === undefined ? rules : [...rules, { ...RECEIVED_RULE, maxGroups: receives.max }];
  return {
    ...parts,
    search: received === undefined ? backend.search : searchReceived(backend.search, received),
    received,
    ranges: backend.ranges,
    fieldUnits: backend.fieldUnits,
    traceLogs: traceLogs ?? TRACE_LOGS,
    states: backend.ruleStates,
    alertGroups: backend.alertGroups,
    silences: backend.silences,
    acknowledgements: backend.acknowledgements,
    history: backend.history,
    session: session ?? newSession(),
    typeNamed: typeOfAnyRule,
    rules: new Map(all.map((rule) => [rule.id, rule])),
  };
}
