import type * as Oidc from 'openid-client';
import type { ChannelFetch } from '../../channels/channel.ts';
import { PLAIN_HTTP } from '../../channels/http-client/config.ts';
import type { OidcConfig } from '../../config/oidc.ts';
import { own } from '../../core/record.ts';

/** Seconds for each request to the provider. */
const TIMEOUT = 5;
/** Seconds by which the provider's clock may differ. */
const CLOCKS_APART = 30;
const LONGEST_ANSWER = 1_024 * 1_024;

/** The library, and the provider as its discovery document describes it. */
export interface DiscoveredProvider {
  readonly library: typeof Oidc;
  readonly server: Oidc.ServerMetadata;
  /** For one sign-in: the keys of the provider, which may change, are kept no longer. */
  configuration(): Oidc.Configuration;
}

/** Asks the provider how it is used. Rejects where it does not answer, or is not what the configuration says. The library is loaded when it is needed. */
export async function discoverProvider(config: OidcConfig, fetch: ChannelFetch): Promise<DiscoveredProvider> {
  const library = await import('openid-client');
  const { issuer, clientId, clientSecret } = config;
  const secretText = clientSecret.reveal();
  const auth: Oidc.ClientAuth = (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? [];
    const by = methods.includes('client_secret_post') ? library.ClientSecretPost : library.ClientSecretBasic;
    by(secretText)(server, client, body, headers);
  };
  const metadata = { [library.clockTolerance]: CLOCKS_APART };
  const isHttp = new URL(issuer).protocol === 'http:';
  const options = { timeout: TIMEOUT, [library.customFetch]: boundedFetch(config, fetch) };
  const found = await library.discovery(new URL(issuer), clientId, metadata, auth, {
    ...options,
    execute: isHttp ? [library.allowInsecureRequests] : [],
  });
  const server = found.serverMetadata();
  return {
    library,
    server,
    configuration: () => {
      const made = Object.assign(new library.Configuration(server, clientId, metadata, auth), options);
      if (isHttp) library.allowInsecureRequests(made);
      // The ID token comes straight from the provider, and its signature is checked all the same: a proxy between could change it.
      library.enableNonRepudiationChecks(made);
      return made;
    },
  };
}

/** Answers of bounded size; none is from where a redirect leads. */
function boundedFetch({ ca }: OidcConfig, fetch: ChannelFetch): Oidc.CustomFetch {
  return async (url, { body, ...options }) => {
    const connection = ca === undefined ? PLAIN_HTTP : { ...PLAIN_HTTP, tls: { ca, verify: true } };
    const response = await fetch(url, {
      ...options,
      ...(body !== null && body !== undefined && { body: body as NonNullable<RequestInit['body']> }),
      connection,
    });
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > LONGEST_ANSWER) throw new Error('the provider’s response is larger than 1 MiB');
    }
    const { status, headers } = response;
    const isEmpty = status === 204 || status === 304;
    return new Response(isEmpty ? null : Buffer.concat(chunks), { status, headers: [...headers] });
  };
}

/** What is wrong, by what the library throws: a text for people, without anything of tokens. */
export function failureText(thrown: unknown): string {
  const causes = causesOf(thrown);
  const coded = causes.map((one) => textAt(one, 'code')).filter((code) => code !== undefined);
  const network = coded.find((code) => NETWORK.test(code));
  if (network !== undefined) return own(NETWORK_WORDS, network) ?? `the connection fails (${network})`;
  const known = coded.find((code) => Object.hasOwn(WORDS, code));
  const said = causes.map((one) => textAt(one, 'error')).find((text) => text !== undefined && /^[a-z_]{1,40}$/.test(text));
  if (said !== undefined) return `the provider says ${said}`;
  if (known !== undefined) return own(WORDS, known) ?? known;
  if (causes.some((one) => textAt(one, 'name') === 'TimeoutError')) return 'no answer in time';
  const ours = causes.map((one) => textAt(one, 'message')).find((text) => text?.startsWith('the provider’s response'));
  return ours ?? 'the response is not from an OpenID provider';
}

/** Codes of the library in words. */
const WORDS: Readonly<Record<string, string>> = {
  OAUTH_TIMEOUT: 'no answer in time',
  OAUTH_ABORT: 'no answer in time',
  OAUTH_KEY_SELECTION_FAILED: 'it is signed with a key that the provider does not publish',
  OAUTH_JWT_TIMESTAMP_CHECK_FAILED: 'it is not valid now: the clocks of the provider and this machine differ by more than 30 s',
  OAUTH_JWT_CLAIM_COMPARISON_FAILED: 'it was issued for another client or another sign-in, or by another provider',
  OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED: 'the provider’s issuer differs from the configured one',
  OAUTH_MISSING_SERVER_METADATA: 'the provider does not publish a required endpoint',
  OAUTH_RESPONSE_IS_NOT_CONFORM: 'the provider returned an error',
  OAUTH_RESPONSE_IS_NOT_JSON: 'the response is not JSON',
  OAUTH_UNSUPPORTED_OPERATION: 'it is signed with an unsupported algorithm',
  OAUTH_INVALID_RESPONSE: 'the response is not valid',
  OAUTH_HTTP_REQUEST_FORBIDDEN: 'the provider publishes an http endpoint',
};
const NETWORK =
  /^(?:E[A-Z_]+|UND_ERR_[A-Z_]+|CERT_[A-Z_]+|SELF_SIGNED_[A-Z_]+|DEPTH_ZERO_[A-Z_]+|UNABLE_TO_[A-Z_]+|ERR_TLS_[A-Z_]+)$/;
const NETWORK_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection is refused',
  ENOTFOUND: 'its name is unknown',
  EAI_AGAIN: 'its name cannot be looked up',
};

function causesOf(thrown: unknown): readonly object[] {
  const causes: object[] = [];
  for (
    let at: unknown = thrown;
    typeof at === 'object' && at !== null && causes.length < 6;
    at = (at as { cause?: unknown }).cause
  )
    causes.push(at);
  return causes;
}

function textAt(value: object, key: string): string | undefined {
  const found = (value as Readonly<Record<string, unknown>>)[key as 'code'];
  return typeof found === 'string' ? found : undefined;
}
