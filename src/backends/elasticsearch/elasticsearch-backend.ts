import type { ElasticsearchConfig } from '../../config/config.ts';
import type { StoreAnswer, StoreProbe, StoreUse } from '../../core/stored.ts';
import { type Duration, type Instant, systemClock } from '../../core/time.ts';
import type { Backend } from '../../engine/backend.ts';
import type { RunHistory } from '../../engine/history/run-history.ts';
import type { Inspection } from '../../engine/inspection.ts';
import type { RangeSearch } from '../../search/range/range-query.ts';
import { createClient } from './client.ts';
import { elasticsearchFieldUnits } from './field-units.ts';
import { elasticsearchInspection } from './inspection/inspection.ts';
import { elasticsearchSearch, type SearchOptions } from './search.ts';
import { type ServerAnswer, serverInfo } from './server-info.ts';
import { acknowledgements } from './stores/acknowledgements.ts';
import { alertGroups } from './stores/alert-groups.ts';
import { clusterClockAhead } from './stores/cluster-clock.ts';
import { history } from './stores/history.ts';
import { ensureIndex, ensureIndices, type IndexOptions, indexName } from './stores/indices.ts';
import { leases } from './stores/leases.ts';
import { receivedAlerts } from './stores/received-alerts.ts';
import { ruleStates } from './stores/rule-states.ts';
import { runHistory } from './stores/run-history.ts';
import { signInStore } from './stores/sign-ins.ts';
import { silences } from './stores/silences.ts';
import { probeIndices } from './stores/write-probe.ts';

/** Whose documents these are, and how Tocsin's indices are made. */
export interface BackendOptions {
  readonly namespace: string;
  /** What the names of Tocsin's indices begin with. Default: `tocsin-`. */
  readonly indexPrefix?: string;
  /** Copies of each shard. Default: one as soon as there is a second node. */
  readonly replicas?: number;
  /** How long a search for work may lag behind a write, ms. Default: a second. */
  readonly refreshInterval?: Duration;
  readonly search?: SearchOptions;
}

/** All ports over one cluster. */
export interface ElasticsearchBackend extends Backend {
  /** One question over many windows. */
  readonly ranges: RangeSearch;
  /** What the history recorded, for `explain`. */
  readonly runHistory: RunHistory;
  /** Makes Tocsin's indices where they are missing; to be called, until it succeeds, before the stores are used. */
  ensureIndices(use?: StoreUse): Promise<StoreAnswer<void>>;
  /** Sees whether each of Tocsin's indices can be written and read now. Never throws. */
  probe(now: Instant, use?: StoreUse): Promise<StoreProbe>;
  /** By how much the cluster's clock is ahead of this machine's, ms, to about a second; undefined when it cannot be seen. */
  clockAhead(now: () => Instant): Promise<Duration | undefined>;
  /** What the cluster says of itself and of its data, for the doctor. */
  readonly inspection: Inspection;
  /** What is behind it, for one line of the log: `Elasticsearch 8.19.3, cluster "prod"`. */
  describe(signal?: AbortSignal): Promise<StoreAnswer<string>>;
  /** What the cluster says of itself. */
  info(signal?: AbortSignal): Promise<ServerAnswer>;
  /** From now on the same cluster is asked with this login and these certificates. */
  renew(config: ElasticsearchConfig): void;
  close(): Promise<void>;
}

/** Opens a cluster. Nothing is sent until a port is used. */
export function elasticsearchBackend(config: ElasticsearchConfig, options: BackendOptions): ElasticsearchBackend {
  const client = createClient(config);
  const { namespace } = options;
  const search = elasticsearchSearch(client, options.search);
  const indices: IndexOptions = {
    prefix: options.indexPrefix ?? 'tocsin-',
    replicas: options.replicas,
    refreshInterval: options.refreshInterval ?? 1_000,
  };
  const settingOf = (
    kind: 'rules' | 'alert-groups' | 'leases' | 'silences' | 'acknowledgements' | 'received-alerts' | 'sign-ins',
  ) => {
    const index = indexName(indices, kind);
    return { wire: client, index, namespace, ensureIndex: () => ensureIndex(client, indices, kind, index) };
  };
  return {
    search,
    ranges: search.ranges,
    fieldUnits: elasticsearchFieldUnits(client),
    ruleStates: ruleStates(settingOf('rules')),
    alertGroups: alertGroups(settingOf('alert-groups')),
    silences: silences(settingOf('silences')),
    acknowledgements: acknowledgements(settingOf('acknowledgements')),
    received: receivedAlerts(settingOf('received-alerts')),
    history: history(client, namespace, indices),
    leases: leases(settingOf('leases')),
    signIns: signInStore(settingOf('sign-ins')),
    runHistory: runHistory(client, namespace, indices),
    inspection: elasticsearchInspection({
      config,
      wire: client,
      indices,
      alertGroups: settingOf('alert-groups'),
      monotonic: systemClock.monotonic,
    }),
    ensureIndices: (use) => ensureIndices(client, indices, use),
    probe: (now, use) => probeIndices(client, indices, now, use),
    clockAhead: (now) => clusterClockAhead(client, indices, now),
    describe: async (signal) => described(await serverInfo(client, signal)),
    info: (signal) => serverInfo(client, signal),
    renew: (next) => client.renew(next),
    close: () => client.close(),
  };
}

function described(info: ServerAnswer): StoreAnswer<string> {
  if (!info.ok) return { ok: false, message: `${info.problem.message} (${info.problem.hint})` };
  return { ok: true, value: `Elasticsearch ${info.value.version}, cluster "${info.value.cluster}"` };
}
