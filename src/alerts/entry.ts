import type { Json } from '../core/json.ts';
import type { Instant } from '../core/time.ts';
import type { Flapping } from './flapping.ts';
import type { Hold, OutageFacts } from './outage.ts';

/** Evidence as it is stored with an entry and frozen into a message; texts are raw and bounded in length. Stored names. */
export interface StoredEvidence {
  readonly documents: readonly { readonly at: Instant; readonly fields: Readonly<Record<string, string>> }[];
  readonly top: readonly {
    readonly field: string;
    readonly values: readonly { readonly value: string; readonly count: number }[];
  }[];
  readonly trace_ids: readonly string[];
  /** The most telling lines that these traces left in the logs, and where they were looked for. */
  readonly logs?: {
    readonly indices: readonly string[];
    /** Fields that hold the trace ids there. */
    readonly fields: readonly string[];
    readonly from: Instant;
    readonly to: Instant;
    /** Oldest first. */
    readonly lines: readonly StoredLogLine[];
  };
}

/** A line of a log that belongs to a trace. `level` and `service` are empty where the document has none. Stored names. */
export interface StoredLogLine {
  readonly at: Instant;
  readonly level: string;
  readonly service: string;
  readonly text: string;
  readonly trace_id: string;
  /** How many lines said the same; without it one did. */
  readonly count?: number;
}

/** One owed transition as it is stored and handed on. Stored names. */
export interface Entry {
  /** Number within its rule's document. */
  readonly n: number;
  readonly alert: string;
  readonly episode: string;
  /** `steady`: an alert that flapped fires on. */
  readonly kind: 'firing' | 'worse' | 'better' | 'steady' | 'moved' | 'resolved';
  readonly reason: string;
  /** The tick. */
  readonly at: Instant;
  /** The tick at which the episode began to fire. */
  readonly started: Instant;
  readonly group: Readonly<Record<string, string | null>>;
  readonly labels: Readonly<Record<string, string>>;
  /** The severity. */
  readonly level: string;
  readonly window: { readonly from: Instant; readonly to: Instant };
  readonly values: Readonly<Record<string, Json>>;
  /** The rule's line that decided, for the message's facts. */
  readonly condition: string;
  readonly evidence?: StoredEvidence;
  /** The alert flaps, or did until now: its episodes are told as one. */
  readonly flapping?: Flapping;
  /** It is held back in favour of one message about its whole source, which is silent. */
  readonly hold?: Hold;
  /** It is that one message, and this is what it stands for. */
  readonly outage?: OutageFacts;
  /** Judged in catch-up, after the time it is about. */
  readonly late: boolean;
}
