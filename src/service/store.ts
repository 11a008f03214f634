import type { Config } from '../config/config.ts';
import type { StoreAnswer, StoreProbe, StoreUse } from '../core/stored.ts';
import type { Duration, Instant } from '../core/time.ts';
import type { Backend } from '../engine/backend.ts';
import type { RunHistory } from '../engine/history/run-history.ts';

/** A backend that must be opened before its stores are used. */
export interface ServiceBackend extends Backend {
  /** Where it is read for the status page: the values of pending alerts. */
  readonly runHistory?: RunHistory;
  /** Makes what is missing of Tocsin's indices. */
  ensureIndices(use?: StoreUse): Promise<StoreAnswer<void>>;
  /** Sees whether each of Tocsin's indices can be written and read now. Never rejects. */
  probe(now: Instant, use?: StoreUse): Promise<StoreProbe>;
  /** By how much its clock is ahead of this machine's, ms; undefined when it cannot be seen. Never rejects. */
  clockAhead(now: () => Instant): Promise<Duration | undefined>;
  /** What is behind it, for one line of the log: `Elasticsearch 8.19.3, cluster "prod"`. */
  describe(signal?: AbortSignal): Promise<StoreAnswer<string>>;
  /** From now on the same cluster is asked with this login and these certificates. */
  renew(config: Config['elasticsearch']): void;
  close(): Promise<void>;
}

/** Asks who is there and makes the indices; gives the line that describes the store. */
export async function openStore(
  backend: Pick<ServiceBackend, 'ensureIndices' | 'describe'>,
  { use, signal }: { readonly use?: StoreUse; readonly signal?: AbortSignal } = {},
): Promise<StoreAnswer<string>> {
  const described = await backend.describe(signal);
  if (!described.ok) return described;
  const ensured = await backend.ensureIndices(use);
  return ensured.ok ? { ok: true, value: `${described.value}: the state is accessible` } : ensured;
}
