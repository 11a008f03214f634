import type { Status } from '../../../src/alerts/alert-state.ts';
import type { Lifecycle } from '../../../src/alerts/lifecycle.ts';
import { MINUTE, type Tick } from './story.ts';

/** What an alert is after one evaluated tick, as the model has it. */
export interface Verdict {
  readonly status: Status;
  readonly level?: string;
  /** A pending that began at this tick, though the tick before may have been pending too: a gap lies between them. */
  readonly began?: true;
}

interface Evaluated {
  readonly at: number;
  readonly kind: 'breach' | 'between' | 'clear' | 'absent' | 'unknown';
  readonly level?: string;
  readonly present: boolean;
}

/**
 * The life of an alert by looking back over everything that ever happened, keeping nothing but what it was at each tick: slow, and
 * unlike the code in every way but its answers. One group of a rule without group_by, so nothing is ever forgotten; no `settle`.
 */
export function model(rule: Lifecycle, all: readonly Tick[]): readonly Verdict[] {
  const history = all.flatMap(({ finding, present }, index): readonly Evaluated[] =>
    finding === 'failed' ? [] : [{ ...finding, at: index * MINUTE, present }],
  );
  const verdicts: Verdict[] = [];
  for (const index of history.keys()) verdicts.push(verdict(rule, history.slice(0, index + 1), verdicts));
  return verdicts;
}

function verdict(rule: Lifecycle, history: readonly Evaluated[], past: readonly Verdict[]): Verdict {
  const now = history.length - 1;
  const before = past.at(-1)?.status ?? 'inactive';
  const kind = effectiveKind(rule, history, now);
  if (before === 'inactive' || (before === 'pending' && isGap(rule, history, now)))
    return kind === 'breach' ? begin(rule, history, now) : IDLE;
  if (before === 'pending') return pending(rule, history, past, kind);
  const status = firingOrRecovering(rule, history, past, kind);
  return status === 'inactive' ? IDLE : withLevel(rule, history, past, status);
}

const IDLE: Verdict = { status: 'inactive' };

function begin(rule: Lifecycle, history: readonly Evaluated[], now: number): Verdict {
  const once = typeof rule.for === 'number' ? rule.for === 0 : rule.for.breaches === 1;
  return { status: once ? 'firing' : 'pending', ...levelOf(history[now]?.level ?? worstLevel(rule)), began: true };
}

function pending(rule: Lifecycle, history: readonly Evaluated[], past: readonly Verdict[], kind: Evaluated['kind']): Verdict {
  const now = history.length - 1;
  const began = past.findLastIndex((verdict) => verdict.began);
  const level = levelOf(history[now]?.level ?? past.at(-1)?.level);
  if (kind === 'unknown') return { status: 'pending', ...levelOf(past.at(-1)?.level) };
  if (typeof rule.for === 'number') {
    if (kind === 'between') return { status: 'pending', ...levelOf(past.at(-1)?.level) };
    if (kind !== 'breach') return IDLE;
    return { status: coveredTime(history, began, now) >= rule.for ? 'firing' : 'pending', ...level };
  }
  const counted = range(began, now)
    .map((index) => effectiveKind(rule, history, index))
    .filter((one) => one !== 'unknown')
    .slice(-rule.for.of);
  const breaches = counted.filter((one) => one === 'breach').length;
  if (breaches === 0) return IDLE;
  return { status: breaches >= rule.for.breaches && kind === 'breach' ? 'firing' : 'pending', ...level };
}

function firingOrRecovering(
  rule: Lifecycle,
  history: readonly Evaluated[],
  past: readonly Verdict[],
  kind: Evaluated['kind'],
): Status {
  const now = history.length - 1;
  const before = past.at(-1)?.status ?? 'inactive';
  if (kind === 'breach') return 'firing';
  if (kind === 'absent' && rule.noData === 'resolve' && absentFor(history, now) >= rule.noDataAfter) return 'inactive';
  if (kind !== 'clear') return before;
  const began = before === 'firing' ? now : runStart(past, (status) => status === 'recovering');
  const anew = Math.max(began, ...range(began + 1, now).filter((index) => isGap(rule, history, index)));
  const first = range(anew, now).find((index) => effectiveKind(rule, history, index) === 'clear') ?? now;
  return coveredTime(history, first, now) >= rule.keepFiringFor ? 'inactive' : 'recovering';
}

