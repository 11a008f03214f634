import type { ChannelFetch } from '../../channels/channel.ts';
import type { OidcConfig } from '../../config/oidc.ts';
import { type Clock, type Duration, HOUR, MINUTE, SECOND } from '../../core/time.ts';
import type { SignInProblem, SignInProvider } from '../../server/web/ports.ts';
import { sealed, unsealed } from '../../server/web/sealed.ts';
import { lacksClaims, personOf } from './claims.ts';
import { type DiscoveredProvider, discoverProvider, failureText } from './oidc-client.ts';

/** How long what the provider says of itself is used: to send people there, since it may be down by now, and to read its answers. */
const FRESH: Duration = MINUTE;
const KEPT: Duration = HOUR;
/** How long it is left alone after a failure, ms. */
const AFTER_FAILURE: Duration = 5 * SECOND;
/** How often it is looked at while no one signs in, and while it fails, ms. */
const LOOKS: Duration = 5 * MINUTE;
const LOOKS_FAILING: Duration = MINUTE;
/** How long one may take to sign in at the provider, ms. */
const ATTEMPT: Duration = 10 * MINUTE;
const PURPOSE = 'oidc attempt';
const CALLBACK = '/login/oidc/callback';

/** What a provider is made of. */
export interface ProviderParts {
  readonly config: OidcConfig;
  /** The address that people use, without a slash at the end. */
  readonly externalUrl: () => string;
  readonly fetch: ChannelFetch;
  readonly clock: Clock;
  readonly log: { warn(fields: object, message: string): void; info(fields: object, message: string): void };
}

/** The provider, and what the service does with it. */
export interface WatchedProvider extends SignInProvider {
  /** To be called every second: asks a provider that was not asked yet, or failed. Never rejects. */
  poll(): void;
}

interface Attempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly next: string;
  readonly until: number;
}

type Discovered = { readonly ok: true; readonly value: DiscoveredProvider } | { readonly ok: false; readonly message: string };

