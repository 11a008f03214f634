import { describe, expect, it } from 'vitest';
import { type Audience, everything } from '../../faults/oracle/audience.ts';
import { eachMinute } from '../../faults/oracle/digest.ts';
import { endsOnce, joinsOnce, somethingDue } from '../../faults/oracle/episodes.ts';
import { escalatedTo } from '../../faults/oracle/escalation.ts';
import { hearing } from '../../faults/oracle/hearing.ts';
import { mutedWithin } from '../../faults/oracle/mutes.ts';
import { heldBack, readsBoth } from '../../faults/oracle/renames.ts';
import { type Heard, saidIn } from '../../faults/stage/heard.ts';
import type { Stage } from '../../faults/stage/stage.ts';
import { lasting, quiet, transitionsOf } from '../../faults/stage/story.ts';

/** Twenty seconds before a full minute. */
const ZERO = Date.parse('2026-01-01T12:00:40.000Z');
const iso = (second: number) => new Date(ZERO + second * 1_000).toISOString();

/** `db` fires from second 5 to 85, gets worse at 30; `web` from 25 to 35; `api` from 6 to 40. */
const PLOTS = [
  { rule: 'r', service: 'db', levels: [...quiet(4), ...lasting(25), ...lasting(55, 3), 0] as const },
  { rule: 'r', service: 'web', levels: [...quiet(24), ...lasting(10), 0] as const },
  { rule: 'r', service: 'api', levels: [...quiet(5), ...lasting(34), 0] as const },
];
const story = { plots: PLOTS, transitions: PLOTS.flatMap(transitionsOf), main: 85, length: 86 };

/** A message at a second: `service [started@at status severity]`. */
function message(receiver: Heard['receiver'], second: number, ...texts: readonly string[]): Heard {
  const lines = texts.map((text) => {
    const [, service, started, at, status, severity] = /^(\w+) (\d+)@([\d.]+) (\w+) (\w+)$/.exec(text) ?? [];
    return `<<r ${service} ${iso(Number(started))} ${iso(Number(at))} ${status} ${severity} 0>>`;
  });
  const text = lines.join('\n');
  return { receiver, at: ZERO + second * 1_000, message: `${receiver} ${second}`, said: saidIn(text), text, answered: true };
}

/** What someone hears who is notified of everything, half a second later. */
const ALL = story.transitions.map(({ service, started, at, kind, severity }) =>
  message('hook', at + 0.5, `${service} ${started}@${at} ${kind === 'resolved' ? 'resolved' : 'firing'} ${severity}`),
);

type Given = Partial<Record<'hook' | 'chat' | 'spare', readonly Heard[]>>;

function brokenIn(audienceOf: (stage: Stage) => Audience, { hook = ALL, chat = [], spare = [] }: Given): readonly string[] {
  const heard = { hook: { heard: hook }, chat: { heard: chat }, spare: { heard: spare }, mail: { heard: [] } };
  const stage = { story, zero: ZERO, calmSince: ZERO + 15_000, ...heard } as unknown as Stage;
  const audience = audienceOf(stage);
  const read = hearing(audience, stage);
  return [...read.broken, ...(audience.checks ?? []).flatMap((check) => check(read))];
}

const DB = {
  step: 'db 5@13.2 firing warning',
  worse: 'db 5@30 firing critical',
  end: 'db 5@85 resolved critical',
};
const chat = (second: number, ...texts: readonly string[]) => message('chat', second, ...texts);

describe('who is notified because alerts escalate', () => {
  const step = (stage: Stage) => escalatedTo({ receiver: 'chat', after: 8, from: 'hook' }, stage);
  const kept = [chat(13.5, DB.step), chat(31, DB.worse), chat(86, DB.end)];

  it.each<[string, readonly Heard[], RegExp | undefined]>([
    ['nothing where those who must be are, and of the end', kept, undefined],
    ['who was never notified', [], /chat was not notified of 3 transitions of r db/],
    ['an end that did not come', kept.slice(0, 2), /r db from second 5 to 85 fires and never of its end/],
    ['a step before its time', [chat(12, DB.step), ...kept.slice(1)], /less than 8 seconds after its beginning/],
    ['a step that was taken twice', [chat(13.4, 'db 5@13.1 firing warning'), ...kept], /2 times that r db fires already/],
    ['an end by two messages', [...kept, chat(87, DB.end)], /of the end of r db from second 5 to 85 by 2 messages/],
    ['a step after the end', [chat(86, 'db 5@85 ended critical')], /chat was not notified of r db while it fired/],
    ['an end without a beginning', [chat(86, DB.end)], /of the end of r db .* and not of its beginning/],
  ])('notices %s', (_name, heard, expected) => {
    const broken = brokenIn(step, { chat: heard }).join('\n');
    if (expected === undefined) expect(broken).toBe('');
    else expect(broken).toMatch(expected);
  });

  it('notices that an alert escalated which was over before its time', () => {
    const late = (stage: Stage) => escalatedTo({ receiver: 'chat', after: 20, from: 'hook' }, stage);
    const heard = [chat(26, DB.step), chat(31, DB.worse), chat(86, DB.end), chat(50, 'web 25@45.5 firing warning')];
    expect(brokenIn(late, { chat: heard }).join('\n')).toMatch(/chat was notified of r web although it must not have been/);
  });

  it('is content with nothing only where something was due', () => {
    expect(brokenIn(() => ({ receivers: ['chat'], duty: () => 'may', checks: [somethingDue] }), {})).toEqual([
      'nothing was due at chat: the play proves nothing',
    ]);
  });
});

