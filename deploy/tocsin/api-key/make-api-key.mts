/**
 * Creates Tocsin's API key and stores it in a Kubernetes Secret. A valid existing key is kept, and its privileges are updated to those in
 * api-key.json. Runs directly on Node.js 24, without packages; all of its input comes from environment variables.
 */
import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';

interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown>;
}
interface Call {
  readonly method?: string;
  readonly authorization: string;
  readonly body?: unknown;
  readonly type?: string;
  readonly ca?: string | undefined;
}
type Server = (path: string, call: Omit<Call, 'ca'>) => Promise<Reply>;

// Shown in the log of a Pod: the error message is useful there, the stack trace is not.
process.once('uncaughtException', ({ message }) => {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
});

const KEY = 'api-key';
const { env } = process;
const needed = (name: string): string => {
  const value = env[name];
  if (value === undefined || value === '') throw new Error(`the environment variable ${name} is not set`);
  return value;
};
const textOf = async (file: string) => (await readFile(file, 'utf8')).trim();
const log = (text: string) => process.stdout.write(`${text}\n`);

const account = env['SERVICE_ACCOUNT_FOLDER'] ?? '/var/run/secrets/kubernetes.io/serviceaccount';
const wanted = JSON.parse(await textOf(new URL('api-key.json', import.meta.url).pathname)) as {
  readonly name: string;
  readonly role_descriptors: unknown;
};
const elasticsearch = serverAt(needed('ELASTICSEARCH_URL'), env['ELASTICSEARCH_CA_FILE']);
const kubernetes = serverAt(env['KUBERNETES_URL'] ?? 'https://kubernetes.default.svc', `${account}/ca.crt`);
const secretPath = `/api/v1/namespaces/${await textOf(`${account}/namespace`)}/secrets/${needed('SECRET_NAME')}`;
const asKubernetes = { authorization: `Bearer ${await textOf(`${account}/token`)}` };
const asAdmin = {
  authorization: `Basic ${Buffer.from(
    `${needed('ELASTICSEARCH_USERNAME')}:${await textOf(needed('ELASTICSEARCH_PASSWORD_FILE'))}`,
  ).toString('base64')}`,
};

await waitForElasticsearch(Number(env['WAIT_SECONDS'] ?? 600));
const secret = expectOk(await kubernetes(secretPath, asKubernetes), `reading the Secret ${needed('SECRET_NAME')}`);
const present = Buffer.from(String((secret['data'] as Record<string, string> | undefined)?.[KEY] ?? ''), 'base64').toString();
if (present === '' || !(await keep(present))) await make(secret);

/** Whether the key is valid; if so, its privileges are updated. */
async function keep(encoded: string): Promise<boolean> {
  const who = await elasticsearch('/_security/_authenticate', { authorization: `ApiKey ${encoded}` });
  if (who.status === 401) {
    log('the API key in the Secret is no longer valid: creating a new one');
    return false;
  }
  const { id } = (expectOk(who, 'authenticating with the API key')['api_key'] ?? {}) as { readonly id?: string };
  const path = `/_security/api_key/${encodeURIComponent(String(id))}`;
  const answer = await elasticsearch(path, { ...asAdmin, method: 'PUT', body: { role_descriptors: wanted.role_descriptors } });
  if (answer.status === 404) log(`the API key ${id} was created by another user: its privileges are not changed`);
  else if (expectOk(answer, `updating the API key ${id}`)['updated'] === true)
    log(`the privileges of the API key ${id} were updated`);
  else log(`the API key ${id} is valid`);
  return true;
}

async function make(secret: Record<string, unknown>): Promise<void> {
  const made = expectOk(
    await elasticsearch('/_security/api_key', { ...asAdmin, method: 'POST', body: wanted }),
    'creating an API key',
  );
  const { resourceVersion } = secret['metadata'] as { readonly resourceVersion: string };
  const patch = {
    // The patch is refused if the Secret has changed in the meantime, so there are never two keys.
    metadata: { resourceVersion },
    data: { [KEY]: Buffer.from(String(made['encoded'])).toString('base64') },
  };
  const call = { ...asKubernetes, method: 'PATCH', body: patch, type: 'application/merge-patch+json' };
  try {
    expectOk(await kubernetes(secretPath, call), 'writing the Secret');
  } catch (error) {
    const removal = await elasticsearch('/_security/api_key', { ...asAdmin, method: 'DELETE', body: { ids: [made['id']] } });
    expectOk(removal, `removing the API key ${made['id']}, which is not in any Secret`);
    throw error;
  }
  log(`the API key ${made['id']} was created and stored in the Secret`);
}

/** A cluster that has just started may not respond yet, or may have no security index yet. */
async function waitForElasticsearch(seconds: number): Promise<void> {
  for (let left = Math.ceil(seconds / 2); ; left -= 1) {
    const answer = await elasticsearch('/_security/_authenticate', asAdmin).catch((error: Error) => error);
    if (!(answer instanceof Error) && answer.status !== 503) {
      expectOk(answer, `logging in as ${needed('ELASTICSEARCH_USERNAME')}`);
      return;
    }
    const why = answer instanceof Error ? answer.message : '503';
    if (left <= 0) throw new Error(`Elasticsearch did not answer within ${seconds} s: ${why}`);
    log(`waiting for Elasticsearch: ${why}`);
    await pause(2_000);
  }
}

function expectOk({ status, body }: Reply, doing: string): Record<string, unknown> {
  if (status >= 200 && status < 300) return body;
  const { error, message } = body as { readonly error?: { readonly reason?: string }; readonly message?: string };
  throw new Error(`${doing} failed with ${status}: ${error?.reason ?? message ?? 'no reason was given'}`);
}

function serverAt(url: string, caFile: string | undefined): Server {
  const ca = caFile === undefined ? undefined : textOf(caFile);
  return async (path, call) => send(new URL(url.replace(/\/$/, '') + path), { ...call, ca: await ca });
}

function send(url: URL, { method = 'GET', authorization, body, type = 'application/json', ca }: Call): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    // Node.js does not set the content length of DELETE requests.
    const about = text === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(text) };
    const headers = { authorization, accept: 'application/json', ...about };
    const options = { method, headers, timeout: 20_000, ...(ca !== undefined && { ca }) };
    const sent = (url.protocol === 'http:' ? httpRequest : httpsRequest)(url, options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: parsed(Buffer.concat(chunks).toString()) }));
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer within 20 s')));
    sent.on('error', reject);
    sent.end(text);
  });
}

/** A response that is not JSON comes from a proxy; its status is sufficient. */
function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
