import { isObject, type JsonObject } from '../../core/json.ts';
import { iso } from '../../core/time.ts';
import type { Message } from '../../messages/message.ts';
import { clip } from '../clean-text.ts';
import type { FormPart } from '../http-client/multipart.ts';
import { escapeMarkdown, MARKDOWN, type MarkupWriter, markedUp, SIZES } from '../marked-up.ts';
import type { CarriedChart } from '../with-chart.ts';

/** https://discord.com/developers/docs/resources/message#embed-object-embed-limits */
const DISCORD_LIMITS = { title: 256, description: 4_096, alt: 1_024 } as const;
const PICTURE = 'chart.png';

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

/** The message with a picture in its embed, as a form: https://discord.com/developers/docs/reference#uploading-files. */
export function withPicture(payload: JsonObject, { png, text }: CarriedChart): readonly FormPart[] {
  const [embed] = Array.isArray(payload['embeds']) ? payload['embeds'] : [];
  const shown = {
    ...payload,
    embeds: [{ ...(isObject(embed) && embed), image: { url: `attachment://${PICTURE}` } }],
    attachments: [{ id: 0, filename: PICTURE, description: clip(text, DISCORD_LIMITS.alt) }],
  };
  return [
    { name: 'payload_json', content: JSON.stringify(shown) },
    { name: 'files[0]', content: png, filename: PICTURE },
  ];
}

function escapedWithin(text: string, most: number): string {
  let kept = text;
  while (DISCORD.words(kept).length > most)
    kept = clip(kept, kept.length - Math.max(1, Math.ceil((DISCORD.words(kept).length - most) / 6)));
  return DISCORD.words(kept);
}
