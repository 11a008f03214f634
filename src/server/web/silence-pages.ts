import { humanDuration } from '../../core/duration.ts';
import { pageText } from '../../core/html-text.ts';
import { shortId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import type { ReportedAlert } from '../../engine/alert-list/alert-list.ts';
import type { RecordedEpisode } from '../../engine/history/run-history.ts';
import { matchesAll } from '../../routing/matches.ts';
import { formatMatcher } from '../../routing/parse-matcher.ts';
import type { ServedSilence } from '../api/alertmanager.ts';
import { ROWS } from './alert-pages.ts';
import { alertsTable } from './alerts-section.ts';
import { cut, html, many, type PageMarkup, rawMarkup, timeElement, withCode } from './html.ts';
import { formField, pager, pathWith, tableOf } from './layout.ts';

/** How long a silence may last, as the page offers it. */
const SILENCE_LENGTHS = ['30m', '1h', '2h', '4h', '8h', '1d', '3d', '1w'] as const;

/** The list of silences. */
export interface SilencesShown {
  readonly silences: readonly ServedSilence[];
  readonly alerts: readonly ReportedAlert[];
  readonly expired: boolean;
  readonly page: number;
  readonly mayChange: boolean;
  readonly formToken: string;
  readonly problem: string | undefined;
  readonly now: Instant;
}

/** The silences: active ones first, then those to come, then those that have expired. */
export function silencesContent({
  silences,
  alerts,
  expired,
  page,
  mayChange,
  formToken,
  problem,
  now,
}: SilencesShown): PageMarkup {
  const rank = { active: 0, pending: 1, expired: 2 } as const;
  const sorted = silences
    .filter(({ state }) => expired || state !== 'expired')
    .toSorted((a, b) => rank[a.state] - rank[b.state] || a.silence.ends_at - b.silence.ends_at);
  const rows = sorted
    .slice((page - 1) * ROWS, page * ROWS)
    .map((one) => rowOfSilence(one, { alerts, mayChange, formToken, now }));
  return html`<h1>Silences</h1><div class="row"><a class="button main" href="/silences/new">New silence</a>
<a href="${expired ? '/silences' : '/silences?expired=true'}">${expired ? 'without expired ones' : 'with expired ones'}</a></div>
<div data-live>${problem === undefined ? undefined : html`<p class="note problem">${withCode(problem)}</p>`}
${rows.length === 0 ? html`<p>No silence is active or pending.</p>` : tableOf('Silences', HEADS, rows)}${pager(
  (to) => pathWith('/silences', { expired: expired ? 'true' : undefined, page: to === 1 ? undefined : to }),
  page,
  page * ROWS < sorted.length,
)}</div>`;
}

const HEADS = ['State', 'Matchers', 'Ends', 'Matches now', 'Comment', 'Change'];

type RowContext = Pick<SilencesShown, 'alerts' | 'mayChange' | 'formToken' | 'now'>;

/** One silence, with the alerts that it matches. */
export function silenceContent(one: ServedSilence, context: RowContext): PageMarkup {
  const matched = context.alerts.filter(({ labels }) => matchesAll(one.silence.matchers, labels));
  return html`<h1>Silence ${silenceName(one.silence)}</h1><div data-live>${tableOf('Silence', HEADS, [rowOfSilence(one, context)])}
<h2>Alerts that it matches</h2>${matched.length === 0 ? html`<p>None is active now.</p>` : alertsTable(matched.slice(0, ROWS), context.now)}</div>
<p><a href="/silences">All silences</a></p>`;
}

/** What people call a silence. */
export function silenceName({ id, origin }: ServedSilence['silence']): string {
  return origin ?? shortId(id);
}

function rowOfSilence(
  { silence, state }: ServedSilence,
  { alerts, mayChange, formToken, now }: RowContext,
): readonly PageMarkup[] {
  const { id, origin, link } = silence;
  const matched = alerts.filter(({ labels }) => matchesAll(silence.matchers, labels)).length;
  const place = `/silences/${encodeURIComponent(id)}`;
  const unseen = html`<span class="unseen"> silence ${shortId(id)}</span>`;
  const lengths = SILENCE_LENGTHS.map(
    (one) => html`<option value="${one}"${one === '2h' ? rawMarkup(' selected') : undefined}>${one} from now</option>`,
  );
  const change = html`<form class="inline" method="post" action="${place}/extend">${formField(formToken)}<label><span class="unseen">New end of silence ${shortId(id)}</span><select name="length">${lengths}</select></label><button>Extend${unseen}</button></form>
<form method="post" action="${place}/expire">${formField(formToken)}<button>Expire${unseen}</button></form>`;
  const planned = html`<span class="faint">planned in <code>${origin ?? ''}</code>: change it there</span>`;
  return [
    html`<span class="${state === 'active' ? 'informative' : 'faint'}">${state}</span> <a href="${place}">${origin === undefined ? shortId(id) : 'of a file'}</a>`,
    html`${silence.matchers.map(formatMatcher).join(', ')}`,
    html`${state === 'pending' ? html`from ${timeElement(silence.starts_at)} ` : undefined}${timeElement(silence.ends_at)}${
      state === 'expired' ? undefined : html` <span class="faint">in ${humanDuration(Math.max(0, silence.ends_at - now))}</span>`
    }`,
    html`<a href="${pathWith('/alerts', { q: silence.matchers.map(formatMatcher).join(',') })}">${many(matched, 'alert')}</a>`,
    html`${silence.comment}<br><span class="faint">${silence.created_by}</span>${
      link === undefined ? undefined : html` <a href="${link}" rel="noreferrer">link</a>`
    }`,
    origin !== undefined ? planned : mayChange && state !== 'expired' ? change : html``,
  ];
}

/** What is in the form of a new silence, as it was typed in. */
export interface SilenceForm {
  readonly matchers: string;
  readonly length: string;
  readonly author: string;
  readonly comment: string;
  readonly link: string;
}

/** What matchers match, now and in the last week; undefined: there are none that can be read. */
export interface SilenceMatches {
  readonly alerts: readonly ReportedAlert[];
  readonly episodes: readonly RecordedEpisode[];
  readonly more: boolean;
  readonly problem: string | undefined;
}

/** The form of a new silence with a preview of what it suppresses. */
export interface NewSilenceShown {
  readonly form: SilenceForm;
  readonly matches: SilenceMatches | undefined;
  readonly error: string | undefined;
  /** The author is who is signed in. */
  readonly isAuthorFixed: boolean;
  readonly formToken: string;
  /** Why nothing can be changed; undefined: it can. */
  readonly refusal: string | undefined;
  readonly now: Instant;
}

/** Adding a silence: the second click of two, after `Silence` on an alert. */
export function newSilenceContent({ form, matches, error, isAuthorFixed, formToken, refusal, now }: NewSilenceShown): PageMarkup {
  const lengths = SILENCE_LENGTHS.map(
    (one) =>
      html`<label><input type="radio" name="length" value="${one}"${one === form.length ? rawMarkup(' checked') : undefined}> ${one}</label>`,
  );
  const author = isAuthorFixed
    ? html`<p>Author: <strong>${form.author}</strong></p>`
    : html`<div class="field"><label for="author">Author</label><input id="author" name="author" value="${form.author}" required maxlength="200" autocomplete="name"></div>`;
  return html`<h1>New silence</h1>${error === undefined ? undefined : html`<p class="note problem" role="alert">${withCode(error)}</p>`}
${refusal === undefined ? undefined : html`<p class="note problem">${withCode(refusal)}</p>`}
<form method="post" action="/silences">${formField(formToken)}
<div class="field"><label for="matchers">Matchers; all have to match</label><textarea id="matchers" name="matchers" rows="3" required maxlength="8000" spellcheck="false">${rawMarkup(pageText(cut(form.matchers, 8_000)))}</textarea></div>
<fieldset><legend>Lasts</legend>${lengths}</fieldset>${author}
<div class="field"><label for="comment">Reason</label><input id="comment" name="comment" value="${form.comment}" required maxlength="2000"></div>
<div class="field"><label for="link">Link, such as a ticket (optional)</label><input id="link" name="link" type="url" value="${form.link}" maxlength="2000"></div>
<div class="row"><button class="main"${refusal === undefined ? undefined : rawMarkup(' disabled')}>Silence</button>
<button formmethod="get" formaction="/silences/new" formnovalidate>Preview</button></div></form>
${matches === undefined ? undefined : previewSection(matches, now)}`;
}

function previewSection({ alerts, episodes, more, problem }: SilenceMatches, now: Instant): PageMarkup {
  const rules = new Map<string, { episodes: number; inAlert: number }>();
  for (const { rule, start, end } of episodes) {
    const of = rules.get(rule) ?? { episodes: 0, inAlert: 0 };
    rules.set(rule, { episodes: of.episodes + 1, inAlert: of.inAlert + Math.max(0, (end ?? now) - start) });
  }
  const rows = [...rules]
    .slice(0, ROWS)
    .map(([rule, of]) => [html`${rule}`, html`${of.episodes}`, html`${humanDuration(of.inAlert)}`]);
  return html`<h2>It suppresses now</h2><p>${many(alerts.length, 'active alert')}</p>${alerts.length === 0 ? undefined : alertsTable(alerts.slice(0, 20), now)}
<h2>It would have suppressed in the last week</h2><p>${many(episodes.length, 'episode')}${more ? ' among the 10,000 newest' : ''}</p>
${problem === undefined ? undefined : html`<p class="note problem">${withCode(problem)}</p>`}${rows.length === 0 ? undefined : tableOf('Episodes by rule', ['Rule', 'Episodes', 'Time in alert'], rows)}`;
}
