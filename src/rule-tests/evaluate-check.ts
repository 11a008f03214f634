import type { Position } from '../core/problems.ts';
import type { Instant } from '../core/time.ts';
import { type Assignment, assign } from './assignment.ts';
import type { Budget } from './budget.ts';
import { compareAlert, compareNotification, compareTransition, type Difference, type Looking } from './compare.ts';
import { describeAlert, describeExpectation, describeNotification, transitionLine } from './describe.ts';
import type { Observation, SeenAlert, SeenNotification, SeenTransition } from './observation.ts';
import type { CheckedList, Failure } from './report.ts';
import type { Expected, NotificationExpectation, TestCheck } from './test-file.ts';

/** Holds what was seen at a check's time against what it expects; one failure for each expectation that is not met. */
export function evaluateCheck(check: TestCheck, seen: Observation, start: Instant, budget: Budget): readonly Failure[] {
  budget.spend('checks', 1);
  const place = { check, start, budget };
  return [
    ...evaluateList({ list: 'alerts', ...place }, check.alerts, seen.alerts, ALERTS),
    ...evaluateList({ list: 'health', ...place }, check.health, seen.health, ALERTS),
    ...evaluateList({ list: 'transitions', ...place }, check.transitions, seen.transitions, TRANSITIONS),
    ...evaluateList({ list: 'notifications', ...place }, check.notifications, seen.notifications, NOTIFICATIONS),
  ];
}

/** A notification that met an expectation, which is the `number`th of its check. */
interface MetNotification {
  readonly wanted: NotificationExpectation;
  readonly got: SeenNotification;
  readonly number: number;
}

/** The notifications by which expectations of a check are met, in the order of the check. */
export function notificationsMet(
  check: TestCheck,
  seen: Observation,
  start: Instant,
  budget: Budget,
): readonly MetNotification[] {
  const place: Place = { list: 'notifications', check, start, budget };
  const wanted = (check.notifications?.items ?? []).filter((item) => !item.not);
  const { taken } = assigned(wanted, seen.notifications, NOTIFICATIONS, place);
  return wanted.flatMap((item, index) => {
    const got = seen.notifications[taken[index] ?? -1];
    return got === undefined ? [] : [{ wanted: item, got, number: (check.notifications?.items.indexOf(item) ?? index) + 1 }];
  });
}

interface Kind<W, T> {
  readonly noun: string;
  readonly compare: (wanted: W, got: T, looking: Looking) => readonly Difference[];
  readonly describe: (got: T, start: Instant) => string;
  /** Whether it counts where a list must be whole. */
  readonly counts: (got: T) => boolean;
  /** Whether an expectation is met by there being nothing at all. */
  readonly metByNothing: (wanted: W) => boolean;
}

const ALERTS: Kind<Parameters<typeof compareAlert>[0], SeenAlert> = {
  noun: 'alert',
  compare: compareAlert,
  describe: describeAlert,
  counts: ({ status }) => status !== 'inactive',
  // A forgotten group has no alert, so it counts as inactive.
  metByNothing: ({ status, values, flapping }) => status === 'inactive' && values === undefined && flapping !== true,
};

const TRANSITIONS: Kind<Parameters<typeof compareTransition>[0], SeenTransition> = {
  noun: 'transition',
  compare: compareTransition,
  describe: transitionLine,
  counts: () => true,
  metByNothing: () => false,
};

const NOTIFICATIONS: Kind<Parameters<typeof compareNotification>[0], SeenNotification> = {
  noun: 'notification',
  compare: compareNotification,
  describe: describeNotification,
  counts: () => true,
  metByNothing: () => false,
};

interface Place {
  readonly list: CheckedList;
  readonly check: TestCheck;
  readonly start: Instant;
  readonly budget: Budget;
}

interface Wanted {
  readonly position: Position;
  readonly not: boolean;
}

/** One list of one check, with what was seen. */
interface Looked<W, T> extends Place {
  readonly expected: Expected<W>;
  readonly wanted: readonly W[];
  readonly things: readonly T[];
  readonly kind: Kind<W, T>;
}

function evaluateList<W extends Wanted, T>(
  place: Place,
  expected: Expected<W> | undefined,
  things: readonly T[],
  kind: Kind<W, T>,
): readonly Failure[] {
  if (expected === undefined) return [];
  const wanted = expected.items.filter((item) => !item.not);
  const looked: Looked<W, T> = { ...place, expected, wanted, things, kind };
  const assignment = assigned(wanted, things, kind, place);
  const lacking = missing(looked, assignment);
  // What is there in place of something missing is shown with it already.
  return [...lacking, ...unwanted(looked), ...(lacking.length > 0 ? [] : unexpected(looked, assignment))];
}

