import type { GivenDocument } from '../../src/backends/embedded/documents.ts';
import { hashId } from '../../src/core/ids.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { type Duration, type Instant, iso, type TimeRange } from '../../src/core/time.ts';

/** What happens in the shop, ms of its time from the start: a release whose connection pool is too small, and its rollback. */
export const INCIDENT = { released: 170_000, rolledBack: 830_000 } as const satisfies Record<string, Duration>;

/** One request to the payments service. */
export interface Request {
  readonly at: Instant;
  readonly path: string;
  readonly version: string;
  readonly failed: boolean;
  /** Random, in [0, 1): for what else is to be said of the request. */
  readonly luck: number;
}

const EVERY: Duration = 1_000;
/** Share of the seconds in which someone pays. */
const COMES = 0.85;
const USUALLY_FAILS = 0.003;
/** Share of requests that fail after the release: more as connections pile up, ms until the worst. */
const FAILS = { first: 0.12, worst: 0.5, after: 480_000 } as const;
/** A log line comes a little after its request began, ms. */
const LOGGED_AFTER = 40;

/** The requests of a range of the shop's time: the same for the same range and start. */
export function requests({ from, to }: TimeRange, start: Instant): readonly Request[] {
  const first = Math.ceil(from / EVERY) * EVERY;
  const polls = Array.from({ length: Math.max(0, Math.ceil((to - first) / EVERY)) }, (_, index) => first + index * EVERY);
  return polls.flatMap((at) => {
    const random = chance((at - start) / EVERY);
    if (random() > COMES) return [];
    const path = random() < 0.8 ? '/charge' : '/refund';
    const age = at - start - INCIDENT.released;
    const bad = age >= 0 && at < start + INCIDENT.rolledBack;
    const failed = random() < (bad ? failing(age) : USUALLY_FAILS);
    return [{ at, path, version: bad ? '2.4.0' : '2.3.1', failed, luck: random() }];
  });
}

function failing(age: Duration): number {
  return FAILS.first + (FAILS.worst - FAILS.first) * Math.min(1, age / FAILS.after);
}

/** What the shop's agents write of a request, in the shape of APM Server: the transaction, and what it left in the logs. */
export function documentsOf(request: Request): readonly GivenDocument[] {
  const { at, path, version, failed, luck } = request;
  const trace = hashId('trace', at);
  const common = { service: { name: 'payments', version }, trace: { id: trace } };
  const transaction: JsonObject = {
    ...common,
    '@timestamp': iso(at),
    processor: { event: 'transaction' },
    transaction: {
      id: trace.slice(0, 16),
      name: `POST ${path}`,
      duration: { us: Math.round((failed ? 2_000_000 : 30_000) * (1 + luck)) },
    },
    event: { outcome: failed ? 'failure' : 'success' },
    http: { request: { method: 'POST' }, response: { status_code: failed ? 500 : 200 } },
    url: { path },
  };
  const line: JsonObject = {
    ...common,
    '@timestamp': iso(at + LOGGED_AFTER),
    log: { level: failed ? 'error' : 'info' },
    message: failed
      ? `POST ${path}: no connection to payments-db within 2 s: 10 of 10 in use, ${Math.round(20 + luck * 30)} waiting`
      : `POST ${path} answered 200`,
  };
  // Each payment belongs to an order, which fails with it.
  const order: JsonObject = {
    ...{ '@timestamp': iso(at), service: { name: 'checkout' }, trace: { id: trace }, processor: { event: 'transaction' } },
    transaction: { id: trace.slice(16, 32), name: 'POST /order' },
    event: { outcome: failed ? 'failure' : 'success' },
  };
  return [
    { index: 'traces-apm-default', source: transaction },
    ...(path === '/charge' ? [{ index: 'traces-apm-default', source: order }] : []),
    { index: 'logs-apm.app.payments-default', source: line },
  ];
}

/** Numbers in [0, 1) that look random and are the same for the same seed. */
function chance(seed: number): () => number {
  let state = (seed * 0x9e3779b1) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
