import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { clipBytes, escapeMarkdown, MARKDOWN, SIZES } from '../../../src/channels/marked-up.ts';
import type { Message } from '../../../src/messages/message.ts';
import { runs } from '../../support/thorough.ts';
import { renderedBy } from '../../support/vendor.ts';
import { AT, firingTitle, sampleAlert, sampleMessage } from './samples.ts';

const EVIL =
  '@everyone @here @channel @all @U1 <@U123> <!channel> <users/all> <at>all</at> [click](https://evil.example) <a href="https://evil.example">x</a> *bold* **b** _i_ __u__ ~s~ ||spoiler|| `code` ``` # head\n# head\n- item\n1. one\n> quote\n    code\n| a | b |\n![x](https://evil.example/x.png) https://evil.example &lt;b&gt; :bomb: <b>b</b> <t:1:R>';

function evilMessage(text: string): readonly Message[] {
  const alert = sampleAlert({
    ...{ title: text, text, description: `${text}!`, rule: text, severity: text },
    group: { [text]: text },
    facts: [{ label: text, value: text }],
    evidence: {
      documents: [{ at: AT, fields: { message: text, [text]: text } }],
      top: [{ field: text, values: [{ value: text, count: 1 }] }],
      traceIds: [text],
      logs: [{ at: AT, level: text, service: text, text, traceId: text, count: 2 }],
    },
    links: [{ label: text, url: 'https://example.com/?a=(b)&c="d' }],
  });
  const whole = { title: firingTitle(text), text, severity: text, receiver: text, notes: [text] };
  return [
    sampleMessage({ ...whole, alerts: [alert] }),
    sampleMessage({ ...whole, alerts: [alert, { ...alert, id: 'b' }], firing: 2 }),
  ];
}

const OURS = /(?<!\\)\[(?:\\.|[^\]\\])*\]\(https:\/\/example\.com\/[^)\s]*\)/g;

/** What a reader of Markdown may format: what is left without our code, links and bold words. */
function outside(text: string, bold: RegExp): string {
  return text
    .replace(/```\n[^`]*\n```/g, '')
    .replace(/(?<!\\)`[^`\n]*`/g, '')
    .replace(OURS, '')
    .replace(bold, '$1');
}

const BOLD = /\*\*((?:\\.|[^*\\])*)\*\*/g;
const SINGLE_BOLD = /(?<!\\)\*((?:\\.|[^*\\])*)\*/g;

function expectPlainMarkdown(text: string, bold = BOLD, signs = /[*_~`|<>[\]#@]/): void {
  const rest = outside(text, bold).replace(/\\./g, '·');
  expect(rest).not.toMatch(signs);
  expect(rest).not.toMatch(/:\/\//);
  expect(rest).not.toMatch(/^\s*(?:[-+]|\d+\.)\s|^ {4}/m);
}

/** What is left of HTML without the tags that we write. */
function expectPlainHtml(text: string, tags: string): void {
  const rest = text.replace(new RegExp(`</?(?:${tags})>|<a href="https://example\\.com/[^"<>]*">|</a>`, 'g'), '');
  expect(rest).not.toMatch(/[<>]/);
  expect(rest).not.toMatch(/&(?!(?:amp|lt|gt|quot);)/);
}

const HOSTILE: readonly (readonly [string, string])[] = [['signs of every markup', EVIL]];
const FORMS = HOSTILE.flatMap(([name, text]) =>
  evilMessage(text).map((message, index) => [`${name}, ${index + 1}`, message] as const),
);

type Fields = Readonly<Record<string, unknown>>;
const attachmentOf = (body: Fields, key: string) => ((body[key] as readonly Fields[])[0] ?? {}) as Fields;

describe.each(FORMS)('texts of documents (%s)', (_name, message) => {
  it('mean nothing to Discord, which mentions no one', () => {
    const body = renderedBy('discord', message);
    const { title, description } = attachmentOf(body, 'embeds');
    expectPlainMarkdown(String(description));
    expectPlainMarkdown(String(title));
    expect(body['allowed_mentions']).toEqual({ parse: [] });
  });

  it('mean nothing to Mattermost', () => {
    const { text, title, fallback } = attachmentOf(renderedBy('mattermost', message), 'attachments');
    for (const one of [text, title, fallback]) expectPlainMarkdown(String(one), BOLD, /[*_~`|>[\]#@]/);
  });

  it('mean nothing to Rocket.Chat', () => {
    const body = renderedBy('rocketchat', message);
    const { text } = attachmentOf(body, 'attachments');
    expectPlainMarkdown(String(text), SINGLE_BOLD);
    expectPlainMarkdown(String(body['text']), SINGLE_BOLD);
    expect(JSON.stringify(body)).not.toContain('@');
  });

  it('mean nothing to Telegram, and mention no one', () => {
    const { text } = renderedBy('telegram', message);
    expectPlainHtml(String(text), 'b|code|pre');
    expect(String(text)).not.toContain('@');
  });

  it('mean nothing to Matrix, which notifies no one', () => {
    const { content } = renderedBy('matrix', message) as { readonly content: Fields };
    expectPlainHtml(String(content['formatted_body']), 'strong|code|pre|br');
    expect(content['m.mentions']).toEqual({});
  });

  it('mean nothing to Google Chat', () => {
    const body = renderedBy('google_chat', message);
    expect(body['text']).toBeUndefined();
    const paragraphs = [...JSON.stringify(body).matchAll(/"textParagraph":\{"text":("(?:\\.|[^"\\])*")/g)];
    expect(paragraphs.length).toBeGreaterThan(2);
    for (const [, text = '""'] of paragraphs) expectPlainHtml(JSON.parse(text) as string, 'b|br');
  });

  it('are runs of text to Teams, in which nothing is formatted', () => {
    const body = renderedBy('msteamsv2', message);
    const { content } = attachmentOf(body, 'attachments') as { readonly content: { readonly body: readonly Fields[] } };
    expect([...new Set(content.body.map(({ type }) => type))]).toEqual(['RichTextBlock']);
    const types = content.body.flatMap(({ inlines }) => (inlines as readonly Fields[]).map(({ type }) => type));
    expect([...new Set(types)]).toEqual(['TextRun']);
    expect(JSON.stringify(body)).not.toContain('"entities"');
  });
});

test('any text is plain in Markdown', () => {
  const signs = fc.string({ unit: fc.constantFrom(...'*_~`|<>[]()#@\\!-+1. :/\nab'), maxLength: 60 });
  fc.assert(
    fc.property(signs, (text) => expectPlainMarkdown(`x ${escapeMarkdown(text)}`)),
    { numRuns: runs(300) },
  );
  fc.assert(
    fc.property(signs, (text) => expectPlainMarkdown(`x ${MARKDOWN.bold(text)}`)),
    { numRuns: runs(300) },
  );
});

test('text is cut by bytes at whole characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.integer({ min: 3, max: 100 }), (text, most) => {
      const cut = clipBytes(text, most);
      expect(SIZES.bytes(cut)).toBeLessThanOrEqual(most);
      expect(cut).not.toMatch(/\p{Surrogate}/u);
      if (SIZES.bytes(text) <= most) expect(cut).toBe(text);
    }),
    { numRuns: runs(300) },
  );
});
