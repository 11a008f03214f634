import type { ChannelIo } from '../../channels/channel.ts';
import type { Config } from '../../config/config.ts';
import type { Problem } from '../../core/problems.ts';
import type { Clock, Duration, Instant } from '../../core/time.ts';
import type { Backend } from '../../engine/backend.ts';
import type { Inspection } from '../../engine/inspection.ts';
import type { CheckResult } from '../../reports/doctor/doctor-report.ts';
import type { RuleSet } from '../../rules/load-rules.ts';
import type { Rule } from '../../rules/rule.ts';

/** What the doctor reads of a cluster; it writes nothing. */
export type DoctorBackend = Pick<Backend, 'search' | 'ruleStates' | 'alertGroups' | 'leases'> & {
  readonly inspection: Inspection;
};

/** What checks look at. */
export interface DoctorContext {
  readonly config: Config;
  readonly configFile: string | undefined;
  readonly configProblems: readonly Problem[];
  readonly rules: RuleSet;
  /** Those that are evaluated. */
  readonly enabled: readonly Rule[];
  readonly backend: DoctorBackend;
  readonly now: Instant;
  readonly clock: Clock;
  readonly fetch: ChannelIo['fetch'];
  readonly proxies?: ChannelIo['proxies'];
  readonly programs?: ChannelIo['programs'];
  /** Whether real messages are sent. */
  readonly sendTest: boolean;
}

/** One check of the doctor. Adding one is a file and a line in the registry. */
export interface DoctorCheck {
  readonly name: string;
  readonly title: string;
  /** `cluster`: left out while Elasticsearch cannot be reached; `state`: also while Tocsin's indices do not exist. */
  readonly needs: 'nothing' | 'cluster' | 'state';
  /** Longest time it may take, ms. */
  readonly limit: Duration;
  run(context: DoctorContext, signal: AbortSignal): Promise<readonly CheckResult[]>;
}

/** Longest time of a check that asks one or two small things, ms. */
export const SHORT: Duration = 15_000;
/** Longest time of a check that searches for every rule, ms. */
export const LONG: Duration = 60_000;
