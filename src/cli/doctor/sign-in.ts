import type { OidcConfig } from '../../config/oidc.ts';
import type { CheckResult } from '../../reports/doctor/doctor-report.ts';
import { type DiscoveredProvider, discoverProvider, failureText } from '../../service/sign-in/oidc-client.ts';
import { type DoctorCheck, SHORT } from './check.ts';
import { error, good, note, warning } from './check-result.ts';

/** Whether people can sign in: what the OpenID provider says of itself. No one is signed in by it, so that the secret of the client is not tried. */
export const signInCheck: DoctorCheck = {
  name: 'sign-in',
  title: 'Signing in to the pages',
  needs: 'nothing',
  limit: SHORT,
  run: async ({ config, fetch }): Promise<readonly CheckResult[]> => {
    const { tokens, oidc, proxyAuth } = config.server;
    const others = [
      ...(tokens.length > 0 ? [note('tokens', `${tokens.length} in server.tokens`)] : []),
      ...(proxyAuth === undefined
        ? []
        : [note('proxy', `the header ${proxyAuth.userHeader} from ${proxyAuth.trusted.join(', ')}`)]),
    ];
    if (oidc === undefined)
      return others.length > 0
        ? others
        : [note('login', 'is not configured: only requests from this machine can change anything')];
    try {
      const found = await discoverProvider(oidc, fetch);
      return [...providerFindings(oidc, found, config.externalUrl ?? ''), ...others];
    } catch (thrown) {
      const failure = {
        found: failureText(thrown),
        expected: 'a discovery document with this issuer',
        fix: `curl -sS ${new URL('.well-known/openid-configuration', `${oidc.issuer.replace(/\/$/, '')}/`).href}   # compare \`issuer\`; a private authority goes to ca_file`,
      };
      return [error(oidc.issuer, failure), ...others];
    }
  },
};

/** What is to be said of a provider that answers. */
function providerFindings(
  { issuer, scopes }: OidcConfig,
  { server }: Pick<DiscoveredProvider, 'server'>,
  externalUrl: string,
): readonly CheckResult[] {
  const { scopes_supported: known, code_challenge_methods_supported: challenges, end_session_endpoint: end } = server;
  const unknown = known === undefined ? [] : scopes.filter((scope) => !known.includes(scope));
  return [
    good(issuer, 'answers, and is the issuer that it should be'),
    note('redirect URI', `${externalUrl}/login/oidc/callback must be registered for the client at the provider`),
    ...(unknown.length === 0
      ? []
      : [
          warning('scopes', {
            found: `the provider does not list ${unknown.join(', ')}`,
            expected: 'scopes that the provider supports: claims of other scopes are missing',
            fix: 'list only scopes of the provider in server.auth.oidc.scopes',
          }),
        ]),
    ...(challenges !== undefined && !challenges.includes('S256')
      ? [
          warning('PKCE', {
            found: 'the provider does not list S256',
            expected: 'support for PKCE, which binds a code to the browser that asked for it',
            fix: 'turn on PKCE with S256 for the client at the provider',
          }),
        ]
      : []),
    end === undefined
      ? note('signing out', 'the provider has no logout endpoint: signing out ends only the session in Tocsin')
      : note(
          'signing out',
          `ends the session at the provider too; ${externalUrl}/login must be one of the post-logout redirect URIs there`,
        ),
  ];
}
