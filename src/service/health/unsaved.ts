import type { RuleId } from '../../core/ids.ts';
import { iso } from '../../core/time.ts';
import type { TurnLog } from '../../engine/turn-log.ts';
import type { Run } from '../../evaluation/run.ts';
import type { Log } from '../log.ts';

/** Remembers rules whose state could not be written: such a write is tried every few seconds, and logged when it fails first and when it succeeds. */
export interface UnsavedRules {
  /** Takes what was evaluated, before its runs are logged. */
  evaluated(part: Pick<TurnLog, 'now' | 'saved' | 'unsaved'>): void;
  /** Whether what a run changed is news: it was saved, or may have been for the first time. */
  isNews(run: Run): boolean;
}

type Unsaved = TurnLog['unsaved'][number];

/** A rule whose last write was not acknowledged. */
interface Known {
  readonly why: Unsaved['why'];
  readonly of: Unsaved['of'];
  /** In what was evaluated last, so that its runs are those that were not saved. */
  fresh: boolean;
  /** Windows whose changes were logged although it is not clear whether they were saved. */
  readonly logged: Set<number>;
}

/** Rules that one line names; the others are counted. */
const NAMED = 20;

/** Starts remembering. */
export function trackUnsaved(log: Log): UnsavedRules {
  const known = new Map<RuleId, Known>();
  return {
    evaluated: ({ now, saved, unsaved }) => {
      for (const one of known.values()) one.fresh = false;
      for (const { rule } of saved) {
        const before = known.get(rule);
        if (before?.why === 'refused' && before.of !== 'index') log.info({ rule }, 'the state of this rule can be saved again');
        known.delete(rule);
      }
      const news = unsaved.filter(({ rule, why }) => known.get(rule)?.why !== why);
      for (const { rule, why, of } of unsaved)
        known.set(rule, { why, of, fresh: true, logged: known.get(rule)?.logged ?? new Set() });
      writeNews(news, iso(now), log);
    },
    isNews: ({ rule, at, changes }) => {
      const one = known.get(rule);
      if (one === undefined || !one.fresh || changes.length === 0) return true;
      // Another replica has logged it, or it will be when it is saved.
      if (one.why !== 'unclear' || one.logged.has(at)) return false;
      one.logged.add(at);
      return true;
    },
  };
}

function writeNews(news: readonly Unsaved[], at: string, log: Log): void {
  for (const { rule, message } of news.filter(({ why }) => why === 'conflict'))
    log.debug({ rule, at, problem: message }, 'another replica evaluated this rule');
  for (const { rule, message, of } of news.filter(({ why }) => why === 'refused')) {
    // An index that takes no writes is one line, of the watch over the store.
    const level = of === 'index' ? 'debug' : 'error';
    log[level]({ rule, at, problem: message }, 'the store refused to write the state of this rule');
  }
  const unclear = news.filter(({ why }) => why === 'unclear');
  const [first, ...others] = unclear;
  if (first === undefined) return;
  const rules =
    others.length === 0
      ? { rule: first.rule }
      : { rules: unclear.slice(0, NAMED).map(({ rule }) => rule), count: unclear.length };
  log.warn({ ...rules, at, problem: first.message }, 'outcome of the write unknown: reading the state and evaluating again');
}
