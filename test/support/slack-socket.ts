import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** The tokens that the server takes. */
export const APP_TOKEN = 'xapp-1-A012-345-s3cretS3cret';
export const SOCKET_BOT_TOKEN = 'xoxb-tvE9xS3cretS3cret';

type Fields = Readonly<Record<string, unknown>>;
type Answer = Fields | 'hang' | 'garbage';

/** One call of the Web API. */
interface WebApiCall {
  readonly method: string;
  readonly args: Fields;
}

/** A connection of a client, as Slack has it. */
interface ClientConnection {
  /** What the client sent, parsed. */
  readonly said: readonly Fields[];
  send(frame: unknown): void;
  sendRaw(text: string): void;
  sendBinary(bytes: Buffer): void;
  ping(): void;
  pongs(): number;
  /** Closes as Slack does. */
  close(): void;
  /** The line breaks, without a word. */
  cut(): void;
  isOpen(): boolean;
}

/** A message as its readers see it now. */
interface SocketPost {
  readonly ts: string;
  readonly thread: string | undefined;
  readonly content: Fields;
}

/** A workspace with Socket Mode. */
export interface SlackSocket extends AsyncDisposable {
  readonly url: string;
  readonly calls: readonly WebApiCall[];
  callsOf(method: string): readonly Fields[];
  /** Messages as the workspace has them now, oldest first; `thread`: what a reply belongs to. */
  readonly posts: readonly SocketPost[];
  readonly connections: readonly ClientConnection[];
  /** What the next calls of a method answer instead. */
  answer(method: string, ...answers: readonly Answer[]): void;
  /** Whether new connections are greeted. */
  greets: boolean;
}

/**
 * Starts a server that behaves as Slack's documentation says of Socket Mode (https://docs.slack.dev/apis/events-api/using-socket-mode): an address for each
 * connection from apps.connections.open, `hello` first, envelopes that are acknowledged by their ID, pings, `disconnect` before a connection ends. Of the Web
 * API it has https://docs.slack.dev/reference/methods/auth.test, …/apps.connections.open, …/chat.postMessage, …/chat.update, …/chat.postEphemeral and
 * …/users.info.
 */