function withLevel(rule: Lifecycle, history: readonly Evaluated[], past: readonly Verdict[], status: Status): Verdict {
  const now = history.length - 1;
  const present = past.at(-1)?.level;
  if (present === undefined) return { status };
  const seen = range(0, now).map((index) => seenLevel(rule, history, index));
  const rank = (level: string | undefined) => (level === undefined ? -1 : rule.levels.indexOf(level));
  const asBreach = history[now]?.level;
  if (asBreach !== undefined && rank(asBreach) < rank(present)) return { status, level: asBreach };
  if (history[now]?.kind === 'clear') return { status, level: present };
  const began = runStart(past, (_status, level) => level === present);
  const start = range(began, now).find(
    (from) =>
      range(from, now).every((index) => rank(seen[index]) > rank(present)) &&
      range(from + 1, now).every((index) => !isGap(rule, history, index)),
  );
  if (start === undefined || coveredTime(history, start, now) < rule.keepFiringFor) return { status, level: present };
  return { status, ...levelOf(rule.levels[Math.min(...seen.slice(start).map(rank))]) };
}

/** The level that a tick speaks for; undefined where it proves nothing. An absence evaluated as a breach speaks for the present one. */
function seenLevel(rule: Lifecycle, history: readonly Evaluated[], index: number): string | undefined {
  const kind = history[index]?.kind;
  if (kind === 'breach') return history[index]?.level;
  return kind === 'between' || kind === 'clear' ? rule.levels.at(-1) : undefined;
}

function effectiveKind(rule: Lifecycle, history: readonly Evaluated[], index: number): Evaluated['kind'] {
  const kind = history[index]?.kind ?? 'unknown';
  return kind === 'absent' && rule.noData === 'alert' && absentFor(history, index) >= rule.noDataAfter ? 'breach' : kind;
}

/** Covered time since the group was present, or since the first tick when it never was. */
function absentFor(history: readonly Evaluated[], index: number): number {
  const last = range(0, index).findLast((one) => history[one]?.present === true);
  return coveredTime(history, last ?? 0, index);
}

function isGap(rule: Lifecycle, history: readonly Evaluated[], index: number): boolean {
  const known = range(0, index - 1).findLast((one) => history[one]?.kind !== 'unknown');
  const held = typeof rule.for === 'number' ? rule.for : rule.for.of * MINUTE;
  return known !== undefined && timeBetween(history, known, index) > Math.max(held, 2 * MINUTE);
}

/** Index at which the present run of verdicts that fit began. */
function runStart(past: readonly Verdict[], fits: (status: Status, level: string | undefined) => boolean): number {
  return past.findLastIndex(({ status, level }) => !fits(status, level)) + 1;
}

function timeBetween(history: readonly Evaluated[], from: number, to: number): number {
  return (history[to]?.at ?? 0) - (history[from]?.at ?? 0);
}

/** Time that evaluations covered: a stretch of more than two minutes between two of them counts as one. */
function coveredTime(history: readonly Evaluated[], from: number, to: number): number {
  const steps = range(from + 1, to).map((index) => timeBetween(history, index - 1, index));
  return steps.reduce((sum, step) => sum + (step > 2 * MINUTE ? MINUTE : step), 0);
}

function worstLevel(rule: Lifecycle): string | undefined {
  return rule.levels.length > 1 ? rule.levels[0] : undefined;
}

function levelOf(level: string | undefined): { readonly level?: string } {
  return level === undefined ? {} : { level };
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_unused, offset) => from + offset);
}
