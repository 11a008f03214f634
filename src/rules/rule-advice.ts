import type { Condition, ConditionValues, Variables } from '../conditions/condition.ts';
import { formatDuration } from '../core/duration.ts';
import { isObject } from '../core/json.ts';
import { own } from '../core/record.ts';
import { parseCron, type Schedule, usualInterval } from '../core/schedule.ts';
import { severityTier } from '../core/severity.ts';
import type { Complaints } from '../yaml/complaints.ts';
import type { Advised } from './advised.ts';
import type { CommonKeys } from './common-keys.ts';
import type { RuleComplaints } from './complaints.ts';
import { adviseOnConditions } from './condition-advice.ts';
import { adviseOnHold } from './hold-advice.ts';
import { adviseOnPauses, MONDAY } from './pause-advice.ts';
import { adviseOnRhythm } from './rhythm-advice.ts';
import type { CompiledKey } from './rule-conditions.ts';
import { typesWithKey } from './rule-schema.ts';

/** Warns of what is allowed and rarely intended. */
export function advise(rule: Advised, complaints: RuleComplaints): void {
  if (isSound(rule.times.schedule)) {
    adviseOnTimes(rule, complaints);
    adviseOnRhythm(rule, complaints);
    adviseOnPauses(rule.times, complaints);
    adviseOnHold(rule, complaints);
  }
  adviseOnGroups(rule.keys, complaints);
  adviseOnAbsence(rule, complaints);
  adviseOnSeverities(rule.keys, complaints);
  adviseOnConditions(rule, complaints);
  adviseOnOverlap(rule, complaints);
  adviseOnFloor(rule, complaints);
  adviseOnFlapping(rule, complaints);
  adviseOnCounters(rule, complaints);
}

/** A schedule that was reported already says nothing. */
function isSound(schedule: Schedule): boolean {
  return schedule.kind === 'every' || parseCron(schedule.pattern, schedule.timezone).ok;
}

function adviseOnTimes({ keys, options, times: { schedule, window } }: Advised, complaints: Complaints): void {
  const usual = usualInterval(schedule, MONDAY);
  // An exact frequency looks at every range of its length since the last tick: nothing lies between.
  if (window >= usual || options['exact'] === true) return;
  const every = formatDuration(usual);
  const message = `a window of ${formatDuration(window)} is shorter than the interval of ${every}: documents in between are never evaluated`;
  complaints.warning(
    'rule/window-gap',
    [keys.window === undefined ? (schedule.kind === 'cron' ? 'schedule' : 'every') : 'window'],
    message,
    `window: ${every} or more`,
  );
}

