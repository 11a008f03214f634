import type { FlappingRule } from '../alerts/flapping.ts';
import { durationHint, formatDuration, parseDuration } from '../core/duration.ts';
import { parseCron, type Schedule } from '../core/schedule.ts';
import { DAY, type Duration, SECOND } from '../core/time.ts';
import { truncate } from '../core/truncate.ts';
import type { Complaints } from '../yaml/complaints.ts';
import type { Path } from '../yaml/path.ts';
import type { CommonKeys } from './common-keys.ts';
import { DEFAULTS } from './defaults.ts';
import type { Rule } from './rule.ts';

const LONGEST = 3_650 * DAY;

/** The keys of a rule that say when and how long; durations in ms. */
export interface RuleTimes {
  readonly schedule: Schedule;
  readonly window: Duration;
  readonly delay: Duration;
  readonly for: Duration | { readonly breaches: number; readonly of: number };
  readonly keepFiringFor: Duration;
  readonly noDataAfter: Duration;
  readonly forgetAfter: Duration;
  readonly settle: Duration;
  /** Undefined: off. */
  readonly flapping: FlappingRule | undefined;
  /** 0: off; undefined: as usual. */
  readonly outageHold: Duration | undefined;
  readonly revisit: Duration | undefined;
  readonly catchUp: Duration;
  readonly groupWait: Duration | undefined;
  readonly groupInterval: Duration | undefined;
  readonly repeatInterval: Duration | undefined;
  readonly repeatGrowth: Rule['repeatGrowth'];
  readonly escalate: Rule['escalate'];
  readonly timeout: Duration;
}

/** Reads every duration of a rule and its schedule. */
export function readTimes(keys: CommonKeys, complaints: Complaints): RuleTimes {
  const read = (key: keyof CommonKeys, text: string, atLeast: Duration) => readDuration(text, [key], complaints, atLeast);
  const window = read('window', keys.window ?? DEFAULTS.window, SECOND);
  const revisit = keys.revisit ?? DEFAULTS.revisit;
  const hold = keys.outage_hold;
  return {
    schedule: readSchedule(keys, complaints),
    window,
    delay: read('delay', keys.delay ?? DEFAULTS.delay, 0),
    for: readFor(keys.for ?? DEFAULTS.for, complaints),
    keepFiringFor: read('keep_firing_for', keys.keep_firing_for ?? DEFAULTS.keep_firing_for, 0),
    noDataAfter: keys.no_data_after === undefined ? window : read('no_data_after', keys.no_data_after, 0),
    forgetAfter: read('forget_after', keys.forget_after ?? DEFAULTS.forget_after, SECOND),
    settle: read('settle', keys.settle ?? DEFAULTS.settle, 0),
    flapping: readFlapping(keys.flapping ?? {}, complaints),
    outageHold: hold === undefined ? undefined : hold === 'off' ? 0 : read('outage_hold', hold, SECOND),
    revisit: revisit === 'off' ? undefined : read('revisit', revisit, SECOND),
    catchUp: read('catch_up', keys.catch_up ?? DEFAULTS.catch_up, 0),
    groupWait: keys.group_wait === undefined ? undefined : read('group_wait', keys.group_wait, 0),
    groupInterval: keys.group_interval === undefined ? undefined : read('group_interval', keys.group_interval, 0),
    ...readRepeat(keys.repeat_interval, complaints),
    escalate: keys.escalate?.map((step, index) => readStep(step, index, keys, complaints)),
    timeout: read('timeout', keys.timeout ?? DEFAULTS.timeout, 1),
  };
}

/** A duration at a path, between `atLeast` and ten years; an invalid one is an error and reads as 0. */
export function readDuration(text: string, path: Path, complaints: Complaints, atLeast: Duration = 0): Duration {
  const duration = parseDuration(text);
  if (duration === undefined) {
    complaints.error('rule/invalid', path, `expected a duration, got "${truncate(text, 40)}"`, durationHint(text));
    return 0;
  }
  if (duration < atLeast) complaints.error('rule/invalid', path, `expected at least ${formatDuration(atLeast)}, got ${text}`);
  if (duration > LONGEST)
    complaints.error('rule/invalid', path, `expected at most ${formatDuration(LONGEST)}, got ${truncate(text, 40)}`);
  return duration;
}

