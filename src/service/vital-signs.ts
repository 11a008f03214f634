import { formatDuration } from '../core/duration.ts';
import type { Duration, Instant } from '../core/time.ts';
import { knownDocument } from '../cycle/session.ts';
import { judgeable } from '../engine/turn.ts';
import type { TurnPorts } from '../engine/turn-ports.ts';
import type { Attendance } from './attendance.ts';

/** What tells whether a service does its work. That somebody looks at them at all shows that the metronome beats. */
export interface VitalSigns {
  readonly stopping: boolean;
  /** Enabled rules, those among them whose last evaluation failed, and the names of those that no turn attends to. */
  readonly rules: { readonly enabled: number; readonly failing: number; readonly starved: readonly string[] };
  readonly storeIsUp: boolean;
  /** How long ago the newest turn finished, ms. */
  readonly silentFor: Duration;
}

/** Turns look for work every few seconds, so a silence this long is a standstill, ms. */
export const STANDSTILL: Duration = 120_000;

/** Why not all is well; undefined when it is. */
export function whyNotWell({ stopping, rules, storeIsUp, silentFor }: VitalSigns): string | undefined {
  if (stopping) return 'the service is stopping';
  if (!storeIsUp) return 'the store does not answer';
  if (rules.enabled === 0) return 'no rule is judged: none is loaded, or all are paused';
  if (silentFor >= STANDSTILL) return `no turn has finished for ${formatDuration(STANDSTILL)}`;
  const [first] = rules.starved;
  if (first !== undefined) return `${rules.starved.length} of ${rules.enabled} rules wait for their turn, ${first} among them`;
  return rules.failing === rules.enabled ? 'the last evaluation of every rule failed' : undefined;
}

/** What the signs are read from. */
export interface VitalParts {
  readonly ports: Pick<TurnPorts, 'rules' | 'session'>;
  readonly store: { isUp(): boolean };
  readonly attendance: Pick<Attendance, 'silentFor' | 'starved'>;
  readonly stopping: boolean;
  readonly now: Instant;
}

/** Reads the signs; another replica's failures count as far as this one has read them. */
export function readVitalSigns({ ports, store, attendance, stopping, now }: VitalParts): VitalSigns {
  const enabled = judgeable(ports.rules);
  const failing = enabled.filter(({ id }) => (knownDocument(ports.session, id)?.health.failures ?? 0) > 0);
  return {
    stopping,
    rules: {
      enabled: enabled.length,
      failing: failing.length,
      starved: attendance.starved(enabled, now).map(({ name }) => name),
    },
    storeIsUp: store.isUp(),
    silentFor: attendance.silentFor(),
  };
}
