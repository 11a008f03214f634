import { isObject, type JsonObject } from '../core/json.ts';
import type { Message } from '../messages/message.ts';
import type { Payload } from './channel.ts';
import { oneLine } from './clean-text.ts';
import type { HttpAnswer } from './http-client/answer.ts';

/** The picture of a message, as a payload carries it beside what the service gets as JSON. */
export interface CarriedChart {
  readonly png: Uint8Array;
  readonly text: string;
}

/** The chart of a message as a part of a payload; nothing without one. */
export function chartPart({ chart }: Pick<Message, 'chart'>): { readonly chart?: JsonObject } {
  return chart === undefined ? {} : { chart: { png: chart.png, text: oneLine(chart.text, 500) } };
}

/** A payload without the picture that it carries, and the picture. */
export function apart(payload: Payload): { readonly rest: JsonObject; readonly chart: CarriedChart | undefined } {
  const { chart, ...rest } = payload;
  if (!isObject(chart) || typeof chart['png'] !== 'string' || typeof chart['text'] !== 'string')
    return { rest, chart: undefined };
  return { rest, chart: { png: Buffer.from(chart['png'], 'base64'), text: chart['text'] } };
}

/** Whether a refusal may be because of the picture: nothing was posted, and the message is sent without it. */
export function mayMeanPicture({ status }: HttpAnswer): boolean {
  return status === 400 || status === 413 || status === 415 || status === 422;
}
