import { isObject, type Json, jsonText } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import type { Secret } from '../../core/secret.ts';
import type { ChannelIo, FailureReason, Outcome, Receipt } from '../channel.ts';
import { answerOutcome, failureOutcome, type HttpAnswer, hiding, NOT_STARTED, pageOutcome, readAnswer } from './answer.ts';
import type { HttpConfig } from './config.ts';

/** One request of a channel. `json` is sent as JSON, `body` as it is. */
export interface HttpCall {
  readonly method?: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: Json;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** A web page may be the answer of this server. */
  readonly mayBePage?: boolean;
}

/** What sends the requests of one attempt. */
export interface HttpSender {
  /**
   * Sends a request; gives the answer, whatever its status, or what a request means that got none, or a web page in its place. Never throws, never
   * follows.
   */
  call(request: HttpCall): Promise<HttpAnswered>;
  /** What an answer that is not a success means, without secrets. */
  refused(answer: HttpAnswer): Outcome;
  /** Removes secrets from a text and bounds it. */
  hide(text: string): string;
}

/** An answer, or the outcome of an attempt that got none. */
type HttpAnswered =
  | { readonly answered: true; readonly answer: HttpAnswer }
  | { readonly answered: false; readonly outcome: Outcome };

/** Makes the sender of one attempt of a destination; `secrets` are those of its own options. */
export function httpSender(
  http: HttpConfig,
  secrets: readonly (Secret | undefined)[],
  io: Pick<ChannelIo, 'fetch' | 'now'>,
  signal: AbortSignal,
): HttpSender {
  const hide = hiding(...secrets, ...http.secrets);
  return {
    hide,
    refused: (answer) => answerOutcome(answer, io.now, hide),
    call: async ({ method = 'POST', url, headers = {}, json, body, mayBePage = false }) => {
      if (signal.aborted) return { answered: false, outcome: NOT_STARTED };
      try {
        const response = await io.fetch(url, {
          method,
          headers: withConfigured(headers, json !== undefined, http),
          ...(json === undefined ? body !== undefined && { body } : { body: jsonText(json) }),
          redirect: 'error',
          signal,
          connection: http,
        });
        const answer = await readAnswer(response);
        const page = mayBePage ? undefined : pageOutcome(answer, hide);
        return page === undefined ? { answered: true, answer } : { answered: false, outcome: page };
      } catch (error) {
        return { answered: false, outcome: failureOutcome(error, signal, hide) };
      }
    },
  };
}

/** The headers of a request as `fetch` takes them: those of the destination win over the channel's. */
export function withConfigured(headers: Readonly<Record<string, string>>, isJson: boolean, http: HttpConfig): Headers {
  const all = new Headers({ 'user-agent': 'Tocsin', ...(isJson && { 'content-type': 'application/json' }), ...headers });
  if (http.authorization !== undefined) all.set('authorization', http.authorization.reveal());
  for (const name of new Set(http.headers.map(([one]) => one))) all.delete(name);
  for (const [name, value] of http.headers) all.append(name, value.reveal());
  return all;
}

/** Says whether an answer is a success by its status. */
export function isSuccess({ status }: HttpAnswer): boolean {
  return status >= 200 && status <= 299;
}

type Delivered = Extract<Outcome, { readonly kind: 'delivered' }>;

/** How a service answers what it has taken. */
export interface TakenForm {
  readonly whose: string;
  isTheirs(answer: HttpAnswer): boolean;
}

/** The form of a service that answers in JSON with a member of this name, and of this value. */
export function jsonWith(whose: string, member: string, value?: Json): TakenForm {
  return {
    whose,
    isTheirs: (answer) => {
      const said = jsonOf(answer);
      const found = isObject(said) ? own(said, member) : undefined;
      return value === undefined ? found !== undefined : found === value;
    },
  };
}

/**
 * The outcome of a success: with a warning where the answer is not in the service's form. It may have taken the message, and another attempt would get
 * the same answer.
 */
export function taken(sender: HttpSender, answer: HttpAnswer, form: TakenForm | undefined, receipt?: Receipt): Delivered {
  const warning: FailureReason | undefined =
    form === undefined || form.isTheirs(answer)
      ? undefined
      : { kind: 'client_error', text: `answered ${answer.status}, but not as ${form.whose} does: ${sender.hide(answer.text)}` };
  return { kind: 'delivered', ...(receipt !== undefined && { receipt }), ...(warning !== undefined && { warning }) };
}

/** The outcome of one request: delivered with a 2xx, else what the status means. */
export async function sendOnce(sender: HttpSender, request: HttpCall, form?: TakenForm): Promise<Outcome> {
  const answered = await sender.call(request);
  if (!answered.answered) return answered.outcome;
  return isSuccess(answered.answer) ? taken(sender, answered.answer, form) : sender.refused(answered.answer);
}

/** The body of an answer as JSON; undefined where it is something else. */
export function jsonOf({ text }: HttpAnswer): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Sends requests one after the other while each succeeds; the outcome is that of the first that does not. */
export async function sendInTurn(sender: HttpSender, requests: readonly HttpCall[], form?: TakenForm): Promise<Outcome> {
  let outcome: Outcome = { kind: 'delivered' };
  for (const request of requests) {
    outcome = await sendOnce(sender, request, form);
    if (outcome.kind !== 'delivered') return outcome;
  }
  return outcome;
}