/** The difference of a field's extremes is how far a counter went, until it begins again at 0. */
function adviseOnCounters({ options, conditions: { bad, good } }: Advised, complaints: Complaints): void {
  const metrics = isObject(options['metrics']) ? Object.entries(options['metrics']) : [];
  const fieldOf = (name: string | undefined, kind: string) => {
    const metric = metrics.find(([other]) => other === name)?.[1];
    return isObject(metric) ? own(metric, kind) : undefined;
  };
  for (const { path, condition } of [...bad, ...(good === undefined ? [] : [good])]) {
    const differences = condition.text.matchAll(/(?<![\w.])(\w+)\s*-\s*(\w+)(?![\w.(])/g);
    const [, high, low] = [...differences].find(([, one, other]) => isSpan(fieldOf(one, 'max'), fieldOf(other, 'min'))) ?? [];
    if (high === undefined) continue;
    const message = `\`${high} - ${low}\` is the range of the field; a counter reset to 0 (a restart, a new Pod) looks like growth`;
    complaints.warning(
      'rule/counter-reset',
      path,
      message,
      `for a counter use more: { increase: ${String(fieldOf(high, 'max'))} }`,
    );
    return;
  }
}

function isSpan(high: unknown, low: unknown): boolean {
  return typeof high === 'string' && high === low;
}

function adviseOnFlapping({ keys, times: { flapping } }: Advised, complaints: Complaints): void {
  if (flapping === undefined || keys.flapping === undefined || keys.flapping === 'off' || keys.flapping.steady === undefined)
    return;
  const usual = Math.ceil(flapping.within / (flapping.episodes - 1));
  if (flapping.steady >= usual) return;
  const { episodes, within, steady } = flapping;
  const message = `${episodes} episodes in ${formatDuration(within)} can be ${formatDuration(usual)} apart: with steady: ${formatDuration(steady)} such an alert counts as steady between two episodes, and each is notified`;
  complaints.warning('rule/flapping-steady', ['flapping', 'steady'], message, `${formatDuration(usual)} or more`);
}

function adviseOnGroups(keys: CommonKeys, complaints: RuleComplaints): void {
  if (keys.group_by !== undefined) return;
  for (const key of ['missing', 'max_groups'] as const) {
    if (keys[key] !== undefined) complaints.idle([key], `\`${key}\` has no effect without \`group_by\``);
  }
}

function adviseOnAbsence({ keys, absence }: Advised, complaints: RuleComplaints): void {
  if (absence === 'zero') {
    for (const key of ['no_data', 'no_data_after'] as const) {
      if (keys[key] === undefined) continue;
      const message = `\`${key}\` has no effect: a group without documents counts 0 here`;
      complaints.idle([key], message, 'use a condition that covers 0');
    }
  }
  if (
    keys.forget_after !== undefined &&
    !typesWithKey('forget_after').includes(keys.type) &&
    (absence === 'zero' || keys.no_data !== 'alert')
  ) {
    complaints.idle(['forget_after'], '`forget_after` has no effect without `no_data: alert`');
  }
}

function adviseOnSeverities(keys: CommonKeys, complaints: Complaints): void {
  const ranks = (keys.levels ?? []).map(({ severity }) => severityTier(severity));
  for (const [index, rank] of ranks.entries()) {
    const before = ranks[index - 1];
    if (rank === undefined || before === undefined || rank >= before) continue;
    const message = 'levels must be ordered worst first, but this one seems worse than the one above it';
    complaints.warning(
      'rule/level-order',
      ['levels', index, 'severity'],
      message,
      'a level applies only while the conditions of those above are false',
    );
  }
}

function adviseOnOverlap({ conditions: { bad, good }, variables }: Advised, complaints: Complaints): void {
  if (good === undefined) return;
  const both = bad.map((key) => bothHold(key, good, variables)).find((values) => values !== undefined);
  if (both === undefined) return;
  const when = Object.entries(both).map(([name, value]) => `${name} = ${value}`);
  const message = `the condition and \`recover\` are both true when ${when.join(', ')}; this counts as bad`;
  complaints.warning('rule/overlap', ['recover'], message, 'change `recover` so that it does not overlap the condition');
}

function adviseOnFloor({ keys, absence, conditions: { bad } }: Advised, complaints: Complaints): void {
  if (keys.type !== 'spike' || absence !== 'zero') return;
  const key = bad.find(({ condition }) => condition.evaluate({ current: 1, reference: 0 }).kind === 'true');
  if (key === undefined) return;
  const message = 'a single document fires the alert if there were none before: any count is a multiple of 0';
  complaints.warning('rule/no-floor', key.path, message, 'add a minimum, such as `&& current >= 50`');
}

/** Values of at most two numbers at which both conditions hold; looked for at and between the numbers they name. */
function bothHold(bad: CompiledKey, good: CompiledKey, variables: Variables): ConditionValues | undefined {
  const names = [...new Set([...bad.uses, ...good.uses])];
  if (names.length === 0 || names.length > 2 || names.some((name) => own(variables, name) !== 'number')) return undefined;
  const points = pointsOf(bad.condition, good.condition);
  const seconds = names.length === 2 ? points.slice(0, 4) : [0];
  for (const first of points) {
    for (const second of seconds) {
      const values = Object.fromEntries(names.map((name, index) => [name, index === 0 ? first : second]));
      if (bad.condition.evaluate(values).kind === 'true' && good.condition.evaluate(values).kind === 'true') return values;
    }
  }
  return undefined;
}

/** The numbers of both texts, their neighbours and what lies between them: whole ones only where all are whole, as counts are. */
function pointsOf(...conditions: readonly Condition[]): readonly number[] {
  const texts = conditions.flatMap(({ text }) => text.replace(/"[^"]*"|'[^']*'/g, '').match(/(?<![\w.])\d+(?:\.\d+)?/g) ?? []);
  const numbers = [...new Set([1, 0, ...texts.map(Number)])].slice(0, 6);
  const whole = numbers.every(Number.isInteger);
  const sorted = [...numbers].sort((a, b) => a - b);
  const between = sorted.slice(1).map((number, index) => (number + (sorted[index] ?? number)) / 2);
  const around = whole ? sorted.flatMap((number) => [number - 1, number + 1]) : [];
  return [...new Set([...numbers, ...between.map((number) => (whole ? Math.floor(number) : number)), ...around])]
    .filter((n) => n >= 0)
    .slice(0, 12);
}
