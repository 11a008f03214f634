import type { AlertState } from '../alerts/alert-state.ts';
import type { Entry } from '../alerts/entry.ts';
import type { RuleId } from '../core/ids.ts';
import type { Json } from '../core/json.ts';
import type { Removal, Saved, StoreAnswer, Versioned, Write } from '../core/stored.ts';
import type { Duration, Instant } from '../core/time.ts';
import type { Target } from '../routing/route.ts';
import type { Outage } from './outage-state.ts';

/** An entry with the targets fixed when it was saved. */
export interface OwedEntry extends Entry {
  readonly to: readonly Target[];
}

/** A living alert in its rule's document: its state, what it last measured and who holds it. */
export interface LivingAlert extends AlertState {
  /** The conversations' targets of the present episode. */
  readonly held_by?: readonly Target[];
  /** The labels it was last routed with. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The episode that its receivers know it by, where that is not the present one: they were told of several as one, because it flapped. */
  readonly told_as?: { readonly episode: string; readonly started: Instant };
}

/** An alert that flaps, as its receivers know it: one episode, whatever it does meanwhile. Stored names. */
export interface ToldFlapping {
  readonly group: Readonly<Record<string, string | null>>;
  readonly episode: string;
  readonly started: Instant;
  /** The worst severity told while it flaps. */
  readonly level: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly held_by: readonly Target[];
  /** Tick at which the first of the episodes that make it flap began. */
  readonly since: Instant;
  /** How many began since. */
  readonly episodes: number;
  /** The newest tick at which one began or ended. */
  readonly changed: Instant;
  /** How the last episode ended; absent while one lasts. */
  readonly end?: {
    readonly reason: string;
    readonly values: Readonly<Record<string, Json>>;
    readonly condition: string;
  };
}

/** What is remembered of an alert's past episodes, living or not: when they began, as far back as flapping looks. Stored names. */
export interface AlertPast {
  readonly begins: readonly Instant[];
  /** While it flaps. */
  readonly told?: ToldFlapping;
}

/** What the rule's own evaluations went like. */
export interface RuleHealth {
  /** Failed evaluations in a row. */
  readonly failures: number;
  readonly failing_since?: Instant;
  /** The `now` of the newest failed evaluation that was stored: somebody has this rule, though none of its windows can be judged. */
  readonly tried_at?: Instant;
  readonly problem?: { readonly code: string; readonly message: string; readonly hint: string };
  /** Evaluations in a row in which documents matched but none had the group_by fields. */
  readonly ungrouped?: number;
  /** Evaluations in a row in which every group with documents was unknown. */
  readonly unknown?: number;
  /** Whether the last answer was truncated. */
  readonly truncated?: boolean;
  /** Windows too old to judge that were given up, newest 10. */
  readonly gaps?: readonly { readonly from: Instant; readonly to: Instant }[];
}

/** The second look of a rule with `revisit`: its windows folded once more when late documents had time to arrive. Stored names. */
export interface SecondLook {
  readonly through: Instant;
  /** By the ids of the second look's own alerts. */
  readonly alerts: Readonly<Record<string, LivingAlert>>;
  /** By alert id, when it fired in the first look: first and last tick of each episode, as far back as second looks go. */
  readonly fired: Readonly<Record<string, readonly (readonly [Instant, Instant])[]>>;
}

/** The document of one rule in `tocsin-rules`; everything that follows from a decision is in it, written once. Stored names. */
export interface RuleDocument {
  /** Mapping version of the document; a newer Tocsin reads older ones, an older one refuses newer ones. */
  readonly v: 1;
  readonly rule: RuleId;
  /** The `now` of the document's creation: no two documents of a rule share it. */
  readonly incarnation: Instant;
  readonly judged_through: Instant;
  readonly every: Duration;
  /** Number of the last owed transition of this document. */
  readonly n: number;
  readonly shape: string;
  /** By alert id. */
  readonly alerts: Readonly<Record<string, LivingAlert>>;
  readonly memory: Json;
  readonly memory_version: number;
  readonly health: RuleHealth;
  readonly owed: readonly OwedEntry[];
  /** By alert id; absent while nothing is to be remembered. */
  readonly past?: Readonly<Record<string, AlertPast>>;
  readonly second?: SecondLook;
  /** While the whole source is silent, and until what was held back for it is reported or over. */
  readonly outage?: Outage;
  /** Indexed: something is owed. */
  readonly owes: boolean;
  /** Since when no living replica has the rule loaded, as the holder of its shard sees it, and when it last saw it so. */
  readonly unloaded?: { readonly since: Instant; readonly seen: Instant };
  /** Set once a removed rule's alerts were ended. */
  readonly removed?: boolean;
}

/** Port to the documents of `tocsin-rules`. Every read is by id and current; `owing` is a search that may lag and only finds work. */
export interface RuleStates {
  /** `have`: versions the caller already holds; a document still at that version comes back as `same` without its body. */
  load(
    ids: readonly RuleId[],
    have: ReadonlyMap<RuleId, Versioned<RuleDocument>>,
  ): Promise<StoreAnswer<ReadonlyMap<RuleId, Versioned<RuleDocument>>>>;
  /** Ids of the rules with a document in this namespace, up to `limit`, after `after` in the order of ids. */
  list(limit: number, after?: RuleId): Promise<StoreAnswer<readonly RuleId[]>>;
  /** Ids of rules that owe something. */
  owing(limit: number): Promise<StoreAnswer<readonly RuleId[]>>;
  /** One bulk of fenced writes; answers in order. */
  save(writes: readonly Write<RuleDocument>[]): Promise<readonly Saved[]>;
  /** One bulk of fenced removals; answers in order, those that are gone as `saved`. */
  remove(removals: readonly Removal[]): Promise<readonly Saved[]>;
}
