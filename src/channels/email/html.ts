import { escapeHtml } from '../../core/html-text.ts';

/** HTML that is safe to put into a page as it is. */
export interface Html {
  readonly html: string;
}

/** What a template takes: text is escaped, Html and lists of it are unchanged, undefined is nothing. */
export type HtmlPart = string | number | undefined | Html | readonly Html[];

/** A template that escapes whatever is put into it, so that no text from a document can be markup, in content or in a quoted attribute. */
export function mailHtml(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return { html: strings.map((text, index) => text + written(parts[index])).join('') };
}

/**
 * Text with its line ends and indentation as markup: a client that ignores `white-space`, as Outlook does, would run its lines together.
 */
export function lined(text: string): Html {
  const lines = text.split('\n').map((line) => {
    const indent = line.length - line.trimStart().length;
    return '&nbsp;'.repeat(indent) + escapeHtml(line.slice(indent));
  });
  return { html: lines.join('<br>\n') };
}

function written(part: HtmlPart): string {
  if (part === undefined) return '';
  if (typeof part === 'string' || typeof part === 'number') return escapeHtml(String(part));
  return isList(part) ? part.map((one) => one.html).join('') : part.html;
}

function isList(part: Html | readonly Html[]): part is readonly Html[] {
  return Array.isArray(part);
}
