import type { Heard, Said } from '../stage/heard.ts';
import type { Stage } from '../stage/stage.ts';
import type { Transition } from '../stage/story.ts';
import type { Audience } from './audience.ts';

/** What one message says of one alert; `transition`: undefined where it only shows how it is between two ticks. */
export interface Told {
  readonly alert: string;
  readonly said: Said;
  readonly transition: Transition | undefined;
}

/** The first copy of a message. */
export interface FirstCopy {
  readonly heard: Heard;
  readonly told: readonly Told[];
  /** Transitions that no message before it spoke of: what it says, and what came before that. */
  readonly news: readonly Transition[];
}

/** What people read, held against the story. */
export interface Hearing {
  readonly name: string;
  /** When the story began. */
  readonly zero: number;
  /** The transitions of each alert, in order. */
  readonly alerts: ReadonlyMap<string, readonly Transition[]>;
  readonly messages: readonly FirstCopy[];
  /** Transitions that were due, and those of them that were notified. */
  readonly due: number;
  readonly notified: number;
  readonly repeated: number;
  readonly disordered: number;
  /** When they had read of a transition, or of what came after it in its episode; undefined: never. */
  readonly readAt: (transition: Transition) => number | undefined;
  readonly broken: readonly string[];
}

/** How far an episode had come when a message spoke of it. */
interface Reached {
  readonly index: number;
  readonly at: number;
}

/**
 * What people read. A transition was notified when a message spoke of it, or of what came after it in the same episode; a later episode
 * speaks for earlier ones only as far as the message says that it covers them. First copies are in
 * order when each speaks of later transitions of an alert than the one before: a transition is notified by one message, however often that comes.
 */
export function hearing(audience: Audience, stage: Pick<Stage, 'story' | 'zero' | Audience['receivers'][number]>): Hearing {
  const { zero } = stage;
  const name = audience.receivers.join(' and ');
  const alerts = alertsOf(stage.story.transitions);
  const all = audience.receivers.flatMap((receiver) => stage[receiver].heard);
  // One receiver has heard everything in its order.
  const heard = audience.receivers.length === 1 ? all : all.toSorted((a, b) => a.at - b.at);
  const copies = firstCopies(heard, alerts, zero);
  const messages: FirstCopy[] = [];
  const broken: string[] = [];
  const reached = new Map<string, number>();
  const episodes = new Map<string, Reached[]>();
  const reach = (alert: string, started: number, one: Reached) =>
    episodes.set(`${alert} ${started}`, [...(episodes.get(`${alert} ${started}`) ?? []), one]);
  let disordered = 0;
  for (const copy of copies) {
    const { heard: message, told } = copy;
    const news: Transition[] = [];
    for (const { alert, said, transition } of told) {
      if (transition === undefined) continue;
      const problem = mismatch(said, transition, zero);
      if (problem !== undefined) broken.push(`${name} was notified wrongly of ${alert}: ${problem}`);
      const before = reached.get(alert) ?? -1;
      const { index, kind, started } = transition;
      if (index <= before) {
        disordered++;
        broken.push(`${name} was notified of ${alert} ${kind} (${index}) after number ${before}`);
      }
      reached.set(alert, Math.max(before, index));
      news.push(...(alerts.get(alert) ?? []).slice(before + 1, index + 1));
      const begun = [...new Set((alerts.get(alert) ?? []).map((one) => one.started))];
      const shown = begun.indexOf(started);
      for (const earlier of begun.slice(Math.max(0, shown - said.earlier), shown))
        reach(alert, earlier, { index, at: message.at });
      reach(alert, started, { index, at: message.at });
    }
    messages.push({ ...copy, news });
  }
  const readAt = (transition: Transition) =>
    episodes.get(`${alertOf(transition)} ${transition.started}`)?.find(({ index }) => index >= transition.index)?.at;
  let [due, notified] = [0, 0];
  for (const [alert, list] of alerts) {
    const owed = list.filter((one) => audience.duty(one) === 'due');
    const covered = owed.filter((one) => readAt(one) !== undefined);
    [due, notified] = [due + owed.length, notified + covered.length];
    if (covered.length < owed.length)
      broken.push(`${name} was not notified of ${owed.length - covered.length} transitions of ${alert}`);
    const forbidden = list.filter((one) => audience.duty(one) === 'never');
    const starts = new Set(forbidden.map(({ started }) => zero + started * 1_000));
    const isTold = messages.some(({ told }) => told.some((one) => one.alert === alert && starts.has(one.said.started)));
    if (isTold || forbidden.some((one) => readAt(one) !== undefined))
      broken.push(`${name} was notified of ${alert} although it must not have been`);
  }
  const repeated = heard.length - messages.length;
  return { ...{ name, zero, alerts, messages, due, notified, repeated, disordered, readAt }, broken };
}

function firstCopies(
  heard: readonly Heard[],
  alerts: ReadonlyMap<string, readonly Transition[]>,
  zero: number,
): readonly Omit<FirstCopy, 'news'>[] {
  const first = new Map<string, Heard>();
  for (const one of heard) if (!first.has(one.message)) first.set(one.message, one);
  return [...first.values()].map((one) => ({
    heard: one,
    told: one.said.map((said) => {
      const alert = alertOf(said);
      return { alert, said, transition: alerts.get(alert)?.find(({ at }) => zero + at * 1_000 === said.at) };
    }),
  }));
}

/** The name of an alert. */
export function alertOf({ rule, service }: Pick<Said, 'rule' | 'service'>): string {
  return `${rule} ${service}`;
}

/** The transitions of each alert. */
export function alertsOf(transitions: readonly Transition[]): ReadonlyMap<string, readonly Transition[]> {
  const alerts = new Map<string, Transition[]>();
  for (const one of transitions) alerts.set(alertOf(one), [...(alerts.get(alertOf(one)) ?? []), one]);
  return alerts;
}

/** Whether a message says that an alert is over. */
export function isOver({ status }: Said): boolean {
  return ['resolved', 'no_data', 'ended'].includes(status);
}

function mismatch(said: Said, { kind, severity, started }: Transition, zero: number): string | undefined {
  if (isOver(said) !== (kind === 'resolved')) return `it said ${said.status} of ${kind}`;
  if (!isOver(said) && said.severity !== severity) return `it said ${said.severity} of ${severity}`;
  if (said.started !== zero + started * 1_000) return `it said that it began at ${new Date(said.started).toISOString()}`;
  return undefined;
}