describe('who is notified each minute', () => {
  const digest = (stage: Stage) => eachMinute('chat', stage);
  const first = chat(20.5, 'db 5@5 firing warning', 'api 6@6 firing warning');
  const second = chat(80.5, DB.worse, 'web 25@35 ended warning', 'api 6@40 resolved warning');
  const third = chat(140.5, DB.end);

  it.each<[string, readonly Heard[], RegExp | undefined]>([
    ['nothing where all comes at its time', [first, second, third], undefined],
    [
      'a message before the time',
      [first, chat(41, DB.worse, 'web 25@35 ended warning'), second, third],
      /39000 ms before the time/,
    ],
    ['a second message at one time', [first, chat(79.9, DB.worse), second, third], /r twice in the minute|before the time/],
    [
      'a time that was left out',
      [chat(140.2, 'db 5@30 firing critical', 'api 6@40 ended warning', 'web 25@35 ended warning'), chat(200.5, DB.end)],
      /seconds after the time/,
    ],
    ['what was lost', [first, second], /chat was not notified of 1 transitions of r db/],
  ])('notices %s', (_name, heard, expected) => {
    const broken = brokenIn(digest, { chat: heard }).join('\n');
    if (expected === undefined) expect(broken).toBe('');
    else expect(broken).toMatch(expected);
  });
});

describe('who is not notified in a muted time', () => {
  const muted = (stage: Stage) => mutedWithin('chat', { from: 20, to: 80 }, stage);
  const before = chat(6.5, 'db 5@5 firing warning', 'api 6@6 firing warning');
  const after = chat(80.5, DB.worse, 'api 6@40 resolved warning');
  const end = chat(86, DB.end);

  it.each<[string, readonly Heard[], RegExp | undefined]>([
    ['nothing where what still fires, and the end of what was notified, comes afterwards', [before, after, end], undefined],
    [
      'news within it',
      [before, chat(31, DB.worse), chat(80.5, 'api 6@40 resolved warning'), end],
      /in second 31, which is muted/,
    ],
    [
      'an episode that began and ended within it',
      [before, chat(80.5, DB.worse, 'api 6@40 resolved warning', 'web 25@35 ended warning'), end],
      /r web although it must not have been/,
    ],
    ['the end of a notified alert that was lost', [before, chat(80.5, DB.worse), end], /not notified of 1 transitions of r api/],
    ['what comes much later', [before, chat(126, DB.worse, 'api 6@40 resolved warning'), chat(127, DB.end)], /seconds too late/],
  ])('notices %s', (_name, heard, expected) => {
    const broken = brokenIn(muted, { chat: heard }).join('\n');
    if (expected === undefined) expect(broken).toBe('');
    else expect(broken).toMatch(expected);
  });
});

describe('who reads a receiver and what took its place', () => {
  const both = () => readsBoth({ before: 'chat', now: 'spare', since: ZERO + 20_000 });
  const spare = (second: number, ...texts: readonly string[]) => message('spare', second, ...texts);
  const old = [chat(6.5, 'db 5@5 firing warning'), chat(6.6, 'api 6@6 firing warning')];
  const moved = spare(21, 'db 5@20.5 firing warning');
  const rest = [spare(30.5, DB.worse), spare(35.5, 'web 25@35 ended warning'), spare(40.5, 'api 6@40 resolved warning')];

  it.each<[string, readonly Heard[], readonly Heard[], RegExp | undefined]>([
    ['nothing where the end comes where the route leads now', old, [moved, ...rest, spare(86, DB.end)], undefined],
    ['an end where no one is notified any more', [...old, chat(86, DB.end)], [moved, ...rest], /is no receiver any more/],
    ['an end that was lost', old, [moved, ...rest], /fires and never of its end/],
    ['an end at both', [...old, chat(85.9, DB.end)], [moved, ...rest, spare(86, DB.end)], /by 2 messages/],
    ['an alert that moved twice', old, [moved, spare(22, 'db 5@21.5 firing warning'), ...rest, spare(86, DB.end)], /2 times/],
  ])('notices %s', (_name, chatHeard, spareHeard, expected) => {
    const broken = brokenIn(both, { chat: chatHeard, spare: spareHeard }).join('\n');
    if (expected === undefined) expect(broken).toBe('');
    else expect(broken).toMatch(expected);
  });

  it('notices what was sent while it was held back', () => {
    const held = (to: number): Audience => ({
      ...everything('hook'),
      checks: [(heard) => heldBack(heard, { isHeld: (service) => service === 'api', from: 30, to }), endsOnce, joinsOnce],
    });
    expect(brokenIn(() => held(40), {})).toEqual([]);
    expect(brokenIn(() => held(50), {}).join()).toMatch(/hook was notified of r api in second 40.5, although it was held back/);
  });
});
