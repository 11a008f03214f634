import type { Readable } from 'node:stream';
import { Client, type ClientOptions, errors } from '@elastic/elasticsearch';
import type { ElasticsearchConfig } from '../../config/config.ts';
import { asError } from '../../core/errors.ts';
import { jsonText } from '../../core/json.ts';
import { parseJson } from '../../core/parse-json.ts';
import { redact, type Secret } from '../../core/secret.ts';
import { timeLimit } from '../../core/time.ts';
import { MOST_BYTES, readText } from './answer-body.ts';
import type { Wire, WireReply, WireRequest } from './wire.ts';

/** A connection to a cluster that is closed when it is no longer needed. */
export interface ElasticsearchClient extends Wire {
  /** From now on requests go with this login and these certificates; those under way end as they began. */
  renew(config: ElasticsearchConfig): void;
  /** Closes all connections; requests still under way end as `unreachable`. */
  close(): Promise<void>;
}

const REPEATS_OF_READS = 2;

/** Connects lazily: nothing is sent until the first request, so that a service starts while the cluster is away. */
export function createClient(config: ElasticsearchConfig): ElasticsearchClient {
  let line = openLine(config);
  return {
    get requestTimeout() {
      return line.requestTimeout;
    },
    send: (request) => line.send(request),
    renew: (next) => {
      const old = line;
      line = openLine(next);
      old.retire();
    },
    close: () => line.close(),
  };
}

/** Connections with one login. */
interface Line extends Wire {
  /** Closes once the last request under way has ended. */
  retire(): void;
  close(): Promise<void>;
}

function openLine(config: ElasticsearchConfig): Line {
  const client = new Client(clientOptions(config));
  const secrets = secretsOf(config);
  let underWay = 0;
  let retired = false;
  const closeIfIdle = () => {
    if (retired && underWay === 0) void client.close();
  };
  return {
    requestTimeout: config.requestTimeout,
    send: async (request) => {
      const limit = timeLimit(request.timeout, request.signal);
      underWay += 1;
      try {
        return await sendRequest(client, request, limit.signal);
      } catch (thrown) {
        return replyOfError(asError(thrown), request, limit.signal, secrets);
      } finally {
        limit.end();
        underWay -= 1;
        closeIfIdle();
      }
    },
    retire: () => {
      retired = true;
      closeIfIdle();
    },
    close: () => client.close(),
  };
}

/** Takes the answer as a stream: the library's own limit of its size ends the process with an error that cannot be caught. */
async function sendRequest(client: Client, request: WireRequest, signal: AbortSignal): Promise<WireReply> {
  const { method, path, query, body, lines, repeatable } = request;
  const { statusCode, headers, ...answer } = await client.transport.request<Readable>(
    {
      method,
      path,
      ...(query && { querystring: query }),
      ...(body !== undefined && { body: jsonText(body) }),
      ...(lines && { bulkBody: `${lines.join('\n')}\n` }),
    },
    {
      meta: true,
      asStream: true,
      signal,
      maxRetries: repeatable ? REPEATS_OF_READS : 0,
      retryBackoff: () => 0,
      ...(body !== undefined && { headers: { 'content-type': JSON_TYPE, accept: JSON_TYPE } }),
    },
  );
  const text = await readText(answer.body, headers['content-encoding']).catch((broken: unknown) => {
    throw new errors.ConnectionError(asError(broken).message);
  });
  if (text === undefined)
    return { kind: 'oversized', message: `${method} ${path}: the response has more than ${MOST_BYTES} bytes` };
  const isJson = headers['content-type']?.includes('json') && text !== '';
  return { kind: 'answered', status: statusCode ?? 0, body: isJson ? parseJson(text) : text };
}

/** Both 8.x and 9.x servers answer in the shapes of 8 when they are asked to. */
const JSON_TYPE = 'application/vnd.elasticsearch+json; compatible-with=8';

