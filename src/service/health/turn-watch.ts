import { newestTick } from '../../core/schedule.ts';
import type { Clock, Duration, Instant } from '../../core/time.ts';
import type { TurnInput } from '../../engine/turn-context.ts';
import type { Rule } from '../../rules/rule.ts';
import type { FinishedTurn } from '../scheduler/scheduler.ts';

/** Remembers when turns finished and which rules they attended to, so that a neglected rule is detected. */
export interface TurnWatch {
  finished(turn: FinishedTurn): void;
  /** How long ago the newest turn finished, ms by a clock that does not jump; before the first one, since the start. */
  silentFor(): Duration;
  /** The rules with a tick that went by long enough ago to be evaluated, and that no turn has attended to since. */
  starved(rules: readonly Rule[], now: Instant): readonly Rule[];
  /** Takes a turn that threw; gives whether that is news: the one about the same before it did not, or for another reason. */
  broke(input: Pick<TurnInput, 'due'>, error: Error): boolean;
  /** Why turns about the same rules, or those that look for work, throw again and again; undefined: none does. */
  breaking(): string | undefined;
}

/** How long after its tick a rule may wait for its turn, beside its searches' timeout, ms: slow catch-up is not a standstill. */
const PATIENCE: Duration = 300_000;

/** A turn may throw once for a reason that passes; so many in a row do not, or two in this time, ms. */
const BREAKS = 3;
const BREAKING: Duration = 60_000;
/** Failures that do not recur, for a removed rule, are forgotten after this, ms. */
const FORGET_BREAKS: Duration = 7_200_000;

/** Turns about one subject that threw, with none between them that did not. */
interface Breaks {
  readonly since: Duration;
  readonly last: Duration;
  readonly count: number;
  readonly message: string;
}

/** Stands for the turns that look for work, whatever they find. */
const LOOKING = 'searching for pending work';

/** Starts watching; a rule counts as attended to from the moment it is first asked about. */
export function watchTurnWatch(clock: Pick<Clock, 'monotonic'>): TurnWatch {
  let last = clock.monotonic();
  let evaluated = new Map<Rule['id'], Instant>();
  const broken = new Map<string, Breaks>();
  return {
    silentFor: () => clock.monotonic() - last,
    finished: ({ input, report }) => {
      last = clock.monotonic();
      for (const subject of subjectsOf(input)) broken.delete(subject);
      if (report.storeProblems.length > 0) return;
      // A conflict means that another replica evaluated it, which is as good.
      const unsaved = new Set(report.unsaved.filter(({ why }) => why !== 'conflict').map(({ rule }) => rule));
      for (const { id } of input.due) if (!unsaved.has(id)) evaluated.set(id, input.now);
    },
    starved: (rules, now) => {
      evaluated = new Map(rules.map(({ id }) => [id, evaluated.get(id) ?? now]));
      return rules.filter(({ id, schedule, source }) => {
        const tick = newestTick(schedule, now - PATIENCE - source.timeout);
        return tick !== undefined && tick > (evaluated.get(id) ?? now);
      });
    },
    broke: (input, error) => {
      const now = clock.monotonic();
      let isNews = false;
      for (const subject of subjectsOf(input)) {
        const before = broken.get(subject);
        isNews ||= before?.message !== error.message;
        broken.set(subject, { since: before?.since ?? now, last: now, count: (before?.count ?? 0) + 1, message: error.message });
      }
      return isNews;
    },
    breaking: () => {
      const now = clock.monotonic();
      for (const [subject, { last: lastBreak }] of broken) if (now - lastBreak >= FORGET_BREAKS) broken.delete(subject);
      const bad = [...broken].filter(([, { count, since }]) => count >= BREAKS || (count > 1 && now - since >= BREAKING));
      const [first] = bad;
      if (first === undefined) return undefined;
      const [subject, { message }] = first;
      const others = bad.length === 1 ? '' : ` and ${bad.length - 1} more`;
      return `turns fail repeatedly (${subject}${others}): ${message}`;
    },
  };
}

function subjectsOf({ due }: Pick<TurnInput, 'due'>): readonly string[] {
  return due.length === 0 ? [LOOKING] : due.map(({ id }) => id);
}
