import type { Duration, Instant } from '../core/time.ts';
import type { AlertsReport, SuppressedBy } from '../engine/alert-list/alert-list.ts';

/** Whether something holds, and why not. */
export type HealthCheck = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** The status of a running service; contains no secrets and no addresses. */
export interface ServiceStatus {
  readonly version: string;
  readonly namespace: string;
  readonly startedAt: Instant;
  readonly now: Instant;
  /** The process works: its ticker polls. */
  readonly healthy: HealthCheck;
  /** It does its work: rules are loaded, the store can be read and written, and turns do what is due. */
  readonly ready: HealthCheck;
  readonly rules: { readonly loaded: number; readonly enabled: number; readonly failing: number };
  /** Of the rules that this replica evaluates those whose last evaluation failed, oldest first. */
  readonly failingRules: readonly FailingRule[];
  /** Rule files, and the configuration, that do not load. */
  readonly badFiles: readonly { readonly file: string; readonly message: string }[];
  readonly alerts: readonly AlertCount[];
  /** Silences by their state; `expired`: in the last half hour. */
  readonly silences: { readonly active: number; readonly pending: number; readonly expired: number };
  /** How many of other systems fire, as far as this replica evaluates them; none without `received_alerts`. */
  readonly received?: number;
  /** Alerts that fire and are not notified now, by what holds them back; as far as this replica evaluates them. */
  readonly suppressed: Readonly<Record<SuppressedBy, number>>;
  /** Alerts that fire and that someone works on, as far as this replica evaluates them. */
  readonly acknowledged: number;
  /** Tocsin's own health alerts that are firing, as far as this replica knows, oldest first. */
  readonly healthAlerts: readonly HealthAlert[];
  /** Alerts that flap, firing at this moment or not. */
  readonly flapping: number;
  /** Rules whose whole source is silent, and the alerts that are held back for it; as far as this replica evaluates them. */
  readonly outages: { readonly rules: number; readonly held: number };
  /** Alerts that time intervals hold back in the alert groups that this replica has worked on. */
  readonly muted: number;
  /** Of the shards into which the rules are divided, how many are evaluated here, and how many living replicas share them, this one included. */
  readonly shards: { readonly held: number; readonly of: number; readonly replicas: number };
  readonly store: { readonly up: boolean; readonly problem?: string };
  /** Indices that only people and dashboards read, and why they cannot be written. */
  readonly history: readonly { readonly index: string; readonly problem: string }[];
  /** Whether the current configuration file is in force, and when the one in force was last read. */
  readonly config: { readonly loaded: boolean; readonly loadedAt: Instant };
  /** What this process does by itself and fails at, such as its housekeeping, and why. */
  readonly tasks: readonly { readonly task: string; readonly problem: string }[];
  /** What does not work of signing in to the pages; alerts do not depend on it. */
  readonly signIn?: readonly string[];
  /** How long the oldest entry waits that is neither notified nor held back, ms; 0: none does. */
  readonly oldestUndelivered: Duration;
}

/** The alerts of the namespace; with a problem they are what this process remembers of its own rules, without values and receivers. */
export interface PresentAlerts {
  readonly report: AlertsReport;
  readonly problem?: string;
}

/** A rule that cannot be evaluated: since when, why, and what helps. */
interface FailingRule {
  readonly rule: string;
  readonly since: Instant | undefined;
  readonly failures: number;
  readonly reason: string;
  readonly hint: string;
}

/** How many living alerts have a status and a severity. */
export interface AlertCount {
  readonly status: string;
  readonly severity: string;
  readonly count: number;
}

/** A firing health alert: what kind of thing is in problem, which one, and since when. */
export interface HealthAlert {
  readonly kind: string;
  readonly subject: string;
  readonly since: Instant;
}
