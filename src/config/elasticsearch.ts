import { createSecureContext } from 'node:tls';
import { type Static, Type } from 'typebox';
import { asError } from '../core/errors.ts';
import { httpUrl } from '../core/http-url.ts';
import type { JsonSchema } from '../core/json.ts';
import type { ElasticsearchConfig } from './config.ts';
import { CONFIG_DEFAULTS, durationOr } from './defaults.ts';
import type { Environment } from './expand.ts';
import { withFileKeys } from './file-keys.ts';
import { withoutWrapping } from './read-bounded.ts';
import type { Report } from './report.ts';
import { STAND_IN_URL } from './schema-at.ts';
import { CLOSED, keyOfDuration, keyOfFlag, keyOfText, optionalKey } from './schema-parts.ts';
import type { Files } from './secret-files.ts';

const PATH = ['elasticsearch'];

const SECRETS = ['api_key', 'password', 'bearer_token', 'key_passphrase'] as const;

const elasticsearch = Type.Object(
  {
    url: optionalKey(keyOfText('Address of the cluster.', { examples: ['https://elasticsearch:9200'] })),
    urls: optionalKey(
      Type.Array(keyOfText('Address of one node.'), { minItems: 1, description: 'Addresses of several nodes of one cluster.' }),
    ),
    cloud_id: optionalKey(keyOfText('Cloud ID of a deployment in Elastic Cloud; replaces the address.')),
    api_key: optionalKey(keyOfText('API key, encoded as Elasticsearch shows it.')),
    username: optionalKey(keyOfText('User name, with password.')),
    password: optionalKey(keyOfText('Password, with username.')),
    bearer_token: optionalKey(keyOfText('Token of a service account.')),
    ca_file: optionalKey(keyOfText("PEM file of the CA that signed the cluster's certificate.")),
    ca_fingerprint: optionalKey(keyOfText('SHA-256 fingerprint of the CA, as Elasticsearch prints it at its first start.')),
    cert_file: optionalKey(keyOfText('PEM file with a client certificate, if the cluster requires one; with key_file.')),
    key_file: optionalKey(keyOfText('PEM file with the private key of cert_file; must not be world-readable.')),
    key_passphrase: optionalKey(keyOfText('Passphrase of key_file, if it has one.')),
    verify_certificate: optionalKey(keyOfFlag("Check the cluster's certificate and name.", true)),
    compression: optionalKey(
      keyOfFlag(
        'Compress requests and responses. This costs CPU time on both sides; use it if the network is slow or metered.',
        false,
      ),
    ),
    request_timeout: optionalKey(keyOfDuration('Timeout of requests other than searches.', CONFIG_DEFAULTS.requestTimeout)),
  },
  { ...CLOSED, description: 'The cluster that is searched and that stores the state.' },
);

/** `elasticsearch` as it is written. */
export type RawElasticsearch = Static<typeof elasticsearch> & { readonly [K in `${(typeof SECRETS)[number]}_file`]?: string };

/** JSON schema of `elasticsearch`. */
export function elasticsearchSchema(): JsonSchema {
  return withFileKeys({ ...elasticsearch }, SECRETS);
}

/** Reads how to reach the cluster: addresses or a cloud id, exactly one way to log in or none, certificates. */
export async function readElasticsearch(raw: RawElasticsearch, files: Files, report: Report): Promise<ElasticsearchConfig> {
  const auth = await readAuth(raw, files, report);
  const ca = raw.ca_file === undefined ? undefined : await files.text(raw.ca_file, [...PATH, 'ca_file']);
  if (ca !== undefined && !ca.includes('-----BEGIN')) {
    report.error(
      'config/ca-file',
      [...PATH, 'ca_file'],
      `${raw.ca_file} contains no PEM certificate`,
      'use a file that starts with -----BEGIN CERTIFICATE-----',
    );
  }
  const certificate = await readCertificate(raw, files, report);
  return {
    urls: readUrls(raw, report),
    auth,
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(raw.ca_fingerprint === undefined ? {} : { caFingerprint: raw.ca_fingerprint }),
    verifyCertificate: raw.verify_certificate ?? true,
    compression: raw.compression ?? false,
    requestTimeout: durationOr(raw.request_timeout, CONFIG_DEFAULTS.requestTimeout),
  };
}

/** What the environment says of the cluster. It speaks only for a file that does not: half of each would send one cluster's key to another. */
export function clusterOf(env: Environment): RawElasticsearch {
  const urls = (env['ELASTICSEARCH_URL'] ?? '')
    .split(',')
    .map((url) => withoutWrapping(url).trim())
    .filter((url) => url !== '');
  const key = withoutWrapping(env['ELASTICSEARCH_API_KEY'] ?? '');
  return { ...(urls.length === 0 ? {} : { urls }), ...(key === '' ? {} : { api_key: key }) };
}

