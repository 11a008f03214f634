import { describe, expect, it } from 'vitest';
import type { AlertGroupDocument, InflightMessage } from '../../../src/notify/alert-group.ts';
import { evaluate, type Verdict } from '../../faults/oracle/evaluate.ts';
import { type Heard, saidIn } from '../../faults/stage/heard.ts';
import type { StoredVersion } from '../../faults/stage/observer.ts';
import type { Ending } from '../../faults/stage/quiet.ts';
import { randomFor } from '../../faults/stage/random.ts';
import type { Life, Replica } from '../../faults/stage/replica.ts';
import type { Stage } from '../../faults/stage/stage.ts';
import { notifyStory, type Story, transitionsOf } from '../../faults/stage/story.ts';
import { alertGroup, inflightOf, queuedEntry } from '../../support/engine/notified.ts';

const ZERO = Date.parse('2026-01-01T12:00:00.000Z');
const RECEIVERS = ['hook', 'chat', 'mail'] as const;
const story = notifyStory(randomFor(1, 'story'), 8);
const iso = (second: number) => new Date(ZERO + second * 1_000).toISOString();

/** What a receiver hears that is notified of each transition by a message of its own, in order. */
function hearsAll(receiver: Heard['receiver'], of: Story = story): Heard[] {
  const inOrder = [...of.transitions].sort((a, b) => a.at - b.at);
  return inOrder.map(({ rule, service, index, kind, severity, at, started }) => {
    const status = kind === 'resolved' ? 'resolved' : 'firing';
    const text = `[X] <<${rule} ${service} ${iso(started)} ${iso(at)} ${status} ${severity} 0>>`;
    return { receiver, at: ZERO + at, message: `${rule} ${service} ${index}`, said: saidIn(text), text, answered: true };
  });
}

type Hearing = Record<(typeof RECEIVERS)[number], Heard[]>;

interface Given {
  readonly hearing?: (hearing: Hearing) => void;
  readonly numbers?: (rule: string, n: number) => number;
  readonly versions?: readonly StoredVersion[];
  readonly lives?: readonly Life[];
}

/** The verdict on a play in which all went well, but for what is given. */
function verdict({ hearing, numbers = (_rule, n) => n, versions = [], lives = [] }: Given = {}): Verdict {
  const heard: Hearing = { hook: hearsAll('hook'), chat: hearsAll('chat'), mail: hearsAll('mail') };
  hearing?.(heard);
  const rules = [...new Set(story.plots.map(({ rule }) => rule))].map((rule) => ({
    rule,
    n: numbers(rule, story.transitions.filter((one) => one.rule === rule).length),
  }));
  const stage = {
    story,
    zero: ZERO,
    hook: { heard: heard.hook },
    spare: { heard: [] },
    chat: { heard: heard.chat },
    mail: { heard: heard.mail },
    observer: { outbox: new Map(), alertGroups: new Map([['c', versions]]) },
    replicas: [{ lives, unknown: 0 } as unknown as Replica],
    jumped: false,
  };
  return evaluate(stage as unknown as Stage, { rules } as unknown as Ending);
}

describe('the story of a fault play', () => {
  it('is the same for the same seed, ends with everybody resolved, and says what follows from its documents', () => {
    expect(notifyStory(randomFor(1, 'story'), 8)).toEqual(story);
    expect(notifyStory(randomFor(2, 'story'), 8)).not.toEqual(story);
    for (const { rule, service } of story.plots) {
      const own = story.transitions.filter((one) => one.rule === rule && one.service === service);
      expect(own.at(-1)).toMatchObject({ kind: 'resolved', at: story.length });
    }
    const notified = transitionsOf({ rule: 'r', service: 's', levels: [0, 1, 3, 3, 1, 0, 3, 0] });
    expect(notified.map(({ kind, severity, at, started }) => `${at} ${kind} ${severity} ${started}`)).toEqual([
      '2 firing warning 2',
      '3 worse critical 2',
      '5 better warning 2',
      '6 resolved warning 2',
      '7 firing critical 7',
      '8 resolved critical 7',
    ]);
  });
});

