import { RECEIVERS, type Receiver } from '../stage/files.ts';
import type { Heard, Said } from '../stage/heard.ts';
import type { Ending } from '../stage/quiet.ts';
import type { Stage } from '../stage/stage.ts';
import type { Transition } from '../stage/story.ts';
import { type Causes, causesOf } from './causes.ts';

/** What a play proves, or does not. */
export interface Verdict {
  /** Transitions of the story that were saved, and those it has. */
  readonly saved: number;
  readonly expected: number;
  /** One for each transition and receiver. */
  readonly outbox: number;
  readonly delivered: number;
  readonly lost: number;
  /** Messages in the sense of bodies that were sent: distinct ones, and further copies. */
  readonly messages: number;
  readonly repeated: number;
  readonly bound: number;
  readonly disordered: number;
  readonly causes: Causes;
  /** What was promised and not kept, in words; empty when all was. */
  readonly broken: readonly string[];
}

/** Holds what receivers heard against the story: independent of what Tocsin believes of itself, but for the causes that may repeat a message. */
export function evaluate(stage: Stage, ending: Ending): Verdict {
  const { story, zero } = stage;
  const heard: readonly Heard[] = [...stage.hook.heard, ...stage.chat.heard, ...stage.mail.heard];
  const broken: string[] = [];
  const saved = savedOf(stage, ending, broken);
  const byReceiver = RECEIVERS.map((receiver) => hearing(receiver, heard, story.transitions, zero, broken));
  const causes = causesOf(stage, heard);
  const bound = causes.crashed + causes.unanswered + causes.lapsed + causes.frozen;
  const sum = (pick: (one: Hearing) => number) => byReceiver.reduce((total, one) => total + pick(one), 0);
  const repeated = sum((one) => one.repeated);
  if (repeated > bound) broken.push(`${repeated} copies were repeated, and only ${bound} may have been`);
  broken.push(...causes.broken);
  const outbox = story.transitions.length * RECEIVERS.length;
  const delivered = sum((one) => one.notified);
  return {
    saved,
    expected: story.transitions.length,
    outbox,
    delivered,
    lost: outbox - delivered,
    messages: sum((one) => one.messages),
    repeated,
    bound,
    disordered: sum((one) => one.disordered),
    causes,
    broken,
  };
}

/** Each transition of the story is saved once, with its number, and nothing else is. */
function savedOf({ observer, story, zero }: Stage, { rules }: Ending, broken: string[]): number {
  let saved = 0;
  for (const rule of new Set(story.plots.map((plot) => plot.rule))) {
    const expected = story.transitions.filter((one) => one.rule === rule);
    const document = rules.find((one) => one.rule === rule);
    if (document?.n !== expected.length)
      broken.push(`${rule} has saved ${document?.n} transitions, the story has ${expected.length}`);
    saved += Math.min(document?.n ?? 0, expected.length);
    const keys = new Set(expected.map(({ service, kind, at }) => `${service} ${kind} ${zero + at * 1_000}`));
    const seen = new Set<string>();
    for (const entry of observer.outbox.values()) {
      if (!entry.source.startsWith(`${rule}#`)) continue;
      const key = `${entry.group['service']} ${entry.kind} ${entry.at}`;
      if (!keys.has(key)) broken.push(`${rule} has saved what the story has not: ${key}`);
      if (seen.has(key)) broken.push(`${rule} has saved twice: ${key}`);
      seen.add(key);
    }
  }
  return saved;
}

interface Hearing {
  readonly notified: number;
  readonly messages: number;
  readonly repeated: number;
  readonly disordered: number;
}

/**
 * What one receiver heard. A transition was notified when a message spoke of it, or of what came after it in the same episode; a later episode
 * speaks for earlier ones only as far as the message says that it covers them. First copies are in
 * order when each speaks of later transitions of an alert than the one before: a transition is notified by one message, however often that comes.
 */
function hearing(
  receiver: Receiver,
  all: readonly Heard[],
  transitions: readonly Transition[],
  zero: number,
  broken: string[],
): Hearing {
  const heard = all.filter((one) => one.receiver === receiver);
  const alerts = byAlert(transitions);
  const first = new Map<string, Heard>();
  for (const one of heard) if (!first.has(one.message)) first.set(one.message, one);
  const reached = new Map<string, number>();
  const episodes = new Map<string, number>();
  let disordered = 0;
  for (const { said } of first.values()) {
    for (const one of said) {
      const alert = `${one.rule} ${one.service}`;
      const found = (alerts.get(alert) ?? []).find(({ at }) => zero + at * 1_000 === one.at);
      // An alert that is still firing is shown as it is now, between two ticks.
      if (found === undefined) continue;
      const problem = mismatch(one, found, zero);
      if (problem !== undefined) broken.push(`${receiver} was notified wrongly of ${alert}: ${problem}`);
      const before = reached.get(alert) ?? -1;
      if (found.index <= before) {
        disordered++;
        broken.push(`${receiver} was notified of ${alert} ${found.kind} (${found.index}) after number ${before}`);
      }
      reached.set(alert, Math.max(before, found.index));
      const begun = [...new Set((alerts.get(alert) ?? []).map(({ started }) => started))];
      const shown = begun.indexOf(found.started);
      for (const started of begun.slice(Math.max(0, shown - one.earlier), shown))
        episodes.set(`${alert} ${started}`, found.index);
      const episode = `${alert} ${found.started}`;
      episodes.set(episode, Math.max(episodes.get(episode) ?? -1, found.index));
    }
  }
  let notified = 0;
  for (const [alert, list] of alerts) {
    const covered = list.filter(({ index, started }) => index <= (episodes.get(`${alert} ${started}`) ?? -1));
    notified += covered.length;
    if (covered.length < list.length)
      broken.push(`${receiver} was not notified of ${list.length - covered.length} transitions of ${alert}`);
  }
  return { notified, messages: first.size, repeated: heard.length - first.size, disordered };
}

function byAlert(transitions: readonly Transition[]): ReadonlyMap<string, readonly Transition[]> {
  const alerts = new Map<string, Transition[]>();
  for (const one of transitions) {
    const alert = `${one.rule} ${one.service}`;
    alerts.set(alert, [...(alerts.get(alert) ?? []), one]);
  }
  return alerts;
}

function mismatch(said: Said, { kind, severity, started }: Transition, zero: number): string | undefined {
  const over = ['resolved', 'no_data', 'ended'].includes(said.status);
  if (over !== (kind === 'resolved')) return `it said ${said.status} of ${kind}`;
  if (!over && said.severity !== severity) return `it said ${said.severity} of ${severity}`;
  if (said.started !== zero + started * 1_000) return `it said that it began at ${new Date(said.started).toISOString()}`;
  return undefined;
}