function readRepeat(
  repeat: CommonKeys['repeat_interval'],
  complaints: Complaints,
): Pick<RuleTimes, 'repeatInterval' | 'repeatGrowth'> {
  if (repeat === undefined) return { repeatInterval: undefined, repeatGrowth: undefined };
  if (typeof repeat === 'string')
    return { repeatInterval: readDuration(repeat, ['repeat_interval'], complaints, SECOND), repeatGrowth: undefined };
  const { first, factor = 2, max } = repeat;
  const repeatInterval = readDuration(first, ['repeat_interval', 'first'], complaints, SECOND);
  const longest =
    max === undefined ? Math.max(DAY, repeatInterval) : readDuration(max, ['repeat_interval', 'max'], complaints, SECOND);
  if (longest < repeatInterval)
    complaints.error('rule/invalid', ['repeat_interval', 'max'], '`max` is shorter than `first`', 'such as 1d');
  return { repeatInterval, repeatGrowth: { factor, max: longest } };
}

/** The times of an escalation grow. */
function readStep(
  { after, receiver }: NonNullable<CommonKeys['escalate']>[number],
  index: number,
  keys: CommonKeys,
  complaints: Complaints,
) {
  const path = ['escalate', index, 'after'];
  const time = readDuration(after, path, complaints, SECOND);
  const before = keys.escalate?.[index - 1];
  if (before !== undefined && time <= (parseDuration(before.after) ?? 0))
    complaints.error('rule/invalid', path, 'each step must be later than the one before it', 'such as 15m, then 1h');
  return { after: time, receiver };
}

function readSchedule(keys: CommonKeys, complaints: Complaints): Schedule {
  if (keys.schedule === undefined) {
    if (keys.timezone !== undefined) {
      const hint = '`every` is based on UTC; use `schedule` for local times';
      complaints.error('rule/invalid', ['timezone'], '`timezone` has no effect without `schedule`', hint, 'key');
    }
    const every = readDuration(keys.every ?? DEFAULTS.every, ['every'], complaints, SECOND);
    return { kind: 'every', every: Math.max(every, SECOND) };
  }
  if (keys.every !== undefined) {
    complaints.error('rule/invalid', ['schedule'], '`every` and `schedule` exclude each other', 'keep one of them', 'key');
  }
  const timezone = keys.timezone ?? DEFAULTS.timezone;
  const cron = parseCron(keys.schedule, timezone);
  if (cron.ok) return cron.schedule;
  const zone = /time zone/i.test(cron.message) && keys.timezone !== undefined;
  complaints.error(
    'rule/schedule',
    [zone ? 'timezone' : 'schedule'],
    cron.message,
    zone ? undefined : 'such as */5 8-18 * * 1-5',
  );
  return { kind: 'cron', pattern: keys.schedule, timezone };
}

function readFlapping(value: NonNullable<CommonKeys['flapping']>, complaints: Complaints): RuleTimes['flapping'] {
  if (value === 'off') return undefined;
  const { episodes, within: given } = { ...DEFAULTS.flapping, ...value };
  const within = readDuration(given, ['flapping', 'within'], complaints, SECOND);
  // Of an alert that begins just often enough to flap, none of the times between two episodes is longer.
  const usual = Math.ceil(within / (episodes - 1));
  const steady = value.steady === undefined ? usual : readDuration(value.steady, ['flapping', 'steady'], complaints, SECOND);
  return { episodes, within, steady };
}

/** How long, or how often, it must be bad; what is impossible is an error. */
export function readFor(value: NonNullable<CommonKeys['for']>, complaints: Complaints): RuleTimes['for'] {
  if (typeof value === 'string') return readDuration(value, ['for'], complaints);
  if (value.breaches > value.of) {
    const message = `${value.breaches} breaches are more than ${value.of} evaluations`;
    complaints.error('rule/invalid', ['for', 'breaches'], message, 'set breaches to at most the value of of');
  }
  return value;
}