async function readCertificate(raw: RawElasticsearch, files: Files, report: Report): Promise<ElasticsearchConfig['certificate']> {
  const { cert_file: certFile, key_file: keyFile } = raw;
  const passphrase = await files.secret(raw, 'key_passphrase', PATH);
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined || keyFile === undefined) {
    const given = certFile === undefined ? 'key_file' : 'cert_file';
    report.error('config/missing-key', [...PATH, given], 'cert_file and key_file require each other', 'set both', 'key');
    return undefined;
  }
  const cert = await files.text(certFile, [...PATH, 'cert_file']);
  const key = await files.secretFile(keyFile, 'the private key', [...PATH, 'key_file']);
  if (cert === undefined || key === undefined || key.reveal() === STAND_IN_URL) return undefined;
  try {
    createSecureContext({ cert, key: key.reveal(), ...(passphrase && { passphrase: passphrase.reveal() }) });
  } catch (thrown) {
    // OpenSSL says what is wrong and quotes neither file.
    const why = asError(thrown).message;
    const hint = 'use matching PEM files; a key with a passphrase needs key_passphrase';
    report.error('config/client-certificate', [...PATH, 'cert_file'], `${certFile} and ${keyFile} do not match: ${why}`, hint);
    return undefined;
  }
  return { cert, key, ...(passphrase && { passphrase }) };
}

function readUrls(raw: RawElasticsearch, report: Report): readonly string[] {
  if (raw.cloud_id !== undefined) {
    const other = raw.urls === undefined ? 'url' : 'urls';
    if (raw[other] !== undefined) {
      report.error('config/both', [...PATH, other], `cloud_id and ${other} exclude each other`, 'keep cloud_id', 'key');
    }
    const url = readCloudId(raw.cloud_id);
    if (url === undefined) {
      const hint = 'copy it from the page of the deployment; its form is NAME:BASE64';
      report.error('config/cloud-id', [...PATH, 'cloud_id'], 'invalid cloud ID', hint);
    }
    return url === undefined ? [] : [url];
  }
  if (raw.url !== undefined && raw.urls !== undefined) {
    report.error('config/both', [...PATH, 'url'], 'url and urls exclude each other', 'keep urls');
  }
  const given = raw.urls ?? (raw.url === undefined ? [CONFIG_DEFAULTS.url] : [raw.url]);
  return given.map((text, index) => {
    const path = raw.urls === undefined ? [...PATH, 'url'] : [...PATH, 'urls', index];
    const url = httpUrl(text);
    if (url === undefined) {
      report.error('config/url', path, 'not an http or https URL', 'write https://elasticsearch:9200');
    } else if (url.username !== '' || url.password !== '') {
      report.error('config/url', path, 'user name or password in a URL', 'use username and password, or api_key');
    }
    return text;
  });
}

async function readAuth(raw: RawElasticsearch, files: Files, report: Report): Promise<ElasticsearchConfig['auth']> {
  const apiKey = await files.secret(raw, 'api_key', PATH);
  const password = await files.secret(raw, 'password', PATH);
  const token = await files.secret(raw, 'bearer_token', PATH);
  const ways = [
    ...((raw.api_key ?? raw.api_key_file) === undefined ? [] : ['api_key']),
    ...((raw.username ?? raw.password ?? raw.password_file) === undefined ? [] : ['username']),
    ...((raw.bearer_token ?? raw.bearer_token_file) === undefined ? [] : ['bearer_token']),
  ];
  const [first, second] = ways;
  if (second !== undefined) {
    report.error('config/both', [...PATH, second], `${ways.join(' and ')} exclude each other`, 'keep one of them', 'key');
  }
  if (first === 'username' && (raw.username === undefined || (raw.password ?? raw.password_file) === undefined)) {
    report.error('config/missing-key', PATH, 'username and password require each other', 'set both');
  }
  if (apiKey !== undefined) return { kind: 'apiKey', apiKey };
  if (token !== undefined) return { kind: 'bearer', token };
  if (raw.username !== undefined && password !== undefined) return { kind: 'basic', username: raw.username, password };
  return { kind: 'none' };
}

/**
 * The address of Elasticsearch within a cloud id: `NAME:` and base64 of `HOST[:PORT]$ELASTICSEARCH$KIBANA`, where the second part may
 * have its own port. Undefined if it is invalid.
 */
export function readCloudId(id: string): string | undefined {
  const encoded = id.slice(id.lastIndexOf(':') + 1);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined;
  const [domain = '', cluster = ''] = Buffer.from(encoded, 'base64').toString('utf8').split('$');
  const [, host = '', hostPort] = /^([a-z0-9.-]+?)(?::(\d{1,5}))?$/i.exec(domain) ?? [];
  const [, name = '', ownPort] = /^([a-z0-9-]+)(?::(\d{1,5}))?$/i.exec(cluster) ?? [];
  const url = `https://${name}.${host}:${ownPort ?? hostPort ?? 443}`;
  return host === '' || name === '' || !URL.canParse(url) ? undefined : url;
}
