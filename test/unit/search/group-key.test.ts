import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ALL_LABELS, groupKey, isSameGroup } from '../../../src/search/group-key.ts';

const value = fc.constantFrom(null, '', '0', 'a', '["a"]');
const group = fc.dictionary(fc.constantFrom('a', 'b', '__proto__', 'toString'), value);

it('two groups are the same if they have the same key', () => {
  const groupBy = fc.constantFrom<readonly string[]>([], ['a'], ['a', 'b'], ['toString', '__proto__'], ALL_LABELS);
  fc.assert(
    fc.property(groupBy, group, group, (fields, a, b) => {
      expect(isSameGroup(fields, a, b)).toBe(groupKey(fields, a) === groupKey(fields, b));
    }),
    { numRuns: 500 },
  );
});
