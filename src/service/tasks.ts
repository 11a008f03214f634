import type { Duration } from '../core/time.ts';
import { taskTexts } from '../messages/direct-texts.ts';
import { createOutage, type OutageParts, type OutageWords, type StoreOutage } from './health/outage.ts';

/** What a process does by itself and may stop doing while everything else goes on. */
export type Task = 'turns' | 'evaluation' | 'health' | 'housekeeping' | 'reload' | 'leases' | 'clock' | 'slack';

/** Every task, for metrics. */
const TASKS: readonly Task[] = ['turns', 'evaluation', 'health', 'housekeeping', 'reload', 'leases', 'clock', 'slack'];

/** What each of them no longer does while it fails. */
const LOST: Readonly<Record<Task, string>> = {
  turns: 'rules are not evaluated or notifications are not sent',
  evaluation: 'rules are not evaluated by any replica',
  health: 'this replica raises no health alerts',
  housekeeping: 'alerts of removed rules do not end and old state is not deleted',
  reload: 'changes of rules and configuration are not noticed',
  leases: 'replicas do not share the rules: each of them evaluates all',
  clock: 'windows are evaluated too early or too late',
  slack: 'buttons and commands in Slack do not work; messages are still sent',
};

/** Watches the tasks: a failure is logged when it begins and ends, and reported to the meta receiver from memory when it lasts. */
export interface Tasks {
  /** Says why a task fails now; undefined: it does not. `from`: since when by the monotonic clock, if that was earlier. */
  report(task: Task, problem: string | undefined, from?: Duration): void;
  problems(): ReadonlyMap<Task, string>;
  /** To be called at every poll. Never throws. */
  poll(): void;
}

/** Starts watching; no task fails yet. */
export function watchTasks(parts: OutageParts): Tasks {
  const outages = new Map<Task, StoreOutage>(TASKS.map((task) => [task, createOutage(parts)]));
  return {
    report: (task, problem, from) => outages.get(task)?.is(problem, wordsOf(task), from),
    problems: () =>
      new Map(
        [...outages].flatMap(([task, outage]) => {
          const problem = outage.problem();
          return problem === undefined ? [] : [[task, problem]];
        }),
      ),
    poll: () => {
      for (const outage of outages.values()) outage.poll();
    },
  };
}

function wordsOf(task: Task): OutageWords {
  return {
    subject: task,
    began: `${task} failing: ${LOST[task]}`,
    stays: `${task} still failing: ${LOST[task]}`,
    ended: (lasted) => `${task} working again after ${lasted}`,
    ...taskTexts(task, LOST[task]),
  };
}
