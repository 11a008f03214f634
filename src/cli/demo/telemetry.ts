import type { GivenDocument } from '../../backends/embedded/documents.ts';
import { hashId } from '../../core/ids.ts';
import type { JsonObject } from '../../core/json.ts';
import { type Duration, type Instant, iso, type TimeRange } from '../../core/time.ts';

/** What goes wrong in the demo's shop, in virtual time from the start. */
export const INCIDENT = {
  errors: { from: 120_000, to: 780_000 },
  memory: { from: 120_000, to: 840_000 },
  silence: { from: 120_000, to: 900_000 },
} as const satisfies Record<string, { readonly from: Duration; readonly to: Duration }>;

/** How often each part of the shop reports, ms of virtual time. */
const EVERY = { request: 1_500, container: 20_000, host: 10_000 } as const;
const MIB = 1_048_576;
/** A request is as old as its beginning, and its error as its end, ms. */
const WRITTEN_AFTER = 40;

const PATHS = ['/todos/', '/todos/', '/todos/42', '/healthz'] as const;
const HOSTS = ['node-1', 'node-2', 'node-3'] as const;
const CONTAINERS = [
  { pod: 'stub-6f9c8b7d5-x2k4q', name: 'stub', limit: 256 * MIB, calm: 0.55, bad: 0.97 },
  { pod: 'checkout-7d4b9c6f8-m8wzn', name: 'checkout', limit: 512 * MIB, calm: 0.48, bad: 0.5 },
  { pod: 'postgres-0', name: 'postgres', limit: 1_024 * MIB, calm: 0.62, bad: 0.64 },
] as const;

/**
 * What the shop's agents write in a range of virtual time: traces and logs of the service `stub` with their trace ids, memory of
 * containers, metrics of hosts. The same documents for the same range, in the shapes of APM Server and Elastic Agent.
 */
export function telemetry(range: TimeRange, start: Instant): readonly GivenDocument[] {
  return [...requests(range, start), ...containers(range, start), ...hosts(range, start)];
}

function requests(range: TimeRange, start: Instant): readonly GivenDocument[] {
  return beats(range, EVERY.request).flatMap((at) => {
    const random = chance(at);
    const path = PATHS[Math.floor(random() * PATHS.length)] ?? '/todos/';
    const fails = path === '/todos/' && during(INCIDENT.errors, at, start) && random() < 0.7;
    const trace = hashId('trace', at);
    const common = {
      '@timestamp': iso(at),
      service: { name: 'stub', version: '1.4.2', node: { name: CONTAINERS[0].pod } },
      trace: { id: trace },
    };
    const transaction: JsonObject = {
      ...common,
      processor: { event: 'transaction' },
      transaction: {
        id: trace.slice(0, 16),
        name: `GET ${path}`,
        type: 'request',
        duration: { us: Math.round(4_000 + random() * 40_000) },
      },
      event: { outcome: fails ? 'failure' : 'success' },
      http: { request: { method: 'GET' }, response: { status_code: fails ? 500 : 200 } },
      url: { path },
    };
    const log: JsonObject = {
      ...common,
      '@timestamp': iso(at + WRITTEN_AFTER),
      log: { level: 'error' },
      message: `GET ${path}: pq: remaining connection slots are reserved for superuser connections`,
      error: { exception: [{ type: '*pq.Error', message: 'remaining connection slots are reserved' }] },
    };
    const line: JsonObject = { ...common, log: { level: 'info' }, message: `GET ${path} answered 200` };
    const warning: JsonObject = {
      ...common,
      log: { level: 'warn' },
      message: 'no connection to todos-db for 2s: all 20 are in use',
    };
    const logs = fails
      ? [
          { index: 'logs-generic-default', source: warning },
          { index: 'logs-apm.error-default', source: log },
        ]
      : [{ index: 'logs-generic-default', source: line }];
    return [{ index: 'traces-apm-default', source: transaction }, ...logs];
  });
}

function containers(range: TimeRange, start: Instant): readonly GivenDocument[] {
  return beats(range, EVERY.container).flatMap((at) =>
    CONTAINERS.flatMap((container, position) => {
      const share = during(INCIDENT.memory, at, start) ? container.bad : container.calm;
      const used = Math.round(container.limit * (share + (chance(at + position)() - 0.5) * 0.01));
      // As in a real cluster, use and limit come from different agents and stand in different documents.
      return [
        containerDocument(at, container, { usage: { bytes: used } }),
        containerDocument(at, container, { limit: { bytes: container.limit } }),
      ];
    }),
  );
}

function containerDocument(at: Instant, { pod, name }: (typeof CONTAINERS)[number], memory: JsonObject): GivenDocument {
  const kubernetes = { namespace: 'shop', node: { name: 'node-1' }, pod: { name: pod }, container: { name, memory } };
  return { index: 'metrics-kubernetes.container-default', source: { '@timestamp': iso(at), kubernetes } };
}

function hosts(range: TimeRange, start: Instant): readonly GivenDocument[] {
  return beats(range, EVERY.host).flatMap((at) =>
    HOSTS.filter((host) => host !== 'node-2' || !during(INCIDENT.silence, at, start)).map((host) => ({
      index: 'metrics-system.cpu-default',
      source: {
        '@timestamp': iso(at),
        host: { name: host },
        system: { cpu: { total: { norm: { pct: 0.2 + chance(at)() * 0.3 } } } },
      },
    })),
  );
}

function during(part: { readonly from: Duration; readonly to: Duration }, at: Instant, start: Instant): boolean {
  return at >= start + part.from && at < start + part.to;
}

/** The multiples of `every` in a half-open range. */
function beats({ from, to }: TimeRange, every: Duration): readonly Instant[] {
  const first = Math.ceil(from / every) * every;
  return Array.from({ length: Math.max(0, Math.ceil((to - first) / every)) }, (_, index) => first + index * every);
}

/** Numbers in [0, 1) that look random and are the same for the same seed: the demo tells the same story each time. */
function chance(seed: number): () => number {
  let state = (seed / 500) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
