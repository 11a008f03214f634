import type {
  FlappingTime,
  LevelChange,
  ReportedNotification,
  RuleStory,
  Standing,
  StatusChange,
  WindowProblem,
} from '../backtest/rule-story.ts';
import { nextTick, type Schedule } from '../core/schedule.ts';
import { compareTexts } from '../core/text-order.ts';
import type { Instant, TimeRange } from '../core/time.ts';
import type { TurnLog } from '../engine/turn-log.ts';
import type { FlappingChange } from '../evaluation/outbox/flaps.ts';
import type { Change } from '../evaluation/outbox/outbox-entry.ts';
import type { RuleDocument } from '../evaluation/rule-states.ts';
import type { Run } from '../evaluation/run.ts';
import { headline } from '../messages/title.ts';
import type { Notified } from '../notify/delivery-ports.ts';
import type { Rule } from '../rules/rule.ts';
import { groupKey } from '../search/group-key.ts';

/** Takes the reports of turns as they come, and returns each rule's changes in the end. It keeps what changed, and nothing of what did not. */
export interface StoryBook {
  take(log: TurnLog): void;
  /** The stories by rule name, up to the last tick that was played; `documentOf` gives the rules' documents as they are then. */
  stories(documentOf: (rule: string) => RuleDocument | undefined, through?: Instant): readonly RuleStory[];
}

/** What is gathered of one rule while turns pass. */
interface Notes {
  readonly rule: Rule;
  evaluated: number;
  readonly changes: Change[];
  readonly flapping: FlappingChange[];
  /** What second looks found. */
  readonly late: Change[];
  readonly problems: Map<string, WindowProblem>;
  /** End of each gap by its begin: a gap grows while nothing answers. */
  readonly gaps: Map<Instant, Instant>;
  readonly notifications: ReportedNotification[];
}

/** Starts a book about what these rules do in `(from, to]`; turns before it only determine the initial state. */
export function storyBook(rules: readonly Rule[], range: TimeRange): StoryBook {
  const notes = new Map(rules.map((rule): [string, Notes] => [rule.id, blank(rule)]));
  const ruleOfAlert = new Map<string, string>();
  return {
    take: (log) => {
      for (const run of log.runs) {
        for (const change of [...run.changes, ...(run.late ?? [])]) ruleOfAlert.set(change.alert, run.rule);
        const own = notes.get(run.rule);
        if (own !== undefined) noteRun(own, run, log.now, range);
      }
      for (const document of log.saved) {
        noteGaps(notes.get(document.rule), document);
        // A message about a silent source belongs to no change of a group.
        for (const { alert } of document.outbox) ruleOfAlert.set(alert, document.rule);
      }
      for (const one of log.notified) {
        if (one.at <= range.from || one.at > range.to) continue;
        for (const rule of new Set(one.about.map((alert) => ruleOfAlert.get(alert)))) {
          if (rule !== undefined) notes.get(rule)?.notifications.push(notificationOf(one));
        }
      }
    },
    stories: (documentOf, through = range.to) =>
      [...notes.values()]
        .map((own) => {
          noteGaps(own, documentOf(own.rule.id));
          return storyOf(own, { from: range.from, to: through });
        })
        .sort((a, b) => compareTexts(a.name, b.name)),
  };
}

/** How many ticks a schedule has in `(from, to]`. */
export function ticksIn(schedule: Schedule, { from, to }: TimeRange): number {
  if (schedule.kind === 'every') return Math.max(0, Math.floor(to / schedule.every) - Math.floor(from / schedule.every));
  let count = 0;
  for (let tick = nextTick(schedule, from); tick !== undefined && tick <= to; tick = nextTick(schedule, tick)) count++;
  return count;
}

function blank(rule: Rule): Notes {
  return { rule, evaluated: 0, changes: [], flapping: [], late: [], problems: new Map(), gaps: new Map(), notifications: [] };
}

function noteRun(own: Notes, run: Run, now: Instant, range: TimeRange): void {
  if (run.outcome === 'evaluated' && run.at > range.from && run.at <= range.to) own.evaluated++;
  own.changes.push(...run.changes);
  own.flapping.push(...(run.flapping ?? []));
  own.late.push(...(run.late ?? []));
  if (run.problem === undefined || now <= range.from) return;
  const known = own.problems.get(run.problem.code);
  if (known !== undefined) own.problems.set(run.problem.code, { ...known, times: known.times + 1 });
  else {
    const { code, message, hint } = run.problem;
    own.problems.set(code, { code, message, hint, times: 1, first: run.at });
  }
}

