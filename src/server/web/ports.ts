import type { JsonObject } from '../../core/json.ts';
import type { StoreAnswer } from '../../core/stored.ts';
import type { Duration, Instant, TimeRange } from '../../core/time.ts';
import type { ReportedAlert } from '../../engine/alert-list/alert-list.ts';
import type { RecordedMessage, RunHistory } from '../../engine/history/run-history.ts';
import type { Series } from '../../evaluation/rule-series.ts';
import type { RuleDocument } from '../../evaluation/rule-states.ts';
import type { Explanation } from '../../explain/explanation.ts';
import type { Routing } from '../../routing/route.ts';
import type { Rule } from '../../rules/rule.ts';
import type { Group } from '../../search/query.ts';
import type { AccessRules, LoginSession } from '../api/access.ts';
import type { AuditedChange, SilenceDesk } from '../api/alertmanager.ts';
import type { PresentAlerts, ServiceStatus } from '../status.ts';
import type { EventFeed } from './events.ts';
import type { KnownPerson } from './session.ts';

/** What the evaluations of a rule by this process cost since it started. Times in ms. */
export interface RuleCost {
  readonly evaluations: number;
  readonly failed: number;
  /** Time that the cluster spent on their searches, altogether, at most and at the last one. */
  readonly took: number;
  readonly longest: number;
  readonly last: number;
  /** The last one: its tick, the documents it matched and the groups it measured. */
  readonly at: Instant;
  readonly matched: number;
  readonly groups: number;
}

/** An answer that costs searches: given, refused because enough of them run, or failed. */
export type Costly<T> =
  | { readonly kind: 'given'; readonly value: T }
  | { readonly kind: 'busy' | 'failed'; readonly message: string };

/** The outcome of an acknowledgement, or of its end: `alerts` as they are now; `invalid`: nothing was written; `failed`: the store did not take it. */
export type AcknowledgeOutcome =
  | { readonly kind: 'done'; readonly alerts: readonly ReportedAlert[] }
  | { readonly kind: 'invalid'; readonly message: string; readonly hint: string }
  | { readonly kind: 'failed'; readonly message: string };

/** Where people say that they work on an alert, by its ID. */
interface AcknowledgePort {
  acknowledge(
    which: { readonly id: string },
    who: { readonly by: string; readonly comment: string },
  ): Promise<AcknowledgeOutcome>;
  /** Takes it back; `by`: who does so. */
  expire(which: { readonly id: string }, by: string): Promise<AcknowledgeOutcome>;
}

/** One message, with what was sent where that was kept. */
export interface SentMessage {
  readonly message: RecordedMessage;
  readonly sent:
    | {
        /** What readers got as text, or what was sent as JSON. */
        readonly text: string;
        readonly form: 'text' | 'json';
        /** A page that shows it about as its readers see it. */
        readonly page?: string;
        readonly data: JsonObject;
        /** Parts of it were too long to be kept. */
        readonly cut: boolean;
      }
    | undefined;
}

/** What is known of the file of a rule. */
export interface RuleFileFacts {
  /** The tests in the file beside it. */
  readonly tests:
    | { readonly file: string; readonly names: readonly string[]; readonly more: number; readonly problem?: string }
    | 'none'
    | 'unknown';
  readonly change:
    | {
        readonly kind: 'commit';
        readonly hash: string;
        readonly author: string;
        readonly at: Instant;
        readonly subject: string;
        readonly url?: string;
        /** The file is not as it is in HEAD. */
        readonly differs: boolean;
      }
    /** Of all rules: the revision that was deployed, and where that is said. */
    | { readonly kind: 'revision'; readonly text: string; readonly from: string }
    | { readonly kind: 'unknown'; readonly why: string };
}

/** Whose sessions may be running. */
export interface SignedInPerson {
  readonly user: string;
  readonly name: string;
  readonly signedIn: Instant;
  /** When the last of them ends by itself. */
  readonly until: Instant;
}

