import type { Fact, Link, Message } from '../messages/message.ts';
import { forPeople } from '../messages/summary.ts';
import { boundedMessage } from './bounded.ts';
import { clip, oneLine } from './clean-text.ts';
import { fitted } from './fitted.ts';
import { type Outline, type OutlinePart, outlineOf } from './outline.ts';

/** How a destination writes formatted text. Each function escapes what it is given, so that no text can format, link or mention anything. */
export interface MarkupWriter {
  /** Words, perhaps on several lines. */
  words(text: string): string;
  bold(text: string): string;
  /** A value on one line, in which nothing is formatted. */
  code(text: string): string;
  /** Lines in which nothing is formatted. */
  codeBlock(text: string): string;
  /** A link to an http(s) URL. */
  link(label: string, url: string): string;
  /** Joins lines of one paragraph. Default: a line feed. */
  readonly lineBreak?: string;
  /** Between the label of a fact and its value. Default: a blank. */
  readonly factSeparator?: string;
  /** Between links. Default: a bar. */
  readonly linkSeparator?: string;
  /** Links are shown elsewhere. */
  readonly withoutLinks?: true;
}

/** Where a text in a markup has to fit. */
export interface TextLimit {
  readonly most: number;
  /** In which unit the destination counts. */
  sizeOf(text: string): number;
}

/** Sizes in the units that destinations count in. */
export const SIZES = {
  units: (text: string) => text.length,
  /** Code points. */
  characters: (text: string) => [...text].length,
  bytes: (text: string) => Buffer.byteLength(text),
  /** Bytes of UTF-8 within JSON. */
  json: (text: string) => Buffer.byteLength(JSON.stringify(text)),
} as const;

/** Text of at most `most` bytes of UTF-8, never cut within a character; `…` stands for what was cut. */
export function clipBytes(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  let kept = clip(text, Math.min(text.length, most));
  while (Buffer.byteLength(kept) > most)
    kept = clip(kept, kept.length - Math.max(1, Math.ceil((Buffer.byteLength(kept) - most) / 4)), true);
  return kept;
}

/** Writes links as HTML does, their labels escaped for the destination. */
export function htmlLink(escaped: (text: string) => string): MarkupWriter['link'] {
  return (label, url) => `<a href="${url.replaceAll('&', '&amp;').replaceAll('"', '%22')}">${escaped(oneLine(label, 75))}</a>`;
}

/** What a message says below its headline, in paragraphs of a markup. */
export interface MarkedUp {
  readonly outline: Outline;
  /** Paragraphs that fit; a paragraph is never cut within its markup. */
  readonly text: string;
}

/**
 * The outline of a message and its text in a markup, within a limit: evidence goes first, then alerts, which are counted; where one alert alone is too
 * long whole paragraphs go, and `…` says so.
 */
export function markedUp(message: Message, markup: MarkupWriter, limit: TextLimit): MarkedUp {
  const bounded = forPeople(boundedMessage(message));
  // Texts of rules are the longest of what cannot be divided: a few of them have to fit beside the facts.
  const longest = Math.max(80, Math.floor(limit.most / 4));
  const render = (one: Message) => {
    const outline = outlineOf(one);
    return { outline, paragraphs: paragraphsOf(outline, markup, longest) };
  };
  const { outline, paragraphs } = fitted(
    bounded,
    render,
    (made) => limit.sizeOf(made.paragraphs.map(({ text }) => text).join('\n\n')) <= limit.most,
  );
  return { outline, text: whole(paragraphs, limit) };
}

/**
 * The paragraphs that fit, in their order; `…` stands for those that do not. The first says why the message was sent, and remarks say what was left
 * out: both take their room before the others. Of facts and links as many are kept as fit.
 */
function whole(paragraphs: readonly Paragraph[], { most, sizeOf }: TextLimit): string {
  const written = (texts: readonly string[]) => texts.join('\n\n');
  const all = written(paragraphs.map(({ text }) => text));
  if (sizeOf(all) <= most) return all;
  const kept = new Map<Paragraph, string>();
  const shown = () => paragraphs.flatMap((one) => kept.get(one) ?? []);
  for (const paragraph of [...paragraphs.filter(({ isKept }) => isKept), ...paragraphs.filter(({ isKept }) => !isKept)]) {
    for (const text of shorter(paragraph)) {
      kept.set(paragraph, text);
      if (sizeOf(written([...shown(), '…'])) <= most) break;
      kept.delete(paragraph);
    }
  }
  return written([...shown(), '…']);
}

/** A paragraph, and where it has lines of its own what is left of it without the last ones. */
function* shorter({ text, lines = [], separator }: Paragraph): Generator<string> {
  yield text;
  for (let count = lines.length - 1; count > 0; count--) yield lines.slice(0, count).join(separator);
}

interface Paragraph {
  readonly text: string;
  readonly isKept: boolean;
  /** Lines that mean something by themselves. */
  readonly lines?: readonly string[];
  readonly separator: string;
}

