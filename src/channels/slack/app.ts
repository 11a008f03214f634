import { isObject, type JsonObject } from '../../core/json.ts';
import type { ChannelIo, FailureReason, Outcome, Payload } from '../channel.ts';
import { appReceipt, type PostedMessage } from './app-payload.ts';
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
  if (update === undefined) return post(payload, app, api);
  const message = objectOf(payload['message']);
  const updated = await api.call('chat.update', { ...withButtons(payload), channel: update.channel, ts: update.ts });
  if (!updated.ok && GONE.has(updated.error)) return post(payload, app, api);
  // Nothing that is seen twice was sent yet.
  if (!updated.ok && !FIXED.has(updated.error))
    return updated.outcome.kind === 'unknown' ? { ...updated.outcome, kind: 'retry' } : updated.outcome;
  const replied = await api.call('chat.postMessage', {
    ...message,
    ...{ channel: update.channel, thread_ts: update.ts },
    // What could not be changed in place is seen in the channel.
    reply_broadcast: payload['broadcast'] === true || !updated.ok,
  });
  if (!replied.ok) return replied.outcome;
  const failed = updated.ok ? undefined : slackReason(updated.outcome);
  return delivered(update, app, failed ?? (await shareChart(payload, update, api)));
}

/** Posts the message of an incident, and what it found as the first reply. */
async function post(payload: Payload, app: SlackApp, api: SlackWebApi): Promise<Outcome> {
  const posted = await api.call('chat.postMessage', { ...withButtons(payload), channel: app.channel });
  if (!posted.ok) return posted.outcome;
  const { channel, ts } = posted.body;
  if (typeof channel !== 'string' || typeof ts !== 'string')
    return {
      kind: 'delivered',
      warning: { kind: 'client_error', text: 'Slack did not say which message it posted: the next one is another message' },
    };
  const message: PostedMessage = { channel, ts };
  const evidence = payload['evidence'];
  const replied = isObject(evidence)
    ? await api.call('chat.postMessage', { ...objectOf(evidence), channel, thread_ts: ts })
    : undefined;
  const failed = replied === undefined || replied.ok ? undefined : slackReason(replied.outcome);
  const shared = await shareChart(payload, message, api);
  return delivered(message, app, failed ?? shared);
}

function delivered(message: PostedMessage, { channel }: SlackApp, failed: FailureReason | undefined): Outcome {
  const receipt = appReceipt(message, channel);
  const warning = failed && { ...failed, text: `the message was posted, but not all that belongs to it: ${failed.text}` };
  return { kind: 'delivered', receipt, ...(warning !== undefined && { warning }) };
}

/** https://docs.slack.dev/messaging/working-with-files#upload: three steps, the last of which shares the file in the thread. Gives why it failed. */
async function shareChart(
  payload: Payload,
  { channel, ts }: PostedMessage,
  api: SlackWebApi,
): Promise<FailureReason | undefined> {
  const { png, text } = objectOf(payload['chart']);
  if (typeof png !== 'string' || typeof text !== 'string') return undefined;
  const bytes = Buffer.from(png, 'base64');
  const given = await api.call('files.getUploadURLExternal', {
    ...{ filename: 'chart.png', length: bytes.length, alt_txt: text.slice(0, 1_000) },
  });
  if (!given.ok) return slackReason(given.outcome);
  const { upload_url: url, file_id: id } = given.body;
  if (typeof url !== 'string' || typeof id !== 'string')
    return { kind: 'client_error', text: 'Slack gave no address for the chart' };
  const uploaded = await api.upload(url, bytes);
  if (uploaded !== undefined) return uploaded;
  const shared = await api.call('files.completeUploadExternal', {
    files: [{ id, title: text.slice(0, 250) }],
    channel_id: channel,
    thread_ts: ts,
  });
  return shared.ok ? undefined : slackReason(shared.outcome);
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
