import fc from 'fast-check';

/** The mapping that the documents of the KQL comparison are indexed with: a field of each kind that rules ask for. */
export const mappings = {
  dynamic: false,
  properties: {
    nr: { type: 'object', enabled: false },
    tags: { type: 'keyword' },
    message: { type: 'text' },
    title: { type: 'text', fields: { keyword: { type: 'keyword' } } },
    bytes: { type: 'long' },
    load: { type: 'double' },
    ok: { type: 'boolean' },
    at: { type: 'date' },
    ip: { type: 'ip' },
    labels: { type: 'flattened' },
    service: { properties: { name: { type: 'keyword' }, version: { type: 'keyword' }, port: { type: 'long' } } },
  },
} as const;

const words = fc.constantFrom(
  'stub',
  'shop',
  'timed',
  'out',
  'Error',
  'request',
  'a-b',
  'x/y?z',
  '10',
  'and',
  'not',
  'a*b',
  'C:\\x',
  'é',
);
const sentence = fc.array(words, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(' '));
const keyword = fc.oneof(
  { weight: 3, arbitrary: words },
  { weight: 1, arbitrary: sentence },
  { weight: 1, arbitrary: fc.constant('') },
);
const many = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: value }, { weight: 1, arbitrary: fc.array(value, { minLength: 2, maxLength: 3 }) });

const document = fc.record(
  {
    tags: many(keyword),
    message: many(sentence),
    title: sentence,
    bytes: many(fc.constantFrom(0, 5, 10, 499, 500, -1)),
    load: fc.constantFrom(0, 0.5, 1.5, 10),
    ok: fc.boolean(),
    at: fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-01T12:30:00.250Z', '2026-01-02T00:00:00Z', '2026-02-01T00:00:00Z'),
    ip: many(fc.constantFrom('10.0.0.1', '10.0.0.2', '192.168.1.1', '2001:db8::1')),
    labels: fc.record({ team: words, tier: fc.record({ name: words }, { requiredKeys: [] }) }, { requiredKeys: [] }),
    service: fc.record({ name: keyword, version: words, port: fc.constantFrom(80, 443) }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

/** Documents in which any field may be missing, be empty or hold several values; `nr` is their index in the list. */
export function documents(count: number, seed: number): readonly object[] {
  return fc.sample(document, { numRuns: count, seed }).map((fields, nr) => ({ ...fields, nr: { is: nr } }));
}
