import { randomUUID } from 'node:crypto';
import { type Clock, timeLimit } from '../core/time.ts';
import { assemble, type Parts } from '../engine/assemble.ts';
import type { RunHistory } from '../engine/history/run-history.ts';
import type { FileFailure, TurnPorts } from '../engine/turn-ports.ts';
import { deliverySettings } from './destinations.ts';
import type { Loaded } from './reload/reload.ts';

/** What stays the same from one reload to the next. */
export interface Fixtures {
  readonly backend: Parts['backend'];
  readonly clock: Clock;
  readonly io: Parts['io'];
  readonly charts: NonNullable<Parts['charts']>;
  readonly runHistory?: RunHistory | undefined;
  readonly outside?: NonNullable<Parts['outside']>;
  readonly otherFailures?: NonNullable<Parts['otherFailures']>;
}

/** Alerts of other systems alone keep a service ready and its heartbeat going: health says that nothing is searched for. */
const NO_RULES: FileFailure = {
  file: 'all rule files',
  message: 'no rule is loaded: only alerts of other systems are notified (is the folder of `rules` empty?)',
};

/** The ports of the turns to come, out of what is loaded now; with a session it goes on with what was remembered before a reload. */
export function servicePorts(
  { config, ruleSet, failures, inBrokenFiles }: Loaded,
  { runHistory, ...fixtures }: Fixtures,
  session?: TurnPorts['session'],
): TurnPorts {
  // With `rules: []` that is what is wanted.
  const hasFolder = config.rules.length > 0;
  const isWithoutRules = hasFolder && config.receivedAlerts !== undefined && ruleSet.rules.length === 0 && failures.length === 0;
  const { otherFailures = () => [] } = fixtures;
  return assemble({
    ...fixtures,
    otherFailures: isWithoutRules ? () => [NO_RULES, ...otherFailures()] : otherFailures,
    ...deliverySettings(config),
    meta: config.meta,
    rules: ruleSet.rules,
    receives: config.receivedAlerts,
    failures,
    inBrokenFiles,
    deadline: timeLimit,
    newToken: randomUUID,
    ...(config.noiseDigest !== undefined &&
      runHistory !== undefined && { noise: { ...config.noiseDigest, history: runHistory } }),
    keepsPayloads: config.history.payloads,
    ...(session !== undefined && { session }),
  });
}
