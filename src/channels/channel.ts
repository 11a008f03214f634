import type { JsonObject, JsonSchema } from '../core/json.ts';
import type { Duration, Instant } from '../core/time.ts';
import type { Message } from '../messages/message.ts';
import type { EnvironmentProxies, HttpConfig } from './http-client/config.ts';

/** What a channel remembers of a delivered message, to thread the next one: `{message_id}`, `{ts}`; stored in the alert group. */
export type Receipt = Readonly<Record<string, string>>;

/** What is sent, rendered: data that golden tests compare; it never contains a secret. */
export type Payload = JsonObject;

/** Kinds of failure, a label of metrics. */
export type FailureKind =
  | 'timeout'
  | 'network'
  | 'tls'
  | 'rate_limited'
  | 'server_error'
  | 'client_error'
  | 'unauthorized'
  | 'not_found'
  | 'invalid_payload'
  | 'refused_recipient'
  | 'config'
  | 'aborted';

/** Why something was not delivered; the text contains no secret. */
export interface FailureReason {
  readonly kind: FailureKind;
  readonly text: string;
}

/** A recipient that a server refused, and its answer; the text contains no secret. */
interface RefusedRecipient {
  readonly address: string;
  readonly text: string;
}

/** The outcome of the recipients of a message that at least one of them received. */
export interface RecipientOutcomes {
  readonly accepted: readonly string[];
  /** Refused for the moment: the message is to be sent to them again. */
  readonly deferred: readonly RefusedRecipient[];
  /** Refused permanently. */
  readonly refused: readonly RefusedRecipient[];
}

/** Which recipients of a destination a message is for; without it, all. */
export type Audience = { readonly only: readonly string[] } | { readonly except: readonly string[] };

/** The outcome of one attempt. */
export type Outcome =
  | {
      readonly kind: 'delivered';
      readonly receipt?: Receipt;
      readonly warning?: FailureReason;
      /** Of a channel that addresses several recipients. */
      readonly recipients?: RecipientOutcomes;
    }
  | { readonly kind: 'retry'; readonly reason: FailureReason; readonly after?: Duration }
  /** May have arrived: retried slower, counted. */
  | { readonly kind: 'unknown'; readonly reason: FailureReason }
  /** Retrying cannot help. */
  | { readonly kind: 'rejected'; readonly reason: FailureReason };

/** Whether a destination is reachable and accepts the login, as far as this is visible without sending; `what` contains no secret. */
export type Probed =
  | { readonly ok: true; readonly what: string; readonly certificateUntil?: Instant }
  | { readonly ok: false; readonly reason: FailureReason };

/** Sends one HTTP request; `connection`: with the proxy and the TLS of a destination. */
export type ChannelFetch = (url: string | URL, init?: RequestInit & { readonly connection?: HttpConfig }) => Promise<Response>;

/** What a channel may use of the world. */
export interface ChannelIo {
  readonly fetch: ChannelFetch;
  /** The proxies that `fetch` uses, for looking at a destination without sending. */
  readonly proxies?: EnvironmentProxies;
  /** Programs, by their absolute paths, that this machine allows to be run with messages; without it none. */
  readonly programs?: ReadonlySet<string>;
  /** Prints a line for people (the console channel). */
  print(text: string): void;
  /** Waits so many ms, or until it is called off. Without it nothing waits. */
  pause?(ms: Duration, signal: AbortSignal): Promise<void>;
  /** The time of the turn. */
  readonly now: Instant;
}

/** A kind of destination. Adding one is a folder, a line in the registry, a table test and an example. */
export interface Channel<O> {
  readonly name: string;
  readonly description: string;
  /** JSON schema (object) of one destination's options in `tocsin.yaml`, every key described. */
  readonly schema: JsonSchema;
  /** Top-level option keys that hold secrets: each also has a `KEY_file` variant, and arrives as a `Secret`. */
  readonly secrets: readonly string[];
  /** Those of them that these options have, where there are several ways to a destination. */
  secretsOf?(options: O): readonly string[];
  /** Secrets within option keys that are objects: by the key of the object, the keys in it. */
  readonly nested?: Readonly<Record<string, readonly string[]>>;
  /** Other keys with a `KEY_file` variant: long texts that belong in files. They arrive as a `Secret` too. */
  readonly files?: readonly string[];
  /** Turns validated keys (YAML spelling, secrets as `Secret`) into options; throws TocsinError for what a schema cannot say. */
  read(keys: Readonly<Record<string, unknown>>): O;
  /** Pure: the message in the channel's form. `thread` is the receipt of the alert group's incident so far. */
  render(message: Message, thread: Receipt | undefined, options: O): Payload;
  /** Where messages are sent, as `host:port`, without secrets; undefined where they go over no network. */
  place?(options: O): string;
  /** Looks whether the destination is there, without sending; never throws. Without it there is nothing to look at. */
  probe?(options: O, signal: AbortSignal, io?: Pick<ChannelIo, 'proxies'>): Promise<Probed>;
  /** Whether a destination shows the chart of a message; without it, none of its kind does. */
  charts?(options: O): boolean;
  /** The recipients of a destination, where a server may refuse some of them. */
  recipients?(options: O): readonly string[];
  /** One attempt; never throws, never retries, aborts with the signal. An audience is given only to channels that have recipients. */
  send(payload: Payload, options: O, io: ChannelIo, signal: AbortSignal, audience?: Audience): Promise<Outcome>;
}

/** On which terms a destination gets its messages, whatever its kind. */
export interface DestinationTerms {
  /** False: it is not notified of the end of alerts. */
  readonly sendResolved?: false;
  /** At most `count` messages in any `per` ms, from one replica. */
  readonly rate?: { readonly count: number; readonly per: Duration };
  /** Longest time of one attempt, where that is less than what is left of the lease. */
  readonly timeout?: Duration;
}
