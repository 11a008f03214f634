import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failureLines } from '../../../src/reports/rule-tests-text.ts';
import { findTestFiles } from '../../../src/rule-tests/find-test-files.ts';
import { readTestFile } from '../../../src/rule-tests/read-test-file.ts';
import type { RuleTestReport } from '../../../src/rule-tests/report.ts';
import { runRuleTests } from '../../../src/rule-tests/run-rule-tests.ts';
import { compileRules } from '../../../src/rules/load-rules.ts';
import { isDefaultsFile, readRuleFiles } from '../../../src/rules/read-files.ts';
import type { SourceFile } from '../../../src/yaml/parse.ts';
import { tried } from '../../support/thorough.ts';

const folder = join(import.meta.dirname, '..', '..', '..', 'rules');
/** Rules that the embedded backend does not support are tested on Elasticsearch, with the integration tests. */
const needsElasticsearch = (text: string) => /^type: esql$/m.test(text);
const allFiles = (await readRuleFiles([folder])).files;
const isDefaults = ({ file }: SourceFile) => isDefaultsFile(basename(file));
const defaults = allFiles.filter(isDefaults);
const ruleFiles = allFiles.filter((source) => !isDefaults(source) && !needsElasticsearch(source.text));
const testFiles = (await findTestFiles([folder])).files;

const played = new Map<string, Promise<RuleTestReport>>();

/** Runs the tests beside a rule over the rule's text as `mutate` leaves it; what was run already gives the same report. */
function runMutated(rule: SourceFile, mutate: (text: string) => string): Promise<RuleTestReport> {
  const text = mutate(rule.text);
  const report = played.get(text) ?? runChanged(rule, text);
  played.set(text, report);
  return report;
}

