import { realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { asError, TocsinError } from '../core/errors.ts';
import type { Problem } from '../core/problems.ts';
import type { Clock } from '../core/time.ts';
import type { LinearRegex } from '../routing/regex.ts';
import { loadRulesWithin } from '../rules/load-rules.ts';
import type { Rule } from '../rules/rule.ts';
import type { SourceFile } from '../yaml/parse.ts';
import { type Budget, type BudgetLimits, BudgetSpent, DEFAULT_LIMITS, NO_CLOCK, openBudget } from './budget.ts';
import { reachedBy, type TestedRule } from './coverage.ts';
import { evaluateCheck } from './evaluate-check.ts';
import { failureAt } from './failing-search.ts';
import { unmatchedRules } from './no-match.ts';
import type { Played } from './observation.ts';
import { type PlayPorts, playTest } from './play-test.ts';
import { readTestFile } from './read-test-file.ts';
import type { Failure, RuleTestFileResult, RuleTestReport, RuleTestResult } from './report.ts';
import { checkSnapshots, keysOfTest } from './snapshots/check-snapshots.ts';
import { openSnapshots, type SnapshotBook, type SnapshotMode } from './snapshots/snapshot-book.ts';
import { openEmbedded } from './test-backend.ts';
import type { RuleTest } from './test-file.ts';
import { relativeTime } from './times.ts';

/** How rule tests are run. */
export interface RuleTestOptions extends Partial<Omit<PlayPorts, 'budget'>> {
  /** What the run may use, all its tests together. */
  readonly limits?: Partial<BudgetLimits>;
  /** Part of a test's name, or of `FILE > NAME`; the others are skipped. */
  readonly filter?: string;
  /** Fits a part of a test's name, or of that of a rule that the test plays; the others are skipped. */
  readonly name?: LinearRegex;
  /** Whether to note which parts of each rule's life its tests reach. */
  readonly coverage?: boolean;
  /** What may be written of snapshots; nothing by default. */
  readonly snapshots?: SnapshotMode;
  /** Measures how long a test takes. */
  readonly clock?: Pick<Clock, 'monotonic' | 'sleep'>;
  /** Gets what happened in each test that could be played. */
  readonly onPlayed?: (played: Played) => void;
  /** Notified of each file as soon as it is done. */
  readonly onFile?: (result: RuleTestFileResult) => void;
  /** Loads the rules of a test file, from within folders (real paths); from the disk, unless a test has them. */
  readonly load?: (
    paths: readonly string[],
    within: readonly string[],
  ) => Promise<{ readonly rules: readonly Rule[]; readonly problems: readonly Problem[] }>;
}

type Running = Omit<PlayPorts, 'within'> &
  Required<Pick<RuleTestOptions, 'clock' | 'load'>> &
  Pick<RuleTestOptions, 'filter' | 'name' | 'coverage' | 'snapshots' | 'within' | 'onPlayed'> & {
    /** Set when the budget is spent: nothing more is run. */
    spent: BudgetSpent | undefined;
  };

/**
 * Runs the tests of test files, one after the other, in memory unless `open` says where, within one budget for all of them. Files that tests name
 * are read from the folders `within`, or else from the folder of the test file. Never throws: what cannot run is in the report.
 */
export async function runRuleTests(files: readonly SourceFile[], options: RuleTestOptions = {}): Promise<RuleTestReport> {
  const clock = options.clock ?? NO_CLOCK;
  const running: Running = {
    open: openEmbedded,
    signal: new AbortController().signal,
    load: (paths, within) => loadRulesWithin(paths, within),
    ...options,
    clock,
    budget: openBudget({ ...DEFAULT_LIMITS, ...options.limits }, clock),
    spent: undefined,
  };
  const began = running.clock.monotonic();
  const results: RuleTestFileResult[] = [];
  let skipped = 0;
  for (const source of files) {
    if (running.signal.aborted || running.spent !== undefined) break;
    const { result, left } = await runFile(source, running);
    skipped += left;
    if (result === undefined) continue;
    results.push(result);
    options.onFile?.(result);
  }
  const count = (outcome: RuleTestResult['outcome']) =>
    results.flatMap((file) => file.tests).filter((test) => test.outcome === outcome).length;
  return {
    files: results,
    problems: endedEarly(running),
    passed: count('passed'),
    failed: count('failed'),
    broken: count('broken'),
    skipped,
    took: running.clock.monotonic() - began,
  };
}

function endedEarly({ signal, spent }: Running): readonly Problem[] {
  if (spent !== undefined) {
    const message = `${spent.message}: tests that were not run are not in this report`;
    return [{ code: spent.code, severity: 'error', message, ...(spent.hint === undefined ? {} : { hint: spent.hint }) }];
  }
  return signal.aborted ? [{ code: 'rule-test/stopped', severity: 'error', message: 'stopped before all tests had run' }] : [];
}

/** A file with its tests; undefined when the filter left out all of them. */
async function runFile(
  source: SourceFile,
  running: Running,
): Promise<{ readonly result: RuleTestFileResult | undefined; readonly left: number }> {
  const read = readTestFile(source);
  if (!read.ok) return { result: { file: source.file, rules: [], problems: read.problems, tests: [] }, left: 0 };
  const { file, rules: paths, tests } = read.value;
  const filtered = tests.filter(({ name }) => running.filter === undefined || `${file} > ${name}`.includes(running.filter));
  if (filtered.length === 0) return { result: undefined, left: tests.length };
  const within = running.within ?? [await realpath(dirname(file)).catch(() => resolve(dirname(file)))];
  const { rules, problems } = await running.load(paths, within);
  const errors = problems.filter(({ severity }) => severity === 'error');
  const chosen = named(filtered, rules, running.name);
  const left = tests.length - chosen.length;
  // What a rule that does not load is called is not known, so its problems are shown whatever name is wanted.
  if (chosen.length === 0 && errors.length === 0) return { result: undefined, left };
  const book = await openSnapshots(file, within, running.snapshots ?? 'nothing');
  const covered: TestedRule[] = [];
  const results: RuleTestResult[] = [];
  for (const test of errors.length > 0 || rules.length === 0 ? [] : chosen) {
    if (running.signal.aborted || running.spent !== undefined) break;
    results.push(await runTest(test, { rules, ports: { ...running, within }, book, covered }, running));
  }
  const whole = new Set(results.filter(sentAll).map(({ name }) => name));
  const spared = tests.filter(({ name }) => !whole.has(name)).map(({ name }) => keysOfTest(name));
  const { changes, problems: unwritten } = await book.close(spared);
  const result: RuleTestFileResult = {
    file,
    rules: paths,
    problems: [...read.problems, ...errors, ...book.problems, ...unwritten],
    tests: results,
    ...(changes === undefined ? {} : { snapshots: changes }),
    ...(running.coverage === true ? { covered } : {}),
  };
  return { result, left };
}

/** A test that fails for another reason may lack the messages that some of its snapshots are of. */
function sentAll({ outcome, failures }: RuleTestResult): boolean {
  return outcome !== 'broken' && failures.every(({ kind }) => kind === 'snapshot');
}

/** The tests whose own name fits, and all of them where that of one of their rules does. */
function named(tests: readonly RuleTest[], rules: readonly Rule[], pattern: LinearRegex | undefined): readonly RuleTest[] {
  if (pattern === undefined || rules.some(({ name }) => pattern.matches(name) === true)) return tests;
  return tests.filter(({ name }) => pattern.matches(name) === true);
}

/** What a test is played with, and what takes what came of it. */
interface Playing {
  readonly rules: readonly Rule[];
  readonly ports: PlayPorts;
  readonly book: SnapshotBook;
  readonly covered: TestedRule[];
}

async function runTest(test: RuleTest, { rules, ports, book, covered }: Playing, running: Running): Promise<RuleTestResult> {
  const began = running.clock.monotonic();
  const { name, position, start } = test;
  const head = { name, position, start, checks: test.checks.length };
  const took = () => running.clock.monotonic() - began;
  const broken = (problems: readonly Problem[]): RuleTestResult => {
    return { ...head, outcome: 'broken', failures: [], problems, notes: [], timeline: [], turns: 0, took: took() };
  };
  try {
    await running.budget.breathe();
    const result = await playTest(test, rules, ports);
    if (!result.ok) return broken(result.problems);
    const { played, documents } = result;
    running.onPlayed?.(played);
    const unanswered = unansweredRules(test, played);
    if (unanswered.length > 0) return { ...broken(unanswered), turns: played.turns };
    if (running.coverage === true) covered.push(...rules.map((rule) => reachedBy(played, rule, test.name)));
    const failures = [
      ...failuresOf(test, played, running.budget),
      ...checkSnapshots(test, played.observations, book, running.budget),
    ];
    const outcome = failures.length === 0 ? 'passed' : 'failed';
    const world = { documents, mapping: test.mapping, rules };
    return {
      ...head,
      outcome,
      failures,
      problems: [],
      notes: failures.length === 0 ? [] : await unmatchedRules(world, played.timeline, running.signal),
      timeline: failures.length === 0 ? [] : played.timeline,
      turns: played.turns,
      took: took(),
    };
  } catch (thrown) {
    if (thrown instanceof BudgetSpent) running.spent = thrown;
    const { code, hint } = thrown instanceof TocsinError ? thrown : { code: 'rule-test/broken', hint: undefined };
    const message = asError(thrown).message;
    return broken([{ code, severity: 'error', message, ...(hint === undefined ? {} : { hint }), at: position }]);
  }
}

function failuresOf(test: RuleTest, played: Played, budget: Budget): readonly Failure[] {
  const evaluated = test.checks.flatMap((check, index) => {
    const seen = played.observations[index];
    return seen === undefined ? [] : evaluateCheck(check, seen, test.start, budget);
  });
  return [...evaluated, ...(mindsHealth(test) ? [] : failures(test, played))];
}

/** Rules whose searches only a cluster answers, with the next step: everything else about such a test would only follow from that. */
function unansweredRules(test: RuleTest, played: Played): readonly Problem[] {
  if (mindsHealth(test)) return [];
  const refused = unmeantFailures(test, played).filter(({ search }) => search.code === 'unsupported');
  return [...new Map(refused.map((one) => [one.rule, one])).values()].map(({ rule, search }) => ({
    code: 'rule-test/unsupported',
    severity: 'error',
    message: `${rule}: ${search.message}`,
    hint: search.hint,
    at: test.position,
  }));
}

function mindsHealth({ checks }: RuleTest): boolean {
  return checks.some((check) => check.health !== undefined);
}

function unmeantFailures(test: RuleTest, { failed }: Played): Played['failed'] {
  return failed.filter(({ now }) => failureAt(test.searchFails, now) === undefined);
}

/** A window that could not be evaluated fails a test, unless the test checks health or makes searches fail. */
function failures(test: RuleTest, played: Played): readonly Failure[] {
  const base = {
    position: test.position,
    expected: ['all windows can be evaluated; if the failure is intended, check `health`'],
    differences: [],
  };
  const unmeant = unmeantFailures(test, played);
  const [first] = unmeant;
  if (first !== undefined) {
    const message = `${unmeant.length === 1 ? 'a window' : `${unmeant.length} windows`} of ${first.rule} could not be evaluated, first at ${relativeTime(first.at, test.start)}`;
    return [{ ...base, kind: 'failed_window', message, at: first.at, got: [...new Set(unmeant.map(({ problem }) => problem))] }];
  }
  return played.complaints.map(({ at, subject, problem }) => ({
    ...base,
    ...{
      kind: 'complaint',
      message: `unexpected health alert about the ${subject}`,
      at,
      expected: ['no health alerts; if this one is intended, check `health`'],
      got: [problem],
    },
  }));
}