/** Which sessions were ended before their time. Nothing of it rejects; changes say whether other replicas know of them, or will once the store answers. */
export interface SessionDesk {
  /** Resolves when what is known is at most some seconds old, or when that takes too long. */
  current(): Promise<void>;
  isOver(session: LoginSession): boolean;
  /** Notes a session that begins and lasts so long, ms; gives from when it counts. */
  begin(who: Pick<SignedInPerson, 'user' | 'name'>, length: Duration): Promise<Instant>;
  end(session: LoginSession, name: string): Promise<boolean>;
  endAllOf(who: Pick<SignedInPerson, 'user' | 'name'>): Promise<boolean>;
  endAll(): Promise<boolean>;
  /** Who has signed in and may have sessions, the last one first. */
  people(): readonly SignedInPerson[];
  /** Why what is known is old. */
  problem(): string | undefined;
}

/** A request of the browser to the provider, and what it keeps until it is back. */
interface SignInStart {
  readonly url: string;
  /** Which attempt it is: the provider sends it back. */
  readonly state: string;
  /** For the browser to keep, encrypted. */
  readonly kept: string;
}

/** Why a sign-in does not go on, with the next step; `refused`: the person may not. */
export interface SignInProblem {
  readonly ok: false;
  readonly kind: 'unavailable' | 'refused' | 'invalid';
  readonly message: string;
  readonly hint: string;
}

/** Signing in with an OpenID provider. Nothing of it rejects. */
export interface SignInProvider {
  /** What people know the provider as. */
  readonly label: string;
  /** Where signing in begins. */
  startUrl(): string;
  /** What is known of the provider since it was last asked. */
  problem(): Omit<SignInProblem, 'ok' | 'kind'> | undefined;
  start(next: string): Promise<{ readonly ok: true; readonly value: SignInStart } | SignInProblem>;
  /** Reads what the provider sends the browser back with: `kept` is what the browser has of the attempt. */
  finish(
    query: string,
    kept: string,
  ): Promise<
    { readonly ok: true; readonly person: KnownPerson; readonly next: string; readonly idToken: string } | SignInProblem
  >;
  /** Where the session at the provider is ended; undefined: nowhere, or not now. */
  endUrl(idToken: string | undefined): Promise<string | undefined>;
}

/** A sign-in, or the end of sessions, for the log and the history. */
export interface AuditedSession {
  readonly done: 'signed in' | 'signed out' | 'signed out everywhere' | 'sessions ended';
  /** Whose sessions. */
  readonly name: string;
  readonly user: string;
  readonly by: string;
}

/** What pages and the API read beside status and alerts. Nothing of it rejects. */
export interface WebPorts {
  /** Looks at all rules: not for what every page needs. */
  readonly status: () => ServiceStatus;
  readonly now: () => Instant;
  readonly namespace: () => string;
  readonly alerts: (newest?: boolean, since?: Instant) => Promise<PresentAlerts>;
  /** Loaded rules, paused ones included, in the order of their names. */
  readonly rules: () => readonly Rule[];
  readonly ruleWithId: (id: string) => Rule | undefined;
  /** The stored documents of some rules, by id. */
  readonly documents: (ids: readonly string[]) => Promise<StoreAnswer<ReadonlyMap<string, RuleDocument>>>;
  /** Of the file with this name, as positions have it. */
  readonly ruleFile: (file: string) => Promise<RuleFileFacts>;
  /** Undefined: the rule was not evaluated by this process. */
  readonly costOf: (rule: string) => RuleCost | undefined;
  readonly history: RunHistory;
  /** A message by its ID; undefined: none has it. */
  readonly sent: (id: string) => Promise<StoreAnswer<SentMessage | undefined>>;
  readonly explain: (rule: Rule, group: Group | undefined, moment: Instant) => Promise<Costly<Explanation>>;
  /** As `tocsin explain --format json` prints it. */
  readonly explanationJson: (explanation: Explanation, rule: Rule) => string;
  /** Undefined: the rule's type gives no series, or no tick is in the range. */
  readonly series: (rule: Rule, group: Group, range: TimeRange) => Promise<Costly<Series | undefined>>;
  readonly silences: SilenceDesk;
  readonly acknowledgements: AcknowledgePort;
  readonly routing: () => Routing;
  readonly access: () => AccessRules;
  readonly audit: (change: AuditedChange) => void;
  readonly sessions: SessionDesk;
  /** Undefined: no provider is configured. */
  readonly provider: () => SignInProvider | undefined;
  readonly auditSession: (change: AuditedSession) => void;
  readonly events: EventFeed;
  /** The program of the pages, a text of JavaScript; undefined: pages work without it. */
  readonly program: string | undefined;
  /** Random texts, for sessions and forms. */
  readonly newNonce: () => string;
}
