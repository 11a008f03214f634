import { html, type PageMarkup, withCode } from './html.ts';
import { formField } from './layout.ts';
import type { SignInProblem } from './ports.ts';

/** What the login page offers. */
export interface LoginShown {
  readonly next: string;
  readonly formToken: string;
  readonly error: string | undefined;
  /** Signing in with a provider: its button, and why it does not work now. */
  readonly provider: { readonly label: string; readonly href: string; readonly problem: ProviderProblem | undefined } | undefined;
  readonly takesTokens: boolean;
}

type ProviderProblem = Pick<SignInProblem, 'message' | 'hint'>;

/** Signing in: with the provider, or with a token of the configuration. */
export function loginContent({ next, formToken, error, provider, takesTokens }: LoginShown): PageMarkup {
  const token = html`<form method="post" action="/login">${formField(formToken)}<input type="hidden" name="next" value="${next}">
<div class="field"><label for="token">Token</label><input id="token" name="token" type="password" required maxlength="1000" autocomplete="current-password"></div>
<button${provider === undefined ? MAIN : undefined}>Sign in</button></form><p class="faint">A token of <code>server.tokens</code> in tocsin.yaml. This browser stays signed in for twelve hours.</p>`;
  const none = html`<p>No one can sign in here: tocsin.yaml has neither <code>server.tokens</code> nor <code>server.auth.oidc</code>.</p>`;
  return html`<h1>Sign in</h1>${error === undefined ? undefined : html`<p class="note problem" role="alert">${withCode(error)}</p>`}${
    provider === undefined ? undefined : providerSection(provider)
  }${takesTokens && provider !== undefined ? html`<h2>With a token</h2>` : undefined}${
    takesTokens ? token : provider === undefined ? none : undefined
  }`;
}

const MAIN = html` class="main"`;

function providerSection({ label, href, problem }: NonNullable<LoginShown['provider']>): PageMarkup {
  return html`${problem === undefined ? undefined : problemNote(problem)}<p><a class="button main" href="${href}">Sign in with ${label}</a></p>`;
}

/** Why a sign-in did not go on, and what to do. */
export function signInProblemContent({ message, hint }: ProviderProblem): PageMarkup {
  return html`<h1>Not signed in</h1>${problemNote({ message, hint })}<p><a class="button main" href="/login">Sign in again</a></p>`;
}

function problemNote({ message, hint }: ProviderProblem): PageMarkup {
  return html`<div class="note problem" role="alert"><p>${withCode(message)}</p><p>${withCode(hint)}</p></div>`;
}
