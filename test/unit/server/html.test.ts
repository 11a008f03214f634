import { describe, expect, it } from 'vitest';
import { bad, withCode } from '../../../src/server/web/html.ts';
import { signInProblemContent } from '../../../src/server/web/login-pages.ts';
import { problemContent } from '../../../src/server/web/page-context.ts';

describe('a sentence on a page', () => {
  it.each([
    ['what is in backticks as code', 'set `server.tokens`, or `host`', 'set <code>server.tokens</code>, or <code>host</code>'],
    ['a single backtick as it is', 'a ` b', 'a ` b'],
    ['nothing between backticks as it is', 'a `` b', 'a `` b'],
    ['markup as text, within and without', '<b> `<i>`', '&#60;b&#62; <code>&#60;i&#62;</code>'],
  ])('has %s', (_what, text, markup) => {
    expect(withCode(text).markup).toBe(markup);
    expect(bad(text)).toBe(`<span class="bad">${markup}</span>`);
  });

  it('is bounded, also where that cuts code in two', () => {
    const { markup } = withCode(`${'x'.repeat(295)}\`server.tokens\``);
    expect(markup).toBe(`${'x'.repeat(295)}\`serv…`);
  });
});

describe('a page that says what is wrong', () => {
  it.each([
    [
      'of a sign-in',
      signInProblemContent({ message: 'No group of yours is in `groups`.', hint: 'Ask for one of `server.auth.oidc`.' }),
    ],
    ['of a request', problemContent('Not ended', 'That needs the scope `admin`: ask whoever has `server.tokens`.')],
  ])('shows names of the configuration as code: %s', (_of, { markup }) => {
    expect(markup).not.toContain('`');
    expect(markup).toMatch(/<code>(groups|admin)<\/code>[\s\S]*<code>server\./);
  });
});
