import type { Outcome, Receipt } from '../../src/channels/channel.ts';
import { channels } from '../../src/channels/registry.ts';
import type { Message } from '../../src/messages/message.ts';
import { DESTINATION_KEYS } from './channel-options.ts';
import { type RecordedRequest, type Reply, startHttpRecorder } from './http-recorder.ts';

/** What one attempt came to, and what the vendor got. */
export interface Attempted {
  readonly outcome: Outcome;
  readonly requests: readonly RecordedRequest[];
}

/** Sends a message to a server that behaves like a vendor's documentation. */
export async function attempt(
  name: string,
  vendor: Reply | ((request: RecordedRequest) => Reply),
  message: Message,
  given: { readonly keys?: Readonly<Record<string, unknown>>; readonly thread?: Receipt } = {},
): Promise<Attempted> {
  await using server = await startHttpRecorder(vendor);
  const [channel, keys] = [channels[name], DESTINATION_KEYS[name]];
  if (channel === undefined || keys === undefined) throw new Error(`no channel ${name}`);
  const options = channel.read({ ...keys(server.url), ...given.keys });
  const payload = channel.render(message, given.thread, options);
  const io = { fetch, print: () => undefined, now: message.at };
  const outcome = await channel.send(payload, options, io, AbortSignal.timeout(10_000));
  return { outcome, requests: [...server.requests] };
}

/** What a channel renders of a message, as JSON. */
export function renderedBy(name: string, message: Message, thread?: Receipt): Readonly<Record<string, unknown>> {
  const [channel, keys] = [channels[name], DESTINATION_KEYS[name]];
  if (channel === undefined || keys === undefined) throw new Error(`no channel ${name}`);
  return channel.render(message, thread, channel.read(keys('https://vendor.example.com')));
}

/** The body of a request as JSON. */
export function bodyOf(request: RecordedRequest | undefined): Readonly<Record<string, unknown>> {
  return JSON.parse(request?.body ?? '{}') as Readonly<Record<string, unknown>>;
}

/** An answer in JSON. */
export function answer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}
