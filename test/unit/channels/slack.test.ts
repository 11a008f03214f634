import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bold, codeBlock, inlineCode, sentenceMrkdwn, slackLink, slackText, words } from '../../../src/channels/slack/mrkdwn.ts';
import { slackChannel } from '../../../src/channels/slack/slack.ts';
import { escapeTags } from '../../../src/core/html-text.ts';
import { secret } from '../../../src/core/secret.ts';
import type { Message } from '../../../src/messages/message.ts';
import { leadSentence } from '../../../src/messages/sentence.ts';
import { written } from '../../../src/messages/when.ts';
import { INCIDENT } from '../../support/messages/incident.ts';
import { AT, firingTitle, sampleAlert, sampleMessage } from './samples.ts';

const OPTIONS = slackChannel.read({ api_url: secret('https://hooks.example.com/services/x') });

interface TextObject {
  readonly type: 'plain_text' | 'mrkdwn';
  readonly text: string;
  readonly verbatim?: boolean;
  readonly emoji?: boolean;
}

interface Block {
  readonly type: string;
  readonly text?: TextObject;
  readonly fields?: readonly TextObject[];
  readonly elements?: readonly TextObject[];
}

interface Body {
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly attachments: readonly [{ readonly color: string; readonly fallback: string; readonly blocks: readonly Block[] }];
}

const bodyOf = (message: Message) => slackChannel.render(message, undefined, OPTIONS) as unknown as Body;
const blocksOf = (body: Body) => [...body.blocks, ...body.attachments[0].blocks];
const textsOf = (body: Body) =>
  blocksOf(body).flatMap(({ text, fields = [], elements = [] }) => [
    ...(text === undefined ? [] : [text]),
    ...fields,
    ...elements,
  ]);

/** What is left of mrkdwn when code, where formatting means nothing, is taken out. */
const outsideCode = (text: string) => text.replace(/```\n[^`]*\n```|`[^`\n]+`/g, '');

const EVIL =
  '<!channel> <@U123> <https://evil.example|click> *bold* _it_ ~gone~ `code` ``` > quote\n• item https://evil.example &lt;!here&gt;';

