import type { DestinationTerms } from '../channels/channel.ts';
import type { Position } from '../core/problems.ts';
import type { Schedule } from '../core/schedule.ts';
import type { Secret } from '../core/secret.ts';
import type { Duration } from '../core/time.ts';
import type { Routing } from '../routing/route.ts';
import type { TraceLogs } from '../search/trace-logs.ts';
import type { LintPolicy } from './lint.ts';
import type { RoutePlaces } from './places.ts';
import type { ReceivedAlertsConfig } from './received-alerts.ts';
import type { ServerConfig } from './server.ts';
import type { SlackAppConfig } from './slack-app.ts';

/** How to reach a cluster. Exactly one of apiKey, basic, bearer, or none. */
export interface ElasticsearchConfig {
  readonly urls: readonly string[];
  readonly auth:
    | { readonly kind: 'none' }
    | { readonly kind: 'apiKey'; readonly apiKey: Secret }
    | { readonly kind: 'basic'; readonly username: string; readonly password: Secret }
    | { readonly kind: 'bearer'; readonly token: Secret };
  /** PEM text of the authority that signed the server's certificate. */
  readonly ca?: string;
  readonly caFingerprint?: string;
  /** What Tocsin shows of itself: PEM texts, and the key's passphrase when it has one. */
  readonly certificate?: { readonly cert: string; readonly key: Secret; readonly passphrase?: Secret };
  readonly verifyCertificate: boolean;
  readonly compression: boolean;
  /** Longest time one request other than a search may take, ms. */
  readonly requestTimeout: Duration;
}

/** One destination with its channel's options, validated and read, and on which terms it gets its messages. */
export interface DestinationConfig extends DestinationTerms {
  readonly id: string;
  readonly receiver: string;
  readonly channel: string;
  readonly options: unknown;
}

/** The dead-man's heartbeat: a request that is sent while all is well, so that its absence notifies someone. Durations in ms. */
export interface HeartbeatConfig {
  readonly url: Secret;
  readonly method: 'POST' | 'GET';
  readonly every: Duration;
  /** Longest time of one request. */
  readonly timeout: Duration;
}

/** `tocsin.yaml`, read, checked and deep-frozen; secrets are `Secret`. Durations in ms. */
export interface Config {
  readonly namespace: string;
  readonly elasticsearch: ElasticsearchConfig;
  /** Files and folders with rules, absolute. */
  readonly rules: readonly string[];
  /** Files and folders with silences, absolute; `optional`: they need not be there. */
  readonly silences: { readonly paths: readonly string[]; readonly optional: boolean };
  readonly routing: Routing;
  /** Where the routes are written, by their keys; none where no file says so. */
  readonly routePlaces?: ReadonlyMap<string, RoutePlaces>;
  /** Where each receiver is written, by its name; none where no file says so. */
  readonly receiverPlaces?: ReadonlyMap<string, Position>;
  /** Where the parts of each time interval are written, by its name; none where no file says so. */
  readonly intervalPlaces?: ReadonlyMap<string, readonly Position[]>;
  /** Where each inhibit rule is written, in their order; none where no file says so. */
  readonly inhibitPlaces?: readonly Position[];
  /** By destination id. */
  readonly destinations: ReadonlyMap<string, DestinationConfig>;
  /** The receiver of health alerts of Tocsin. */
  readonly meta?: string;
  /** Where people reach the server, without a slash at the end. */
  readonly externalUrl?: string;
  readonly kibana?: { readonly url: string; readonly space?: string };
  /** Where the logs of traces are, for rules that do not set it. */
  readonly traceLogs: TraceLogs;
  readonly server: ServerConfig;
  readonly log: { readonly level: string; readonly format: 'json' | 'pretty' };
  readonly delivery: { readonly giveUpAfter: Duration; readonly sendTimeout: Duration; readonly lease: Duration };
  readonly state: { readonly replicas?: number; readonly refreshInterval: Duration };
  /** How long the records of evaluations are kept. */
  readonly runs: { readonly keep: Duration };
  /** How long the records of episodes and notifications are kept, and whether what was sent is kept with them. */
  readonly history: { readonly keep: Duration; readonly payloads: boolean };
  readonly reloadInterval: Duration;
  /** How long no replica must have a rule loaded before its alerts end. */
  readonly removedAfter: Duration;
  /** What `tocsin check` asks of rules. */
  readonly lint: LintPolicy;
  readonly heartbeat?: HeartbeatConfig;
  /** The report of the noise of the last week. */
  readonly noiseDigest?: { readonly receiver: string; readonly schedule: Schedule };
  /** Without it no other system may send alerts. */
  readonly receivedAlerts?: ReceivedAlertsConfig;
  /** The Slack app that listens. */
  readonly slackApp?: SlackAppConfig;
  /** All secrets of the file, for redaction. */
  readonly secrets: readonly Secret[];
}