async function runChanged(rule: SourceFile, text: string): Promise<RuleTestReport> {
  expect(text, 'the mutation changes something').not.toBe(rule.text);
  const compiled = compileRules([...defaults, { file: rule.file, text }]);
  expect(compiled.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  return runRuleTests([testOf(rule)], { load: async () => compiled });
}

function testOf(rule: SourceFile): SourceFile {
  const name = rule.file.replace(/\.yaml$/, '.test.yaml');
  return testFiles.find(({ file }) => file === name) ?? { file: name, text: '' };
}

function outcomes(report: RuleTestReport): ReadonlyMap<string, string> {
  return new Map(report.files.flatMap((file) => file.tests.map((one) => [one.name, one.outcome] as const)));
}

const invert = (text: string) =>
  text.replace(/condition: ([^}\n#]+?)(?= *(?:[}\n#]|$))/g, (_all, condition: string) => `condition: "!(${condition})"`);
const takeAll = (text: string) => text.replace(/^query: .*$/m, "query: '*'");
const atOnce = (text: string) => text.replace(/^for: .*$/m, 'for: 0s');
const comesAndGoes = (text: string) =>
  text.replace(/^keep_firing_for: .*$/m, 'keep_firing_for: 0s').replace(/^recover: .*$/m, '');
/** What may be done to any rule; those that change nothing in it are left out. */
const USUAL = [invert, takeAll, atOnce, comesAndGoes];

/** What a careless hand might do to each rule, beside turning its condition round. Each must be noticed by some test of the rule. */
const MUTATIONS: readonly (readonly [rule: string, what: string, mutate: (text: string) => string])[] = [
  ['stub-5xx', 'fires at four', (text) => text.replace('count >= 5', 'count >= 4')],
  ['stub-5xx', 'fires at six', (text) => text.replace('count >= 5', 'count >= 6')],
  ['stub-5xx', 'recovers with one error left', (text) => text.replace('recover: count < 1', 'recover: count < 2')],
  ['stub-5xx', 'fires at once', (text) => text.replace('for: 2m', 'for: 0s')],
  ['stub-5xx', 'resolves at once', (text) => text.replace('keep_firing_for: 5m', 'keep_firing_for: 0s')],
  ['stub-5xx', 'takes 499 for an error of the server', (text) => text.replace('status_code >= 500', 'status_code >= 499')],
  [
    'stub-5xx',
    'forgets the path',
    (text) => text.replace('[service.name, url.path]', '[service.name]').replace(/ on \{\{.*?\}\}/, ''),
  ],
  ['stub-5xx', 'waits a quarter of an hour for documents', (text) => text.replace('delay: 30s', 'delay: 15m')],
  ['stub-5xx', 'shows no documents', (text) => text.replace('samples: 3', 'samples: 0').replace(/top: \[.*\]/, 'top: []')],
  ['stub-error-logs', 'is critical at forty', (text) => text.replace('count >= 50', 'count >= 30')],
  ['stub-error-logs', 'warns at four', (text) => text.replace('condition: count >= 5 }', 'condition: count >= 4 }')],
  ['stub-error-logs', 'leaves out who sends no version', (text) => text.replace('missing: include', 'missing: exclude')],
  ['stub-error-logs', 'never looks again', (text) => text.replace('revisit: 15m', 'revisit: off')],
  ['stub-error-logs', 'looks again after half an hour', (text) => text.replace('revisit: 15m', 'revisit: 30m')],
  ['stub-5xx', 'gives up what is older than ten minutes', (text) => text.replace('delay: 30s', 'delay: 30s\ncatch_up: 10m')],
  ['host-silent', 'catches up on a whole day', (text) => text.replace('window: 5m', 'window: 5m\ncatch_up: 1d')],
  ['stub-slow', 'has no floor', (text) => text.replace('requests >= 20 && ', '')],
  ['stub-slow', 'asks for one request more', (text) => text.replace('requests >= 20 &&', 'requests >= 21 &&')],
  ['stub-slow', 'fires at the first slow look', (text) => text.replace('{ breaches: 3, of: 5 }', '{ breaches: 1, of: 5 }')],
  ['stub-slow-otel', 'has no floor', (text) => text.replace('requests >= 20 && ', '')],
  ['stub-slow-otel', 'asks for one request more', (text) => text.replace('requests >= 20 &&', 'requests >= 21 &&')],
  ['stub-slow-otel', 'takes nanoseconds for microseconds', (text) => text.replace('slow > 1000000000', 'slow > 1000000000000')],
  ['container-oom-killed', 'waits for the dead to be seen', (text) => text.replace('dead > 0 || ', '')],
  ['container-oom-killed', 'takes an old reason for a new kill', (text) => text.replace(' && restarts > restarts_before', '')],
  ['container-oom-killed', 'takes every restart for a kill', (text) => text.replace('after_kill > 0 && ', '')],
  ['container-oom-killed', 'resolves at once', (text) => text.replace('keep_firing_for: 15m', 'keep_firing_for: 0s')],
  ['container-cannot-start', 'fires at once', (text) => text.replace('for: 3m', 'for: 0s')],
  ['container-cannot-start', 'comes and goes with each start', (text) => text.replace('window: 5m', 'window: 1m')],
  [
    'container-cannot-start',
    'knows nothing of images',
    (text) => text.replace(' or "ErrImagePull"', '').replace(' or "ImagePullBackOff"', ''),
  ],
  ['container-restarts', 'fires at two', (text) => text.replace('>= 3', '>= 2')],
  [
    'container-restarts',
    'counts from the start of the Pod',
    (text) => text.replace('{ increase:', '{ max:').replace(', by: kubernetes.pod.uid', ''),
  ],
  [
    'container-restarts',
    'takes the next Pod of a StatefulSet for the same one',
    (text) => text.replace(', by: kubernetes.pod.uid', ''),
  ],
  [
    'container-restarts',
    'takes the Pods of a Deployment for one',
    (text) => text.replace('kubernetes.pod.name, ', '').replace(/ in \{\{.*?\}\}/, ''),
  ],
  ['pod-not-ready', 'fires at once', (text) => text.replace('for: 10m', 'for: 0s')],
  ['pod-not-ready', 'does not look at Pods without a node', (text) => text.replace('("pending" or "running")', '"running"')],
  ['node-not-ready', 'fires at once', (text) => text.replace('for: 2m', 'for: 0s')],
  ['node-not-ready', 'takes a silent kubelet for a healthy one', (text) => text.replace('"true"', '("true" or "unknown")')],
  ['deployment-unavailable', 'fires at once', (text) => text.replace('for: 10m', 'for: 0s')],
  ['deployment-unavailable', 'fires for what was scaled to nothing', (text) => text.replace('desired > 0 && ', '')],
  ['host-disk-full', 'warns at 85 percent', (text) => text.replace('used > 0.85', 'used >= 0.85')],
  ['host-disk-full', 'recovers below 85 percent', (text) => text.replace('used < 0.82', 'used < 0.85')],
  ['host-disk-full', 'looks at memory too', (text) => text.replace('"tmpfs" or ', '')],
  ['service-silent', 'fires at once', (text) => text.replace('for: 2m', 'for: 0s')],
  ['service-silent', 'knows APM Server alone', (text) => text.replace(', metrics-*.otel-*', '')],
  ['service-silent', 'has no patience', (text) => text.replace('window: 5m', 'window: 1m')],
  [
    'traffic-jump',
    'asks for more than three times',
    (text) => text.replace('current >= 3 * reference', 'current > 3 * reference'),
  ],
  ['traffic-jump', 'fires at twice the traffic', (text) => text.replace('3 * reference', '2 * reference')],
  ['traffic-jump', 'has no floor', (text) => text.replace(' && current >= 50', '')],
  ['traffic-jump', 'compares with the window before', (text) => text.replace('reference: { offset: 1d }', 'reference: previous')],
  ['container-memory', 'warns at 85 percent', (text) => text.replace('used / limit > 0.85', 'used / limit >= 0.85')],
  ['container-memory', 'recovers at 80 percent', (text) => text.replace('used / limit < 0.80', 'used / limit <= 0.80')],
  ['container-memory', 'keeps pods that are gone', (text) => text.replace('no_data: resolve', 'no_data: keep')],
  ['pod-phase', 'reports every change', (text) => text.replace(/changed && .*/, 'changed')],
  ['pod-phase', 'takes every failed pod for a change', (text) => text.replace('changed && ', '')],
  ['pod-phase', 'resolves at once', (text) => text.replace('keep_firing_for: 10m', 'keep_firing_for: 0s')],
  ['pod-phase', 'forgets a pod after half an hour', (text) => text.replace('forget_after: 1d', 'forget_after: 30m')],
  [
    'pod-phase',
    'takes all pods of a namespace for one',
    (text) => text.replace(', kubernetes.pod.name]', ']').replace(/title: .*/, 'title: x'),
  ],
  ['new-error', 'looks back a day', (text) => text.replace('lookback: 7d', 'lookback: 1h')],
  ['new-error', 'looks back two weeks', (text) => text.replace('lookback: 7d', 'lookback: 14d')],
  ['new-error', 'resolves at once', (text) => text.replace('keep_firing_for: 15m', 'keep_firing_for: 0s')],
  ['secret-read', 'tells each read', (text) => text.replace(/^(?:key|throttle): .*\n/gm, '')],
  [
    'secret-read',
    'takes a reader of two namespaces for one',
    (text) => text.replace(', kubernetes.audit.objectRef.namespace]', ']'),
  ],
  ['secret-read', 'tells a reader again after half an hour', (text) => text.replace('throttle: 1h', 'throttle: 30m')],
  ['too-many-messages', 'fires at 49', (text) => text.replace('count >= 50', 'count >= 49')],
  ['too-many-messages', 'recovers at once', (text) => text.replace('count < 20', 'count < 50')],
  ['too-many-messages', 'takes all namespaces for one', (text) => text.replace('tocsin.namespace, ', '')],
  ['ssh-failures', 'is critical at a thousand', (text) => text.replace('count >= 500', 'count >= 1000')],
  ['ssh-login-after-failures', 'takes who fails after a login', (text) => text.replace(' && last_login > first_failure', '')],
  ['sudo-new-user', 'reports all users of a new host', (text) => text.replace(' && known >= 1', '')],
  ['user-or-group-created', 'does not wait for what comes late', (text) => text.replace('late: 30m', 'late: 1m')],
  ['pod-exec', 'reports each command', (text) => text.replace(/^(?:key|throttle): .*\n/gm, '')],
  ['service-error-rate', 'has no floor', (text) => text.replaceAll('requests >= 50 && ', '')],
  ['service-error-rate', 'knows APM Server alone', (text) => text.replace(', traces-*.otel-*', '')],
  [
    'service-error-rate',
    'takes the failures of spans for those of requests',
    (text) => text.replace(' or "Consumer"', ' or "Client"'),
  ],
  ['traffic-drop', 'has no floor', (text) => text.replace(' && reference >= 200', '')],
  [
    'dependency-failing',
    'takes all dependencies for one',
    (text) => text.replace(/, service\.target\.type, .*\]/, ']').replace(/title: .*/, 'title: x'),
  ],
  ['volume-filling', 'does not count files', (text) => text.replaceAll(/ \|\| inodes_used > [\d.]+ \* inodes/g, '')],
  ['node-pressure', 'looks at memory alone', (text) => text.replace('memory + disk + pids', 'memory')],
  ['otel-hpa-at-maximum', 'takes one that may not scale', (text) => text.replace(' && most > least', '')],
  ['endpoint-down', 'fires at the first failure', (text) => text.replace('failed >= 2', 'failed >= 1')],
  ['endpoint-down', 'counts what is tried again', (text) => text.replace(' and not summary.final_attempt:false', '')],
  ['certificate-expires', 'waits until the last week', (text) => text.replace('now+21d }', 'now+7d }')],
  [
    'agent-dropping-events',
    'takes a new process for the old one',
    (text) => text.replaceAll(', by: beat.stats.info.ephemeral_id', ''),
  ],
  ['ingest-lag', 'waits for an hour of lag', (text) => text.replace('> 300000', '> 3600000')],
  ['redis-memory', 'is critical for caches too', (text) => text.replace(" && policy == 'noeviction'", '')],
  ['host-silent', 'fires at once', (text) => text.replace('for: 1m', 'for: 0s')],
  [
    'host-silent',
    'misses a host that never was',
    (text) => text.replace('forget_after: 7d', 'forget_after: 7d\nexpect: [node-9]'),
  ],
];

describe('the example rules', () => {
  test('each has a rule test beside it, unless it needs Elasticsearch', () => {
    expect(ruleFiles.length).toBeGreaterThan(5);
    expect(testFiles.map(({ file }) => file).sort()).toEqual(ruleFiles.map(({ file }) => file.replace('.yaml', '.test.yaml')));
  });

  test.each(ruleFiles.map((rule) => [rule.file.split('/').at(-1), rule] as const))('%s passes its tests', async (_name, rule) => {
    const report = await runRuleTests([testOf(rule)]);
    const stories = report.files.flatMap((file) => [
      ...file.problems.map(({ message }) => message),
      ...file.tests.flatMap((one) =>
        one.outcome === 'passed' ? [] : [one.name, ...failureLines(one, { color: false, columns: 120 })],
      ),
    ]);
    expect(stories).toEqual([]);
    expect(report.passed).toBeGreaterThan(3);
  });
});

describe('the tests of the example rules notice what is wrong', () => {
  test.each(tried(ruleFiles).map((rule) => [rule.file.split('/').at(-1), rule] as const))(
    'every test of %s fails when its condition is turned round, its query takes everything, it fires or recovers at once, or else',
    async (name, rule) => {
      const mutations = [
        ...USUAL.filter((mutate) => mutate(rule.text) !== rule.text),
        ...MUTATIONS.filter(([of]) => `${of}.yaml` === name).map(([, , mutate]) => mutate),
      ];
      const read = readTestFile(testOf(rule));
      const left = new Set(read.ok ? read.value.tests.map((one) => one.name) : ['a rule test that can be read']);
      for (const mutate of mutations) {
        if (left.size === 0) break;
        const report = await runMutated(rule, mutate);
        if (mutate === invert) expect(report.failed, 'some test fails when the condition is turned round').toBeGreaterThan(0);
        for (const [test, outcome] of outcomes(report)) if (outcome === 'failed') left.delete(test);
      }
      expect([...left]).toEqual([]);
    },
    // Each mutation plays all tests of its rule.
    60_000,
  );

  test.each(tried(MUTATIONS))('%s: %s', async (of, _what, mutate) => {
    const rule = ruleFiles.find(({ file }) => file.endsWith(`/${of}.yaml`));
    expect(rule).toBeDefined();
    if (rule !== undefined) expect((await runMutated(rule, mutate)).failed).toBeGreaterThan(0);
  });
});
