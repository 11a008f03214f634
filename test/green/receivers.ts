import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where a message came in: the receiver of the default route, that of one team, the meta receiver, or the heartbeat. */
type Door = 'route' | 'team' | 'meta' | 'heartbeat';

/** How a door answers. */
export type Answer = number | 'hang' | { readonly after: number };

/** An alert of a webhook message, as far as the walk reads it. */
interface Heard {
  readonly door: Door;
  readonly at: number;
  readonly title: string;
  readonly status: string;
  readonly alerts: readonly {
    readonly rule: string;
    readonly status: string;
    readonly group: Readonly<Record<string, string>>;
  }[];
}

/** A real HTTP server for all receivers of one service. */
export interface Receivers extends AsyncDisposable {
  url(door: Door): string;
  readonly answers: Map<Door, Answer>;
  /** Messages that were answered with success. */
  readonly heard: readonly Heard[];
  /** When each heartbeat came. */
  readonly polls: readonly number[];
}

/** Opens the receivers on a free port of 127.0.0.1. */
export async function openReceivers(): Promise<Receivers> {
  const answers = new Map<Door, Answer>();
  const heard: Heard[] = [];
  const polls: number[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const door = (request.url ?? '/').slice(1) as Door;
    const answer = answers.get(door) ?? 200;
    // `tocsin doctor` asks for no more than whether someone is there.
    const isSent = answer === 200 && request.method === 'POST';
    if (isSent && door === 'heartbeat') polls.push(Date.now());
    else if (isSent) heard.push({ ...(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Heard), door, at: Date.now() });
    reply(response, answer);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: (door) => `${origin}/${door}`,
    answers,
    heard,
    polls,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function reply(response: ServerResponse, answer: Answer): void {
  response.on('error', () => undefined);
  if (answer === 'hang') return;
  if (typeof answer === 'number') response.writeHead(answer).end('answer');
  else setTimeout(() => response.writeHead(200).end('late'), answer.after).unref();
}
