import { TocsinError } from './errors.ts';

/** The version of a stored document that a fenced write must still find: Elasticsearch's `_seq_no` and `_primary_term`. */
export interface Version {
  readonly seqNo: number;
  readonly primaryTerm: number;
}

/** Says whether two versions are the same; so are those of two missing documents. */
export function sameVersion(a: Version | undefined, b: Version | undefined): boolean {
  return a?.seqNo === b?.seqNo && a?.primaryTerm === b?.primaryTerm;
}

/** The version of an invalid document, which a new one may replace, and its body as it is stored: for keeping a copy, or its valid parts. */
export interface Replaceable extends Version {
  readonly body: unknown;
}

/** A document with the version it was read or written at. */
export interface Versioned<D> {
  readonly document: D;
  readonly version: Version;
}

/** A fenced write: with a version it replaces exactly that one, without it creates and must find nothing. */
export interface Write<D> {
  readonly id: string;
  readonly document: D;
  readonly version: Version | undefined;
}

/** A fenced removal: of exactly the version that was read. */
export interface Removal {
  readonly id: string;
  readonly version: Version;
}

/**
 * The outcome of a fenced write. `unclear`: it may have been applied (timeout, lost answer, no connection): forget what was computed and
 * re-read. `refused`: it was not applied and will not be (too large, read-only index, no privilege). `of: 'index'`: not because of this one
 * document: the index or the cluster takes no writes at all, which is the same as a store that is away.
 */
export type Saved =
  | { readonly kind: 'saved'; readonly version: Version }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'unclear'; readonly message: string }
  | { readonly kind: 'refused'; readonly message: string; readonly of?: 'index' };

/**
 * A store's answer to a read: a value, or why there is none. Never an empty value in place of a failure. `unreadable`: the store did answer, but
 * these documents are invalid (edited by hand, damaged, of a newer Tocsin), with the reason, by id; an answer that is ok has left them out.
 * `replaceable`: the versions of those that a new document may replace; one of a newer Tocsin is never among them.
 */
export type StoreAnswer<T> =
  | { readonly ok: true; readonly value: T; readonly unreadable?: ReadonlyMap<string, string> }
  | {
      readonly ok: false;
      readonly message: string;
      readonly unreadable?: ReadonlyMap<string, string>;
      readonly replaceable?: ReadonlyMap<string, Replaceable>;
    };

/** The value of an answer. Throws TocsinError where there is none; `what` could not be read, as in `the silences`. */
export function requireAnswer<T>(answer: StoreAnswer<T>, what: string): T {
  if (answer.ok) return answer.value;
  throw new TocsinError('store/unanswered', `${what} cannot be read: ${answer.message}`, {
    hint: 'check `elasticsearch` in tocsin.yaml and that the cluster is up',
  });
}

/**
 * Why an index of Tocsin's cannot be used. `unwritable`: it answers, but refuses writes (a block, a full disk, a missing privilege, a foreign
 * mapping); `away`: it does not answer, or not in time; `slow`: it answers, and takes so long that alerts are late.
 */
export interface IndexFailure {
  readonly kind: 'unwritable' | 'away' | 'slow';
  readonly message: string;
}

/** What the configuration uses of the store: an index that nothing uses is not made, and says nothing of the store. All of it by default. */
export interface StoreUse {
  /** Alerts of other systems are received. */
  readonly received: boolean;
}

/** What a probe of the store found, by name of the index; undefined: it was written and read. */
export interface StoreProbe {
  /** Indices without which no alert is saved or sent. */
  readonly state: ReadonlyMap<string, IndexFailure | undefined>;
  /** Indices that only people and dashboards read. */
  readonly history: ReadonlyMap<string, IndexFailure | undefined>;
}
