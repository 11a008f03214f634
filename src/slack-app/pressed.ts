import { context } from '../channels/slack/blocks.ts';
import { isObject, type Json, type JsonObject } from '../core/json.ts';

/** The block of a message that says who pressed what. */
const BLOCK_ID = 'tocsin.pressed';
const MOST_LINES = 5;
const MOST_BLOCKS = 50;

/**
 * A message with one more line about who pressed what: the body of an update. Undefined where the message is not one that can be changed so: it has no
 * blocks of ours.
 */
export function messageWithLine(message: JsonObject, line: string): JsonObject | undefined {
  const { text, blocks, attachments } = message;
  if (!Array.isArray(blocks) || blocks.length === 0) return undefined;
  const others = blocks.filter((block) => !isPressed(block));
  if (others.length >= MOST_BLOCKS) return undefined;
  const lines = [...blocks.filter(isPressed).flatMap(linesOf), line].slice(-MOST_LINES);
  const pressed: JsonObject = { ...(context(lines) as unknown as JsonObject), block_id: BLOCK_ID };
  return {
    text: typeof text === 'string' ? text : '',
    blocks: [...others, pressed],
    ...(Array.isArray(attachments) && { attachments: attachments.map(sendable) }),
  };
}

/** Says whether a message has the line already: an event may be delivered twice. */
export function hasLine({ blocks }: JsonObject, line: string): boolean {
  return Array.isArray(blocks) && blocks.filter(isPressed).flatMap(linesOf).includes(line);
}

/** Slack adds numbers of its own, which it does not take back, and what it knows of a picture. */
function sendable(attachment: Json): Json {
  if (!isObject(attachment)) return attachment;
  const { id: _number, blocks, ...rest } = attachment as JsonObject;
  return { ...rest, ...(Array.isArray(blocks) && { blocks: blocks.map(sendableBlock) }) };
}

function sendableBlock(block: Json): Json {
  const file = isObject(block) && block['type'] === 'image' ? block['slack_file'] : undefined;
  if (!isObject(block) || !isObject(file)) return block;
  const { type, block_id, alt_text } = block as JsonObject;
  return { type, block_id, alt_text, slack_file: { id: file['id'] } } as JsonObject;
}

function isPressed(block: Json): boolean {
  return isObject(block) && block['block_id'] === BLOCK_ID;
}

function linesOf(block: Json): readonly string[] {
  const elements = isObject(block) && Array.isArray(block['elements']) ? block['elements'] : [];
  return elements.flatMap((element: unknown) =>
    isObject(element) && typeof element['text'] === 'string' ? element['text'].split(' · ') : [],
  );
}
