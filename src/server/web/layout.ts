import type { Caller } from '../api/access.ts';
import { html, type PageMarkup, rawMarkup } from './html.ts';

/** What a page needs beside its content. */
export interface PageFrame {
  readonly title: string;
  readonly namespace: string;
  /** The path of the page in the navigation. */
  readonly at: string;
  readonly caller: Caller;
  /** The token of its forms. */
  readonly formToken: string;
  /** Tokens or a provider are configured, so that people can sign in. */
  readonly canSignIn: boolean;
  /** Version of the pages' program; undefined: there is none. */
  readonly program: string | undefined;
  /** Version of the pages' style. */
  readonly style: string;
}

const PLACES = [
  ['/', 'Overview'],
  ['/alerts', 'Alerts'],
  ['/rules', 'Rules'],
  ['/silences', 'Silences'],
  ['/notifications', 'Notifications'],
  ['/noise', 'Noise'],
  ['/receivers', 'Receivers'],
] as const;

/** A whole page. What is in an element with `data-live` is brought up to date when something changes. */
export function pageOf(frame: PageFrame, content: PageMarkup): string {
  const { title, namespace, at, program, style } = frame;
  const places = PLACES.map(([path, name]) => {
    const current = path === at ? rawMarkup(' aria-current="page"') : undefined;
    return html`<li><a href="${path}"${current}>${name}</a></li>`;
  });
  const script = program === undefined ? undefined : html`<script src="/assets/live.js?v=${program}" defer></script>`;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Tocsin ${namespace}</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/tocsin.css?v=${style}">${script}</head><body>
<a class="skip" href="#main">Skip to content</a>
<header><strong class="name">Tocsin</strong><nav aria-label="Pages"><ul>${places}</ul></nav>${account(frame)}</header>
<main id="main" tabindex="-1">${content}</main>
<footer><span id="live" role="status"></span><span>times: <span id="zone">UTC</span></span>
<a href="/metrics">metrics</a><a href="/api/v1/status">status as JSON</a><a href="/api">API</a><a href="/-/healthy">healthy</a><a href="/-/ready">ready</a></footer>
</body></html>
`.markup;
}

function account({ caller, canSignIn, formToken }: PageFrame): PageMarkup | undefined {
  if (caller.kind === 'proxy') {
    const name = caller.name ?? '';
    return html`<div class="account">${caller.scopes.includes('admin') ? html`<a href="/account">${name}</a>` : name}</div>`;
  }
  if (caller.session !== undefined)
    return html`<form class="account" method="post" action="/logout">${formField(formToken)}<a href="/account">${caller.name ?? ''}</a> <span class="faint">${roleText(caller)}</span> <button>Sign out</button></form>`;
  return canSignIn ? html`<div class="account"><a href="/login">Sign in</a></div>` : undefined;
}

/** What someone may do, in a word or two. */
export function roleText({ scopes }: Pick<Caller, 'scopes'>): string {
  if (scopes.includes('admin')) return 'admin';
  if (scopes.includes('silence')) return 'may silence';
  return scopes.includes('read') ? 'read only' : 'no access';
}

/** The field that shows that a form is one of these pages'. */
export function formField(formToken: string): PageMarkup {
  return html`<input type="hidden" name="form" value="${formToken}">`;
}

/** Links to the page before and the one after. */
export function pager(hrefOf: (page: number) => string, page: number, hasMore: boolean, of?: number): PageMarkup | undefined {
  if (page === 1 && !hasMore) return undefined;
  return html`<nav class="pager" aria-label="Pages of the list">${page > 1 ? html`<a rel="prev" href="${hrefOf(page - 1)}">Previous</a>` : undefined}
<span>Page ${page}${of === undefined ? undefined : html` of ${of}`}</span>${hasMore ? html`<a rel="next" href="${hrefOf(page + 1)}">Next</a>` : undefined}</nav>`;
}

/** A path with those of the parameters that are not empty. */
export function pathWith(path: string, parameters: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined && value !== '') query.append(name, String(value));
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** A table whose rows become blocks on a narrow screen; cells say what they are there. */
export function tableOf(caption: string, heads: readonly string[], rows: readonly (readonly Fragments[])[]): PageMarkup {
  const head = heads.map((name) => html`<th scope="col">${name}</th>`);
  const body = rows.map(
    (cells) => html`<tr>${cells.map((cell, place) => html`<td data-label="${heads[place] ?? ''}">${cell}</td>`)}</tr>`,
  );
  return html`<table class="list"><caption class="unseen">${caption}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

type Fragments = Parameters<typeof html>[1];
