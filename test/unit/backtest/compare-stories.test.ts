import { describe, expect, test } from 'vitest';
import { alertEpisodes, timeInAlert } from '../../../src/backtest/alert-episodes.ts';
import { compareStories, isDifferent, receiversOfAll } from '../../../src/backtest/compare-stories.ts';
import type { LevelChange, ReportedNotification, RuleStory, StatusChange } from '../../../src/backtest/rule-story.ts';
import { storyUntil } from '../../../src/backtest/story-until.ts';
import { quietStory } from '../../support/backtest/quiet-story.ts';

const RANGE = { from: 0, to: 100 };
type Span = readonly [from: number, to: number | undefined, group?: string, severity?: string];

const changesOf = ([from, to, pod = 'a', severity = 'warning']: Span): readonly StatusChange[] => {
  const common = { group: { pod }, severity, values: {} };
  const begin: StatusChange = { ...common, at: from, from: 'inactive', to: 'firing', reason: 'breach' };
  return to === undefined ? [begin] : [begin, { ...common, at: to, from: 'firing', to: 'inactive', reason: 'recovered' }];
};
const message = (at: number, receiver: string): ReportedNotification => ({
  at,
  receiver,
  channel: 'slack',
  reason: 'first',
  alerts: 1,
  title: 'a',
});
const story = (spans: readonly Span[], more: Partial<RuleStory> = {}): RuleStory =>
  quietStory({ windows: 100, transitions: spans.flatMap(changesOf).toSorted((x, y) => x.at - y.at), ...more });
const compared = (before: RuleStory | undefined, after: RuleStory | undefined) => {
  const [difference] = compareStories(before ? [before] : [], after ? [after] : [], RANGE);
  if (difference === undefined) throw new Error('nothing was compared');
  return difference;
};

describe('what differs between two runs of a rule', () => {
  test.each<[string, readonly Span[], readonly Span[], readonly unknown[]]>([
    ['nothing', [[10, 20]], [[10, 20]], []],
    ['an episode that appears', [], [[10, 20]], [{ kind: 'appears', at: 10 }]],
    ['an episode that vanishes', [[10, 20]], [], [{ kind: 'vanishes', at: 10 }]],
    [
      'one that starts later and ends earlier',
      [[10, 20]],
      [[12, 18]],
      [{ kind: 'changes', starts: 2, ends: -2, longer: -4, loudness: 'same' }],
    ],
    ['one that moves', [[10, 20]], [[15, 25]], [{ kind: 'changes', starts: 5, ends: 5, longer: 0 }]],
    ['one that no longer ends', [[10, 20]], [[10, undefined]], [{ kind: 'changes', starts: 0, ends: 80, longer: 80 }]],
    [
      'one that is louder',
      [[10, 20, 'a', 'warning']],
      [[10, 20, 'a', 'critical']],
      [{ kind: 'changes', longer: 0, loudness: 'louder' }],
    ],
    ['one that is quieter', [[10, 20, 'a', 'critical']], [[10, 20, 'a', 'info']], [{ kind: 'changes', loudness: 'quieter' }]],
    [
      'other groups',
      [[10, 20, 'a']],
      [[10, 20, 'b']],
      [
        { kind: 'vanishes', group: { pod: 'a' } },
        { kind: 'appears', group: { pod: 'b' } },
      ],
    ],
  ])('%s', (_name, before, after, episodes) => {
    const difference = compared(story(before), story(after));
    expect(difference.episodes).toMatchObject(episodes);
    expect(difference.episodes).toHaveLength(episodes.length);
    expect(isDifferent(difference)).toBe(episodes.length > 0);
  });

  test('the worst level of an episode is its severity', () => {
    const level = (at: number, to: string): LevelChange => ({
      at,
      group: { pod: 'a' },
      from: 'warning',
      to,
      reason: 'worse',
      values: {},
    });
    const loud = story([[10, 20]], { levels: [level(15, 'critical'), level(18, 'warning')] });
    expect(alertEpisodes(loud, 100)).toMatchObject([{ severity: 'critical' }]);
    expect(compared(story([[10, 20]]), loud).episodes).toMatchObject([{ loudness: 'louder' }]);
  });

  test('numbers before and after', () => {
    const { before, after } = compared(
      story([
        [10, 20],
        [30, 40, 'b'],
      ]),
      story([[10, 50]]),
    );
    expect(before).toEqual({ episodes: 2, groups: 2, alerting: 20, messages: 0, failed: 0 });
    expect(after).toEqual({ episodes: 1, groups: 1, alerting: 40, messages: 0, failed: 0 });
  });

  test('messages by receiver, of one rule and of all', () => {
    const before = story([], { notifications: [message(1, 'slack'), message(2, 'slack'), message(3, 'mail')] });
    const after = story([], { notifications: [message(1, 'slack'), message(2, 'pager')] });
    const rules = compareStories([before, { ...before, id: 'b', name: 'b' }], [after], RANGE);
    expect(rules[0]?.receivers).toEqual([
      { receiver: 'mail', before: 1, after: 0 },
      { receiver: 'pager', before: 0, after: 1 },
      { receiver: 'slack', before: 2, after: 1 },
    ]);
    expect(receiversOfAll(rules).find(({ receiver }) => receiver === 'slack')).toEqual({
      receiver: 'slack',
      before: 4,
      after: 1,
    });
  });

  test('rules that are new, removed and renamed', () => {
    const named = (id: string, name: string) => story([[1, 2]], { id, name });
    const rules = compareStories([named('1', 'old'), named('2', 'gone')], [named('1', 'new'), named('3', 'added')], RANGE);
    expect(rules.map(({ name, was, before, after }) => [name, was, before?.episodes, after?.episodes])).toEqual([
      ['added', undefined, undefined, 1],
      ['gone', undefined, 1, undefined],
      ['new', 'old', 1, 1],
    ]);
    expect(rules.map(isDifferent)).toEqual([true, true, false]);
  });
});

describe('time in alert', () => {
  test.each([
    ['nothing', [], 0],
    ['one', [[10, 20]], 10],
    [
      'two at once count once',
      [
        [10, 20],
        [15, 30],
      ],
      20,
    ],
    [
      'one within another',
      [
        [10, 40],
        [15, 20],
      ],
      30,
    ],
    [
      'only what lies in the range',
      [
        [-50, 10],
        [90, 150],
      ],
      20,
    ],
  ])('%s', (_name, spans, time) => {
    expect(
      timeInAlert(
        spans.map(([from = 0, to = 0]) => ({ from, to })),
        RANGE,
      ),
    ).toBe(time);
  });
});

test('a story until an earlier end leaves out what came after it', () => {
  const whole = story(
    [
      [10, 20],
      [30, 40],
    ],
    { notifications: [message(10, 'a'), message(30, 'a')] },
  );
  const early = storyUntil(whole, 25);
  expect(early.transitions.map(({ at }) => at)).toEqual([10, 20]);
  expect(early.notifications).toHaveLength(1);
});
