import { isObject, type Json, type JsonObject } from '../core/json.ts';

/** What Slack sends over a connection: https://docs.slack.dev/apis/events-api/using-socket-mode. */
export type Frame =
  | { readonly kind: 'hello' }
  /** `warning`, `refresh_requested`: the connection ends soon, and another one is to be opened; `link_disabled`: Socket Mode was switched off. */
  | { readonly kind: 'disconnect'; readonly reason: string }
  | { readonly kind: 'envelope'; readonly envelope: Envelope }
  /** It cannot be read, or is of no known kind: it is left alone. */
  | { readonly kind: 'other' };

/** One event, to be acknowledged by its ID. */
export interface Envelope {
  readonly id: string;
  readonly type: string;
  readonly payload: JsonObject;
  /** The acknowledgement may hold an answer. */
  readonly takesAnswer: boolean;
}

const LONGEST_ID = 200;

/** Reads one frame; anything may be in it. */
export function readFrame(text: string): Frame {
  const frame = parsed(text);
  if (!isObject(frame)) return { kind: 'other' };
  const { type, reason, envelope_id: id, payload, accepts_response_payload: takesAnswer } = frame;
  if (type === 'hello') return { kind: 'hello' };
  if (type === 'disconnect') return { kind: 'disconnect', reason: textOf(reason) };
  if (typeof type !== 'string' || typeof id !== 'string' || id === '' || id.length > LONGEST_ID) return { kind: 'other' };
  const envelope = { id, type, payload: isObject(payload) ? (payload as JsonObject) : {}, takesAnswer: takesAnswer === true };
  return { kind: 'envelope', envelope };
}

/** The acknowledgement of an envelope. */
export function acknowledgementOf({ id }: Envelope, answer?: Json): string {
  return JSON.stringify({ envelope_id: id, ...(answer !== undefined && { payload: answer }) });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 100) : '';
}
