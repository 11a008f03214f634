import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDocuments } from '../../../src/backends/embedded/documents.ts';
import { embeddedRanges } from '../../../src/backends/embedded/ranges.ts';
import { embeddedSearch } from '../../../src/backends/embedded/search.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { iso, systemClock } from '../../../src/core/time.ts';
import { dryRunJson } from '../../../src/reports/dry-run/dry-run-json.ts';
import { dryRunMarkdown } from '../../../src/reports/dry-run/dry-run-markdown.ts';
import { dryRunText } from '../../../src/reports/dry-run/dry-run-text.ts';
import { NO_COST } from '../../../src/search/answer.ts';
import type { Search } from '../../../src/search/search.ts';
import { searchProblem } from '../../../src/search/search-problem.ts';
import { AHEAD_INDEX, AHEAD_MAPPING, AUTUMN, aheadReport, documentsOf, SPRING } from '../../support/differential/dry-run.ts';
import { SEED } from '../../support/seed.ts';

const MINUTE = 60_000;

const from = (begin: number, minutes: number) => (given: readonly JsonObject[]) =>
  given.filter((document) => Date.parse(String(document['@timestamp'])) >= begin + minutes * MINUTE);

test.each([
  ['in the night in which clocks are put forward', SPRING, -30, undefined],
  ['in the night in which clocks are put back, over data that begin within the range', AUTUMN, 20, undefined],
  ['of documents that arrive late, with --arrival', SPRING, -30, 'event.ingested'],
] as const)(
  'a dry run of every rule type says the same, asked ahead and tick by tick, %s',
  { timeout: 180_000 },
  async (_, night, first, arrival) => {
    for (const given of fc.sample(documentsOf(night).map(from(night, first)), { numRuns: 1, seed: SEED })) {
      const documents = createDocuments({ mapping: AHEAD_MAPPING });
      documents.add(given.map((source) => ({ source, index: AHEAD_INDEX })));
      const search = embeddedSearch(documents);
      const alone = await aheadReport(search, { from: night, arrival });
      expect(await aheadReport(search, { from: night, ranges: embeddedRanges(documents, search), arrival })).toEqual(alone);
      expect(alone.rules.filter(({ problems }) => problems.length > 0)).toEqual([]);
      expect(alone.rules.filter(({ transitions }) => transitions.length > 0).length).toBeGreaterThan(10);
    }
  },
);

test('where answers are known and nothing changes, a rule needs no turn, and no window is left out', async () => {
  const documents = createDocuments({ mapping: AHEAD_MAPPING });
  const [given = []] = fc.sample(documentsOf(SPRING), { numRuns: 1, seed: SEED });
  documents.add(given.map((source) => ({ source, index: AHEAD_INDEX })));
  const search = embeddedSearch(documents);
  let [asked, known] = [0, 0];
  const around = (ahead: Search): Search => ({
    ask: (queries, signal) => {
      asked += queries.length;
      return ahead.ask(queries, signal);
    },
    known: (queries) => {
      const answers = ahead.known?.(queries);
      known += answers?.length ?? 0;
      return answers;
    },
  });
  const report = await aheadReport(search, { ranges: embeddedRanges(documents, search), around });
  expect(report.rules.filter(({ windows, failed }) => windows === 0 || failed > 0)).toEqual([]);
  expect(known).toBeGreaterThan(asked / 4);
});

test('a budget that ends first leaves a report of what is covered, and says so', async () => {
  const search = embeddedSearch(createDocuments({ mapping: AHEAD_MAPPING }));
  // Each look at this clock takes a second.
  let looks = 0;
  const clock = { ...systemClock, monotonic: () => looks++ * 1_000 };
  const report = await aheadReport(search, { budget: 40_000, clock });
  expect(report.stopped).toEqual({ budget: 40_000, to: report.from + 75 * MINUTE });
  expect((report.to - report.from) / MINUTE).toBeGreaterThan(2);
  expect((report.to - report.from) / MINUTE).toBeLessThan(40);
  const [frequency] = report.rules.filter(({ name }) => name === 'frequency-of-all');
  expect(frequency).toMatchObject({ windows: (report.to - report.from) / MINUTE, failed: 0 });
  const stopped = { budget: '40s', to: '2026-03-29T01:15:00.000Z' };
  expect(JSON.parse(dryRunJson(report))).toMatchObject({ from: '2026-03-29T00:00:00.000Z', to: iso(report.to), stopped });
  const sentence = `Stopped by the budget of 40s: covered until ${iso(report.to)}, not until 2026-03-29T01:15:00.000Z.`;
  expect(dryRunText(report, { color: false, columns: 120 })).toContain(`${sentence}\n`);
  expect(dryRunMarkdown(report)).toContain(`**${sentence}**`);
});

test('a budget ends searches that are not answered, and their windows do not count as failed', async () => {
  const documents = embeddedSearch(createDocuments({ mapping: AHEAD_MAPPING }));
  let asked = 0;
  let spend: () => void = () => undefined;
  // The budget is over when a search hangs.
  const clock = {
    ...systemClock,
    sleep: (ms: number) => (ms === 0 ? systemClock.sleep(0) : new Promise<void>((resolve) => (spend = resolve))),
  };
  const search: Search = {
    ask: async (queries, signal) => {
      if (asked++ < 40) return documents.ask(queries, signal);
      spend();
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      return queries.map(() => ({ kind: 'failed', problem: searchProblem('timeout', 'cut off'), cost: NO_COST }));
    },
  };
  const report = await aheadReport(search, { budget: 5_000, clock });
  expect(report.stopped).toMatchObject({ budget: 5_000 });
  expect(report.to).toBeGreaterThan(report.from);
  expect(report.rules.filter(({ failed }) => failed > 0)).toEqual([]);
  for (const { windows } of report.rules) expect(windows).toBeLessThanOrEqual((report.to - report.from) / MINUTE);
});

test('a report says how many searches it took, where there is a cluster', async () => {
  const report = await aheadReport(embeddedSearch(createDocuments({ mapping: AHEAD_MAPPING })));
  const asked = { searches: 1_204, took: 2_500 };
  expect(dryRunText({ ...report, asked }, { color: false, columns: 120 })).toContain('1,204 searches took Elasticsearch 3s.');
  expect(JSON.parse(dryRunJson({ ...report, asked })).searches).toEqual({ count: 1_204, took_ms: 2_500 });
  expect(JSON.parse(dryRunJson(report))).not.toHaveProperty('searches');
});
