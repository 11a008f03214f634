import type { JsonObject } from '../../core/json.ts';
import { iso } from '../../core/time.ts';
import type { Message } from '../../messages/message.ts';
import { clip } from '../clean-text.ts';
import { escapeMarkdown, MARKDOWN, type MarkupWriter, markedUp, SIZES } from '../marked-up.ts';

/** https://discord.com/developers/docs/resources/message#embed-object-embed-limits */
const DISCORD_LIMITS = { title: 256, description: 4_096 } as const;

/** Discord reads bare angle brackets and colons as mentions, times and emoji; behind a backslash it reads nothing. */
const DISCORD: MarkupWriter = {
  ...MARKDOWN,
  words: (text) => escapeMarkdown(text).replace(/:(?=\w+:)/g, '\\:'),
};

/** A message as the body of a Discord webhook: one embed in the colour of the severity, which mentions no one. */
export function discordPayload(message: Message): JsonObject {
  const { outline, text } = markedUp(message, DISCORD, { most: DISCORD_LIMITS.description, sizeOf: SIZES.units });
  const title = clip(`${outline.sign} ${outline.headline}`, DISCORD_LIMITS.title);
  return {
    embeds: [
      {
        // A title knows emphasis too; one that its escapes make too long is cut before them.
        title: escapedWithin(title, DISCORD_LIMITS.title),
        description: text,
        color: Number.parseInt(outline.color.slice(1), 16),
        timestamp: iso(message.at),
      },
    ],
    allowed_mentions: { parse: [] },
  };
}

function escapedWithin(text: string, most: number): string {
  let kept = text;
  while (DISCORD.words(kept).length > most)
    kept = clip(kept, kept.length - Math.max(1, Math.ceil((DISCORD.words(kept).length - most) / 6)));
  return DISCORD.words(kept);
}