function assigned<W, T>(wanted: readonly W[], things: readonly T[], kind: Kind<W, T>, place: Place): Assignment {
  return assign(wanted.length, things.length, (item, thing) => {
    const [want, got] = [wanted[item], things[thing]];
    return want !== undefined && got !== undefined && compared(want, got, kind, place).length === 0;
  });
}

/** Every comparison is paid for: a check with a thousand expectations over a thousand messages is a million of them. */
function compared<W, T>(wanted: W, got: T, kind: Kind<W, T>, { start, budget }: Place): readonly Difference[] {
  budget.spend('comparisons', 1);
  return kind.compare(wanted, got, { start, spend: (cost) => budget.spend('expressions', cost) });
}

function missing<W extends Wanted, T>(
  { wanted, things, kind, ...place }: Looked<W, T>,
  { taken }: Assignment,
): readonly Failure[] {
  const free = things.filter((_, thing) => !taken.includes(thing));
  const got = things.filter(kind.counts).map((thing) => kind.describe(thing, place.start));
  return wanted.flatMap((item, index): readonly Failure[] => {
    if (taken[index] !== undefined) return [];
    const others = free.map((thing) => ({ counts: kind.counts(thing), differences: compared(item, thing, kind, place) }));
    // Nothing is what was wanted, unless something is there about the same rule and group.
    if (kind.metByNothing(item) && !others.some(({ counts, differences }) => counts && !differences.some(isIdentity))) return [];
    const message = got.length === 0 ? `no ${kind.noun}` : `no ${kind.noun} is as expected`;
    const differences = nearest(others.map((one) => one.differences));
    return [
      {
        ...headOf(place, item.position),
        kind: 'missing',
        message,
        expected: describeExpectation(item, place.start),
        got,
        differences,
      },
    ];
  });
}

function unwanted<W extends Wanted, T>({ expected, things, kind, ...place }: Looked<W, T>): readonly Failure[] {
  return expected.items.flatMap((item): readonly Failure[] => {
    const met = item.not ? things.filter((thing) => compared(item, thing, kind, place).length === 0) : [];
    if (met.length === 0) return [];
    const message = `${met.length === 1 ? `${article(kind.noun)}` : `${met.length} ${kind.noun}s`} where none is allowed`;
    const got = met.map((thing) => kind.describe(thing, place.start));
    const none = ['none with', ...describeExpectation(item, place.start)];
    return [{ ...headOf(place, item.position), kind: 'unwanted', message, expected: none, got, differences: [] }];
  });
}

function unexpected<W extends Wanted, T>(
  { expected, wanted, things, kind, ...place }: Looked<W, T>,
  { left }: Assignment,
): readonly Failure[] {
  if (!expected.exactly) return [];
  const whole =
    wanted.length === 0
      ? `no ${kind.noun}`
      : `only the listed ${wanted.length === 1 ? kind.noun : `${wanted.length} ${kind.noun}s`}`;
  const extra = left.flatMap((thing) => things[thing] ?? []).filter(kind.counts);
  if (extra.length === 0) return [];
  const message = `${extra.length === 1 ? `unexpected ${kind.noun}` : `${extra.length} unexpected ${kind.noun}s`}`;
  const got = extra.map((thing) => kind.describe(thing, place.start));
  return [{ ...headOf(place, expected.position), kind: 'unexpected', message, expected: [whole], got, differences: [] }];
}

function headOf({ list, check }: Place, position: Position): Pick<Failure, 'list' | 'at' | 'position'> {
  return { list, at: check.at, position };
}

/** Differences to the thing that comes nearest: of the same rule and group if there is one, with the fewest others. */
function nearest(compared: readonly (readonly Difference[])[]): readonly Difference[] {
  const weight = (differences: readonly Difference[]) => differences.reduce((sum, one) => sum + (isIdentity(one) ? 100 : 1), 0);
  return [...compared].sort((a, b) => weight(a) - weight(b))[0] ?? [];
}

function isIdentity({ key }: Difference): boolean {
  return key === 'rule' || key === 'receiver' || key.startsWith('group.');
}

function article(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}
