import { indentedJson, isObject, type Json, type JsonObject } from '../core/json.ts';
import { own } from '../core/record.ts';
import type { Payload } from './channel.ts';
import { NO_PICTURE, pictureUrl } from './chart-key.ts';
import { blockKitBuilder, slackAppPage, slackPage } from './slack/slack-page.ts';

/** What a channel sends, for people who look at it. */
export interface PayloadView {
  /** The text that readers get, or where it is data the JSON. */
  readonly text: string;
  readonly form: 'text' | 'json';
  /** A page that shows it about as its readers see it, for channels whose messages have a look of their own. */
  readonly page?: string;
  /** Of Slack: where it can be changed by hand. */
  readonly builder?: string;
}

/** Shows the payload of a channel: a mail as its text and its HTML, a message of Slack about as Slack does, everything else as what it is. */
export function payloadView(channel: string, payload: Payload, title: string): PayloadView {
  const json = indentedJson(payload);
  const { lines, subject, text, html } = payload;
  if (channel === 'console' && Array.isArray(lines)) return { text: lines.join('\n'), form: 'text' };
  if (channel === 'email' && typeof html === 'string')
    return { text: `Subject: ${textIn(subject)}\n\n${textIn(text)}`, form: 'text', page: withPictures(html, payload) };
  if (channel === 'slack') {
    const message = slackMessage(payload);
    return {
      text: json,
      form: 'json',
      page: isObject(own(payload, 'message')) ? slackAppPage(payload, title) : slackPage(payload, title),
      builder: blockKitBuilder(message),
    };
  }
  return { text: json, form: 'json' };
}

/** What a channel of Slack shows: an app sends it with what goes into its thread. */
function slackMessage(payload: Payload): JsonObject {
  const message = own(payload, 'message');
  return isObject(message) ? (message as JsonObject) : payload;
}

/** Pictures of a mail are attached to it: a page has them within itself, or where they were not kept their descriptions. */
function withPictures(html: string, { images }: Payload): string {
  const known = new Map((Array.isArray(images) ? images : []).filter(isObject).map(({ cid, png }) => [cid, png]));
  return html.replace(/ src="cid:([^"<>]*)"/g, (_all, cid: string) => {
    const png = known.get(cid);
    return ` src="${typeof png === 'string' && png !== NO_PICTURE ? pictureUrl({ png }) : 'data:,'}"`;
  });
}

function textIn(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
