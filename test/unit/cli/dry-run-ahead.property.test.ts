import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDocuments } from '../../../src/backends/embedded/documents.ts';
import { embeddedRanges } from '../../../src/backends/embedded/ranges.ts';
import { embeddedSearch } from '../../../src/backends/embedded/search.ts';
import { AHEAD_INDEX, AHEAD_MAPPING, aheadDocuments, aheadReport } from '../../support/differential/dry-run.ts';

const SEED = Number(process.env['TOCSIN_TEST_SEED'] ?? 20_260_329);

test.each([undefined, 'event.ingested'])(
  'a dry run that asks ahead says what one that asks tick by tick says, of every rule type, with --arrival %s',
  { timeout: 180_000 },
  async (arrival) => {
    for (const given of fc.sample(aheadDocuments, { numRuns: arrival === undefined ? 2 : 1, seed: SEED })) {
      const documents = createDocuments({ mapping: AHEAD_MAPPING });
      documents.add(given.map((source) => ({ source, index: AHEAD_INDEX })));
      const search = embeddedSearch(documents);
      const alone = await aheadReport(search, undefined, arrival);
      expect(await aheadReport(search, embeddedRanges(documents, search), arrival)).toEqual(alone);
      expect(alone.rules.filter(({ problems }) => problems.length > 0)).toEqual([]);
      expect(alone.rules.filter(({ transitions }) => transitions.length > 0).length).toBeGreaterThan(10);
    }
  },
);
