import { thresholdsOf } from '../../conditions/thresholds.ts';
import type { Config } from '../../config/config.ts';
import type { Clock, Duration, TimeRange } from '../../core/time.ts';
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

/** Plays both versions of each changed rule over one history, each by itself; the budget may end before the last. */
export async function playChanges(
  changes: readonly RuleChange[],
  history: ReplayedHistory,
): Promise<ReadonlyMap<RuleChange, PlayedChange>> {
  const { clock, budget, configs } = history;
  const began = clock.monotonic();
  const played = new Map<RuleChange, PlayedChange>();
  for (const [index, change] of changes.entries()) {
    // A version that is compared with nothing would look like a change.
    if (clock.monotonic() - began >= budget) break;
    history.progress(index / changes.length, change.name);
    const before =
      change.before === undefined || (change.after === undefined && change.kind === 'broken')
        ? undefined
        : await playOne(change.before.rule, { config: configs.before, keepAnswers: false }, history);
    const after =
      change.after === undefined
        ? undefined
        : await playOne(change.after.rule, { config: configs.after, keepAnswers: history.keepAnswers }, history);
    played.set(change, { ...(before !== undefined && { before }), ...(after !== undefined && { after }) });
  }
  return played;
}

async function playOne(
  rule: Rule,
  { config, keepAnswers }: { readonly config: Config; readonly keepAnswers: boolean },
  { opened, range, warmUp, clock, signal }: ReplayedHistory,
): Promise<PlayedVersion | undefined> {
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
    progress: () => undefined,
  });
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
