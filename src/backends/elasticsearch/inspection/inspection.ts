import type { ElasticsearchConfig } from '../../../config/config.ts';
import { isObject, type Json } from '../../../core/json.ts';
import type { Duration } from '../../../core/time.ts';
import type { Inspected, Inspection, NodeFound } from '../../../engine/inspection.ts';
import { classifyReply } from '../classify.ts';
import { createClient, type ElasticsearchClient } from '../client.ts';
import { serverInfo } from '../server-info.ts';
import type { IndexOptions } from '../stores/indices.ts';
import { idsOf, type StoreSetting, searchStore } from '../stores/store-requests.ts';
import { succeeded, type Wire, type WireReply, type WireRequest } from '../wire.ts';
import { fieldNamesOfSource, fieldsOfSource, sourceFound } from './data.ts';
import { lackingOf, loginOf } from './security.ts';
import { stateIndices } from './state.ts';

/** What inspecting needs: the configuration for its addresses, and the shared connection for everything else. */
export interface InspectionParts {
  readonly config: ElasticsearchConfig;
  readonly wire: Wire;
  readonly indices: IndexOptions;
  readonly alertGroups: StoreSetting;
  /** Milliseconds of a clock that never jumps. */
  readonly monotonic: () => number;
}

/** The Inspection port over a cluster. */
export function elasticsearchInspection({ config, wire, indices, alertGroups, monotonic }: InspectionParts): Inspection {
  const ask = (path: string, signal: AbortSignal, more: Partial<WireRequest> = {}) => read(wire, path, signal, more);
  return {
    addresses: config.urls.map(withoutLogin),
    node: async (address, signal) => {
      const url = config.urls.find((one) => withoutLogin(one) === address) ?? address;
      const client = createClient({ ...config, urls: [url] });
      return askNode(client, monotonic, signal).finally(() => client.close());
    },
    login: async (signal) => loginOf(await ask('/_security/_authenticate', signal)),
    lacking: async (wanted, signal) => {
      const index = wanted.indices.map(({ names, privileges }) => ({ names: [...names], privileges: [...privileges] }));
      const body = { cluster: [...wanted.cluster], index };
      return lackingOf(await ask('/_security/user/_has_privileges', signal, { method: 'POST', body }), wanted);
    },
    clocks: async (now, signal) => {
      const began = now();
      const reply = await ask('/_nodes/stats/os', signal, { query: { filter_path: 'nodes.*.name,nodes.*.timestamp' } });
      return clocksOf(reply, (began + now()) / 2);
    },
    stateIndices: (signal, use) => stateIndices((path, query) => ask(path, signal, { query }), indices, use),
    source: (source, signal) => sourceFound((path, query) => ask(path, signal, { query }), source),
    fields: (source, names, signal) => fieldsOfSource((path, query) => ask(path, signal, { query }), source, names),
    fieldNames: (source, signal) => fieldNamesOfSource((path, query) => ask(path, signal, { query }), source),
    alertGroups: async (limit) => {
      // The doctor makes nothing, not even an index that is missing.
      const setting = { ...alertGroups, ensureIndex: async () => ({ ok: true, value: undefined }) as const };
      // Something waits, or something died: what died and waits for a next message makes nothing due.
      const found = await searchStore(setting, [], {
        size: limit,
        fields: ['id'],
        sort: [{ due: { order: 'asc', missing: '_last' } }],
      });
      return found.ok ? { ok: true, value: idsOf(found.value) } : found;
    },
  };
}

function read(wire: Wire, path: string, signal: AbortSignal, more: Partial<WireRequest>): Promise<WireReply> {
  return wire.send({ method: 'GET', path, timeout: wire.requestTimeout, signal, repeatable: true, ...more });
}

async function askNode(client: ElasticsearchClient, monotonic: () => number, signal: AbortSignal): Promise<Inspected<NodeFound>> {
  const began = monotonic();
  const info = await serverInfo(client, signal);
  return info.ok ? { ok: true, value: { ...info.value, took: Math.round(monotonic() - began) } } : info;
}

function clocksOf(reply: WireReply, middle: number): Inspected<ReadonlyMap<string, Duration>> {
  const nodes = succeeded(reply) && isObject(reply.body) ? reply.body['nodes'] : undefined;
  if (!isObject(nodes)) return { ok: false, problem: classifyReply(reply) };
  const ahead = Object.entries(nodes).flatMap(([id, node]): readonly (readonly [string, Duration])[] => {
    const { name, timestamp }: Readonly<Record<string, Json | unknown>> = isObject(node) ? node : {};
    return typeof timestamp === 'number' ? [[typeof name === 'string' ? name : id, Math.round(timestamp - middle)]] : [];
  });
  return { ok: true, value: new Map(ahead) };
}

function withoutLogin(url: string): string {
  return url.replace(/(\w+:\/\/)[^/\s@]*@/, '$1');
}
