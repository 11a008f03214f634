import type { Duration } from '../core/time.ts';

/** One node of the routing tree, as reports show it. */
export interface ReportedRoute {
  readonly key: string;
  /** Matchers as Alertmanager writes them; none for the root. */
  readonly matchers: readonly string[];
  readonly receiver: string;
  /** The channels of the receiver's destinations. */
  readonly channels: readonly string[];
  readonly continue: boolean;
  readonly groupBy: readonly string[];
  readonly groupWait: Duration;
  readonly groupInterval: Duration;
  readonly repeatInterval: Duration;
  /** What else it says of when it notifies, in few words each. */
  readonly when: readonly string[];
  readonly routes: readonly ReportedRoute[];
}

/** One destination that would be notified. */
export interface ReportedTarget {
  readonly receiver: string;
  readonly destination: string;
  readonly channel: string;
  readonly route: string;
  /** The route's `group_by`. */
  readonly groupBy: readonly string[];
  readonly groupLabels: Readonly<Record<string, string>>;
}

/** The routing tree, and who would be notified of the labels, if any were given. */
export interface RoutesReport {
  readonly tree: ReportedRoute;
  readonly asked?: {
    readonly labels: Readonly<Record<string, string>>;
    /** Keys of the nodes from the root to each notifying one. */
    readonly paths: readonly (readonly string[])[];
    readonly targets: readonly ReportedTarget[];
  };
}
