import type { OutboxEntry } from '../../../src/evaluation/rule-states.ts';
import { RECEIVERS } from '../stage/files.ts';
import type { Heard } from '../stage/heard.ts';
import type { Ending } from '../stage/quiet.ts';
import type { Stage } from '../stage/stage.ts';
import { type Audience, everything } from './audience.ts';
import { type Causes, causesOf } from './causes.ts';
import { type Hearing, hearing } from './hearing.ts';

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

/**
 * Holds what receivers heard against the story: independent of what Tocsin believes of itself, but for the causes that may repeat a message.
 * `audiences`: who is to have read what; by default each receiver everything.
 */
export function evaluate(stage: Stage, ending: Ending, audiences: readonly Audience[] = RECEIVERS.map(everything)): Verdict {
  const { story } = stage;
  const heard: readonly Heard[] = [...RECEIVERS, 'spare' as const].flatMap((receiver) => stage[receiver].heard);
  const broken: string[] = [];
  const saved = savedOf(stage, ending, broken);
  const hearings = audiences.map((audience) => {
    const one = hearing(audience, stage);
    broken.push(...one.broken, ...(audience.checks ?? []).flatMap((check) => check(one)));
    return one;
  });
  const causes = causesOf(stage, heard);
  const bound = causes.crashed + causes.unanswered + causes.lapsed + causes.frozen;
  const sum = (pick: (one: Hearing) => number) => hearings.reduce((total, one) => total + pick(one), 0);
  const repeated = sum((one) => one.repeated);
  if (repeated > bound) broken.push(`${repeated} copies were repeated, and only ${bound} may have been`);
  broken.push(...causes.broken);
  const outbox = sum((one) => one.due);
  const delivered = sum((one) => one.notified);
  return {
    saved,
    expected: story.transitions.length,
    outbox,
    delivered,
    lost: outbox - delivered,
    messages: sum((one) => one.messages.length),
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
    const entries = [...observer.outbox.values()].filter(({ source }) => source.startsWith(`${rule}#`));
    const moves = entries.filter(isMove).length;
    const n = document === undefined ? undefined : document.n - moves;
    if (n !== expected.length) broken.push(`${rule} has saved ${n} transitions, the story has ${expected.length}`);
    saved += Math.min(n ?? 0, expected.length);
    const keys = new Set(expected.map(({ service, kind, at }) => `${service} ${kind} ${zero + at * 1_000}`));
    const seen = new Set<string>();
    for (const entry of entries) {
      if (isMove(entry)) continue;
      const key = `${entry.group['service']} ${entry.kind} ${entry.at}`;
      if (!keys.has(key)) broken.push(`${rule} has saved what the story has not: ${key}`);
      if (seen.has(key)) broken.push(`${rule} has saved twice: ${key}`);
      seen.add(key);
    }
  }
  return saved;
}

/** Nothing has changed about the alert but who is notified of it. */
function isMove({ kind, reason }: Pick<OutboxEntry, 'kind' | 'reason'>): boolean {
  return kind === 'moved' || reason === 'receiver_removed';
}
