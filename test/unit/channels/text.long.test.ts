import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundedMessage } from '../../../src/channels/bounded.ts';
import { cleanText, clip, oneLine } from '../../../src/channels/clean-text.ts';
import { mailHtml } from '../../../src/channels/email/html.ts';
import { fitted } from '../../../src/channels/fitted.ts';
import { escapeHtml } from '../../../src/core/html-text.ts';
import { cpuTime } from '../../../src/core/time.ts';
import { sampleAlert, sampleMessage } from './samples.ts';

describe('text becomes fit to be shown', () => {
  test.each([
    ['line ends are one sign', 'a\r\nb\rc\u2028d', 'a\nb\nc\nd'],
    ['tabs stay', 'a\tb', 'a\tb'],
    ['controls are seen', 'a\u0000\u001b[31mb\u007f', 'a��[31mb�'],
    ['turned text is seen', 'user\u202egpj.exe', 'user�gpj.exe'],
    ['half a character is seen', 'a\ud800b', 'a�b'],
    ['a whole one stays', '😀', '😀'],
  ])('%s', (_name, text, expected) => {
    expect(cleanText(text, 100)).toBe(expected);
  });

  test.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdefg', 6, 'abcde…'],
    ['abcd😀x', 6, 'abcd…'],
    ['', 0, ''],
  ])('%j within %i is %j', (text, limit, expected) => {
    expect(clip(text, limit)).toBe(expected);
  });

  test('a megabyte costs no more than its start', () => {
    const megabyte = 'x\n'.repeat(500_000);
    const began = cpuTime();
    for (let round = 0; round < 1_000; round++) oneLine(megabyte, 100);
    expect(cpuTime() - began).toBeLessThan(2_000);
  });

  test('no text comes out longer than its limit, or holds what cannot be seen', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 20 }), (text, limit) => {
        const clean = cleanText(text, limit);
        expect(clean.length).toBeLessThanOrEqual(limit);
        expect(clean).not.toMatch(/(?![\n\t])\p{Cc}|\p{Surrogate}/u);
      }),
    );
  });
});

describe('HTML', () => {
  test('escapes what is put in, and only that', () => {
    expect(mailHtml`<b title="${'"x"'}">${'<i>'}${undefined}${7}${mailHtml`<br>`}${[mailHtml`a`, mailHtml`b`]}</b>`.html).toBe(
      '<b title="&#34;x&#34;">&#60;i&#62;7<br>ab</b>',
    );
  });

  test('text has no sign left that HTML reads', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(escapeHtml(text).replace(/&#\d\d;/g, '')).not.toMatch(/[&<>"']/);
      }),
    );
  });
});

describe('links', () => {
  test.each([
    ['https://a.example/x y?"<>', ['https://a.example/x%20y?%22%3C%3E']],
    ['http://a.example', ['http://a.example/']],
    ['javascript:alert(1)', []],
    ['data:text/html,x', []],
    ['not a link', []],
    [`https://a.example/${'x'.repeat(3_000)}`, []],
  ])('%.40s', (url, expected) => {
    expect(boundedMessage(sampleMessage({ links: [{ label: 'x', url }] })).links.map((link) => link.url)).toEqual(expected);
  });
});

describe('a message that does not fit', () => {
  const alerts = [sampleAlert({ id: '1' }), sampleAlert({ id: '2' }), sampleAlert({ id: '3' })];
  const evidenceOf = (count: number) =>
    fitted(
      sampleMessage({ alerts }),
      (message) => message,
      (message) => JSON.stringify(message).length <= count,
    );

  test('loses evidence of the last alerts first, then the last alerts, which are counted', () => {
    const whole = JSON.stringify(sampleMessage({ alerts })).length;
    expect(evidenceOf(whole)).toEqual(sampleMessage({ alerts }));
    const less = evidenceOf(whole - 10);
    expect(less.alerts.map(({ evidence }) => evidence?.documents.length)).toEqual([2, 1, 1]);
    const bare = alerts.map(({ evidence: _evidence, ...rest }) => rest);
    const two = evidenceOf(JSON.stringify(sampleMessage({ alerts: bare })).length - 10);
    expect(two).toEqual(sampleMessage({ alerts: bare.slice(0, 2), more: 1 }));
  });

  test('keeps one alert however large it is', () => {
    expect(evidenceOf(0)).toMatchObject({ alerts: [{ id: '1' }], more: 2 });
  });
});
