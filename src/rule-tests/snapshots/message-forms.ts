import { consoleChannel } from '../../channels/console/console.ts';
import { renderMail } from '../../channels/email/render.ts';
import { slackPayload } from '../../channels/slack/payload.ts';
import { isObject } from '../../core/json.ts';
import { yamlText } from '../../yaml/print.ts';
import type { SeenNotification } from '../observation.ts';

/** The forms that a test may ask for beside that of the channel which a message was sent by. */
export const SNAPSHOT_FORMS = ['text', 'slack', 'email'] as const;

/** One of them; `sent`: as its own channel shows it. */
export type SnapshotForm = (typeof SNAPSHOT_FORMS)[number] | 'sent';

/** Mails of snapshots have the same placeholder sender and recipient. */
const ADDRESS = { name: '', address: 'tocsin@example.com' };
const MAIL = {
  ...{ host: 'localhost', port: 25, implicitTls: false, requireTls: false, verifyCertificate: true },
  ...{ ca: undefined, hello: undefined, auth: undefined, replyTo: undefined },
  ...{ from: ADDRESS, to: [ADDRESS], cc: [], bcc: [], chart: false },
};

/** A message in a form, as text for people: a mail without its HTML, which says the same; JSON as YAML. */
export function messageIn(form: SnapshotForm, { message, channel, payload }: SeenNotification): string {
  switch (form) {
    case 'sent':
      return payloadText(channel, payload);
    case 'text':
      return payloadText('console', consoleChannel.render(message, undefined, {}));
    case 'slack':
      return payloadText('slack', slackPayload(message));
    case 'email':
      return payloadText('email', renderMail(message, undefined, MAIL));
  }
}

function payloadText(channel: string, payload: unknown): string {
  if (channel === 'console' && isObject(payload) && Array.isArray(payload['lines'])) return payload['lines'].join('\n');
  if (channel === 'email' && isObject(payload)) return `Subject: ${String(payload['subject'])}\n\n${String(payload['text'])}`;
  return yamlText(payload);
}
