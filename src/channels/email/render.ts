import { hashId } from '../../core/ids.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Message } from '../../messages/message.ts';
import { firstLine } from '../../messages/sentence.ts';
import type { Receipt } from '../channel.ts';
import { oneLine } from '../clean-text.ts';
import { fitted } from '../fitted.ts';
import { asciiDomain } from './ascii-domain.ts';
import { htmlBody } from './html-body.ts';
import type { EmailOptions, MailAddress } from './options.ts';
import { textBody } from './text-body.ts';

/**
 * A message as a mail. Its Message-ID follows from the message's id, so that a repeat is recognised as one. All mails of an incident refer
 * to one ID that no mail has and, once a mail was delivered, to that mail: so a client keeps the thread even if the first one was lost.
 */
export function renderMail(message: Message, thread: Receipt | undefined, options: EmailOptions): JsonObject {
  const sender = asciiDomain(options.from.address);
  const domain = sender.slice(sender.lastIndexOf('@') + 1);
  const root = `<tocsin.incident.${hashId(message.alertGroup, message.incident)}@${domain}>`;
  const chart = message.chart && {
    ...message.chart,
    text: oneLine(message.chart.text, 500),
    cid: `chart.${hashId(message.id)}@${domain}`,
  };
  const stored = thread?.['message_id'];
  // What an older version stored may have the domain as it is spoken.
  const first = stored === undefined ? undefined : asciiId(stored);
  return {
    message_id: `<tocsin.${hashId(message.id)}@${domain}>`,
    in_reply_to: first ?? null,
    references: first === undefined ? [root] : [root, first],
    from: addressBody(options.from),
    to: options.to.map(addressBody),
    cc: options.cc.map(addressBody),
    reply_to: options.replyTo === undefined ? null : addressBody(options.replyTo),
    subject: subjectOf(message),
    text: fitted(message, textBody, fitsMail),
    html: fitted(message, (part) => htmlBody(part, chart), fitsMail),
    ...(chart !== undefined && { images: [{ cid: chart.cid, name: 'chart.png', png: chart.png }] }),
    notification: message.id,
  };
}

function asciiId(id: string): string {
  const bare = /^<(.*)>$/.exec(id)?.[1];
  return bare === undefined ? id : `<${asciiDomain(bare)}>`;
}

// Gmail shows no more than 102 KB of a mail.
function fitsMail(body: string): boolean {
  return Buffer.byteLength(body) <= 96 * 1024;
}

function subjectOf(message: Message): string {
  return oneLine(firstLine(message), 300);
}

function addressBody(address: MailAddress): JsonObject {
  return { name: address.name, address: asciiDomain(address.address) };
}
