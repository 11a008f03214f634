import { httpUrl } from '../../core/http-url.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import type { Secret } from '../../core/secret.ts';
import type { ChannelIo, FailureKind, FailureReason, Outcome } from '../channel.ts';
import type { HttpConfig } from '../http-client/config.ts';
import { type HttpCall, type HttpSender, httpSender, isSuccess, jsonOf } from '../http-client/send.ts';

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
  channel_not_found: 'no such channel, or a private channel that the app is not in',
  not_in_channel: 'invite the app to the channel',
  is_archived: 'the channel is archived',
  missing_scope: 'the app needs the scopes chat:write and, for charts, files:write',
};

/** What a method of the Web API said. */
export type SlackSaid =
  | { readonly ok: true; readonly body: JsonObject }
  | { readonly ok: false; readonly error: string; readonly outcome: Outcome };

/** The methods of Slack's Web API, one request each. */
export interface SlackWebApi {
  call(method: string, args: JsonObject): Promise<SlackSaid>;
  upload(url: string, bytes: Uint8Array<ArrayBuffer>): Promise<FailureReason | undefined>;
}

/** Where the Web API is, how it is reached, and with which token. */
export interface SlackAccess {
  readonly url: Secret;
  readonly token: Secret;
  readonly http: HttpConfig;
}

/** Makes the caller of the Web API; nothing of it throws, and no answer holds a secret of ours. */
export function slackWebApi(
  { url, token, http }: SlackAccess,
  io: Pick<ChannelIo, 'fetch' | 'now'>,
  signal: AbortSignal,
): SlackWebApi {
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
      if (httpUrl(address) === undefined)
        return { kind: 'client_error', text: 'Slack returned an invalid upload URL for the chart' };
      const answered = await plain.call({ url: address, headers: { 'content-type': 'image/png' }, body: bytes });
      if (!answered.answered) return slackReason(answered.outcome, 'uploading the chart');
      return isSuccess(answered.answer)
        ? undefined
        : { kind: 'client_error', text: `uploading the chart: HTTP ${answered.answer.status}` };
    },
  };
}

/** Methods that take forms, not JSON: those that only read, and those for files. */
const FORMS: ReadonlySet<string> = new Set(['files.getUploadURLExternal', 'users.info']);

function requestOf(method: string, args: JsonObject, token: string): Pick<HttpCall, 'headers' | 'json' | 'body'> {
  const headers = { authorization: `Bearer ${token}` };
  if (!FORMS.has(method)) return { headers: { ...headers, 'content-type': 'application/json; charset=utf-8' }, json: args };
  const form = new URLSearchParams(Object.entries(args).map(([name, value]): [string, string] => [name, String(value)]));
  return { headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' }, body: form.toString() };
}

/** Something else than Slack answered: nothing was posted. */
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

/** Why a call failed, in words. */
export function slackReason(outcome: Outcome, doing?: string): FailureReason {
  const reason: FailureReason = outcome.kind === 'delivered' ? { kind: 'client_error', text: 'no answer' } : outcome.reason;
  return doing === undefined ? reason : { ...reason, text: `${doing}: ${reason.text}` };
}
