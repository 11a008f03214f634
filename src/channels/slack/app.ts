import { isObject, type JsonObject } from '../../core/json.ts';
import type { ChannelIo, FailureReason, Outcome, Payload } from '../channel.ts';
import { imageBlock, type PostedMessage, showChart, withImage } from './app-chart.ts';
import { appReceipt } from './app-payload.ts';
import type { SlackApp, SlackOptions } from './options.ts';
import { type SlackWebApi, slackReason, slackWebApi } from './web-api.ts';

/** https://docs.slack.dev/reference/methods/chat.update#errors: what cannot be updated any more, and is posted again. */
const GONE: ReadonlySet<string> = new Set([
  'message_not_found',
  'channel_not_found',
  'is_inactive',
  'not_in_channel',
  'is_archived',
]);
/** What stays as it is, and can still be replied to. */
const FIXED: ReadonlySet<string> = new Set([
  'edit_window_closed',
  'cant_update_message',
  'update_failed',
  'external_channel_migrating',
]);

/**
 * Sends a message as an app. The update comes first, since it can be repeated without harm, and then the reply: an attempt that fails between them leaves
 * nothing twice. Once the incident's message is posted, nothing that goes wrong afterwards makes it be posted again.
 */
export async function sendAsApp(
  payload: Payload,
  options: SlackOptions,
  app: SlackApp,
  io: ChannelIo,
  signal: AbortSignal,
): Promise<Outcome> {
  const api = slackWebApi({ ...options, token: app.token }, io, signal);
  const update = isObject(payload['update']) ? (payload['update'] as unknown as PostedMessage) : undefined;
  const pause: NonNullable<ChannelIo['pause']> = io.pause ?? (async () => undefined);
  const withChart = (message: JsonObject, posted: PostedMessage) => showChart({ payload, message, posted }, api, pause, signal);
  if (update === undefined) return post(payload, app, api, withChart);
  const { channel, ts } = update;
  const message = objectOf(payload['message']);
  const now = withButtons(payload);
  let updated = await api.call('chat.update', { ...withEarlierChart(now, payload), channel, ts });
  // The earlier picture may have been deleted.
  if (!updated.ok && updated.error === 'invalid_blocks' && update.file !== undefined)
    updated = await api.call('chat.update', { ...now, channel, ts });
  if (!updated.ok && GONE.has(updated.error)) return post(payload, app, api, withChart);
  // Nothing that is seen twice was sent yet.
  if (!updated.ok && !FIXED.has(updated.error))
    return updated.outcome.kind === 'unknown' ? { ...updated.outcome, kind: 'retry' } : updated.outcome;
  const replied = await api.call('chat.postMessage', {
    ...message,
    ...{ channel, thread_ts: ts },
    // What could not be changed in place is seen in the channel.
    reply_broadcast: payload['broadcast'] === true || !updated.ok,
  });
  if (!replied.ok) return replied.outcome;
  if (!updated.ok) return delivered(update, app, slackReason(updated.outcome));
  const { file = update.file, failed } = await withChart(now, update);
  return delivered({ channel, ts, ...(file !== undefined && { file }) }, app, failed);
}

/** The message with the picture that it showed before, until there is a newer one. */
function withEarlierChart(message: JsonObject, payload: Payload): JsonObject {
  const { file, text } = objectOf(payload['earlierChart']);
  return typeof file === 'string' && typeof text === 'string' ? withImage(message, imageBlock(file, text)) : message;
}

/** Posts the message of an incident, and what it found as the first reply. */
async function post(
  payload: Payload,
  app: SlackApp,
  api: SlackWebApi,
  withChart: (message: JsonObject, posted: PostedMessage) => ReturnType<typeof showChart>,
): Promise<Outcome> {
  const now = withButtons(payload);
  const posted = await api.call('chat.postMessage', { ...now, channel: app.channel });
  if (!posted.ok) return posted.outcome;
  const { channel, ts } = posted.body;
  if (typeof channel !== 'string' || typeof ts !== 'string')
    return {
      kind: 'delivered',
      warning: {
        kind: 'client_error',
        text: 'Slack did not return the ID of the posted message: the next update is a new message',
      },
    };
  const message: PostedMessage = { channel, ts };
  const evidence = payload['evidence'];
  const replied = isObject(evidence)
    ? await api.call('chat.postMessage', { ...objectOf(evidence), channel, thread_ts: ts })
    : undefined;
  const failed = replied === undefined || replied.ok ? undefined : slackReason(replied.outcome);
  const chart = await withChart(now, message);
  return delivered({ ...message, ...(chart.file !== undefined && { file: chart.file }) }, app, failed ?? chart.failed);
}

function delivered(message: PostedMessage, { channel }: SlackApp, failed: FailureReason | undefined): Outcome {
  const receipt = appReceipt(message, channel);
  const warning = failed && { ...failed, text: `the message was posted, but not all of its parts: ${failed.text}` };
  return { kind: 'delivered', receipt, ...(warning !== undefined && { warning }) };
}

/** The incident's message with its buttons, below everything else; replies in its thread have none. */
function withButtons(payload: Payload): JsonObject {
  const message = objectOf(payload['message']);
  const buttons = payload['buttons'];
  if (!Array.isArray(buttons)) return message;
  const [first, ...others] = Array.isArray(message['attachments']) ? message['attachments'] : [];
  const { blocks, ...attachment } = objectOf(first);
  const all = [...(Array.isArray(blocks) ? blocks : []), ...buttons];
  return { ...message, attachments: [{ ...attachment, blocks: all }, ...others] };
}

function objectOf(value: unknown): JsonObject {
  return isObject(value) ? (value as JsonObject) : {};
}
