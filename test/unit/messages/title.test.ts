import { describe, expect, test } from 'vitest';
import type { TitleMark } from '../../../src/messages/message.ts';
import { bareTitle, headline, titled, titleTags } from '../../../src/messages/title.ts';
import { titleText } from '../../support/messages/title-text.ts';

const FIRING: TitleMark = { status: 'firing', count: 1 };

describe('a title', () => {
  test.each<[string, readonly TitleMark[], string, readonly string[]]>([
    ['one alert', [FIRING], '[FIRING] a', ['firing']],
    ['several alerts', [{ status: 'firing', count: 3 }], '[FIRING:3] a', ['3 firing']],
    [
      'a mixture counts each status, also one',
      [FIRING, { status: 'resolved', count: 2 }],
      '[FIRING:1, RESOLVED:2] a',
      ['1 firing', '2 resolved'],
    ],
    ['one event', [{ status: 'event', count: 1 }], '[EVENT] a', ['event']],
    ['events of one alert', [{ status: 'event', count: 4 }], '[EVENTS:4] a', ['4 events']],
    ['one event beside an alert', [FIRING, { status: 'event', count: 1 }], '[FIRING:1, EVENT] a', ['1 firing', '1 event']],
    ['an alert that flaps', [{ ...FIRING, remarks: ['flapping'] }], '[FIRING, flapping] a', ['firing, flapping']],
    [
      'alerts that have escalated',
      [{ status: 'firing', count: 2, remarks: ['escalated'] }],
      '[FIRING:2, escalated] a',
      ['2 firing, escalated'],
    ],
    ['what is over without a recovery', [{ status: 'rule_removed', count: 1 }], '[RULE REMOVED] a', ['rule removed']],
    ['what moved', [{ status: 'moved', count: 2 }], '[HANDED OVER:2] a', ['2 handed over']],
    ['nothing that is known', [], 'a', []],
  ])('about %s', (_name, marks, whole, tags) => {
    expect(headline(titled(marks, 'a'))).toBe(whole);
    expect(bareTitle(titled(marks, 'a'))).toBe('a');
    expect(titleText(titled(marks, 'a'))).toBe(whole);
    expect(titleTags(titled(marks, 'a'))).toEqual(tags);
  });

  test.each([
    ['says its status itself: it is not said twice', '[FIRING] a', '[FIRING] a'],
    ['says nothing else', '[FIRING]', '[FIRING]'],
    ['begins with a bracket of its own', '[web] a', '[FIRING] [web] a'],
    ['names a priority', '[P1] a', '[FIRING] [P1] a'],
    ['names a status that the message does not have', '[RESOLVED] a', '[FIRING] [RESOLVED] a'],
    ['has the same word with more behind it', '[FIRING:2] a', '[FIRING] [FIRING:2] a'],
  ])("whose rule's text %s", (_name, text, whole) => {
    expect(headline(titled([FIRING], text))).toBe(whole);
    expect(bareTitle(titled([FIRING], text))).toBe(text);
    expect(titleTags(titled([FIRING], text))).toEqual(whole === text ? [] : ['firing']);
  });
});
