import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { COMPILE_CACHE } from './test/support/e2e/compile-cache.ts';
import { slowestFiles } from './test/support/vitest/slowest-files.ts';

/** Workers keep all modules and make much garbage that dies young; more threads for it would take the processor from the other worker. */
const execArgv = ['--max-semi-space-size=64', '--single-threaded-gc'];

const project = (name: string, include: string[], timeout: number, extra: object = {}) => ({
  test: { name, include, testTimeout: timeout, hookTimeout: timeout, execArgv, ...extra },
});

/** Tests of properties begin with a known seed. */
const setupFiles = ['test/support/vitest/seed.ts'];

/** Tests that start Elasticsearch for themselves, which costs half a minute of processor time each, or take as much otherwise: every night. */
const OWN_NODE = [
  'integration/api-key-job',
  'integration/catch-up',
  'integration/dry-run-ahead',
  'integration/elasticsearch-privileges',
  'integration/harness',
  'e2e/behind-a-proxy',
  'e2e/docs-commands',
  'e2e/outage-of-a-node',
  'e2e/pull-request-week',
  'e2e/unwritable',
].map((name) => `test/${name}.test.ts`);

/** After all others, side by side. */
const LAST = { groupOrder: 1 };

/** Tests without a server that take a second or more each: part of `npm test`, so that `npm run check` stays quick. */
const LONG = 'test/**/*.long.test.ts';

/** How another version of Elasticsearch is asked, answers and stores. Every night all tests are run on it. */
const VERSIONED = [
  'check-cluster',
  'differential',
  'doctor',
  'elasticsearch-contract',
  'elasticsearch-search',
  'elasticsearch-stores',
  'exact-integers',
  'groups-of-dates',
  'last-of-a-date',
  'object-fields',
].map((name) => `test/integration/${name}.test.ts`);

/** One project a kind of test, so that `npm run test:unit` needs neither Java nor a server. */
export default defineConfig({
  test: {
    maxWorkers: Math.max(2, availableParallelism()),
    // Outlives node_modules, which continuous integration installs again for each change.
    experimental: { fsModuleCachePath: '.cache/vitest' },
    reporters: ['default', slowestFiles],
    projects: [
      // Tests share no state, so that modules need loading once a worker and not once a file.
      project('unit', ['test/unit/**/*.test.ts', 'test/architecture.test.ts'], 20_000, {
        isolate: false,
        exclude: [LONG],
        setupFiles,
      }),
      project('contract', ['test/contract/**/*.test.ts'], 30_000, { isolate: false, exclude: [LONG], setupFiles }),
      project('long', [LONG], 120_000, { isolate: false, setupFiles }),
      project('package', ['test/package/**/*.test.ts'], 300_000, {
        env: COMPILE_CACHE,
        globalSetup: ['test/support/e2e/build-setup.ts'],
        sequence: LAST,
      }),
      project('manifests', ['test/manifests/**/*.test.ts'], 120_000, { isolate: false, sequence: LAST }),
      // Not part of `npm test`: the first run builds Kubernetes. It may take its time on a busy machine.
      project('deploy', ['test/deploy/**/*.test.ts'], 3_600_000, { globalSetup: ['test/support/e2e/build-setup.ts'] }),
      // Not part of `npm test`: builds Alertmanager's command line with Go.
      project('amtool', ['test/amtool/**/*.test.ts'], 600_000),
      project('integration', ['test/integration/**/*.test.ts'], 180_000, {
        setupFiles,
        isolate: false,
        exclude: OWN_NODE,
        globalSetup: ['test/support/elasticsearch/global-setup.ts'],
      }),
      project('own-node', OWN_NODE, 240_000, {
        globalSetup: ['test/support/e2e/build-setup.ts', 'test/support/elasticsearch/global-setup.ts'],
      }),
      project('other-version', VERSIONED, 180_000, {
        setupFiles,
        isolate: false,
        env: { TOCSIN_TEST_ES: '9.5', TOCSIN_TEST_QUESTIONS: '200' },
        globalSetup: ['test/support/elasticsearch/global-setup.ts'],
      }),
      // Big and hostile input at full size; what shows in moments is in the projects above.
      project('hostile', ['test/hostile/**/*.test.ts'], 300_000, {
        globalSetup: ['test/support/elasticsearch/global-setup.ts'],
      }),
      project('e2e', ['test/e2e/**/*.test.ts'], 240_000, {
        isolate: false,
        exclude: OWN_NODE,
        env: COMPILE_CACHE,
        maxConcurrency: 3,
        globalSetup: ['test/support/e2e/build-setup.ts', 'test/support/elasticsearch/global-setup.ts'],
      }),
      // Each row of the table waits most of its time, so rows wait side by side. Rows have times to keep, as fault plays have: each needs the
      // machine, so the table begins when the suites that keep it busy have ended.
      project('green', ['test/green/green.test.ts'], 420_000, {
        env: COMPILE_CACHE,
        globalSetup: ['test/support/e2e/build-setup.ts', 'test/support/elasticsearch/global-setup.ts'],
        maxConcurrency: 20,
        sequence: LAST,
      }),
      // Rows that take more than a minute to show are no part of `npm test`.
      project('green-slow', ['test/green/slow.test.ts'], 700_000, {
        env: COMPILE_CACHE,
        globalSetup: ['test/support/e2e/build-setup.ts', 'test/support/elasticsearch/global-setup.ts'],
        maxConcurrency: 10,
      }),
      project('stack', ['test/stack/**/*.test.ts'], 1_800_000, { globalSetup: ['test/support/e2e/build-setup.ts'] }),
      // Plays wait most of their time, so they wait side by side.
      project('faults', ['test/faults/**/*.test.ts'], 400_000, {
        env: COMPILE_CACHE,
        globalSetup: ['test/support/e2e/build-setup.ts', 'test/support/elasticsearch/global-setup.ts'],
        maxConcurrency: 10,
      }),
    ],
  },
});
