import { placeOf, reach } from '../../channels/reach.ts';
import type { ElasticsearchConfig } from '../../config/config.ts';
import { humanDuration } from '../../core/duration.ts';
import type { Instant } from '../../core/time.ts';
import type { Inspected, LoginFound, NodeFound } from '../../engine/inspection.ts';
import type { CheckResult } from '../../reports/doctor/doctor-report.ts';
import { certificateFinding } from './certificate.ts';
import { type DoctorCheck, SHORT } from './check.ts';
import { error, good, note, warning } from './check-result.ts';

/** Whether each address of the cluster answers, what it is, how it is encrypted, and who it takes Tocsin for. */
export const nodesCheck: DoctorCheck = {
  name: 'elasticsearch',
  title: 'Elasticsearch',
  needs: 'nothing',
  limit: SHORT,
  run: async ({ config, backend, now }, signal) => {
    const { elasticsearch } = config;
    const { inspection } = backend;
    const answers = await Promise.all(
      inspection.addresses.map(async (address) => ({ address, answer: await inspection.node(address, signal) })),
    );
    const certificates = await Promise.all(
      inspection.addresses.map((address) => certificateOf(address, elasticsearch, now, signal)),
    );
    const login = answers.some(({ answer }) => answer.ok) ? await inspection.login(signal) : undefined;
    return [
      ...nodeFindings(answers, elasticsearch),
      ...certificates.flat(),
      ...encryptionFindings(elasticsearch),
      ...(login === undefined ? [] : [loginFinding(login, elasticsearch)]),
    ];
  },
};

/** An address and what it said. */
export interface AskedNode {
  readonly address: string;
  readonly answer: Inspected<NodeFound>;
}

/** What is to be said of the addresses; one that is away is a warning as long as another answers. */
export function nodeFindings(nodes: readonly AskedNode[], config: ElasticsearchConfig): readonly CheckResult[] {
  const first = nodes.flatMap(({ answer }) => (answer.ok ? [answer.value] : []))[0];
  return nodes.map(({ address, answer }) => {
    if (!answer.ok) {
      const { message, code } = answer.problem;
      const failure = { found: message, expected: 'an answer to GET /', fix: wayTo(code, message, address, config) };
      return first === undefined ? error(address, failure) : warning(address, failure);
    }
    const { version, cluster, clusterId, flavor, took } = answer.value;
    if (first !== undefined && clusterId !== first.clusterId) {
      return error(address, {
        found: `belongs to the cluster ${cluster}, others to ${first.cluster}`,
        expected: 'addresses of one cluster',
        fix: 'urls: […]   # under elasticsearch in tocsin.yaml: nodes of one cluster only',
      });
    }
    const said = `${version}${flavor === 'default' ? '' : ` (${flavor})`}, cluster ${cluster}, answered in ${took} ms`;
    return versionFinding(address, version, flavor, said);
  });
}

function versionFinding(address: string, version: string, flavor: string, said: string): CheckResult {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (flavor === 'serverless' || (major === 8 && minor >= 9) || major === 9) return good(address, said);
  const failure = { found: said, expected: 'Elasticsearch 8.9 or later, or 9.x' };
  if (major === 8) return warning(address, { ...failure, fix: 'upgrade the cluster: versions before 8.9 are not tested' });
  return error(address, { ...failure, fix: major < 8 ? 'upgrade the cluster to 8.19' : 'look for a newer Tocsin' });
}

function wayTo(code: string, message: string, address: string, { auth }: ElasticsearchConfig): string {
  if (code === 'unauthorized') {
    if (auth.kind === 'none') return 'api_key_file: /run/secrets/elasticsearch-api-key   # under elasticsearch in tocsin.yaml';
    return `renew the ${LOGINS[auth.kind]} of elasticsearch in tocsin.yaml: the cluster rejects it`;
  }
  if (/certificate|self.signed|issuer|altnames|ERR_TLS|CERT_/i.test(message))
    return 'ca_file: /etc/tocsin/ca.crt   # under elasticsearch: the CA of its certificate; with ECK in the secret NAME-es-http-certs-public';
  if (/wrong version number|packet length|does not use TLS/i.test(message))
    return `url: ${address.replace('https:', 'http:')}   # it does not use TLS`;
  if (/socket hang up|other side closed|ECONNRESET/i.test(message))
    return `url: ${address.replace('http:', 'https:')}   # it may require TLS`;
  return `curl -sv ${address}   # from this machine: check the name, the port and the node`;
}

const LOGINS = { apiKey: 'api_key', basic: 'username and password', bearer: 'bearer_token' } as const;

/** Problems of the connection: an unencrypted login, an unverified certificate. */
export function encryptionFindings({ urls, auth, verifyCertificate }: ElasticsearchConfig): readonly CheckResult[] {
  const open = urls.filter((url) => url.startsWith('http:') && !isLoopback(url));
  const encrypted = urls.filter((url) => url.startsWith('https:'));
  return [
    ...(auth.kind !== 'none' && open.length > 0
      ? [
          warning('login', {
            found: `travels unencrypted to ${open.map((url) => new URL(url).host).join(', ')}`,
            expected: 'https, so that it cannot be read in transit',
            fix: `url: https://${new URL(open[0] ?? 'http://localhost').host}   # under elasticsearch in tocsin.yaml`,
          }),
        ]
      : []),
    ...(encrypted.length > 0 && !verifyCertificate
      ? [
          warning('certificate', {
            found: 'is not verified: anyone on the network path can impersonate the cluster',
            expected: 'verify_certificate: true',
            fix: 'ca_file: /etc/tocsin/ca.crt   # instead of verify_certificate: false',
          }),
        ]
      : []),
  ];
}

function isLoopback(url: string): boolean {
  return /^(?:localhost|127\.|\[::1\])/.test(new URL(url).hostname);
}

/** Whom the cluster takes Tocsin for. */
export function loginFinding(login: Inspected<LoginFound | 'off'>, { auth }: ElasticsearchConfig): CheckResult {
  if (!login.ok) return note('login', `the cluster does not report the authenticated user: ${login.problem.message}`);
  if (login.value === 'off') {
    return auth.kind === 'none'
      ? note('login', 'security is off: requests are not authenticated')
      : note('login', 'security is off: the configured login is ignored');
  }
  const { username, apiKey, roles } = login.value;
  const who =
    apiKey === undefined ? `user ${username}` : `API key ${apiKey.name === '' ? apiKey.id : apiKey.name} of ${username}`;
  if (!roles.includes('superuser') || apiKey !== undefined) return good('login', `${who} is accepted`);
  return warning('login', {
    found: `${who} has all privileges`,
    expected: 'a login with only the privileges that Tocsin needs',
    fix: 'POST /_security/api_key   # docs/getting-started.md has the body',
  });
}

async function certificateOf(
  address: string,
  { ca, verifyCertificate, caFingerprint }: ElasticsearchConfig,
  now: Instant,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const url = new URL(address);
  if (url.protocol !== 'https:') return [];
  const verify = verifyCertificate && (caFingerprint === undefined || ca !== undefined);
  const reached = await reach({ ...placeOf(url), ca, verify }, signal);
  // Why it cannot be reached the request itself has said.
  if (!reached.ok) return [];
  const { tls, validTo } = reached.value;
  return [
    certificateFinding(`${url.host} certificate`, validTo, now) ??
      good(
        `${url.host} certificate`,
        `${tls}, valid for ${validTo === undefined ? 'an unknown time' : humanDuration(validTo - now)}`,
      ),
  ];
}
