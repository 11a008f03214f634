import { httpUrl } from '../core/http-url.ts';

/** A part of a line: text, which is shown as it is, or what a rule formats. */
export type MarkupPart =
  | string
  | { readonly bold: string }
  | { readonly code: string }
  | { readonly link: string; readonly url: string }
  | { readonly mention: string };

/** A line of a text; an item of a list has a sign of its own before it. */
export interface MarkupLine {
  readonly item: boolean;
  readonly parts: readonly MarkupPart[];
}

/** A text of a rule with its formatting: values that it shows are never formatted, whatever they hold. */
export type Markup = readonly MarkupLine[];

/** The member of a scope that makes outputs mark values, so that they differ from what the rule writes. */
export const MARKING = '\uE000';

/** Signs around values while a text is rendered; Unicode gives them no meaning, and values lose them. */
const BEGIN = '\uE000';
const END = '\uE001';
const MENTION = '\uE002';
const SIGNS = /[\uE000-\uE002]/g;

/** Someone whom a receiver can mention. A document cannot hold one: it is not a text. */
export class Mention {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** The text where a mention is not possible. */
  toString(): string {
    return `@${this.name}`;
  }
}

/** A value within a rendered text, where nothing of it is read as formatting. */
export function literalText(text: string): string {
  return `${BEGIN}${text.replace(SIGNS, '')}${END}`;
}

/** A mention within a rendered text. */
export function mentionText({ name }: Mention): string {
  return `${BEGIN}${MENTION}${name}${END}`;
}

interface Piece {
  readonly text: string;
  readonly kind: 'written' | 'value' | 'mention';
}

/** What a rule writes, apart from the values that it shows. */
function piecesOf(rendered: string): readonly Piece[] {
  const pieces: Piece[] = [];
  for (const [, value, written] of rendered.matchAll(/\uE000([^\uE001]*)\uE001|([^\uE000]+)/g)) {
    if (written !== undefined) pieces.push({ text: written.replace(SIGNS, ''), kind: 'written' });
    else if (value?.startsWith(MENTION) === true) pieces.push({ text: value.slice(1), kind: 'mention' });
    else pieces.push({ text: value ?? '', kind: 'value' });
  }
  return pieces;
}

/**
 * Reads a rendered text: `**bold**`, `` `code` ``, `[label](https://…)` and lines that begin with `- ` are formatting where the rule itself writes
 * them; values within bold text, code and labels are a part of them.
 */
export function markupOf(rendered: string): Markup {
  const pieces = piecesOf(rendered);
  const values = pieces.filter(({ kind }) => kind !== 'written');
  // Each value is one sign while formatting is looked for, so that nothing in it counts.
  const written = pieces.map(({ kind, text }) => (kind === 'written' ? text : BEGIN)).join('');
  let next = 0;
  const filled = (text: string): string =>
    text.replace(/\uE000/g, () => {
      const piece = values[next++];
      return piece === undefined ? '' : piece.kind === 'mention' ? `@${piece.text}` : piece.text;
    });
  return written.split('\n').map((line): MarkupLine => {
    const [, item, rest = line] = /^(\s*- )?(.*)$/s.exec(line) ?? [];
    const parts: MarkupPart[] = [];
    for (const [whole, bold, code, label, url] of rest.matchAll(FORMATTED)) {
      if (bold !== undefined) parts.push({ bold: filled(bold) });
      else if (code !== undefined) parts.push({ code: filled(code) });
      else if (label !== undefined && url !== undefined) parts.push(linkOf(filled(label), filled(url)));
      else if (whole === BEGIN && values[next]?.kind === 'mention') parts.push({ mention: values[next++]?.text ?? '' });
      else parts.push(filled(whole));
    }
    return { item: item !== undefined, parts: joinedText(parts) };
  });
}

const FORMATTED =
  /\*\*([^*\n]{1,1000})\*\*|`([^`\n]{1,1000})`|\[([^\]\n]{1,300})\]\(((?:https?:\/\/|\uE000)[^\s)]{0,2000})\)|\uE000|[^*`[\uE000]+|[*`[]/g;

function linkOf(label: string, url: string): MarkupPart {
  const target = httpUrl(url);
  return target === undefined ? `${label} (${url})` : { link: label, url: target.href };
}

/** Neighbouring texts as one. */
function joinedText(parts: readonly MarkupPart[]): readonly MarkupPart[] {
  const joined: MarkupPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === 'string' && typeof last === 'string') joined[joined.length - 1] = last + part;
    else joined.push(part);
  }
  return joined;
}

/** Says whether a text has any formatting, or mentions someone. */
export function isFormatted(markup: Markup): boolean {
  return markup.some(({ item, parts }) => item || parts.some((part) => typeof part !== 'string'));
}

/** A text without formatting. */
export function markupText(markup: Markup): string {
  return markup.map(({ item, parts }) => `${item ? '- ' : ''}${parts.map(partText).join('')}`).join('\n');
}

function partText(part: MarkupPart): string {
  if (typeof part === 'string') return part;
  if ('bold' in part) return part.bold;
  if ('code' in part) return part.code;
  if ('mention' in part) return `@${part.mention}`;
  return part.link === part.url ? part.url : `${part.link} (${part.url})`;
}