function paragraphsOf(outline: Outline, markup: MarkupWriter, longest: number): readonly Paragraph[] {
  const { lineBreak: separator = '\n' } = markup;
  const first = markup.bold(outline.why);
  const shown = outline.parts.filter(({ kind }) => kind !== 'links' || markup.withoutLinks !== true);
  const parts = shown.map((part): Paragraph => {
    const paragraph = { text: partText(part, markup, longest), isKept: part.kind === 'remark', separator };
    if (part.kind === 'facts') return { ...paragraph, lines: factLines(part.facts, markup, longest) };
    if (part.kind !== 'links') return paragraph;
    const lines = part.links.map(({ label, url }) => markup.link(label, url));
    return { ...paragraph, lines, separator: markup.linkSeparator ?? BAR };
  });
  return [{ text: first, isKept: true, separator }, ...parts];
}

const BAR = ' | ';

function partText(part: OutlinePart, markup: MarkupWriter, longest: number): string {
  const { lineBreak = '\n' } = markup;
  const cut = (text: string) => clip(text, longest);
  switch (part.kind) {
    case 'text':
      return markup.words(cut(part.text));
    case 'facts':
      return factLines(part.facts, markup, longest).join(lineBreak);
    case 'alert':
      return [
        markup.bold(cut(oneLine(part.title, 300))),
        markup.words(cut(oneLine(part.state, 500))),
        ...part.texts.map((text) => markup.words(cut(text))),
        ...factLines(part.facts, markup, longest),
        ...(part.links.length === 0 || markup.withoutLinks === true ? [] : [linksText(part.links, markup)]),
      ].join(lineBreak);
    case 'lines':
      return `${markup.bold(part.label)}${lineBreak}${markup.codeBlock(cut(part.lines.join('\n')))}`;
    case 'remark':
      return markup.words(cut(part.text));
    case 'links':
      return linksText(part.links, markup);
  }
}

function linksText(links: readonly Link[], markup: MarkupWriter): string {
  return links.map(({ label, url }) => markup.link(label, url)).join(markup.linkSeparator ?? BAR);
}

function factLines(facts: readonly Fact[], markup: MarkupWriter, longest: number): readonly string[] {
  const { factSeparator = ' ' } = markup;
  return facts.map(({ label, value }) => {
    return `${markup.bold(oneLine(label, 100))}${factSeparator}${markup.code(clip(oneLine(value, 300), longest))}`;
  });
}

/** Text without any markup, for destinations that format nothing. */
export const PLAIN_TEXT: MarkupWriter = {
  words: (text) => text,
  bold: (text) => text,
  code: (text) => text,
  codeBlock: (text) => text,
  link: (label, url) => `${label}: ${url}`,
  factSeparator: ': ',
  linkSeparator: '\n',
};

const MARKDOWN_SIGNS = /[\\`*_[\]<>#!|~&%$^]/g;
/** `@` is shown as the sign that looks like it: no escape stops a mention everywhere. */
const FULL_WIDTH_AT = '＠';

/**
 * Words in which CommonMark and its dialects read nothing: signs are escaped, no list, heading or command can begin, an address becomes
 * no link and a name no mention.
 */
export function escapeMarkdown(text: string): string {
  return atLineStarts(text.replace(MARKDOWN_SIGNS, '\\$&').replaceAll('@', FULL_WIDTH_AT).replace(/:\/\//g, ':\\/\\/')).replace(
    // A line of GitLab that begins so is an order.
    /^(\s*)\//gm,
    '$1\\/',
  );
}

/** As `escapeMarkdown`, for readers that know few escapes: `signs` are escaped, and addresses get a colon that looks like one. */
export function escapeFew(text: string, signs: RegExp): string {
  return atLineStarts(text.replace(signs, '\\$&').replaceAll('@', FULL_WIDTH_AT).replaceAll('://', '：//'));
}

function atLineStarts(text: string): string {
  return text
    .replace(/^(\s*)([-+=])/gm, '$1\\$2')
    .replace(/^(\s*\d+)([.)])/gm, '$1\\$2')
    .replace(/^[ \t]{4,}|^[ ]*\t[ \t]*/gm, '   ');
}

/** Inline code of Markdown; a backtick is shown as the sign that looks like it. */
function markdownCode(text: string): string {
  const line = oneLine(text, text.length).replaceAll('`', 'ˋ');
  return line === '' ? '–' : `\`${line}\``;
}

/** A markup with the links, code and bold words of Markdown, in which words are escaped so. */
export function markdownBy(escaped: (text: string) => string, bold = '**'): MarkupWriter {
  return {
    words: escaped,
    bold: (text) => {
      const line = escaped(oneLine(text, 300));
      return line === '' ? '' : `${bold}${line}${bold}`;
    },
    code: markdownCode,
    codeBlock: (text) => `\`\`\`\n${text.replaceAll('`', 'ˋ')}\n\`\`\``,
    link: (label, url) => `[${escaped(oneLine(label, 75))}](${url.replace(/[()<>\s\\]/g, percentEncoded)})`,
  };
}

function percentEncoded(sign: string): string {
  return `%${sign.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** The Markdown of Discord, GitHub and GitLab. */
export const MARKDOWN: MarkupWriter = markdownBy(escapeMarkdown);
