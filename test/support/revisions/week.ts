import { DAY, HOUR, iso, MINUTE, SECOND } from '../../../src/core/time.ts';
import { type ScriptedRepository, scriptedRepository } from './repository.ts';

/** The week of documents, and the end of it. */
export const WEEK_FROM = Date.parse('2026-01-24T00:00:00Z');
export const WEEK_TO = WEEK_FROM + 7 * DAY;

/** A document of the week, with the data stream (without the prefix of a test) that it belongs to. */
export interface WeekDocument {
  readonly index: 'logs-checkout' | 'traces-shop' | 'metrics-node';
  readonly source: Readonly<Record<string, unknown>>;
}

/** Mappings of the three data streams. */
export const WEEK_MAPPINGS = {
  dynamic: false,
  properties: {
    '@timestamp': { type: 'date' },
    'service.name': { type: 'keyword' },
    'host.name': { type: 'keyword' },
    'customer.id': { type: 'keyword' },
    'user.name': { type: 'keyword' },
    'http.response.status_code': { type: 'long' },
    'transaction.duration.ms': { type: 'long' },
    'system.load.1': { type: 'double' },
  },
} as const;

/** Customers whose checkouts are noted. */
const CUSTOMERS = ['c-1001', 'c-1002', 'c-1003'];
const SERVICES = ['cart', 'search', 'payment'];
const HOSTS = ['node-1', 'node-2'];

/**
 * A week of three data streams, oldest first, one document of each group every `step` ms. Each day has a bad quarter of an hour at checkout, and
 * short troubles of two minutes each hour that the old threshold does not see; pages are slow in the evening; a host is loaded every six hours.
 */
export function* weekDocuments(step = 30 * SECOND): Generator<WeekDocument> {
  for (let at = WEEK_FROM - HOUR; at < WEEK_TO; at += step) {
    const ofDay = at % DAY;
    const ofHour = at % HOUR;
    for (const [place, customer] of CUSTOMERS.entries()) {
      const isOutage = ofDay >= 9 * HOUR && ofDay < 9 * HOUR + 15 * MINUTE;
      const isShort = place === 0 && ofHour >= 30 * MINUTE && ofHour < 32 * MINUTE;
      const status = isOutage || isShort ? 500 : 200;
      yield document('logs-checkout', at, {
        'customer.id': customer,
        'user.name': `someone-${place}`,
        'http.response.status_code': status,
      });
    }
    for (const [place, service] of SERVICES.entries()) {
      const isEvening = place === 1 && ofDay >= 18 * HOUR && ofDay < 20 * HOUR;
      const wave = 40 * ((at / MINUTE) % 7);
      yield document('traces-shop', at, {
        'service.name': service,
        'transaction.duration.ms': 200 + wave + (isEvening ? 900 : 0),
      });
    }
    for (const [place, host] of HOSTS.entries()) {
      const isLoaded = place === 0 && at % (6 * HOUR) < 40 * MINUTE;
      // Up and down again every other minute: what keep_firing_for is for.
      const load = isLoaded ? 6 + ((at / (2 * MINUTE)) % 2 < 1 ? 4 : -2) : 1;
      yield document('metrics-node', at, { 'host.name': host, 'system.load.1': load });
    }
  }
}

function document(index: WeekDocument['index'], at: number, fields: Readonly<Record<string, unknown>>): WeekDocument {
  return { index, source: { '@timestamp': iso(at), ...fields } };
}

const rule = (prefix: string, name: string, index: WeekDocument['index'], lines: readonly string[]) =>
  `${[`name: ${name}`, `index: ${prefix}${index}`, 'every: 1m', 'window: 5m', ...lines].join('\n')}\n`;

const checkout = (prefix: string, least: number) =>
  rule(prefix, 'checkout-errors', 'logs-checkout', [
    'type: frequency',
    'description: Checkouts of a customer fail.',
    'query: http.response.status_code >= 500',
    'group_by: [customer.id]',
    `condition: count >= ${least}`,
    'labels: { severity: critical, team: shop }',
  ]);

const pages = (prefix: string, most: number) =>
  rule(prefix, 'slow-pages', 'traces-shop', [
    'type: threshold',
    'description: A service answers slowly.',
    'group_by: [service.name]',
    'metrics: { took: { avg: transaction.duration.ms } }',
    `condition: took > ${most}`,
    'labels: { severity: warning, team: shop }',
  ]);

const load = (prefix: string, more: readonly string[]) =>
  rule(prefix, 'node-load', 'metrics-node', [
    'type: threshold',
    'description: A node has more to do than it can.',
    'max_groups: 100',
    'group_by: [host.name]',
    'metrics: { load: { max: system.load.1 } }',
    'condition: load > 8',
    'labels: { severity: warning, team: platform }',
    ...more,
  ]);

const CHECKOUT_TEST = (prefix: string) => `index: ${prefix}logs-checkout
tests:
  - name: a customer whose checkouts fail, and resolves
    documents:
      - at: 1m
        repeat: 5
        every: 5s
        document: { http.response.status_code: 500, customer.id: c-1 }
    checks:
      - at: 3m
        alerts: [{ group: { customer.id: c-1 }, status: firing, values: { count: 5 } }]
      - at: 12m
        alerts: none
`;

const PAGES_TEST = (prefix: string) => `index: ${prefix}traces-shop
tests:
  - name: a service that is slow for minutes, and no other
    documents:
      - at: 1m
        repeat: 20
        every: 15s
        document: { service.name: search, transaction.duration.ms: 1300 }
      - at: 1m
        repeat: 60
        every: 15s
        document: { service.name: cart, transaction.duration.ms: 200 }
    checks:
      - at: 4m
        alerts: [{ group: { service.name: search }, status: firing }]
      - at: 15m
        alerts: none
`;

/**
 * A repository whose branch `proposal` changes three rules: a lower threshold, a higher one whose test no longer passes, and times of a rule that has
 * no test, one of them with a finding. Index names begin with `prefix`.
 */
export async function weekRepository(prefix: string): Promise<ScriptedRepository> {
  const one = await scriptedRepository();
  await one.write({
    'tocsin.yaml': 'rules: rules\nlint:\n  owner: team\n  coverage: { require: [fires, does_not_fire, resolves] }\n',
    'rules/checkout-errors.yaml': checkout(prefix, 5),
    'rules/checkout-errors.test.yaml': CHECKOUT_TEST(prefix),
    'rules/slow-pages.yaml': pages(prefix, 1000),
    'rules/slow-pages.test.yaml': PAGES_TEST(prefix),
    'rules/node-load.yaml': load(prefix, []),
  });
  one.commit('Rules as they are');
  one.git('checkout', '-q', '-b', 'proposal');
  await one.write({
    'rules/checkout-errors.yaml': checkout(prefix, 4),
    'rules/slow-pages.yaml': pages(prefix, 1500),
    'rules/node-load.yaml': load(prefix, ['for: 30s', 'keep_firing_for: 10m']),
  });
  one.commit('Earlier at checkout, fewer pages at night');
  return one;
}
