import { isObject, type JsonSchema } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import type { Secret } from '../../core/secret.ts';
import type { OptionKeys } from '../keys.ts';

/** How an HTTP destination is connected to: what `http_config` says, its files read. */
export interface HttpConfig {
  /** Whole value of the Authorization header. */
  readonly authorization?: Secret;
  readonly tls?: HttpTls;
  /** URL of a proxy; it may hold a user name and password. */
  readonly proxy?: Secret;
  /** Hosts that are reached without a proxy, as NO_PROXY has them. */
  readonly noProxy?: string;
  /** False: HTTPS_PROXY and HTTP_PROXY are not used. */
  readonly proxyFromEnvironment: boolean;
  readonly headers: readonly (readonly [name: string, value: Secret])[];
  /** All that must not be shown, also as part of a longer text. */
  readonly secrets: readonly Secret[];
}

/** TLS of a connection: PEM texts. */
export interface HttpTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: Secret;
  readonly serverName?: string;
  /** False: whatever certificate is shown is taken. */
  readonly verify: boolean;
}

/** The proxies of the environment: HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in either case. */
export interface EnvironmentProxies {
  readonly https?: string;
  readonly http?: string;
  readonly no?: string;
}

/** The connection of a destination without `http_config`. */
export const PLAIN_HTTP: HttpConfig = { proxyFromEnvironment: true, headers: [], secrets: [] };

/** Headers that belong to the request itself, or to other keys. */
const RESERVED = /^(?:authorization|host|content-length|content-type|transfer-encoding|connection|proxy-authorization)$/i;

/** Says whether `http_headers` may set a header of this name. */
export function isFreeHeader(name: string): boolean {
  return /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name) && !RESERVED.test(name);
}

const text = (description: string, more: object = {}) => ({ type: 'string', minLength: 1, description, ...more });
const hiddenText = (description: string) => text(description, { writeOnly: true });
const fileOf = (key: string) => text(`File with ${key}, relative to this file; must not be world-readable.`);
const closed = (description: string, properties: Readonly<Record<string, unknown>>, more: object = {}) => ({
  ...{ type: 'object', description, properties, additionalProperties: false },
  ...more,
});
const oneOf = (...keys: readonly string[]) => ({ not: { required: keys } });
const list = (description: string, items: object) => ({ type: 'array', description, items, minItems: 1, maxItems: 20 });

/** Schema of `http_config`, with the keys of Alertmanager. */
export const HTTP_CONFIG_SCHEMA: JsonSchema = closed(
  'The connection: authorization, TLS, proxy and headers.',
  {
    basic_auth: closed(
      'User name and password of the Authorization header.',
      {
        username: text('User name.'),
        password: hiddenText('Password.'),
        password_file: fileOf('password'),
      },
      { required: ['username'], allOf: [oneOf('password', 'password_file')] },
    ),
    authorization: closed(
      'Authorization header of another kind.',
      {
        type: text('Scheme of the header.', { default: 'Bearer', pattern: '^[A-Za-z0-9_-]+$' }),
        credentials: hiddenText('Credentials of the header.'),
        credentials_file: fileOf('credentials'),
      },
      {
        allOf: [
          oneOf('credentials', 'credentials_file'),
          { anyOf: [{ required: ['credentials'] }, { required: ['credentials_file'] }] },
        ],
      },
    ),
    tls_config: closed(
      'TLS of the connection.',
      {
        ca: text('PEM text of the CA that signed the certificate of the server.'),
        ca_file: text('PEM file of that CA, relative to this file.'),
        cert: text('PEM text of a client certificate; with a key.'),
        cert_file: text('PEM file with a client certificate, relative to this file; with a key.'),
        key: hiddenText('PEM text of its private key.'),
        key_file: fileOf('key'),
        server_name: text('Name that the server certificate must match.'),
        insecure_skip_verify: {
          ...{ type: 'boolean', default: false },
          description: 'Accept any certificate. For tests only: anyone on the network path can read the messages.',
        },
      },
      { allOf: [oneOf('ca', 'ca_file'), oneOf('cert', 'cert_file'), oneOf('key', 'key_file')] },
    ),
    proxy_url: hiddenText('URL of an HTTP proxy; may contain a user name and password. Overrides HTTPS_PROXY.'),
    no_proxy: text('Hosts, domains and networks that are reached without the proxy, separated by commas.', {
      examples: ['localhost,.internal.example.com,10.0.0.0/8'],
    }),
    proxy_from_environment: {
      ...{ type: 'boolean', default: true },
      description: 'Use HTTPS_PROXY, HTTP_PROXY and NO_PROXY.',
    },
    http_headers: {
      type: 'object',
      description: 'Additional headers by name. All values are kept secret.',
      maxProperties: 50,
      additionalProperties: closed('Values of one header.', {
        values: list('Values.', { type: 'string' }),
        secrets: list('Values that error messages do not show.', { type: 'string', writeOnly: true }),
        files: list('Files with values, relative to this file.', { type: 'string', minLength: 1 }),
      }),
    },
  },
  { allOf: [oneOf('basic_auth', 'authorization')] },
);

/** The connection under `http_config` as the configuration has read it; the plain one without the key. */
export function httpAt(keys: OptionKeys): HttpConfig {
  const value = own(keys, 'http_config');
  return isObject(value) && Array.isArray(value['headers']) ? (value as unknown as HttpConfig) : PLAIN_HTTP;
}
