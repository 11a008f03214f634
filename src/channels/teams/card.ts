import type { JsonObject } from '../../core/json.ts';
import type { Message } from '../../messages/message.ts';
import { forPeople } from '../../messages/summary.ts';
import { overallStatus } from '../../messages/wording.ts';
import { boundedMessage } from '../bounded.ts';
import { clip } from '../clean-text.ts';
import { fitted } from '../fitted.ts';
import { type Outline, type OutlinePart, outlineOf } from '../outline.ts';
import { onScale, SCALES } from '../severity-scales.ts';

/**
 * Most bytes of a request, https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook#rate-limiting-for-incoming-webhooks-in-teams
 * (28 KB); and of one text, so that the rest has room.
 */
const LIMITS = { bytes: 27_000, text: 3_000, links: 6, url: 1_000 } as const;

/** A run of text as Adaptive Cards show it: nothing in it is formatted, so texts of documents cannot write Markdown or mention anyone. */
interface Run {
  readonly text: string;
  readonly bold?: true;
  readonly subtle?: true;
  readonly mono?: true;
}

/** A message as the body that a Teams workflow "When a Teams webhook request is received" posts: one Adaptive Card of at most 27,000 bytes. */
export function teamsCard(message: Message): JsonObject {
  const color = colorOf(message);
  const bounded = forPeople(boundedMessage(message));
  const fits = (body: JsonObject) => Buffer.byteLength(JSON.stringify(body)) <= LIMITS.bytes;
  const cardFor = (longest: number) => fitted(bounded, (one) => cardOf(outlineOf(one), color, longest), fits);
  return [LIMITS.text, 600, 120].map(cardFor).find(fits) ?? cardFor(20);
}

function colorOf(message: Message): string {
  const status = overallStatus(message);
  if (status === 'firing' || status === 'event') return onScale(SCALES.teams, message.severity);
  return status === 'resolved' ? 'good' : 'default';
}

function cardOf(outline: Outline, color: string, longest: number): JsonObject {
  const title = { type: 'TextRun', text: `${outline.sign} ${outline.headline}`, weight: 'Bolder', size: 'Large', color };
  const first: readonly Run[] = [{ text: outline.why, bold: true }];
  const links = outline.parts
    .flatMap((part) => (part.kind === 'links' ? part.links : []))
    .filter(({ url }) => url.length <= Math.max(LIMITS.url, longest));
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          // What a notification shows.
          fallbackText: clip(`${outline.sign} ${outline.headline}`, 500),
          msteams: { width: 'Full' },
          body: [
            { type: 'RichTextBlock', inlines: [title] },
            richText(first),
            ...outline.parts.flatMap((part) => blocksOf(part, longest)),
          ],
          actions: links
            .slice(0, LIMITS.links)
            .map(({ label, url }) => ({ type: 'Action.OpenUrl', title: clip(label, 60), url })),
        },
      },
    ],
  };
}

function blocksOf(part: OutlinePart, longest: number): readonly JsonObject[] {
  switch (part.kind) {
    case 'text':
      return linesOf(part.text, longest).map((line, index) => richText([{ text: line }], index === 0));
    case 'facts':
      return part.facts.map(({ label, value }, index) =>
        richText([{ text: `${label}: `, bold: true }, { text: clip(value, Math.min(500, longest)) }], index === 0),
      );
    case 'alert':
      return [
        richText([{ text: clip(part.title, 300), bold: true }]),
        richText([{ text: clip(part.state, Math.min(500, longest)), subtle: true }], false),
        ...part.texts.flatMap((text) => linesOf(text, longest).map((line) => richText([{ text: line }], false))),
        ...part.facts.map(({ label, value }) =>
          richText([{ text: `${label}: `, bold: true }, { text: clip(value, Math.min(300, longest)) }], false),
        ),
      ];
    case 'lines':
      return [
        richText([{ text: part.label, bold: true }]),
        ...linesOf(part.lines.join('\n'), longest).map((line) => richText([{ text: line, mono: true }], false)),
      ];
    case 'remark':
      return linesOf(part.text, longest).map((text) => richText([{ text, subtle: true }]));
    case 'links':
      return [];
  }
}

/** A line feed within a run is not shown everywhere: each line is a block. */
function linesOf(text: string, longest: number): readonly string[] {
  return clip(text, longest)
    .split('\n')
    .filter((line) => line.trim() !== '');
}

function richText(runs: readonly Run[], apart = true): JsonObject {
  const inlines = runs.map(({ text, bold, subtle, mono }) => ({
    type: 'TextRun',
    text,
    ...(bold && { weight: 'Bolder' }),
    ...(subtle && { isSubtle: true }),
    ...(mono && { fontType: 'Monospace', size: 'Small' }),
  }));
  return { type: 'RichTextBlock', inlines, ...(!apart && { spacing: 'None' }) };
}