export async function startSlackSocket(): Promise<SlackSocket> {
  const calls: WebApiCall[] = [];
  const connections: ClientConnection[] = [];
  const sockets = new Set<Socket>();
  const tickets = new Set<string>();
  const planned = new Map<string, Answer[]>();
  const posts: SocketPost[] = [];
  let count = 0;

  const methods: Readonly<Record<string, (args: Fields) => Fields>> = {
    'auth.test': () => ({ ok: true, team: 'Workspace', user: 'tocsin' }),
    'apps.connections.open': () => {
      const ticket = `t1cket-${++count}`;
      tickets.add(ticket);
      return { ok: true, url: `${result.url.replace('http', 'ws')}/link/?ticket=${ticket}&app_id=A012` };
    },
    'chat.postMessage': (args) => {
      const ts = `1767261900.${String(++count).padStart(6, '0')}`;
      posts.push({ ts, thread: args['thread_ts'] === undefined ? undefined : String(args['thread_ts']), content: args });
      return { ok: true, channel: args['channel'], ts };
    },
    'chat.update': (args) => {
      const at = posts.findIndex(({ ts }) => ts === args['ts']);
      const post = posts[at];
      if (post !== undefined) posts[at] = { ...post, content: args };
      return { ok: true, channel: args['channel'], ts: args['ts'] };
    },
    'chat.postEphemeral': () => ({ ok: true, message_ts: '1767261900.000001' }),
    'users.info': (args) => ({
      ok: true,
      user: { id: args['user'], name: 'ana', real_name: 'Ana Lee', tz: 'America/New_York', tz_offset: -18_000 },
    }),
  };

  const server = createServer((request, response) => void serve(request, response));
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const method = (request.url ?? '').replace('/api/', '');
    const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
    const args: Fields = isForm ? Object.fromEntries(new URLSearchParams(text)) : text === '' ? {} : JSON.parse(text);
    calls.push({ method, args });
    const wanted = planned.get(method)?.shift();
    if (wanted === 'hang') return;
    const token = method === 'apps.connections.open' ? APP_TOKEN : SOCKET_BOT_TOKEN;
    const isKnown = request.headers.authorization === `Bearer ${token}`;
    const body = wanted ?? (isKnown ? (methods[method]?.(args) ?? { ok: false, error: 'unknown_method' }) : NO_AUTH);
    response.setHeader('content-type', 'application/json');
    // https://docs.slack.dev/apis/web-api/rate-limits: with the status and the header.
    if (typeof wanted === 'object' && wanted['error'] === 'ratelimited') {
      response.statusCode = 429;
      response.setHeader('retry-after', String(wanted['retry_after']));
    }
    response.end(wanted === 'garbage' ? '<html>' : JSON.stringify(body));
  };
  server.on('upgrade', (request, socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    const ticket = new URL(request.url ?? '', 'http://localhost').searchParams.get('ticket') ?? '';
    // An address is good for one connection.
    if (!tickets.delete(ticket)) return void socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    const connection = connectionOver(socket);
    connections.push(connection);
    const greeting = { type: 'hello', num_connections: sockets.size, connection_info: { app_id: 'A012' } };
    const debug = { host: 'applink-1', build_number: 10, approximate_connection_time: 18_060 };
    if (result.greets) connection.send({ ...greeting, debug_info: debug });
    // https://github.com/slackapi/node-slack-sdk/issues/1654: ten at once, and the next one is told so.
    if (connections.filter((one) => one.isOpen()).length > MOST_CONNECTIONS)
      connection.send({ type: 'disconnect', reason: 'too_many_websockets', debug_info: { host: 'applink-1' } });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const result: SlackSocket = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`,
    ...{ calls, connections, posts, greets: true },
    callsOf: (method) => calls.filter((call) => call.method === method).map(({ args }) => args),
    answer: (method, ...answers) => void planned.set(method, [...(planned.get(method) ?? []), ...answers]),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return result;
}

const MOST_CONNECTIONS = 10;
const NO_AUTH = { ok: false, error: 'invalid_auth' };

/** Frames of RFC 6455, as far as they are needed: those of a server are not masked, those of a client are. */
function connectionOver(socket: Socket): ClientConnection {
  const said: Fields[] = [];
  let pongs = 0;
  let open = true;
  let rest: Buffer = Buffer.alloc(0);
  socket.on('close', () => {
    open = false;
  });
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (let frame = frameIn(rest); frame !== undefined; frame = frameIn(rest)) {
      rest = rest.subarray(frame.size);
      if (frame.opcode === 1) said.push(JSON.parse(frame.data.toString()) as Fields);
      if (frame.opcode === 10) pongs += 1;
      if (frame.opcode === 8) socket.end();
    }
  });
  const write = (opcode: number, data: Buffer) => void socket.write(Buffer.concat([headOf(opcode, data.length), data]));
  return {
    said,
    send: (frame) => write(1, Buffer.from(JSON.stringify(frame))),
    sendRaw: (text) => write(1, Buffer.from(text)),
    sendBinary: (bytes) => write(2, bytes),
    ping: () => write(9, Buffer.from('ping')),
    pongs: () => pongs,
    close: () => write(8, Buffer.from([0x03, 0xe8])),
    cut: () => socket.destroy(),
    isOpen: () => open,
  };
}

function headOf(opcode: number, length: number): Buffer {
  if (length < 126) return Buffer.from([0x80 | opcode, length]);
  const head = Buffer.alloc(length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  head[1] = length < 65_536 ? 126 : 127;
  if (length < 65_536) head.writeUInt16BE(length, 2);
  else head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

function frameIn(bytes: Buffer): { readonly opcode: number; readonly data: Buffer; readonly size: number } | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  const short = second & 0x7f;
  const head = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < head + 4) return undefined;
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  const size = head + 4 + length;
  if (bytes.length < size) return undefined;
  const mask = bytes.subarray(head, head + 4);
  const data = Buffer.from(bytes.subarray(head + 4, size)).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return { opcode: first & 0x0f, data: Buffer.from(data), size };
}
