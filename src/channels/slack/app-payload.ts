import type { JsonObject } from '../../core/json.ts';
import type { Message, MessageReason } from '../../messages/message.ts';
import type { Receipt } from '../channel.ts';
import { chartPart } from '../with-chart.ts';
import { CHART_ROOM, type PostedMessage } from './app-chart.ts';
import { buttonRow } from './buttons.ts';
import { SLACK_LIMITS } from './mrkdwn.ts';
import type { SlackApp } from './options.ts';
import { MOST_FOR_APPS, slackEvidence, slackPayload } from './payload.ts';

/** News for which people look at the channel: their replies are shown there as well. Others only change the message. */
const BROADCAST: ReadonlySet<MessageReason> = new Set(['first', 'more_alerts', 'worse', 'reminder']);

/**
 * What an app sends: the incident's message as it is now, which is posted or updated, and what becomes its history, a reply. An update shows no
 * evidence of the messages before it, so the first reply has that of the first message.
 */
export function slackAppPayload(
  message: Message,
  thread: Receipt | undefined,
  { channel, buttons }: Pick<SlackApp, 'channel' | 'buttons'>,
): JsonObject {
  const posted = postedMessage(thread, channel);
  const row = buttons === true ? buttonRow(message) : [];
  const file = posted?.file;
  const images = message.chart === undefined && file === undefined ? 0 : 1;
  const now = slackPayload(message, {
    characters: MOST_FOR_APPS - JSON.stringify(row).length - images * CHART_ROOM,
    blocks: SLACK_LIMITS.blocks - row.length - images,
  });
  const evidence = slackEvidence(message);
  return {
    channel,
    message: now,
    ...(row.length > 0 && { buttons: [...row] }),
    evidence: evidence.length === 0 ? null : { text: 'Evidence', blocks: [...evidence] },
    ...(posted !== undefined && { update: { ...posted }, broadcast: BROADCAST.has(message.reason) }),
    ...chartPart(message),
    ...(file !== undefined && { earlierChart: { file, text: chartPart(message).chart?.['text'] ?? 'Chart' } }),
  };
}

/** A message that was posted to another channel, by an earlier configuration, stays as it is. */
function postedMessage(thread: Receipt | undefined, to: string): PostedMessage | undefined {
  const [channel, ts] = [thread?.['slack_channel'], thread?.['slack_ts']];
  const file = thread?.['slack_chart'];
  if (channel === undefined || ts === undefined || thread?.['slack_to'] !== to) return undefined;
  return { channel, ts, ...(file !== undefined && { file }) };
}

/** The receipt of a posted message. */
export function appReceipt({ channel, ts, file }: PostedMessage, to: string): Receipt {
  return { slack_channel: channel, slack_ts: ts, slack_to: to, ...(file !== undefined && { slack_chart: file }) };
}
