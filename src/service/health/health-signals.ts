import { formatDuration } from '../../core/duration.ts';
import type { RuleId } from '../../core/ids.ts';
import type { Duration, Instant } from '../../core/time.ts';
import type { TurnPorts } from '../../engine/turn-ports.ts';
import { evaluable } from '../../engine/turn-ports.ts';
import { knownDocument } from '../../evaluation/session.ts';
import type { Task } from '../tasks.ts';
import type { TurnWatch } from './turn-watch.ts';

/** Signals that show whether the service works. That they are read shows that the ticker polls. */
export interface HealthSignals {
  readonly stopping: boolean;
  /** Enabled rules, those that are evaluated here, among these those whose last evaluation failed, and the names of those that no turn attends to. */
  readonly rules: {
    readonly enabled: number;
    readonly here: number;
    readonly failing: number;
    readonly starved: readonly string[];
  };
  readonly storeIsUp: boolean;
  /** How long ago the newest turn finished, ms. */
  readonly silentFor: Duration;
  /** Why turns throw again and again. */
  readonly breaking: string | undefined;
  /** Which rules no replica evaluates. */
  readonly unevaluated: string | undefined;
}

/** Turns look for work every few seconds, so a silence this long is a standstill, ms. */
export const STANDSTILL: Duration = 120_000;

/** Why not all is well; undefined when it is. */
export function whyNotWell(signals: HealthSignals): string | undefined {
  const { stopping, rules, storeIsUp } = signals;
  if (stopping) return 'the service is stopping';
  if (!storeIsUp) return 'the store is unavailable or cannot be written';
  if (rules.enabled === 0) return 'no rule is evaluated: no rule is loaded, or all are paused';
  const idle = whyNotWorking(signals);
  if (idle !== undefined) return idle;
  if (signals.unevaluated !== undefined) return signals.unevaluated;
  return rules.here > 0 && rules.failing === rules.here ? 'the last evaluation of every rule failed' : undefined;
}

/** Why turns do not do their work; undefined when they do. */
export function whyNotWorking({ rules, silentFor, breaking }: HealthSignals): string | undefined {
  if (silentFor >= STANDSTILL) return `no turn has finished for ${formatDuration(STANDSTILL)}`;
  if (breaking !== undefined) return breaking;
  const [first] = rules.starved;
  return first && `${rules.starved.length} of ${rules.here} rules wait to be evaluated, including ${first}`;
}

/** What the signs are read from. */
export interface HealthSignalParts {
  readonly ports: Pick<TurnPorts, 'rules' | 'session'>;
  readonly store: { isUp(): boolean };
  readonly turnWatch: Pick<TurnWatch, 'silentFor' | 'starved' | 'breaking'>;
  readonly evaluates: (rule: RuleId) => boolean;
  /** Tasks that fail, with the reason. */
  readonly tasks: ReadonlyMap<Task, string>;
  readonly stopping: boolean;
  readonly now: Instant;
}

/** Reads the signs; rules that another replica evaluates are reported there. */
export function readHealthSignals({
  ports,
  store,
  turnWatch,
  evaluates,
  tasks,
  stopping,
  now,
}: HealthSignalParts): HealthSignals {
  const enabled = evaluable(ports.rules);
  const evaluated = enabled.filter(({ id }) => evaluates(id));
  // That alerts of other systems can be read says nothing of the rules that search.
  const searching = evaluated.filter(({ received }) => received !== true);
  const here = searching.length === 0 ? evaluated : searching;
  const failing = here.filter(({ id }) => (knownDocument(ports.session, id)?.health.failures ?? 0) > 0);
  return {
    stopping,
    rules: {
      enabled: enabled.length,
      here: here.length,
      failing: failing.length,
      starved: turnWatch.starved(evaluated, now).map(({ name }) => name),
    },
    storeIsUp: store.isUp(),
    silentFor: turnWatch.silentFor(),
    breaking: turnWatch.breaking(),
    unevaluated: tasks.get('evaluation'),
  };
}
