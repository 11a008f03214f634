import { createSecureContext } from 'node:tls';
import { type HttpConfig, type HttpTls, isFreeHeader } from '../channels/http-client/config.ts';
import { basic } from '../channels/http-client/proxy.ts';
import { asError } from '../core/errors.ts';
import { httpUrl } from '../core/http-url.ts';
import { isObject } from '../core/json.ts';
import { own } from '../core/record.ts';
import { type Secret, secret } from '../core/secret.ts';
import type { Path } from '../yaml/path.ts';
import type { Report } from './report.ts';
import { STAND_IN_URL } from './schema-at.ts';
import type { Files } from './secret-files.ts';

type Section = Readonly<Record<string, unknown>>;

/** Reads `http_config` of a destination with the files that it names; problems are reported. */
export async function readHttpConfig(raw: Section, place: Path, files: Files, report: Report): Promise<HttpConfig> {
  const auth = await readAuthorization(raw, place, files);
  const tls = await readTls(sectionAt(raw, 'tls_config'), [...place, 'tls_config'], files, report);
  const headers = await readHeaders(sectionAt(raw, 'http_headers') ?? {}, [...place, 'http_headers'], files, report);
  const proxy = await files.secret(raw, 'proxy_url', place);
  if (proxy !== undefined) checkProxy(proxy, [...place, 'proxy_url'], report);
  const noProxy = own(raw, 'no_proxy');
  return {
    ...(auth.value !== undefined && { authorization: auth.value }),
    ...(tls !== undefined && { tls }),
    ...(proxy !== undefined && { proxy }),
    ...(typeof noProxy === 'string' && { noProxy }),
    proxyFromEnvironment: own(raw, 'proxy_from_environment') !== false,
    headers,
    secrets: [...auth.secrets, ...(proxy === undefined ? [] : [proxy]), ...headers.map(([, value]) => value)],
  };
}

async function readAuthorization(
  raw: Section,
  place: Path,
  files: Files,
): Promise<{ readonly value?: Secret; readonly secrets: readonly Secret[] }> {
  const login = sectionAt(raw, 'basic_auth');
  if (login !== undefined) {
    const password = await files.secret(login, 'password', [...place, 'basic_auth']);
    const value = secret(basic(String(login['username']), password?.reveal() ?? ''));
    return { value, secrets: password === undefined ? [value] : [value, password] };
  }
  const other = sectionAt(raw, 'authorization');
  const credentials = other === undefined ? undefined : await files.secret(other, 'credentials', [...place, 'authorization']);
  if (other === undefined || credentials === undefined) return { secrets: [] };
  const kind = own(other, 'type');
  const value = secret(`${typeof kind === 'string' ? kind : 'Bearer'} ${credentials.reveal()}`);
  return { value, secrets: [value, credentials] };
}

async function readTls(raw: Section | undefined, place: Path, files: Files, report: Report): Promise<HttpTls | undefined> {
  if (raw === undefined) return undefined;
  const ca = await pem(raw, 'ca', place, files);
  const cert = await pem(raw, 'cert', place, files);
  const key = await files.secret(raw, 'key', place);
  if ((cert === undefined) !== (key === undefined) && !report.broken(place)) {
    const given = cert === undefined ? 'key' : 'cert';
    report.error('config/missing-key', place, `a ${given} needs a ${cert === undefined ? 'cert' : 'key'} beside it`, 'set both');
  }
  const isKnown = [ca, cert, key?.reveal()].every((text) => text !== STAND_IN_URL);
  if (isKnown && !report.broken(place)) checkPem({ ca, cert, key }, place, report);
  const serverName = own(raw, 'server_name');
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(typeof serverName === 'string' && { serverName }),
    verify: own(raw, 'insecure_skip_verify') !== true,
  };
}

async function pem(raw: Section, key: 'ca' | 'cert', place: Path, files: Files): Promise<string | undefined> {
  const [given, file] = [own(raw, key), own(raw, `${key}_file`)];
  if (typeof given === 'string') return given;
  return typeof file === 'string' ? files.text(file, [...place, `${key}_file`]) : undefined;
}

/** OpenSSL says what is wrong and quotes none of the texts. A text without any certificate is an empty list to it. */
function checkPem(
  { ca, cert, key }: { readonly ca?: string | undefined; readonly cert?: string | undefined; readonly key?: Secret | undefined },
  place: Path,
  report: Report,
): void {
  try {
    if (ca !== undefined && !ca.includes('-----BEGIN')) throw new Error('ca holds no PEM certificate');
    const pair = cert === undefined || key === undefined ? {} : { cert, key: key.reveal() };
    createSecureContext({ ...(ca !== undefined && { ca }), ...pair });
  } catch (thrown) {
    report.error('config/client-certificate', place, asError(thrown).message, 'use PEM files; cert and key must match');
  }
}

async function readHeaders(raw: Section, place: Path, files: Files, report: Report): Promise<HttpConfig['headers']> {
  const headers: (readonly [string, Secret])[] = [];
  for (const [name, given] of Object.entries(raw)) {
    if (!isFreeHeader(name)) {
      const hint = 'use authorization or basic_auth for the login; other headers of the request are set by Tocsin';
      report.error('config/value', [...place, name], 'this header cannot be set', hint);
      continue;
    }
    const values = isObject(given) ? given : {};
    const plain = [...textsAt(values, 'values'), ...textsAt(values, 'secrets')];
    for (const text of plain) headers.push([name, files.keep(text)]);
    for (const [index, file] of textsAt(values, 'files').entries()) {
      const read = await files.secretFile(file, `the header ${name}`, [...place, name, 'files', index]);
      if (read !== undefined) headers.push([name, read]);
    }
  }
  return headers;
}

/** The URL of a proxy may hold a password, so no message shows it. */
function checkProxy(proxy: Secret, place: Path, report: Report): void {
  if (httpUrl(proxy.reveal()) === undefined)
    report.error('config/url', place, 'not an http or https URL', 'write http://proxy.example.com:3128');
}

function sectionAt(raw: Section, key: string): Section | undefined {
  const value = own(raw, key);
  return isObject(value) ? value : undefined;
}

function textsAt(raw: Section, key: string): readonly string[] {
  const value = own(raw, key);
  return Array.isArray(value) ? value.map(String) : [];
}
