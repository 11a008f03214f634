import fc from 'fast-check';
import type { DecidingKeys } from '../../../src/rules/deciding-keys.ts';

/** A value that conditions may use, and numbers that it comes near. */
interface Measured {
  readonly name: string;
  readonly numbers: readonly number[];
}

const SIGNS = ['>', '>=', '<', '<=', '=='];
const DURATIONS = ['0s', '1m', '2m', '3m', '5m', '7m30s', '10m'];

/** Conditions over values: comparisons, sums and quotients that may be by zero, and what joins them. */
function conditions(values: readonly Measured[]): fc.Arbitrary<string> {
  const value = fc.constantFrom(...values);
  const compared = value.chain(({ name, numbers }) =>
    fc.tuple(fc.constantFrom(...SIGNS), fc.constantFrom(...numbers)).map(([sign, number]) => `${name} ${sign} ${number}`),
  );
  const quotient = fc
    .tuple(value, value, fc.constantFrom(0.2, 0.5, 1, 2))
    .map(([one, other, share]) => `${one.name} / ${other.name} > ${share}`);
  const joined = fc
    .tuple(compared, fc.constantFrom('&&', '||'), fc.oneof(compared, quotient))
    .map(([one, sign, other]) => `${one} ${sign} ${other}`);
  return fc.oneof(
    compared,
    compared,
    joined,
    quotient,
    compared.map((one) => `!(${one})`),
  );
}

/** Random deciding keys over the values of a rule: one condition or levels, and some of the others. */
export function edits(values: readonly Measured[]): fc.Arbitrary<DecidingKeys> {
  const condition = conditions(values);
  const bad = fc.oneof(
    condition.map((one) => ({ condition: one })),
    fc.tuple(condition, condition, condition).map(([one, two, three]) => ({
      levels: [
        { severity: 'critical', condition: one },
        { severity: 'error', condition: two },
        { severity: 'warning', condition: three },
      ],
    })),
  );
  const duration = fc.constantFrom(...DURATIONS);
  const counted = fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 3 }))
    .map(([breaches, more]) => ({ breaches, of: breaches + more }));
  const others = fc.record(
    { recover: condition, for: fc.oneof(duration, counted), keep_firing_for: duration },
    { requiredKeys: [] },
  );
  return fc.tuple(bad, others).map(([one, more]) => ({ ...one, ...more }));
}
