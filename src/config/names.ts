import type { Config } from './config.ts';

/** The names of a configuration that rules may use. */
export interface ConfiguredNames {
  readonly receivers: readonly string[];
  readonly timeIntervals: readonly string[];
}

/** What rules may name of a configuration. */
export function configuredNames({ routing }: Pick<Config, 'routing'>): ConfiguredNames {
  return { receivers: Object.keys(routing.destinations), timeIntervals: Object.keys(routing.intervals ?? {}) };
}
