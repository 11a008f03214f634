import { alertId } from '../../../src/alerts/alert-id.ts';
import type { AlertState, Transition } from '../../../src/alerts/alert-state.ts';
import type { Finding } from '../../../src/alerts/finding.ts';
import type { Lifecycle } from '../../../src/alerts/lifecycle.ts';
import { type StepContext, type Stepped, step } from '../../../src/alerts/step.ts';
import { deepFreeze } from '../../../src/core/freeze.ts';

export const MINUTE = 60_000;

/** The first tick of every story. */
export const START = Date.UTC(2026, 0, 1, 10);

/** A rule without anything special: one condition, every minute, window 5m; each test names what it changes. */
export function lifecycle(changes: Partial<Lifecycle> = {}): Lifecycle {
  return {
    for: 0,
    keepFiringFor: 0,
    noData: 'resolve',
    noDataAfter: 5 * MINUTE,
    settle: 0,
    forgetAfter: 7 * 24 * 60 * MINUTE,
    levels: ['warning'],
    ...changes,
  };
}

/** What one tick brings: the finding, whether the group was present; a failed evaluation evaluates nothing. */
export interface Tick {
  readonly finding: Finding | 'failed';
  readonly present: boolean;
}

/** One tick of a story that was evaluated. */
export interface Notified extends Stepped {
  readonly at: number;
}

/** Reads ticks as words, one a minute: `breach`, `breach@critical`, `between`, `clear`, `absent`, `unknown`, `failed`, with `×3` for three. */
export function ticks(words: string): readonly Tick[] {
  return spelled(words).split(' ').map(tickOf);
}

/** Words with every `word×3` written out. */
export function spelled(words: string): string {
  return words.replace(/(\S+)×(\d+)/g, (_all, word: string, times: string) => Array(Number(times)).fill(word).join(' '));
}

function tickOf(word: string): Tick {
  const [kind = '', level] = word.split('@');
  if (kind === 'failed') return { finding: 'failed', present: false };
  return { finding: findingOf(kind, level), present: kind !== 'absent' };
}

function findingOf(kind: string, level: string | undefined): Finding {
  if (kind === 'again') return { kind: 'breach', again: true, ...(level !== undefined && { level }) };
  if (kind === 'breach') return level === undefined ? { kind } : { kind, level };
  if (kind === 'unknown') return { kind, because: 'count has no value' };
  if (kind === 'between' || kind === 'clear' || kind === 'absent') return { kind };
  throw new Error(`no finding is called ${kind}`);
}

/** Steps an alert through ticks, one a minute, from nothing; every state goes through JSON, as a store would have it. */
export function notify(
  rule: Lifecycle,
  all: readonly Tick[],
  group: StepContext['group'] = { 'host.name': 'node-1' },
): readonly Notified[] {
  const id = alertId('default', 'rule', group);
  const notified: Notified[] = [];
  for (const [index, { finding, present }] of all.entries()) {
    if (finding === 'failed') continue;
    const previous = notified.at(-1);
    const at = START + index * MINUTE;
    const context: StepContext = { id, group, at, lifecycle: rule, present, previous: previous?.at, every: MINUTE };
    notified.push({ at, ...step(deepFreeze(stored(previous?.state)), finding, deepFreeze(context)) });
  }
  return notified;
}

function stored(state: AlertState | undefined): AlertState | undefined {
  return state === undefined ? undefined : JSON.parse(JSON.stringify(state));
}

/** A story in words, one an evaluated tick: its transitions as `kind(reason)`, with `@level`, or the status where nothing changed. */
export function timeline(rule: Lifecycle, words: string, group?: StepContext['group']): string {
  return notify(rule, ticks(words), group)
    .map(({ state, transitions }) => transitions.map(wordOf).join('+') || (state?.status ?? 'inactive'))
    .join(' ');
}

function wordOf({ kind, reason, level }: Transition): string {
  return `${kind}(${reason})${level === undefined ? '' : `@${level}`}`;
}
