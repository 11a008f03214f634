import { own } from '../core/record.ts';
import { ruleTypeNamed } from '../rule-types/registry.ts';
import type { Rule } from '../rules/rule.ts';
import type { Observation, Played } from './observation.ts';

/** What a test reached of one rule. */
export interface TestedRule {
  readonly test: string;
  readonly rule: string;
  readonly file: string;
  /** All parts of its life, in the order of `lifeParts`. */
  readonly parts: readonly string[];
  readonly reached: readonly string[];
}

/** A rule with how many tests reached each part of its life. */
export interface CoveredRule {
  readonly rule: string;
  readonly file: string;
  /** How many tests played it. */
  readonly tests: number;
  readonly parts: readonly { readonly part: string; readonly tests: number }[];
}

/** What the tests reached of all rules; `percent` is rounded down: 100 means all. */
export interface Coverage {
  readonly rules: readonly CoveredRule[];
  readonly reached: number;
  readonly parts: number;
  readonly percent: number;
  /** The least that was asked for, percent; absent: nothing was. */
  readonly least?: number;
}

/**
 * The parts of a rule's life that a test can reach: that it fires (or reports an event), does not fire where something was measured, resolves, finds no
 * data (where its type knows that), reaches each level, is pending and does not fire (with `for`), and has its messages written.
 */
export function lifeParts(rule: Rule): readonly string[] {
  const type = ruleTypeNamed(rule.type);
  const levels = rule.leveled ? rule.levels.map(({ severity }) => `level ${severity}`) : [];
  if (type?.notifies === 'events') return ['event', 'no event', ...levels, 'message'];
  const { for: held } = rule.lifecycle;
  const waits = typeof held === 'number' ? held > 0 : held.of > 1;
  const ends = rule.sendResolved !== false && (rule.message.resolvedTitle ?? rule.message.resolvedText) !== undefined;
  return [
    'fires',
    'does not fire',
    'resolves',
    ...(type?.absence(rule.options) === 'absent' ? ['no data'] : []),
    ...levels,
    ...(waits ? ['pending only'] : []),
    'message',
    ...(ends ? ['resolved message'] : []),
  ];
}

/** What a policy calls the parts that it requires, and which parts of a rule each name means. */
const REQUIRED: Readonly<Record<string, (part: string) => boolean>> = {
  fires: (part) => part === 'fires' || part === 'event',
  does_not_fire: (part) => part === 'does not fire' || part === 'no event',
  resolves: (part) => part === 'resolves',
  no_data: (part) => part === 'no data',
  levels: (part) => part.startsWith('level '),
  pending_only: (part) => part === 'pending only',
  message: (part) => part === 'message',
  resolved_message: (part) => part === 'resolved message',
};

/** The parts of a rule that a policy requires and no test reached; parts that the rule does not have are not among them. */
export function requiredAndMissing({ parts }: Pick<CoveredRule, 'parts'>, required: readonly string[]): readonly string[] {
  const wanted = required.flatMap((name) => own(REQUIRED, name) ?? []);
  return parts.filter(({ part, tests }) => tests === 0 && wanted.some((is) => is(part))).map(({ part }) => part);
}

/** What a played test reached of a rule, whether or not its checks looked at it. */
export function reachedBy(
  { timeline, observations }: Pick<Played, 'timeline' | 'observations'>,
  rule: Rule,
  test: string,
): TestedRule {
  const windows = timeline.flatMap((event) => (event.kind === 'window' && event.rule === rule.name ? [event] : []));
  const changes = timeline.flatMap((event) => (event.kind === 'transition' && event.rule === rule.name ? [event] : []));
  const fired = changes.filter(({ from, to }) => to === 'firing' && from !== 'firing' && from !== 'recovering');
  const firing = new Set(fired.map(({ group }) => JSON.stringify(group)));
  const evaluated = windows.filter(({ problem }) => problem === undefined);
  const measured = evaluated.flatMap(({ groups }) => groups);
  const calm = measured.some(({ group, finding }) => finding.kind === 'clear' && !firing.has(JSON.stringify(group)));
  const quiet = calm || (evaluated.length > 0 && fired.length === 0);
  const levels = changes.filter(({ to }) => to === 'firing').map(({ severity }) => severity);
  const events = changes.some(({ reason }) => reason === 'event');
  const reached = new Map([
    ...levels.map((level) => [`level ${level}`, true] as const),
    ['event', events],
    ['no event', evaluated.length > 0 && !events],
    ['fires', fired.length > 0],
    ['does not fire', quiet],
    ['resolves', changes.some(({ from, to, reason }) => to === 'inactive' && from !== 'pending' && reason !== 'event')],
    ['no data', measured.some(({ finding }) => finding.kind === 'absent') || changes.some(({ reason }) => reason === 'no_data')],
    ['pending only', changes.some(({ from, to }) => from === 'pending' && to === 'inactive')],
    ['message', hasMessage(observations, rule, (change) => change !== 'resolved')],
    ['resolved message', hasMessage(observations, rule, (change) => change === 'resolved')],
  ]);
  const parts = lifeParts(rule);
  return { test, rule: rule.name, file: rule.position.file, parts, reached: parts.filter((part) => reached.get(part) === true) };
}

function hasMessage(observations: readonly Observation[], rule: Rule, wanted: (change: string) => boolean): boolean {
  const alerts = observations.flatMap(({ notifications }) => notifications.flatMap(({ message }) => message.alerts));
  return alerts.some((alert) => (alert.rule === rule.name || alert.rule === rule.id) && wanted(alert.change));
}

/** Adds up what tests reached; `rules` are all that should have tests, those that a test played among them or not. */
export function coverageOf(tested: readonly TestedRule[], rules: readonly Rule[], least?: number): Coverage {
  const known = new Map<string, Pick<TestedRule, 'rule' | 'file' | 'parts'>>();
  for (const rule of rules) known.set(rule.name, { rule: rule.name, file: rule.position.file, parts: lifeParts(rule) });
  for (const one of tested) known.set(one.rule, one);
  const byRule = new Map<string, TestedRule[]>([...known.keys()].map((rule) => [rule, []]));
  for (const one of tested) byRule.get(one.rule)?.push(one);
  const covered = [...known.values()].map(({ rule, file, parts }): CoveredRule => {
    const own = byRule.get(rule) ?? [];
    const reaching = (part: string) => own.filter(({ reached }) => reached.includes(part)).length;
    return { rule, file, tests: own.length, parts: parts.map((part) => ({ part, tests: reaching(part) })) };
  });
  const all = covered.flatMap(({ parts }) => parts);
  const reached = all.filter(({ tests }) => tests > 0).length;
  return {
    rules: covered.sort((a, b) => (a.rule < b.rule ? -1 : 1)),
    reached,
    parts: all.length,
    percent: all.length === 0 ? 100 : Math.floor((100 * reached) / all.length),
    ...(least === undefined ? {} : { least }),
  };
}