describe('text from documents means nothing to Slack', () => {
  const evil = sampleAlert({
    title: EVIL,
    text: EVIL,
    group: { 'service.name': EVIL },
    facts: [{ label: EVIL, value: EVIL }],
    evidence: {
      documents: [{ at: AT, fields: { message: EVIL, [EVIL]: EVIL } }],
      top: [{ field: EVIL, values: [{ value: EVIL, count: 1 }] }],
      traceIds: [EVIL],
      logs: [{ at: AT, level: EVIL, service: EVIL, text: EVIL, traceId: EVIL, count: 2 }],
    },
    links: [{ label: EVIL, url: 'https://example.com/?a=<b>|c' }],
  });

  test.each<[string, Message]>([
    [
      'one alert',
      sampleMessage({ title: firingTitle(EVIL), text: EVIL, severity: EVIL, receiver: EVIL, alerts: [evil], notes: [EVIL] }),
    ],
    ['several', sampleMessage({ title: firingTitle(EVIL), severity: EVIL, alerts: [evil, evil], firing: 2, notes: [EVIL] })],
  ])('%s: no mention, no link and no format of theirs is left', (_name, message) => {
    const body = bodyOf(message);
    for (const { type, text } of textsOf(body)) {
      const links = type === 'mrkdwn' ? /<(?:https:\/\/example\.com\/[^<>|]*|!date\^\d+\^[{}\w ]+)\|[^<>|]*>/g : /$^/;
      expect(text.replace(links, '')).not.toMatch(/[<>]/);
      // Ours are the bold labels; of a pair of signs there is nothing else.
      if (type === 'mrkdwn')
        expect(
          outsideCode(text)
            .replace(/\*[^*\n]+\*/g, '')
            .replace(links, ''),
        ).not.toMatch(/[*~`]|_\w+_/);
    }
    expect(`${body.text}${body.attachments[0].fallback}`).not.toMatch(/[<>]/);
  });

  test('Slack makes neither links nor emoji out of words', () => {
    for (const text of textsOf(bodyOf(sampleMessage()))) {
      expect(text.type === 'mrkdwn' ? text.verbatim === true : text.emoji === false).toBe(true);
    }
  });

  test.each([
    ['a < b && c > d', 'a &lt; b &amp;&amp; c &gt; d'],
    ['&lt;!here&gt;', '&amp;lt;!here&amp;gt;'],
  ])('%j is written %j', (text, expected) => {
    expect(escapeTags(text)).toBe(expected);
  });

  test.each([
    ['inline code', inlineCode('a `b`\nc', 50), '`a ˋbˋ c`'],
    ['nothing, as inline code', inlineCode(' \n', 50), '–'],
    ['a code block', codeBlock('x\n```\ny', 100), '```\nx\nˋˋˋ\ny\n```'],
    ['a link', slackLink('a|b>c', 'https://e.example/?a=1&b=<|>'), '<https://e.example/?a=1&amp;b=&lt;%7C&gt;|a¦b&gt;c>'],
    ['words', words('*a* _b_ c_d', 50), '∗a∗ ˍbˍ c_d'],
    ['bold words', bold('a*b'), '*a∗b*'],
  ])('%s', (_name, text, expected) => {
    expect(text).toBe(expected);
  });
});

describe("Slack's limits hold for any message", () => {
  const long = fc.string({ unit: fc.constantFrom('a', '&', '<', '😀', '\n', '`', ' '), maxLength: 6_000 });

  test('no text is cut within an entity or longer than its limit', () => {
    fc.assert(
      fc.property(long, fc.integer({ min: 10, max: 3_000 }), (text, limit) => {
        const cut = slackText(text, limit);
        expect(cut.length).toBeLessThanOrEqual(limit);
        expect(cut.replace(/&(?:amp|lt|gt);/g, '')).not.toMatch(/[&<>]|\p{Surrogate}/u);
      }),
    );
  });

  test('blocks, headers, sections, fields, and the whole', () => {
    const alert = fc.tuple(long, long).map(([text, value]) => {
      const evidence = {
        documents: Array.from({ length: 5 }, () => ({ at: AT, fields: { message: text, value } })),
        top: [],
        traceIds: [value],
        logs: Array.from({ length: 8 }, () => ({ at: AT, level: value, service: text, text, traceId: value, count: 2 })),
      };
      return sampleAlert({
        title: text,
        text: value,
        group: { a: text, b: value },
        facts: Array(15).fill({ label: text, value }),
        evidence,
      });
    });
    fc.assert(
      fc.property(fc.array(alert, { minLength: 1, maxLength: 22 }), long, (alerts, text) => {
        const body = bodyOf(
          sampleMessage({ title: firingTitle(text), text, alerts, firing: alerts.length, notes: [text, text] }),
        );
        const blocks = blocksOf(body);
        expect(blocks.length).toBeLessThanOrEqual(50);
        expect(JSON.stringify(body).length).toBeLessThanOrEqual(32_000);
        for (const block of blocks) {
          expect(block.text?.text.length ?? 1).toBeGreaterThan(0);
          expect(block.text?.text.length ?? 0).toBeLessThanOrEqual(block.type === 'header' ? 150 : 3_000);
          expect(block.fields?.length ?? 0).toBeLessThanOrEqual(10);
          expect(block.elements?.length ?? 0).toBeLessThanOrEqual(10);
          for (const field of [...(block.fields ?? []), ...(block.elements ?? [])]) {
            expect(field.text.length).toBeGreaterThan(0);
            expect(field.text.length).toBeLessThanOrEqual(2_000);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  test('twenty alerts with everything: those that do not fit are counted', () => {
    const value = 'x'.repeat(400);
    const alerts = Array.from({ length: 20 }, (_, index) =>
      sampleAlert({
        id: `alert-${index}`,
        title: `${index} ${value}`,
        group: { a: value, b: value },
        facts: Array(3).fill({ label: 'a', value }),
      }),
    );
    const body = bodyOf(sampleMessage({ alerts, firing: 25, more: 5 }));
    const listed = textsOf(body).flatMap(({ text }) => text.match(/^🔴 \*\d/gm) ?? []).length;
    expect(listed).toBeGreaterThan(9);
    expect(JSON.stringify(body)).toContain(`and ${25 - listed} more`);
  });
});

test.each([
  ['critical', 'firing', '#c62828'],
  ['warning', 'firing', '#e07b00'],
  ['Info', 'firing', '#1565c0'],
  ['whatever', 'firing', '#e07b00'],
  ['critical', 'resolved', '#2e7d32'],
] as const)('%s, %s: the attachment is %s', (severity, status, color) => {
  const alerts = [sampleAlert({ severity, status })];
  expect(bodyOf(sampleMessage({ severity, status, alerts })).attachments[0].color).toBe(color);
});

test.each(Object.entries(INCIDENT))(
  '%s: it says what is measured or why it was sent, in the time of each reader',
  (_kind, message) => {
    const said = leadSentence(message);
    const body = bodyOf(message);
    expect(body.text).toContain(slackText(written(said, message), 500));
    const [first] = body.attachments[0].blocks;
    expect(first?.text?.text).toBe(sentenceMrkdwn(said, message));
    for (const part of said)
      if (typeof part !== 'string' && 'at' in part) expect(first?.text?.text).toContain(`<!date^${part.at / 1_000}^`);
  },
);
