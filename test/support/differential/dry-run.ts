import { join } from 'node:path';
import fc from 'fast-check';
import { loadConfig } from '../../../src/config/load.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { systemClock } from '../../../src/core/time.ts';
import { startBudget } from '../../../src/replay/budget.ts';
import { type Play, type PlayedRules, play } from '../../../src/replay/play.ts';
import { loadRules } from '../../../src/rules/load-rules.ts';
import type { Search } from '../../../src/search/search.ts';
import { deliverySettings } from '../../../src/service/destinations.ts';

const RULES = join(import.meta.dirname, '..', '..', 'fixtures', 'ahead', 'rules.yaml');
const MINUTE = 60_000;
/** The nights in which clocks in Berlin are put forward, and back. */
export const SPRING = Date.UTC(2026, 2, 29, 0, 0);
export const AUTUMN = Date.UTC(2026, 9, 25, 0, 0);

/** The index that the rules ask, and its mapping. */
export const AHEAD_INDEX = 'ahead-docs';
export const AHEAD_MAPPING: JsonObject = {
  dynamic: false,
  properties: {
    '@timestamp': { type: 'date_nanos' },
    event: { properties: { ingested: { type: 'date' } } },
    service: { properties: { name: { type: 'keyword' } } },
    host: { properties: { name: { type: 'keyword' } } },
    level: { type: 'keyword' },
    state: { type: 'keyword' },
    bytes: { type: 'long' },
    total: { type: 'long' },
    ms: { type: 'double' },
  },
};

/** Documents of less than two hours, from half an hour before what is played; some lie on the bounds of windows, and some come late. */
export const aheadDocuments: fc.Arbitrary<readonly JsonObject[]> = documentsOf(SPRING);

/** The same about another night. */
export function documentsOf(from: number): fc.Arbitrary<readonly JsonObject[]> {
  return fc.array(
    fc
      .record({
        at: fc.oneof(
          fc.integer({ min: -30 * MINUTE, max: 75 * MINUTE }),
          fc.integer({ min: -30, max: 75 }).map((minute) => minute * MINUTE),
          fc.integer({ min: 0, max: 75 }).map((minute) => minute * MINUTE - 1),
        ),
        nanos: fc.constantFrom('', '999999', '000001'),
        late: fc.constantFrom(0, 0, 1_000, 90_000, 400_000),
        service: fc.constantFrom('cart', 'shop', 'stub', 'gone'),
        host: fc.constantFrom('a', 'b', 'c', undefined),
        level: fc.constantFrom('info', 'error', 'warn'),
        state: fc.constantFrom('up', 'up', 'down', undefined),
        bytes: fc.integer({ min: 0, max: 2_000 }),
        total: fc.integer({ min: 0, max: 50 }),
        ms: fc.integer({ min: 0, max: 1_400 }).map((sevenths) => sevenths / 7),
      })
      .map(({ at, nanos, late, service, host, ...rest }) => {
        const time = new Date(from + at).toISOString().replace('Z', `${nanos}Z`);
        const document = { '@timestamp': time, event: { ingested: new Date(from + at + late).toISOString() } };
        return JSON.parse(
          JSON.stringify({
            ...document,
            service: { name: service },
            ...(host !== undefined && { host: { name: host } }),
            ...rest,
          }),
        );
      }),
    { minLength: 120, maxLength: 200 },
  );
}

/** What is played otherwise than usual; `budget` is ms by `clock`, `from` another night than that of the spring. */
interface Otherwise extends Partial<Pick<Play, 'ranges' | 'arrival' | 'clock' | 'around'>> {
  readonly budget?: number;
  readonly from?: number;
}

/** What all rules would have done in an hour and a quarter, asked tick by tick or, with `ranges`, ahead. */
export async function aheadReport(
  search: Search,
  { budget, from = SPRING, clock = systemClock, ...otherwise }: Otherwise = {},
): Promise<PlayedRules> {
  const config = await loadConfig(undefined, {}, 'none');
  const { rules, problems } = await loadRules([RULES], {});
  if (!config.ok || problems.some(({ severity }) => severity === 'error')) throw new Error(JSON.stringify(problems));
  const { signal } = new AbortController();
  return play({
    rules,
    failures: [],
    settings: deliverySettings(config.value),
    search,
    range: { from, to: from + 75 * MINUTE },
    warmUp: 10 * MINUTE,
    clock,
    signal,
    progress: () => undefined,
    ...(budget !== undefined && { budget: startBudget(budget, clock, signal) }),
    ...otherwise,
  });
}
