import { describe, expect, test } from 'vitest';
import { firstLine, leadSentence, sentence } from '../../../src/messages/sentence.ts';
import { headline } from '../../../src/messages/title.ts';
import { momentText, written } from '../../../src/messages/when.ts';
import { whySent } from '../../../src/messages/wording.ts';
import { INCIDENT } from '../../support/messages/incident.ts';

const AT = Date.UTC(2026, 0, 1, 10, 5);

function said(kind: string): readonly string[] {
  const message = INCIDENT[kind];
  if (message === undefined) throw new Error(kind);
  const [alert] = message.alerts;
  return [firstLine(message), alert === undefined ? '' : written(sentence(alert, message), message)];
}

describe('the first line, and what is measured', () => {
  test.each([
    ['first', 'Critical: stub fails on /todos/', '7 documents in 5m · limit 5 · since 10:05 UTC'],
    ['worse', 'Now critical: stub fails on /todos/', '7 documents in 5m · limit 5 · since 10:05 UTC, for 1m'],
    ['better', 'Now warning: stub fails on /todos/', '7 documents in 5m · limit 5 · since 10:05 UTC, for 9m'],
    ['reminder', 'Still critical after 4h: stub fails on /todos/', '7 documents in 5m · limit 5 · since 10:05 UTC, for 4h'],
    ['resolved', 'Resolved after 12m: stub fails on /todos/', 'now 0 documents in 5m · limit 5 · 10:05 UTC – 10:17 UTC, 12m'],
  ])('%s', (kind, first, second) => {
    expect(said(kind)).toEqual([first, second]);
  });
});

describe('a message about what has escalated', () => {
  test.each([
    [
      'one alert',
      'escalated',
      '[FIRING, escalated] stub fails on /todos/',
      'Critical, escalated after 30m: stub fails on /todos/',
      '7 documents in 5m · limit 5 · since 10:05 UTC, for 30m · escalated: primary was notified 30m ago, then secondary, and no one has acknowledged it',
    ],
    [
      'several alerts',
      'escalated-of-several',
      '[FIRING:2, escalated] The stub service answers with server errors',
      '2 critical, escalated after 31m: The stub service answers with server errors',
      '2 alerts are firing, the first since 10:05 UTC · escalated: primary was notified 31m ago, and no one has acknowledged them',
    ],
    [
      'one of several alerts, of which its receiver knows the others',
      'escalated-among-others',
      '[FIRING:2] The stub service answers with server errors',
      '2 critical: The stub service answers with server errors',
      '1 of 2 escalated: primary was notified 31m ago, and no one has acknowledged it. More alerts are firing: now 2',
    ],
  ])('%s: says so first, after how long, and who was notified before', (_, kind, title, first, lead) => {
    const message = INCIDENT[kind];
    if (message === undefined) throw new Error(kind);
    expect([headline(message.title), firstLine(message), written(leadSentence(message), message)]).toEqual([title, first, lead]);
    expect(whySent(message)).toMatch(/^(?:Escalated|1 of 2 escalated): primary was notified /);
  });
});

describe('a time in a sentence', () => {
  test.each([
    ['on the same day', AT - 60_000, {}, '10:04 UTC'],
    ['on another one', AT - 86_400_000, {}, '31 Dec 2025 10:05 UTC'],
    ['on another one of the year', AT + 3 * 86_400_000, {}, '4 Jan 10:05 UTC'],
    ['where its readers are', AT, { timezone: 'Europe/Berlin' }, '11:05 CET'],
    ['on their day', Date.UTC(2026, 0, 1, 23, 30), { timezone: 'Asia/Tokyo' }, '2 Jan 08:30 GMT+9'],
    ['as they write it', AT, { timezone: 'America/New_York', locale: 'en-US' }, '05:05 AM EST'],
  ])('%s', (_, at, reader, text) => {
    expect(momentText({ at }, { at: AT, ...reader })).toBe(text);
  });
});