/** Signing in with an OpenID provider: by a code, with PKCE. It is asked how it is used when that is needed, and Tocsin works without it. */
export function oidcProvider({ config, externalUrl, fetch, clock, log }: ProviderParts): WatchedProvider {
  const provider = discovered({ config, fetch, clock, log });
  const redirectUri = () => `${externalUrl()}${CALLBACK}`;
  const unavailable = (message: string): SignInProblem => ({ ok: false, kind: 'unavailable', ...notReached(config, message) });
  return {
    label: config.label,
    startUrl: () => `${externalUrl()}/login/oidc`,
    problem: () => {
      const why = provider.problem();
      return why === undefined ? undefined : notReached(config, why);
    },
    poll: provider.poll,
    start: async (next) => {
      const found = await provider.get(FRESH);
      if (!found.ok) return unavailable(found.message);
      const { library, configuration } = found.value;
      const verifier = library.randomPKCECodeVerifier();
      const attempt: Attempt = {
        ...{ state: library.randomState(), nonce: library.randomNonce(), verifier, next, until: clock.now() + ATTEMPT },
      };
      try {
        const url = library.buildAuthorizationUrl(configuration(), {
          ...{ redirect_uri: redirectUri(), scope: config.scopes.join(' '), state: attempt.state, nonce: attempt.nonce },
          ...{ code_challenge: await library.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' },
        });
        const kept = sealed(JSON.stringify(attempt), config.sessionKey.reveal(), PURPOSE);
        return { ok: true, value: { url: url.href, state: attempt.state, kept } };
      } catch (thrown) {
        return unavailable(failureText(thrown));
      }
    },
    finish: async (query, kept) => {
      const attempt = attemptOf(unsealed(kept, config.sessionKey.reveal(), PURPOSE), clock);
      if (attempt === undefined) return TOO_OLD;
      // Who comes from there has found it up, whatever this replica saw a moment ago.
      const found = await provider.get(KEPT, 0);
      if (!found.ok) return unavailable(found.message);
      const { library, server } = found.value;
      const configuration = found.value.configuration();
      try {
        const { state: expectedState, nonce: expectedNonce, verifier: pkceCodeVerifier } = attempt;
        const checks = { expectedState, expectedNonce, pkceCodeVerifier, idTokenExpected: true };
        const tokens = await library.authorizationCodeGrant(configuration, new URL(`${redirectUri()}?${query}`), checks);
        const idClaims = tokens.claims() ?? { sub: '' };
        const asks = lacksClaims(idClaims, config) && server.userinfo_endpoint !== undefined;
        const more = asks ? await library.fetchUserInfo(configuration, tokens.access_token, idClaims.sub) : {};
        const person = personOf({ ...more, ...idClaims }, config);
        if (!person.ok) {
          log.warn({ issuer: config.issuer, user: idClaims.sub, reason: person.message }, 'a sign-in was refused');
          return person;
        }
        return { ok: true, person: person.value, next: attempt.next, idToken: tokens.id_token ?? '' };
      } catch (thrown) {
        const why = failureText(thrown);
        log.warn({ issuer: config.issuer, reason: why }, 'a sign-in with the provider failed');
        // The provider may have changed its addresses.
        provider.forget();
        return refusedBy(thrown, why);
      }
    },
    endUrl: async (idToken) => {
      const found = config.providerLogout ? await provider.get(FRESH) : undefined;
      if (found?.ok !== true) return undefined;
      const { library, server, configuration } = found.value;
      if (server.end_session_endpoint === undefined) return undefined;
      const hint = idToken === undefined ? {} : { id_token_hint: idToken };
      return library.buildEndSessionUrl(configuration(), { post_logout_redirect_uri: `${externalUrl()}/login`, ...hint }).href;
    },
  };
}

/** The provider as it describes itself, asked at most once at a time. */
function discovered({ config, fetch, clock, log }: Pick<ProviderParts, 'config' | 'fetch' | 'clock' | 'log'>) {
  let held: { readonly value: DiscoveredProvider; readonly at: number } | undefined;
  let failed: { readonly message: string; readonly at: number } | undefined;
  let running: Promise<Discovered> | undefined;
  let isStale = false;
  const ask = async (): Promise<Discovered> => {
    try {
      const value = await discoverProvider(config, fetch);
      if (failed !== undefined) log.info({ issuer: config.issuer }, 'the OpenID provider is available again');
      [held, failed, isStale] = [{ value, at: clock.monotonic() }, undefined, false];
      return { ok: true, value };
    } catch (thrown) {
      const message = failureText(thrown);
      if (failed?.message !== message)
        log.warn({ issuer: config.issuer, reason: message }, 'the OpenID provider is unavailable: sign in with tokens');
      failed = { message, at: clock.monotonic() };
      return { ok: false, message };
    }
  };
  const asked = (): Promise<Discovered> => {
    running ??= ask().finally(() => {
      running = undefined;
    });
    return running;
  };
  const age = (at: number | undefined) => (at === undefined ? Number.POSITIVE_INFINITY : clock.monotonic() - at);
  return {
    get: async (oldest: Duration, pause = AFTER_FAILURE): Promise<Discovered> => {
      if (held !== undefined && !isStale && age(held.at) < oldest) return { ok: true, value: held.value };
      if (failed !== undefined && age(failed.at) < pause) return { ok: false, message: failed.message };
      return asked();
    },
    problem: () => failed?.message,
    forget: () => {
      isStale = true;
    },
    poll: () => {
      const isDue = failed === undefined ? age(held?.at) >= LOOKS : age(failed.at) >= LOOKS_FAILING;
      if (isDue && running === undefined) void asked();
    },
  };
}

function attemptOf(text: string | undefined, clock: Clock): Attempt | undefined {
  // It was sealed here: its form is known.
  const attempt = text === undefined ? undefined : (JSON.parse(text) as Attempt);
  return attempt !== undefined && attempt.until > clock.now() ? attempt : undefined;
}

function notReached({ issuer, label }: OidcConfig, why: string) {
  return {
    message: `${label} (${new URL(issuer).host}) is unavailable: ${why}.`,
    hint: 'Try again in a minute, or sign in with a token. Alerts do not depend on it. Operators: run `tocsin doctor` for details.',
  };
}

const TOO_OLD: SignInProblem = {
  ...{ ok: false, kind: 'invalid', message: 'This sign-in has expired, or was started in another browser.' },
  hint: 'Sign in again. If that does not help, allow cookies for this address.',
};

function refusedBy(thrown: unknown, why: string): SignInProblem {
  const isByPerson = typeof thrown === 'object' && thrown !== null && 'error' in thrown && thrown.error === 'access_denied';
  if (isByPerson)
    return {
      ...{ ok: false, kind: 'refused', message: 'The provider did not sign you in: access_denied.' },
      hint: 'Sign in again, or ask an administrator of the provider whether you may use the application Tocsin.',
    };
  return {
    ...{ ok: false, kind: 'invalid', message: `The provider’s response was not accepted: ${why}.` },
    hint: 'Sign in again. If that does not help, ask an operator: the log and `tocsin doctor` have details.',
  };
}