function clientOptions(config: ElasticsearchConfig): ClientOptions {
  // The library refuses a fingerprint where something is not encrypted, as nothing could be checked there.
  const fingerprint = config.urls.every((url) => url.startsWith('https:')) ? config.caFingerprint : undefined;
  // Elasticsearch's own authority is known to no machine: who gives only its fingerprint wants that checked in place of the
  // chain.
  const byChain = config.verifyCertificate && (fingerprint === undefined || config.ca !== undefined);
  return {
    nodes: [...config.urls],
    ...authOf(config.auth),
    ...(fingerprint !== undefined && { caFingerprint: fingerprint }),
    tls: { ...(config.ca !== undefined && { ca: config.ca }), ...shownTo(config), rejectUnauthorized: byChain },
    compression: config.compression,
    maxRetries: 0,
    // Each request has a deadline of its own; the library's timer would fire a signal that others may share.
    requestTimeout: 0,
    sniffOnStart: false,
    sniffInterval: false,
    sniffOnConnectionFault: false,
    redaction: { type: 'remove' },
    enableMetaHeader: false,
    // By the second, operators find Tocsin's requests among the tasks and in the slow logs.
    headers: { 'user-agent': 'tocsin', 'x-opaque-id': 'tocsin', ...(config.compression && { 'accept-encoding': 'gzip' }) },
  };
}

/** What the server sees of Tocsin, where it asks. */
function shownTo({ certificate }: ElasticsearchConfig): NonNullable<ClientOptions['tls']> {
  if (certificate === undefined) return {};
  const { cert, key, passphrase } = certificate;
  return { cert, key: key.reveal(), ...(passphrase && { passphrase: passphrase.reveal() }) };
}

function authOf(auth: ElasticsearchConfig['auth']): Pick<ClientOptions, 'auth'> {
  switch (auth.kind) {
    case 'none':
      return {};
    case 'apiKey':
      return { auth: { apiKey: auth.apiKey.reveal() } };
    case 'basic':
      return { auth: { username: auth.username, password: auth.password.reveal() } };
    case 'bearer':
      return { auth: { bearer: auth.token.reveal() } };
  }
}

function secretsOf({ auth, certificate }: ElasticsearchConfig): readonly Secret[] {
  return [...loginOf(auth), ...(certificate?.passphrase ? [certificate.passphrase] : [])];
}

/** What OpenSSL says of an answer that is not TLS. */
const NO_TLS = /wrong version number|packet length too long/i;

function loginOf(auth: ElasticsearchConfig['auth']): readonly Secret[] {
  if (auth.kind === 'apiKey') return [auth.apiKey];
  if (auth.kind === 'basic') return [auth.password];
  return auth.kind === 'bearer' ? [auth.token] : [];
}

function replyOfError(error: Error, request: WireRequest, signal: AbortSignal, secrets: readonly Secret[]): WireReply {
  const said = NO_TLS.test(error.message)
    ? 'the server does not use TLS: should the address begin with http:// instead of https://?'
    : error.message;
  const message = clean(`${request.method} ${request.path}: ${said || error.name}`, secrets);
  if (signal.aborted) {
    const ended = request.signal?.aborted
      ? 'cancelled by the caller before a response arrived'
      : `no answer within ${request.timeout} ms`;
    return { kind: 'timeout', message: clean(`${request.method} ${request.path}: ${ended}`, secrets) };
  }
  if (error instanceof errors.ConnectionError || error instanceof errors.NoLivingConnectionsError) {
    return { kind: 'unreachable', message };
  }
  if (error instanceof errors.TimeoutError) return { kind: 'timeout', message };
  return { kind: 'garbled', message };
}

/** Credentials in a URL are not in `secrets`, and libraries often print URLs. */
function clean(text: string, secrets: readonly Secret[]): string {
  return redact(text, secrets).replace(/(\w+:\/\/)[^/\s@]*@/g, '$1');
}