function noteGaps(own: Notes | undefined, document: RuleDocument | undefined): void {
  for (const { from, to } of document?.health.gaps ?? []) own?.gaps.set(from, Math.max(to, own.gaps.get(from) ?? to));
}

function notificationOf({ at, receiver, channel, reason, alerts, title }: Notified): ReportedNotification {
  return { at, receiver, channel, reason, alerts, title: headline(title) };
}

function storyOf(
  { rule, evaluated, changes, late, flapping, problems, gaps, notifications }: Notes,
  range: TimeRange,
): RuleStory {
  const windows = rule.enabled ? ticksIn(rule.schedule, range) : 0;
  const sorted = inOrder(rule, changes);
  const reported = sorted.filter(({ transition: { at } }) => at > range.from && at <= range.to);
  return {
    id: rule.id,
    name: rule.name,
    paused: !rule.enabled,
    windows,
    failed: windows - evaluated,
    gaps: [...gaps]
      .map(([from, to]) => ({ from: Math.max(from, range.from), to: Math.min(to, range.to) }))
      .filter(({ from, to }) => to > from)
      .sort((a, b) => a.from - b.from),
    problems: [...problems.values()],
    standing: standingOf(sorted.filter(({ transition }) => transition.at <= range.from)),
    transitions: reported.flatMap(statusChange),
    late: inOrder(rule, late)
      .filter(({ transition: { at } }) => at > range.from && at <= range.to)
      .flatMap(lateChange),
    levels: rule.leveled ? reported.flatMap(levelChange) : undefined,
    flapping: flappingTimes(flapping, range),
    notifications: notifications.sort((a, b) => a.at - b.at),
  };
}

/** By time, then by group; what one tick did to one group stays in its order. */
function inOrder(rule: Rule, changes: readonly Change[]): readonly Change[] {
  return changes
    .map((change) => ({ change, key: groupKey(rule.groupBy, change.group) }))
    .sort((a, b) => a.change.transition.at - b.change.transition.at || compareTexts(a.key, b.key))
    .map(({ change }) => change);
}

function statusChange({ group, transition, severity, values, quiet }: Change): readonly StatusChange[] {
  const { at, from, to, reason } = transition;
  return from === to ? [] : [{ at, group, from, to, reason, severity, values, ...(quiet && { quiet }) }];
}

function lateChange(change: Change): readonly StatusChange[] {
  const begins = change.transition.kind === 'firing';
  return statusChange(change).map((one) => (begins ? { ...one, reason: 'late_documents' } : one));
}

/** The times in which alerts flapped that touch a range, by their begins. */
function flappingTimes(changes: readonly FlappingChange[], range: TimeRange): readonly FlappingTime[] {
  const open = new Map<string, FlappingTime>();
  const times: FlappingTime[] = [];
  for (const { alert, group, kind, at, episodes } of changes) {
    const begun = open.get(alert);
    if (kind === 'flapping') open.set(alert, { group, from: at, to: undefined, firesOn: false, episodes });
    else if (begun !== undefined) {
      times.push({ ...begun, to: at, firesOn: kind === 'steady', episodes });
      open.delete(alert);
    }
  }
  return [...times, ...open.values()].filter(({ to }) => to === undefined || to > range.from).sort((a, b) => a.from - b.from);
}

function levelChange({ group, transition, values, quiet }: Change): readonly LevelChange[] {
  const { kind, at, level, previousLevel, reason } = transition;
  if ((kind !== 'worse' && kind !== 'better') || level === undefined) return [];
  return [{ at, group, from: previousLevel, to: level, reason, values, ...(quiet && { quiet }) }];
}

/** Alerts after some changes: all of them but the inactive ones. */
function standingOf(changes: readonly Change[]): readonly Standing[] {
  const standing = new Map<string, Standing>();
  for (const { alert, group, transition } of changes) {
    const { to, from, at } = transition;
    const begins = from === 'inactive' || (from === 'pending' && to === 'firing');
    const since = begins ? at : (standing.get(alert)?.since ?? at);
    if (to === 'inactive') standing.delete(alert);
    else standing.set(alert, { group, status: to, since });
  }
  return [...standing.values()];
}
