import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import type { Duration } from '../../core/time.ts';
import { firstUnits } from '../../core/truncate.ts';
import type { ChannelIo, FailureReason, Payload } from '../channel.ts';
import { type SlackWebApi, slackReason } from './web-api.ts';

/** The message that an app has posted for an incident, as its receipt says. */
export interface PostedMessage {
  readonly channel: string;
  readonly ts: string;
  /** The picture that it shows. */
  readonly file?: string;
}

/** Pauses, ms, until a message is shown with a picture that Slack is still processing. */
const PAUSES: readonly Duration[] = [0, 100, 400, 1_000, 1_000];
/** https://docs.slack.dev/reference/block-kit/composition-objects/slack-file-object */
const FILE_ID = /^F[A-Z0-9]{8,}$/;
/** Characters of what is said of a picture to those who cannot see it; a block may have 2,000. */
const ALT_TEXT = 500;

/** Room for the picture within a message, in characters of JSON: quotes and backslashes of its text are two. */
export const CHART_ROOM = 1_100;

/** A picture that was uploaded, as a block shows it. Slack counts a message that shows it as the place where the file is shared. */
export function imageBlock(file: string, text: string): JsonObject {
  return { type: 'image', alt_text: firstUnits(text, ALT_TEXT), slack_file: { id: file } };
}

/** A message of an app with a picture below its first sentence, where no one has to unfold anything to see it. */
export function withImage(message: JsonObject, image: JsonObject): JsonObject {
  const [first, ...others] = Array.isArray(message['attachments']) ? message['attachments'] : [];
  const attachment: JsonObject = isObject(first) ? (first as JsonObject) : {};
  const [sentence, ...blocks] = Array.isArray(attachment['blocks']) ? (attachment['blocks'] as readonly Json[]) : [];
  const all = [...(sentence === undefined ? [] : [sentence]), image, ...blocks];
  return { ...message, attachments: [{ ...attachment, blocks: all }, ...others] };
}

/** The outcome of a chart: the file that the message shows, or why it shows none. */
interface ShownChart {
  readonly file?: string;
  readonly failed?: FailureReason;
}

/**
 * Shows the chart of a message within it, once the message is there: people do not wait for a picture. A picture is refused until Slack has processed it
 * (`invalid_blocks`), which changes nothing, so it is tried again for a moment; where that does not help, the picture is a file in the thread.
 */
export async function showChart(
  { payload, message, posted }: { readonly payload: Payload; readonly message: JsonObject; readonly posted: PostedMessage },
  api: SlackWebApi,
  pause: NonNullable<ChannelIo['pause']>,
  signal: AbortSignal,
): Promise<ShownChart> {
  const { png, text } = isObject(payload['chart']) ? (payload['chart'] as JsonObject) : {};
  if (typeof png !== 'string' || typeof text !== 'string') return {};
  const picture = { bytes: Buffer.from(png, 'base64'), text };
  const uploaded = await upload(picture, api);
  if (typeof uploaded !== 'string') return { failed: uploaded };
  const completed = await api.call('files.completeUploadExternal', { files: [{ id: uploaded, title: text.slice(0, 250) }] });
  if (!completed.ok) return { failed: slackReason(completed.outcome) };
  const shown = { ...withImage(message, imageBlock(uploaded, text)), channel: posted.channel, ts: posted.ts };
  for (const wait of FILE_ID.test(uploaded) ? PAUSES : []) {
    if (wait > 0) await pause(wait, signal);
    if (signal.aborted) break;
    const updated = await api.call('chat.update', shown);
    if (updated.ok) return { file: uploaded };
    if (updated.error !== 'invalid_blocks') break;
  }
  const failed = await shareInThread(picture, posted, api);
  return failed === undefined ? {} : { failed };
}

interface Picture {
  readonly bytes: Buffer<ArrayBuffer>;
  readonly text: string;
}

/** https://docs.slack.dev/messaging/working-with-files#upload: an address, the bytes. Gives the ID of the file, or why the upload failed. */
async function upload({ bytes, text }: Picture, api: SlackWebApi): Promise<string | FailureReason> {
  const given = await api.call('files.getUploadURLExternal', {
    ...{ filename: 'chart.png', length: bytes.length, alt_txt: text.slice(0, 1_000) },
  });
  if (!given.ok) return slackReason(given.outcome);
  const { upload_url: url, file_id: id } = given.body;
  if (typeof url !== 'string' || typeof id !== 'string')
    return { kind: 'client_error', text: 'Slack returned no upload URL for the chart' };
  return (await api.upload(url, bytes)) ?? id;
}

/** A file is shared with its last step alone, so a picture that no block could show is uploaded again. Gives why it failed. */
async function shareInThread(
  picture: Picture,
  { channel, ts }: PostedMessage,
  api: SlackWebApi,
): Promise<FailureReason | undefined> {
  const id = await upload(picture, api);
  if (typeof id !== 'string') return id;
  const files = [{ id, title: picture.text.slice(0, 250) }];
  const shared = await api.call('files.completeUploadExternal', { files, channel_id: channel, thread_ts: ts });
  return shared.ok ? undefined : slackReason(shared.outcome);
}
