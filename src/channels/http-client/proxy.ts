import { BlockList, isIP } from 'node:net';
import { httpUrl } from '../../core/http-url.ts';
import { own } from '../../core/record.ts';
import type { EnvironmentProxies, HttpConfig } from './config.ts';

/** Reads the proxies of an environment; HTTP_PROXY in capitals is left out where a web server could have set it (CGI). */
export function proxiesOf(env: Readonly<Record<string, string | undefined>>): EnvironmentProxies {
  const given = (lower: string, upper: string) => {
    const value = (own(env, lower) ?? own(env, upper) ?? '').trim();
    return value === '' ? undefined : value;
  };
  const https = given('https_proxy', 'HTTPS_PROXY');
  const http = given('http_proxy', env['REQUEST_METHOD'] === undefined ? 'HTTP_PROXY' : 'http_proxy');
  const no = given('no_proxy', 'NO_PROXY');
  return { ...(https !== undefined && { https }), ...(http !== undefined && { http }), ...(no !== undefined && { no }) };
}

/** The proxy by which a URL is reached; undefined: directly. An invalid URL of a proxy is left out. */
export function proxyFor(
  url: URL,
  { proxy, noProxy, proxyFromEnvironment }: HttpConfig,
  environment: EnvironmentProxies = {},
): URL | undefined {
  const given = url.protocol === 'https:' ? environment.https : environment.http;
  const text = proxy?.reveal() ?? (proxyFromEnvironment ? given : undefined);
  if (text === undefined) return undefined;
  const excluded = noProxy ?? (proxy === undefined ? environment.no : undefined) ?? '';
  if (isExcluded(url, excluded)) return undefined;
  return httpUrl(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
}

/** Says whether a list of NO_PROXY names the host of a URL: names with their subdomains, addresses, networks, `*`, each with or without a port. */
function isExcluded(url: URL, excluded: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return excluded
    .toLowerCase()
    .split(/[,\s]+/)
    .filter((entry) => entry !== '')
    .some((entry) => matches(entry, host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const network = /^([0-9a-f.:]+)\/(\d{1,3})$/.exec(entry);
  if (network !== null) return isWithin(host, network[1] ?? '', Number(network[2]));
  const [, bracketed, plain, wanted] = /^(?:\[([^\]]+)\]|([^:]*|[0-9a-f:]+:[0-9a-f:.]*))(?::(\d+))?$/.exec(entry) ?? [];
  if (wanted !== undefined && wanted !== port) return false;
  const name = (bracketed ?? plain ?? '').replace(/^\*?\./, '');
  return name !== '' && (host === name || (isIP(name) === 0 && host.endsWith(`.${name}`)));
}

function isWithin(host: string, network: string, bits: number): boolean {
  const [of, at] = [isIP(host), isIP(network)];
  if (of === 0 || of !== at || bits > (at === 4 ? 32 : 128)) return false;
  const family = at === 4 ? 'ipv4' : 'ipv6';
  const known = new BlockList();
  known.addSubnet(network, bits, family);
  return known.check(host, family);
}

/** What a proxy is asked to look whether it lets through to a place. */
export function connectRequest({ host, port }: { readonly host: string; readonly port: number }, proxy: URL): string {
  const target = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const login = proxyLogin(proxy);
  const authorization = login === undefined ? '' : `Proxy-Authorization: ${login}\r\n`;
  return `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${authorization}\r\n`;
}

/** The value of the Proxy-Authorization header that the login in the URL of a proxy asks for; undefined without a login. */
export function proxyLogin({ username, password }: URL): string | undefined {
  return username === '' && password === '' ? undefined : basic(decoded(username), decoded(password));
}

/** A password with a percent sign of its own is taken as it is written. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The value of an Authorization header of the kind Basic. */
export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
