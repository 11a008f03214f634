import { isObject, type JsonObject } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import type { ChannelIo, FailureKind, FailureReason, Outcome, Payload } from '../channel.ts';
import { type HttpCall, type HttpSender, httpSender, isSuccess, jsonOf } from '../http-client/send.ts';
import { appReceipt, type PostedMessage } from './app-payload.ts';
import type { SlackApp, SlackOptions } from './options.ts';

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
/** Nothing happened, and may later. */
const LATER: ReadonlySet<string> = new Set([
  ...['ratelimited', 'rate_limited', 'message_limit_exceeded', 'service_unavailable', 'team_added_to_org', 'request_timeout'],
]);
/** "It's possible some aspect of the operation succeeded before the error was raised." */
const UNCLEAR: ReadonlySet<string> = new Set(['internal_error', 'fatal_error']);
const DENIED: ReadonlySet<string> = new Set([
  ...['invalid_auth', 'not_authed', 'account_inactive', 'token_revoked', 'token_expired', 'missing_scope', 'no_permission'],
  ...[
    'ekm_access_denied',
    'org_login_required',
    'access_denied',
    'team_access_not_granted',
    'restricted_action',
    'two_factor_setup_required',
  ],
]);
const NEXT_STEP: Readonly<Record<string, string>> = {
  channel_not_found: 'no such channel, or a private one without the app',
  not_in_channel: 'invite the app to the channel',
  is_archived: 'the channel is archived',
  missing_scope: 'the app needs the scopes chat:write and, for charts, files:write',
};

/** What a method of the Web API said. */
type Said =
  | { readonly ok: true; readonly body: JsonObject }
  | { readonly ok: false; readonly error: string; readonly outcome: Outcome };

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
  const api = webApi(options, app, io, signal);
  const update = isObject(payload['update']) ? (payload['update'] as unknown as PostedMessage) : undefined;
  if (update === undefined) return post(payload, app, api);
  const message = objectOf(payload['message']);
  const updated = await api.call('chat.update', { ...message, channel: update.channel, ts: update.ts });
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
  const failed = updated.ok ? undefined : reasonOf(updated.outcome);
  return delivered(update, app, failed ?? (await shareChart(payload, update, api)));
}

/** Posts the message of an incident, and what it found as the first reply. */
async function post(payload: Payload, app: SlackApp, api: WebApi): Promise<Outcome> {
  const posted = await api.call('chat.postMessage', { ...objectOf(payload['message']), channel: app.channel });
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
  const failed = replied === undefined || replied.ok ? undefined : reasonOf(replied.outcome);
  const shared = await shareChart(payload, message, api);
  return delivered(message, app, failed ?? shared);
}

function delivered(message: PostedMessage, { channel }: SlackApp, failed: FailureReason | undefined): Outcome {
  const receipt = appReceipt(message, channel);
  const warning = failed && { ...failed, text: `the message was posted, but not all that belongs to it: ${failed.text}` };
  return { kind: 'delivered', receipt, ...(warning !== undefined && { warning }) };
}

/** https://docs.slack.dev/messaging/working-with-files#upload: three steps, the last of which shares the file in the thread. Gives why it failed. */
async function shareChart(payload: Payload, { channel, ts }: PostedMessage, api: WebApi): Promise<FailureReason | undefined> {
  const { png, text } = objectOf(payload['chart']);
  if (typeof png !== 'string' || typeof text !== 'string') return undefined;
  const bytes = Buffer.from(png, 'base64');
  const given = await api.call('files.getUploadURLExternal', {
    ...{ filename: 'chart.png', length: bytes.length, alt_txt: text.slice(0, 1_000) },
  });
  if (!given.ok) return reasonOf(given.outcome);
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
  return shared.ok ? undefined : reasonOf(shared.outcome);
}

interface WebApi {
  call(method: string, args: JsonObject): Promise<Said>;
  upload(url: string, bytes: Uint8Array<ArrayBuffer>): Promise<FailureReason | undefined>;
}

