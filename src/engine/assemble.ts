import { DAY, type Duration } from '../core/time.ts';
import { ruleTypeNamed } from '../rule-types/registry.ts';
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
    | 'history'
    | 'session'
    | 'typeNamed'
    | 'rules'
  > {
  readonly backend: Pick<
    Backend,
    'search' | 'ranges' | 'fieldUnits' | 'ruleStates' | 'alertGroups' | 'silences' | 'acknowledgements' | 'history'
  >;
  readonly rules: readonly Rule[];
  /** Where the logs of traces are; by default `logs-*`. */
  readonly traceLogs?: TurnPorts['traceLogs'];
  /** Goes on with another assembly's memory: after a reload. */
  readonly session?: TurnPorts['session'];
}

/** Assembles the ports of turns out of a backend, rules and destinations. */
export function assemble({ backend, rules, session, traceLogs, ...parts }: Parts): TurnPorts {
  return {
    ...parts,
    search: backend.search,
    ranges: backend.ranges,
    fieldUnits: backend.fieldUnits,
    traceLogs: traceLogs ?? TRACE_LOGS,
    states: backend.ruleStates,
    alertGroups: backend.alertGroups,
    silences: backend.silences,
    acknowledgements: backend.acknowledgements,
    history: backend.history,
    session: session ?? newSession(),
    typeNamed: ruleTypeNamed,
    rules: new Map(rules.map((rule) => [rule.id, rule])),
  };
}