describe('the oracle of fault plays', () => {
  it('finds nothing broken where each receiver was notified of everything once, in order', () => {
    const { broken, lost, outbox, delivered, repeated, disordered } = verdict();
    expect([broken, lost, repeated, disordered]).toEqual([[], 0, 0, 0]);
    expect([outbox, delivered]).toEqual([story.transitions.length * 3, story.transitions.length * 3]);
  });

  const last = (heard: readonly Heard[]) => heard.findLastIndex(({ message }) => message.startsWith('orders orders-1 '));
  const nth = (heard: readonly Heard[], index: number) =>
    heard.findIndex(({ message }) => message === `orders orders-1 ${index}`);

  const [begun] = story.transitions.filter(({ service }) => service === 'orders-1');
  const withoutFirstEpisode = (heard: readonly Heard[]) =>
    heard.filter(({ said }) =>
      said.every((one) => one.service !== 'orders-1' || one.started !== ZERO + (begun?.at ?? 0) * 1_000),
    );

  it('lets a message speak for earlier episodes of its alert as far as it says that it covers them', () => {
    const hearing = ({ mail }: Hearing) => {
      const rest = withoutFirstEpisode(mail);
      const next = rest.findIndex(({ said }) => said.some(({ service }) => service === 'orders-1'));
      const joined = rest.map((one, index) =>
        index === next ? { ...one, said: one.said.map((line) => ({ ...line, earlier: 1 })) } : one,
      );
      mail.splice(0, mail.length, ...joined);
    };
    expect(verdict({ hearing }).broken).toEqual([]);
  });

  it.each<[string, Given, RegExp]>([
    [
      'a transition that one receiver never heard of',
      { hearing: ({ mail }) => mail.splice(last(mail), 1) },
      /mail was not notified of 1/,
    ],
    [
      'an episode that one receiver never heard of, though it heard of the next one',
      { hearing: ({ mail }) => mail.splice(0, mail.length, ...withoutFirstEpisode(mail)) },
      /mail was not notified of \d+ transitions of orders orders-1/,
    ],
    ['a transition that was never saved', { numbers: (rule, n) => (rule === 'orders' ? n - 1 : n) }, /orders has saved/],
    ['a transition that was saved twice', { numbers: (rule, n) => (rule === 'search' ? n + 1 : n) }, /search has saved/],
    [
      'a resolved that came before its firing',
      {
        hearing: ({ chat }) => {
          const [end] = chat.splice(nth(chat, 1), 1);
          if (end !== undefined) chat.splice(nth(chat, 0), 0, end);
        },
      },
      /chat was notified of orders orders-1 firing \(0\) after number 1/,
    ],
    [
      'a transition that was notified again by another message',
      {
        hearing: ({ hook }) => {
          const one = hook[nth(hook, 0)];
          if (one !== undefined) hook.splice(nth(hook, 0) + 1, 0, { ...one, message: 'another' });
        },
      },
      /hook was notified of orders orders-1 firing \(0\) after number 0/,
    ],
    [
      'a copy that nothing explains',
      { hearing: ({ hook }) => hook.push(...hook.slice(0, 1)) },
      /1 copies were repeated, and only 0 may have been/,
    ],
    [
      'a message that says something else',
      {
        hearing: ({ hook }) => {
          const index = nth(hook, 0);
          const one = hook[index];
          if (one !== undefined) hook[index] = { ...one, said: one.said.map((said) => ({ ...said, status: 'resolved' })) };
        },
      },
      /hook was notified wrongly of orders orders-1: it said resolved of firing/,
    ],
  ])('notices %s', (_name, given, expected) => {
    expect(verdict(given).broken.join('\n')).toMatch(expected);
  });

  it('allows a copy for an answer that was lost', () => {
    const hearing = ({ hook }: Hearing) => {
      const [one] = hook;
      if (one !== undefined) hook.splice(0, 1, { ...one, answered: false }, one);
    };
    expect(verdict({ hearing })).toMatchObject({ repeated: 1, bound: 1, broken: [] });
  });

  const inflight = (token: string, until: number | null): InflightMessage => inflightOf([queuedEntry(1)], { token, until });
  const version = (order: number, life: string, at: number, held: InflightMessage | null): StoredVersion => {
    const document: AlertGroupDocument = alertGroup({ inflight: held });
    return { order, life, at: ZERO + at, document };
  };
  const life = (name: string, ended?: number): Life => ({
    name,
    began: ZERO,
    ended: ended === undefined ? undefined : ZERO + ended,
    end: ended === undefined ? undefined : 'crash',
    frozen: [],
  });

  it.each<[string, readonly StoredVersion[], readonly Life[], Partial<Verdict['causes']>, number]>([
    [
      'a message in flight when its holder was killed',
      [version(1, '0.0', 0, inflight('a', ZERO + 100)), version(2, '0.1', 200, inflight('b', ZERO + 300))],
      [life('0.0', 50), life('0.1')],
      { crashed: 1, lapsed: 0 },
      0,
    ],
    [
      'a lease that ran out although its holder lives',
      [version(1, '0.0', 0, inflight('a', ZERO + 100)), version(2, '1.0', 200, inflight('b', ZERO + 300))],
      [life('0.0'), life('1.0')],
      { crashed: 0, lapsed: 1 },
      0,
    ],
    [
      'no cause in a retry that was recorded',
      [
        version(1, '0.0', 0, inflight('a', ZERO + 100)),
        version(2, '0.0', 50, inflight('a', null)),
        version(3, '0.0', 90, inflight('b', ZERO + 200)),
      ],
      [life('0.0')],
      { crashed: 0, lapsed: 0 },
      0,
    ],
    [
      'a promise broken where a message is taken over before its lease is over',
      [version(1, '0.0', 0, inflight('a', ZERO + 500)), version(2, '1.0', 200, inflight('b', ZERO + 700))],
      [life('0.0'), life('1.0')],
      { lapsed: 1 },
      1,
    ],
  ])('counts %s', (_name, versions, lives, causes, broken) => {
    const found = verdict({ versions, lives });
    expect(found.causes).toMatchObject(causes);
    expect(found.broken).toHaveLength(broken);
  });
});