function webApi({ url, http }: SlackOptions, { token }: SlackApp, io: ChannelIo, signal: AbortSignal): WebApi {
  const sender = httpSender(http, [token], io, signal);
  // The address that a file is uploaded to is a secret of its own, and gets none of ours.
  const { authorization: _ours, ...connection } = http;
  const plain = httpSender({ ...connection, headers: [] }, [token], io, signal);
  const base = url.reveal().replace(/\/+$/, '');
  return {
    call: async (method, args) => {
      const answered = await sender.call({ url: `${base}/${method}`, ...requestOf(method, args, token.reveal()) });
      if (!answered.answered) return { ok: false, error: '', outcome: answered.outcome };
      const said = jsonOf(answered.answer);
      if (!isObject(said)) return { ok: false, error: '', outcome: withoutJson(sender, answered.answer) };
      if (isSuccess(answered.answer) && said['ok'] === true) return { ok: true, body: said as JsonObject };
      const error = String(said['error'] ?? '');
      const limited = answered.answer.status === 429 || LATER.has(error);
      const outcome = limited
        ? sender.refused({ ...answered.answer, status: 429 })
        : isSuccess(answered.answer)
          ? refusalOf(error, details(said, sender))
          : sender.refused(answered.answer);
      return { ok: false, error, outcome };
    },
    upload: async (address, bytes) => {
      if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol))
        return { kind: 'client_error', text: 'Slack gave an address for the chart that is not a URL' };
      const answered = await plain.call({ url: address, headers: { 'content-type': 'image/png' }, body: bytes });
      if (!answered.answered) return reasonOf(answered.outcome, 'uploading the chart');
      return isSuccess(answered.answer)
        ? undefined
        : { kind: 'client_error', text: `uploading the chart: HTTP ${answered.answer.status}` };
    },
  };
}

/** The methods for files take forms, not JSON. */
function requestOf(method: string, args: JsonObject, token: string): Pick<HttpCall, 'headers' | 'json' | 'body'> {
  const headers = { authorization: `Bearer ${token}` };
  if (method !== 'files.getUploadURLExternal')
    return { headers: { ...headers, 'content-type': 'application/json; charset=utf-8' }, json: args };
  const form = new URLSearchParams(Object.entries(args).map(([name, value]): [string, string] => [name, String(value)]));
  return { headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' }, body: form.toString() };
}

/** A proxy's login page answers 200 too; nothing of it was posted. */
function withoutJson(sender: HttpSender, answer: Parameters<HttpSender['refused']>[0]): Outcome {
  if (!isSuccess(answer)) return sender.refused(answer);
  const text = `answered ${answer.status}, but not as Slack's Web API does: ${sender.hide(answer.text)}`;
  return { kind: 'retry', reason: { kind: 'client_error', text } };
}

function refusalOf(error: string, more: string): Outcome {
  const step = own(NEXT_STEP, error);
  const text = `Slack refused: ${error}${step === undefined ? '' : `: ${step}`}${more}`;
  if (UNCLEAR.has(error)) return { kind: 'unknown', reason: { kind: 'server_error', text } };
  const kind: FailureKind = DENIED.has(error)
    ? 'unauthorized'
    : error === 'channel_not_found' || error === 'not_in_channel' || error === 'is_archived'
      ? 'not_found'
      : 'invalid_payload';
  return { kind: 'rejected', reason: { kind, text } };
}

/** What is wrong with blocks, as `errors` says it, and which scope is `needed`. */
function details(said: Readonly<Record<string, unknown>>, sender: HttpSender): string {
  const errors = Array.isArray(said['errors']) ? said['errors'].map(String).slice(0, 3) : [];
  const needed = typeof said['needed'] === 'string' ? [`needed: ${said['needed']}`] : [];
  const all = [...errors, ...needed];
  return all.length === 0 ? '' : ` (${sender.hide(all.join('; '))})`;
}

function reasonOf(outcome: Outcome, doing?: string): FailureReason {
  const reason: FailureReason = outcome.kind === 'delivered' ? { kind: 'client_error', text: 'no answer' } : outcome.reason;
  return doing === undefined ? reason : { ...reason, text: `${doing}: ${reason.text}` };
}

function objectOf(value: unknown): JsonObject {
  return isObject(value) ? (value as JsonObject) : {};
}
