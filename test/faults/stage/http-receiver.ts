import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Receiver } from './files.ts';
import { type Heard, saidIn } from './heard.ts';

/** How a receiver takes one message. Taken, and so heard, are `ok` and those in which only the answer is missing. */
export type Manner =
  | 'ok'
  /** Taken, and the line breaks before the answer. */
  | 'lose the answer'
  /** Taken, and nobody ever answers. */
  | 'hang'
  /** Not taken: the line breaks. */
  | 'drop'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> };

/** A message that has arrived whole and is not answered yet. */
export interface Arriving {
  readonly message: string;
  readonly attempt: number;
}

/** What a receiver asks before it answers, and tells afterwards. */
export interface Hospitality {
  manner(arriving: Arriving): Manner | Promise<Manner>;
  answered(arriving: Arriving): void;
}

/** A webhook or a chat, as a real HTTP server on a free port of 127.0.0.1. */
export interface HttpReceiver extends AsyncDisposable {
  readonly url: string;
  readonly heard: readonly Heard[];
  /** Refusals with a time to wait, and the first attempt after each. */
  readonly waits: readonly { readonly asked: number; waited: number | undefined }[];
}

/** A chat, or one of the webhooks. */
type HttpReceiverName = Exclude<Receiver, 'mail'>;

/** Opens a receiver. A chat's messages bear no id, so what they say is their identity. */
export async function openHttpReceiver(receiver: HttpReceiverName, { manner, answered }: Hospitality): Promise<HttpReceiver> {
  const heard: Heard[] = [];
  const attempts = new Map<string, number>();
  const waits: { asked: number; waited: number | undefined }[] = [];
  const refused = new Map<string, { readonly at: number; readonly wait: { asked: number; waited: number | undefined } }>();
  const server = createServer(async (request, response) => {
    response.on('error', () => undefined);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const body = Buffer.concat(chunks).toString('utf8');
    const message = messageOf(receiver, body);
    const attempt = (attempts.get(message) ?? 0) + 1;
    attempts.set(message, attempt);
    const before = refused.get(message);
    if (before !== undefined) before.wait.waited ??= Date.now() - before.at;
    const arriving = { message, attempt };
    const chosen = await manner(arriving);
    const hear = (isAnswered: boolean) =>
      heard.push({ receiver, at: Date.now(), message, said: saidIn(texts(body)), text: texts(body), answered: isAnswered });
    if (chosen === 'drop') response.destroy();
    else if (chosen === 'hang') hear(false);
    else if (chosen === 'lose the answer') {
      hear(false);
      response.destroy();
    } else if (chosen === 'ok') {
      hear(true);
      response.once('finish', () => answered(arriving));
      response.writeHead(200).end('ok');
    } else {
      const after = Number(chosen.headers?.['retry-after']);
      if (after > 0) {
        const wait = { asked: after * 1_000, waited: undefined };
        waits.push(wait);
        refused.set(message, { at: Date.now(), wait });
      }
      response.writeHead(chosen.status, chosen.headers).end('told to fail');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${receiver}`,
    heard,
    waits,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function messageOf(receiver: HttpReceiverName, body: string): string {
  if (receiver !== 'chat') return String((JSON.parse(body) as { readonly id: string }).id);
  return createHash('sha256').update(body).digest('hex').slice(0, 16);
}

/** All texts of a JSON body, so that escapes of JSON are undone. */
function texts(body: string): string {
  const found: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value === 'string') found.push(value);
    else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) walk(one);
  };
  walk(JSON.parse(body));
  return found.join('\n');
}
