import type { StoreAnswer, Version, Versioned } from '../core/stored.ts';
import type { Instant } from '../core/time.ts';
import { matches } from '../routing/matches.ts';
import { compileRegex } from '../routing/regex.ts';
import { SILENCE, type Silence } from '../state/silence.ts';

export type { Silence } from '../state/silence.ts';

/** A silence that may come from a file instead of the store. */
export interface KnownSilence extends Silence {
  /** The file and line of one that is planned in a file: commands do not change it. */
  readonly origin?: string;
}

/** Port to `tocsin-silences`. */
export interface Silences {
  /** Silences that may matter at or after `from`. Invalid ones are left out and named in `unreadable`: they hold nothing back. */
  list(from: Instant): Promise<StoreAnswer<readonly KnownSilence[]>>;
  /** One silence as it is now, with its version; undefined: there is none of this id. */
  get(id: string): Promise<StoreAnswer<Versioned<KnownSilence> | undefined>>;
  /** Writes a silence whole, by its id; with a version only while it is the stored one. The next `list` has it. */
  put(silence: Silence, over?: Version): Promise<StoreAnswer<void>>;
  /** Removes silences that ended before an instant, some thousands at a time; gives how many. */
  prune(before: Instant): Promise<number>;
}

/** Why a fenced put was refused. */
export const CHANGED_MEANWHILE = 'it was changed in the meantime';

/** One stored silence: its id and its body as it was read. */
export interface StoredSilence {
  readonly id: string;
  readonly body: unknown;
}

/**
 * Reads silences, each by itself. One that is invalid must neither suppress everything nor be silently ignored: it is listed in
 * `unreadable` with what is wrong with it. `place` says where a silence is stored.
 */
export function silencesRead(all: Iterable<StoredSilence>, place: (id: string) => string): StoreAnswer<readonly Silence[]> {
  const value: Silence[] = [];
  const unreadable = new Map<string, string>();
  for (const { id, body } of all) {
    const read = SILENCE.read(body);
    const problem = read.ok ? silenceProblem(read.document) : read.message;
    if (problem !== undefined) unreadable.set(id, `${place(id)} ${problem}`);
    else if (read.ok) value.push(read.document);
  }
  return unreadable.size === 0 ? { ok: true, value } : { ok: true, value, unreadable };
}

/** What is wrong with a silence, as the end of a sentence that begins with it. */
export function silenceProblem({ matchers, starts_at, ends_at }: Silence): string | undefined {
  if (ends_at <= starts_at) return 'is invalid: it ends before it starts';
  for (const { label, op, value } of matchers) {
    const compiled = op === '=~' || op === '!~' ? compileRegex(value) : undefined;
    if (compiled?.ok === false) return `is invalid: the expression of ${label} cannot be read: ${compiled.message}`;
  }
  if (matchers.every((matcher) => matches(matcher, {})))
    return 'is invalid: it could suppress every alert; at least one matcher must not match the empty text';
  return undefined;
}
