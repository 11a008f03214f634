import { describeTransition, describeWait } from '../alerts/describe.ts';
import type { Finding } from '../alerts/finding.ts';
import { formatDuration } from '../core/duration.ts';
import type { Json } from '../core/json.ts';
import { valuesText } from '../core/printed.ts';
import { own } from '../core/record.ts';
import type { Instant } from '../core/time.ts';
import { iso } from '../core/time.ts';
import type { RecordedChange, RecordedRun } from '../engine/history/run-history.ts';
import { shownKind } from '../engine/shown-kind.ts';
import type { LivingAlert, RuleDocument } from '../evaluation/rule-states.ts';
import type { Rule } from '../rules/rule.ts';
import type { ExplainedChange, ExplainedLife, PresentAlert, PresentFlapping } from './explanation.ts';

/** What the life of one alert is read from. */
export interface LifeSources {
  readonly rule: Pick<Rule, 'lifecycle' | 'leveled' | 'flapping'>;
  readonly at: Instant;
  readonly alert: string;
  readonly living: LivingAlert | undefined;
  readonly document: RuleDocument | undefined;
  /** The run of the tick. */
  readonly recorded: RecordedRun | undefined;
  /** Runs that changed the alert, in any order. */
  readonly runs: readonly RecordedRun[];
  /** The alert of second looks, with the runs that changed it; undefined for a rule without `revisit`. */
  readonly second?: { readonly alert: string; readonly runs: readonly RecordedRun[] } | undefined;
  /** What the window comes to when it is asked now, and the values that say so. */
  readonly finding: Finding['kind'];
  readonly values: Readonly<Record<string, Json>>;
}

/** Says what happened to an alert at a tick, how it is now, and what led there. */
export function lifeOf(sources: LifeSources): ExplainedLife {
  const { rule, living, document } = sources;
  const changes = changesOf(sources);
  const status = statusAfter(sources, changes);
  const present: PresentAlert | undefined =
    living === undefined || document === undefined
      ? undefined
      : {
          status: living.status,
          level: living.level,
          since: living.since,
          started: living.started,
          episode: living.episode,
          waits: describeWait(living, rule.lifecycle, document.evaluated_through),
        };
  const all = [...changes, ...lateChanges(sources)].filter(isShown).sort((a, b) => a.at - b.at);
  return { happened: happenedAt(sources, changes, status), status, present, flapping: flappingOf(sources), changes: all };
}

function isShown(change: ExplainedChange): boolean {
  return shownKind(change) !== undefined;
}

/** Findings of `revisit` are shown at the time they were found, and marked; the alert's own status is separate. */
function lateChanges(sources: LifeSources): readonly ExplainedChange[] {
  if (sources.second === undefined) return [];
  const found = changesOf({ ...sources, ...sources.second, recorded: undefined });
  return found.map((change) => ({ ...change, words: `${change.words}, found in late documents` }));
}

function flappingOf({ rule, alert, document }: LifeSources): PresentFlapping | undefined {
  const notified = own(document?.past, alert)?.notified;
  if (notified === undefined) return undefined;
  const { since, episodes, changed } = notified;
  const steady = formatDuration(rule.flapping?.steady ?? 0);
  const last = `the last change was at ${iso(changed)}`;
  return {
    since,
    episodes,
    words: `${episodes} episodes since ${iso(since)}; no message until it is steady for ${steady}, ${last}`,
  };
}

/** Says whether a tick lies in a gap of a rule: windows that were too old to be evaluated. */
export function inGap(document: RuleDocument | undefined, at: Instant): boolean {
  return (document?.health.gaps ?? []).some(({ from, to }) => from < at && at <= to);
}

function changesOf({
  rule,
  alert,
  recorded,
  runs,
}: Pick<LifeSources, 'rule' | 'alert' | 'recorded' | 'runs'>): readonly ExplainedChange[] {
  const byTick = new Map([...runs, ...(recorded === undefined ? [] : [recorded])].map((run) => [run.at, run]));
  return [...byTick.values()]
    .sort((a, b) => a.at - b.at)
    .flatMap((run) => run.changes.filter((change) => change.alert === alert).map((change) => worded(change, run.at, rule)));
}

function worded(change: RecordedChange, at: Instant, rule: LifeSources['rule']): ExplainedChange {
  const { kind, from, to, reason, severity, values, quiet } = change;
  const transition = { kind, from, to, reason, at, ...(rule.leveled && { level: severity }) };
  const words = `${describeTransition(transition, rule.lifecycle)}${quiet ? '; no message, because it flaps' : ''}`;
  return { at, kind, from, to, reason, severity, values, ...(quiet && { quiet }), words };
}

/** The saved document decides if the current status began before; otherwise the changes around the tick. */
function statusAfter(
  { at, living, document, recorded, finding }: LifeSources,
  changes: readonly ExplainedChange[],
): ExplainedLife['status'] {
  if (living !== undefined && living.since <= at) return living.status;
  const before = changes.findLast((change) => change.at <= at);
  if (before !== undefined) return before.to;
  const after = changes.find((change) => change.at > at);
  if (after !== undefined) return after.from;
  if (living !== undefined || document === undefined) return undefined;
  // What does not hold makes no alert, whether or not its evaluation is saved.
  return recorded !== undefined || at <= document.evaluated_through || isCalm(finding) ? 'inactive' : undefined;
}

function happenedAt(
  { at, document, recorded, finding, values }: LifeSources,
  changes: readonly ExplainedChange[],
  status: ExplainedLife['status'],
): string {
  const now = changes.filter((change) => change.at === at);
  if (now.length > 0)
    return now
      .filter(isShown)
      .map(({ words }) => words)
      .join('; then ');
  if (recorded?.outcome === 'failed') return 'this window could not be evaluated: the alert is unchanged';
  if (inGap(document, at)) return 'this window is in a gap: it was too old to be evaluated after a downtime';
  if (document === undefined) return 'this rule was never evaluated by `tocsin run`';
  const evaluated = recorded !== undefined || at <= document.evaluated_through;
  if (at < document.incarnation) return `not evaluated: the rule’s first tick was ${iso(document.incarnation)}`;
  if (status === 'inactive' && isCalm(finding)) return noAlert(finding, values);
  if (!evaluated) return `not evaluated yet, or not saved yet: saved up to ${iso(document.evaluated_through)}`;
  const stayed = status === undefined ? 'no change' : `no change, still ${status}`;
  // A breach is always recorded, so the documents that make it one now did not exist then.
  if (recorded === undefined && finding === 'breach' && status === 'inactive')
    return `${stayed}; the documents that now make it a breach arrived after the evaluation`;
  return stayed;
}

function isCalm(finding: Finding['kind']): boolean {
  return finding === 'clear' || finding === 'between' || finding === 'absent';
}

function noAlert(finding: Finding['kind'], values: LifeSources['values']): string {
  if (finding === 'absent') return 'no alert: the group has no document in this window';
  const measured = valuesText(values);
  return `no alert: the condition is false${measured === '' ? '' : ` (${measured})`}`;
}
