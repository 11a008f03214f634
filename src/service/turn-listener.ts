import type { ServiceMetrics } from '../server/metrics.ts';
import type { StoreWatch } from './health/store-watch.ts';
import type { TurnWatch } from './health/turn-watch.ts';
import { type Journal, newGaps } from './journal.ts';
import type { Log } from './log.ts';
import type { Listener } from './scheduler/scheduler.ts';
import type { EventHub } from './web/event-hub.ts';
import type { RuleCosts } from './web/rule-costs.ts';

/** Who is notified of finished turns. */
interface Listening {
  readonly metrics: ServiceMetrics;
  readonly journal: Journal;
  readonly store: StoreWatch;
  readonly turnWatch: TurnWatch;
  readonly costs: RuleCosts;
  readonly events: EventHub;
  readonly log: Log;
}

/** Passes what the scheduler says of turns on to metrics, journal, health, costs and pages. */
export function listenerOf({ metrics, journal, store, turnWatch, costs, events, log }: Listening): Listener {
  return {
    evaluated: (part, ports) => {
      metrics.gaps(newGaps(part, ports).length);
      journal.evaluated(part, ports);
    },
    finished: (turn) => {
      const { input, report, took, ports } = turn;
      turnWatch.finished(turn);
      metrics.turn(report, took, ports);
      journal.ended(report);
      costs.note(report);
      events.turn(report);
      // Only a turn that looked for work has surely asked the store; a conflict in one rule's turn is not an outage.
      if (input.sweep) store.saw(report.storeProblems);
      store.wrote(report);
    },
    broke: (error, input) => {
      metrics.brokenTurn();
      log[turnWatch.broke(input, error) ? 'error' : 'debug'](
        { err: error, rules: input.due.map(({ id }) => id) },
        'a turn failed: please report this; its work is retried',
      );
    },
    skipped: (rules) => {
      metrics.skipped(rules.length);
      for (const { id } of rules)
        log.debug({ rule: id }, 'the evaluation was still running at the next tick, which is evaluated afterwards');
    },
  };
}
