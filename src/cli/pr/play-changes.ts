import { thresholdsOf } from '../../conditions/thresholds.ts';
import type { Config } from '../../config/config.ts';
import type { Clock, Duration, TimeRange } from '../../core/time.ts';
import { type RunBudget, startBudget } from '../../replay/budget.ts';
import { play } from '../../replay/play.ts';
import { readingsBook } from '../../replay/readings.ts';
import type { PlayedVersion } from '../../reports/pr/pr-report.ts';
import type { RuleChange } from '../../revisions/rule-changes.ts';
import type { Rule } from '../../rules/rule.ts';
import { sandboxMaterial } from '../../sandbox/material.ts';
import { packSandbox } from '../../sandbox/pack.ts';
import { recordAnswers } from '../../sandbox/record-answers.ts';
import { deliverySettings } from '../../service/destinations.ts';
import type { OpenHistory } from '../open-history.ts';

/** What changed rules are played over. */
export interface ReplayedHistory {
  readonly opened: OpenHistory;
  readonly range: TimeRange;
  readonly warmUp: Duration;
  /** How long playing all of them may take, ms of real time. */
  readonly budget: Duration;
  /** Whether the answers of the newer versions are kept, for sandboxes. */
  readonly keepAnswers: boolean;
  /** The configurations of before and after, by which messages are routed. */
  readonly configs: { readonly before: Config; readonly after: Config };
  readonly clock: Clock;
  readonly signal: AbortSignal;
  progress(done: number, note: string): void;
}

/** Both versions of a rule as they played; a side without the rule is undefined. */
export interface PlayedChange {
  readonly before?: PlayedVersion;
  readonly after?: PlayedVersion;
}

/**
 * Plays both versions of each changed rule over one history, each by itself. Where the budget ends within a rule, that rule is left out as the ones after
 * it are: a version that is compared with nothing, or with less of the history, would look like a change.
 */
export async function playChanges(
  changes: readonly RuleChange[],
  history: ReplayedHistory,
): Promise<ReadonlyMap<RuleChange, PlayedChange>> {
  const budget = startBudget(history.budget, history.clock, history.signal);
  try {
    return await playWithin(budget, changes, history);
  } finally {
    budget.end();
  }
}

async function playWithin(
  budget: RunBudget,
  changes: readonly RuleChange[],
  history: ReplayedHistory,
): Promise<ReadonlyMap<RuleChange, PlayedChange>> {
  const { configs } = history;
  const played = new Map<RuleChange, PlayedChange>();
  for (const [index, change] of changes.entries()) {
    if (budget.isSpent()) break;
    const progress = (done: number) => history.progress((index + done) / changes.length, change.name);
    const context = { ...history, budget, progress };
    progress(0);
    const before =
      change.before === undefined || (change.after === undefined && change.kind === 'broken')
        ? undefined
        : await playOne(change.before.rule, { config: configs.before, keepAnswers: false }, { ...context, part: 0 });
    if (before === 'stopped') break;
    const after =
      change.after === undefined
        ? undefined
        : await playOne(
            change.after.rule,
            { config: configs.after, keepAnswers: history.keepAnswers },
            { ...context, part: 0.5 },
          );
    if (after === 'stopped') break;
    played.set(change, { ...(before !== undefined && { before }), ...(after !== undefined && { after }) });
  }
  return played;
}

interface PlayingHistory extends Omit<ReplayedHistory, 'budget' | 'progress'> {
  readonly budget: RunBudget;
  progress(done: number): void;
  /** How much of the rule is played when this version begins. */
  readonly part: number;
}

async function playOne(
  rule: Rule,
  { config, keepAnswers }: { readonly config: Config; readonly keepAnswers: boolean },
  { opened, range, warmUp, clock, signal, budget, progress, part }: PlayingHistory,
): Promise<PlayedVersion | undefined | 'stopped'> {
  const book = readingsBook(rule.id, range.from);
  const recorder = keepAnswers ? recordAnswers(rule) : undefined;
  const settings = deliverySettings(config);
  const before = opened.asked?.();
  const report = await play({
    rules: [rule],
    failures: [],
    settings,
    search: opened.search,
    ranges: opened.ranges,
    range,
    warmUp,
    clock,
    signal,
    observe: book.take,
    ...(recorder !== undefined && { around: recorder.over }),
    budget,
    // Both versions take as long, as a rule.
    progress: (done) => progress(part + done / 2),
  });
  if (report.stopped !== undefined) return 'stopped';
  const asked = opened.asked?.();
  const [story] = report.rules;
  if (story === undefined) return undefined;
  const { readings, complete } = book.series();
  const thresholds = thresholdsOf(rule.levels.map(({ condition }) => condition.text));
  return {
    story,
    readings,
    complete,
    ...(thresholds !== undefined && { thresholds }),
    ...(recorder !== undefined && {
      sandbox: packSandbox(sandboxMaterial({ rule, story, range, warmUp, settings }, recorder)),
    }),
    ...(before !== undefined &&
      asked !== undefined && { asked: { searches: asked.searches - before.searches, took: asked.took - before.took } }),
  };
}
