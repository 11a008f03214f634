import { describe, expect, test } from 'vitest';
import type { TitleMark } from '../../../src/messages/message.ts';
import { bareTitle, headline, titled } from '../../../src/messages/title.ts';
import { titleText } from '../../support/messages/title-text.ts';

const FIRING: TitleMark = { status: 'firing', count: 1 };

describe('a title', () => {
  test.each<[string, readonly TitleMark[], string]>([
    ['one alert', [FIRING], '[FIRING] a'],
    ['several alerts', [{ status: 'firing', count: 3 }], '[FIRING:3] a'],
    ['a mixture counts each status, also one', [FIRING, { status: 'resolved', count: 2 }], '[FIRING:1, RESOLVED:2] a'],
    ['one event', [{ status: 'event', count: 1 }], '[EVENT] a'],
    ['events of one alert', [{ status: 'event', count: 4 }], '[EVENTS:4] a'],
    ['one event beside an alert', [FIRING, { status: 'event', count: 1 }], '[FIRING:1, EVENT] a'],
    ['an alert that flaps', [{ ...FIRING, remarks: ['flapping'] }], '[FIRING, flapping] a'],
    ['what is over without a recovery', [{ status: 'rule_removed', count: 1 }], '[RULE REMOVED] a'],
    ['what moved', [{ status: 'moved', count: 2 }], '[HANDED OVER:2] a'],
    ['nothing that is known', [], 'a'],
  ])('about %s', (_name, marks, whole) => {
    expect(headline(titled(marks, 'a'))).toBe(whole);
    expect(bareTitle(titled(marks, 'a'))).toBe('a');
    expect(titleText(titled(marks, 'a'))).toBe(whole);
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
  });
});
