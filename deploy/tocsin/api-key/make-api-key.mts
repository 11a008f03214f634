/**
 * Makes Tocsin's API key and puts it into a Secret of Kubernetes. A key that is there and good is kept, and its rights are made those of
 * api-key.json. Runs as it is on Node.js 24, without packages; everything it is told comes from the environment.
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

// People read this in the log of a Pod: what went wrong, and not where in this file.
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
const tell = (text: string) => process.stdout.write(`${text}\n`);

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

/** Whether the key is good; then its rights are brought up to date. */
async function keep(encoded: string): Promise<boolean> {
  const who = await elasticsearch('/_security/_authenticate', { authorization: `ApiKey ${encoded}` });
  if (who.status === 401) {
    tell('the API key of the Secret is not valid any more: a new one is made');
    return false;
  }
  const { id } = (expectOk(who, 'asking whose the API key is')['api_key'] ?? {}) as { readonly id?: string };
  const path = `/_security/api_key/${encodeURIComponent(String(id))}`;
  const answer = await elasticsearch(path, { ...asAdmin, method: 'PUT', body: { role_descriptors: wanted.role_descriptors } });
  if (answer.status === 404) tell(`the API key ${id} was made by somebody else: its rights are left as they are`);
  else if (expectOk(answer, `updating the API key ${id}`)['updated'] === true) tell(`the API key ${id} has new rights`);
  else tell(`the API key ${id} is in order`);
  return true;
}

async function make(secret: Record<string, unknown>): Promise<void> {
  const made = expectOk(
    await elasticsearch('/_security/api_key', { ...asAdmin, method: 'POST', body: wanted }),
    'making an API key',
  );
  const { resourceVersion } = secret['metadata'] as { readonly resourceVersion: string };
  const patch = {
    // Refused when somebody else was quicker: two keys would be one too many.
    metadata: { resourceVersion },
    data: { [KEY]: Buffer.from(String(made['encoded'])).toString('base64') },
  };
  const call = { ...asKubernetes, method: 'PATCH', body: patch, type: 'application/merge-patch+json' };
  try {
    expectOk(await kubernetes(secretPath, call), 'writing the Secret');
  } catch (error) {
    const removal = await elasticsearch('/_security/api_key', { ...asAdmin, method: 'DELETE', body: { ids: [made['id']] } });
    expectOk(removal, `removing the API key ${made['id']}, which is in no Secret`);
    throw error;
  }
  tell(`the API key ${made['id']} was made and is in the Secret`);
}

/** A cluster that only just started is not there yet, or has no security index yet. */
async function waitForElasticsearch(seconds: number): Promise<void> {
  for (let left = Math.ceil(seconds / 2); ; left -= 1) {
    const answer = await elasticsearch('/_security/_authenticate', asAdmin).catch((error: Error) => error);
    if (!(answer instanceof Error) && answer.status !== 503) {
      expectOk(answer, `logging in as ${needed('ELASTICSEARCH_USERNAME')}`);
      return;
    }
    const why = answer instanceof Error ? answer.message : '503';
    if (left <= 0) throw new Error(`Elasticsearch did not answer within ${seconds} s: ${why}`);
    tell(`Elasticsearch does not answer yet: ${why}`);
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
    // Node.js tells no length by itself where the method is DELETE.
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

/** What is no JSON comes from something in between, and its status says enough. */
function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
