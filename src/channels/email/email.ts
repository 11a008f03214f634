import type MailComposer from 'nodemailer/lib/mail-composer';
import type { JsonObject } from '../../core/json.ts';
import { forPeople } from '../../messages/summary.ts';
import { boundedMessage } from '../bounded.ts';
import type { Audience, Channel, ChannelIo, Outcome, Payload, Receipt } from '../channel.ts';
import { NOT_STARTED } from '../http-client/answer.ts';
import { asciiDomain } from './ascii-domain.ts';
import { headerText } from './encoded-words.ts';
import { greet } from './greet.ts';
import { hidingLogin } from './hiding-login.ts';
import { type EmailOptions, emailSchema, readEmailOptions } from './options.ts';
import { serverOf, smtpOutcome } from './outcome.ts';
import { renderMail } from './render.ts';
import { sendLetter } from './smtp.ts';

/** Sends messages as HTML and text mail over SMTP. */
export const emailChannel: Channel<EmailOptions> = {
  name: 'email',
  description: 'Mail over SMTP.',
  schema: emailSchema,
  secrets: ['auth_password'],
  files: ['ca'],
  read: readEmailOptions,
  render: (message, thread, options) => renderMail(forPeople(boundedMessage(message)), thread, options),
  place: ({ host, port }) => `${host}:${port}`,
  probe: greet,
  charts: ({ chart }) => chart,
  recipients,
  send,
};

function recipients({ to, cc, bcc }: EmailOptions): readonly string[] {
  return [...new Set([...to, ...cc, ...bcc].map(({ address }) => address))];
}

function addressed(options: EmailOptions, audience: Audience | undefined): readonly string[] {
  const all = recipients(options);
  if (audience === undefined) return all;
  return all.filter((address) => ('only' in audience ? audience.only.includes(address) : !audience.except.includes(address)));
}

async function send(
  payload: Payload,
  options: EmailOptions,
  io: ChannelIo,
  signal: AbortSignal,
  audience?: Audience,
): Promise<Outcome> {
  const hide = hidingLogin(options);
  try {
    if (signal.aborted) return NOT_STARTED;
    const to = addressed(options, audience);
    // Whom it was for is no longer configured, or is to receive it later.
    if (to.length === 0) return { kind: 'delivered', recipients: { accepted: [], deferred: [], refused: [] } };
    const raw = await compose(payload, io.now);
    const result = await sendLetter({ from: asciiDomain(options.from.address), to, raw }, options, signal);
    const receipt = receiptOf(payload, result.kind === 'accepted' ? result.serverMessageId : undefined);
    return smtpOutcome(result, { receipt, to, server: serverOf(options) }, signal, hide);
  } catch (error) {
    return { kind: 'rejected', reason: { kind: 'invalid_payload', text: hide(String(error)) } };
  }
}

/** The incident's first mail is what later ones answer to. Some servers give a mail another Message-ID than it came with. */
function receiptOf(payload: Payload, serverMessageId: string | undefined): Receipt {
  const first = payload['in_reply_to'];
  return { message_id: typeof first === 'string' ? first : (serverMessageId ?? String(payload['message_id'])) };
}

async function compose(payload: Payload, now: number): Promise<Buffer> {
  const replyTo = payload['reply_to'];
  const { default: Composer } = await import('nodemailer/lib/mail-composer');
  const mail = new Composer({
    date: new Date(now),
    messageId: String(payload['message_id']),
    from: address(payload['from']),
    to: addresses(payload['to']),
    cc: addresses(payload['cc']),
    ...(replyTo === null || replyTo === undefined ? {} : { replyTo: address(replyTo) }),
    ...(typeof payload['in_reply_to'] === 'string' ? { inReplyTo: payload['in_reply_to'] } : {}),
    references: Array.isArray(payload['references']) ? payload['references'].map(String) : [],
    subject: headerText(String(payload['subject'])),
    text: String(payload['text']),
    html: String(payload['html']),
    attachments: inlineImages(payload['images']),
    // RFC 3834: so that no holiday answer comes back.
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Tocsin-Notification': String(payload['notification']).replace(/[^\x21-\x7e]/g, '_'),
    },
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: 'win',
  });
  return mail.compile().build();
}

/** Images that the HTML part shows by their Content-ID. */
function inlineImages(images: unknown): NonNullable<ConstructorParameters<typeof MailComposer>[0]>['attachments'] {
  return (Array.isArray(images) ? (images as readonly JsonObject[]) : []).map(({ cid, name, png }) => ({
    cid: String(cid),
    filename: String(name),
    content: Buffer.from(String(png), 'base64'),
    contentType: 'image/png',
    contentDisposition: 'inline',
  }));
}

function address(value: unknown): { readonly name: string; readonly address: string } {
  const { name, address: mailbox } = value as JsonObject;
  return { name: String(name ?? ''), address: String(mailbox) };
}

function addresses(value: unknown): { name: string; address: string }[] {
  return Array.isArray(value) ? value.map(address) : [];
}
