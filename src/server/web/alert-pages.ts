import { humanDuration } from '../../core/duration.ts';
import { indentedJson } from '../../core/json.ts';
import { valuesText } from '../../core/printed.ts';
import { own } from '../../core/record.ts';
import { type Instant, iso } from '../../core/time.ts';
import type { ReportedAlert } from '../../engine/alert-list/alert-list.ts';
import type { RecordedAcknowledgement, RecordedEpisode, RecordedMessage } from '../../engine/history/run-history.ts';
import type { ExplainedGroup, Explanation } from '../../explain/explanation.ts';
import { standingText } from '../../explain/standing-text.ts';
import type { Labels } from '../../routing/route.ts';
import type { Rule } from '../../rules/rule.ts';
import type { Group } from '../../search/query.ts';
import type { PresentAlerts } from '../status.ts';
import { type Acknowledging, acknowledgedNote, acknowledgeForm } from './acknowledge-form.ts';
import { ALERT_STATES, foundAlerts, readAlertSearch } from './alert-search.ts';
import { alertsTable, groupWords, severityOfAlert, staleNote, unreadableList } from './alerts-section.ts';
import { chartOf } from './chart.ts';
import { html, many, type PageMarkup, preformatted, rawMarkup, timeElement, withCode } from './html.ts';
import { pager, pathWith, tableOf } from './layout.ts';
import { messageLink, outcomeWord } from './message-pages.ts';
import type { Costly } from './ports.ts';

/** Rows of a list on one page. */
export const ROWS = 50;

/** Which alerts a list shows, and which page of them. */
interface AlertsAsked {
  readonly q: string;
  readonly state: string;
  readonly page: number;
}

/** A list of alerts, narrowed by a search. */
export function alertsContent(
  present: PresentAlerts,
  { q, state, page }: AlertsAsked,
  acknowledging: Acknowledging,
  now: Instant,
): PageMarkup {
  const search = readAlertSearch(q);
  const found = search.ok ? foundAlerts(present.report.alerts, search, state) : [];
  const shown = found.slice((page - 1) * ROWS, page * ROWS);
  const states = ALERT_STATES.map(
    (one) => html`<option value="${one}"${one === state ? rawMarkup(' selected') : undefined}>${one}</option>`,
  );
  const silence =
    search.ok && search.matchers.length > 0
      ? html`<a class="button" href="${pathWith('/silences/new', { matchers: q })}">Silence these</a>`
      : undefined;
  const invalid = search.ok ? undefined : rawMarkup(' aria-invalid="true" aria-describedby="search-problem"');
  return html`<h1>Alerts</h1>
<form class="search" role="search" action="/alerts"><label class="wide">Labels or words
<input type="search" name="q" value="${q}" maxlength="1000" placeholder="severity=&quot;critical&quot;, team=~&quot;shop|web&quot;" autocomplete="off" spellcheck="false"${invalid}></label>
<label>State <select name="status"><option value="">any</option>${states}</select></label><button>Search</button>${silence}</form>
${search.ok ? undefined : html`<p id="search-problem" class="note problem" role="alert">${withCode(search.message)}</p>`}
<div data-live>${staleNote(present)}<p>${found.length} of ${many(present.report.alerts.length, 'alert')}</p>
${shown.length === 0 ? undefined : alertsTable(shown, now, (alert) => acknowledgeForm(alert, acknowledging))}${pager(
  (to) => pathWith('/alerts', { q, status: state, page: to === 1 ? undefined : to }),
  page,
  page * ROWS < found.length,
  Math.max(1, Math.ceil(found.length / ROWS)),
)}${unreadableList(present)}</div>`;
}

/** An alert as a page knows it: one of the present ones, or one that has ended. */
export interface KnownAlert {
  readonly id: string;
  readonly present: ReportedAlert | undefined;
  /** What holds it back. */
  readonly suppression: PageMarkup | undefined;
  readonly ruleName: string;
  /** Undefined: it is not loaded. */
  readonly rule: Rule | undefined;
  readonly group: Group;
  readonly labels: Labels;
  readonly title: string;
  readonly episodes: readonly RecordedEpisode[];
  readonly messages: readonly RecordedMessage[];
  readonly acknowledgements: readonly RecordedAcknowledgement[];
  readonly problem: string | undefined;
}

/** The story of one alert: what it is, what was asked and answered, what decided, and who was notified, and why or why not. */
export function alertContent(
  known: KnownAlert,
  story: Costly<Explanation> | undefined,
  at: Instant | undefined,
  acknowledging: Acknowledging,
  now: Instant,
): PageMarkup {
  const { id, present, rule, group, labels, title } = known;
  // The group of what another system has sent are its labels, which are listed anyway.
  const where = rule?.received === true ? '' : groupWords(group);
  const chart =
    rule === undefined || rule.received === true ? undefined : chartOf({ rule, group, alert: id, since: present?.since }, now);
  return html`<h1>${title}</h1>
<div data-live><div class="row"><a class="button main" href="${pathWith('/silences/new', { alert: id })}">Silence</a>${
    present === undefined ? html`<span class="good">not active now</span>` : severityOfAlert(present)
  }${present && acknowledgeForm(present, acknowledging)}</div>${present && acknowledgedNote(present, acknowledging)}${known.suppression}
<table class="state"><caption class="unseen">The alert</caption>
<tr><th scope="row">rule</th><td>${ruleOf(known)}</td></tr>
${where === '' ? undefined : html`<tr><th scope="row">group</th><td>${where}</td></tr>`}
${present === undefined ? undefined : html`<tr><th scope="row">since</th><td>${timeElement(present.since)} <span class="faint">${humanDuration(Math.max(0, now - present.since))}</span></td></tr>`}
${present === undefined || Object.keys(present.values).length === 0 ? undefined : html`<tr><th scope="row">values</th><td>${valuesText(present.values)}</td></tr>`}
${present?.annotations === undefined ? undefined : annotationRows(present.annotations, title)}
${present === undefined || present.condition === '' ? undefined : html`<tr><th scope="row">condition</th><td><code>${present.condition}</code></td></tr>`}
</table></div>${labelList(labels)}${chart}
${storySection(story, at, known)}<div data-live>${notifiedSection(present, known)}${acknowledgementsSection(known)}${episodesSection(known)}</div>`;
}

/** What another system has sent is named as it is there. */
function ruleOf({ rule, ruleName, labels }: KnownAlert): PageMarkup {
  if (rule === undefined) return html`${ruleName}`;
  const href = `/rules/${encodeURIComponent(rule.id)}`;
  if (rule.received !== true) return html`<a href="${href}">${rule.name}</a>`;
  return html`${own(labels, 'alertname') ?? rule.name} <span class="faint"><a href="${href}">of another system</a></span>`;
}

/** What another system has sent with it, without what the page says already: since when, and the summary in the title. */
function annotationRows(annotations: NonNullable<ReportedAlert['annotations']>, title: string): readonly PageMarkup[] {
  return Object.entries(annotations).flatMap(([name, value]) => {
    const text = String(value);
    if (name === 'starts_at' || (name === 'summary' && title.includes(oneLine(text)))) return [];
    const isLink = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
    const shown = isLink ? html`<a href="${text}" rel="noreferrer">${text}</a>` : html`${text}`;
    return [html`<tr><th scope="row">${own(ANNOTATION_NAMES, name) ?? name}</th><td>${shown}</td></tr>`];
  });
}

const ANNOTATION_NAMES: Readonly<Record<string, string>> = { runbook_url: 'runbook', generator_url: 'source' };

/** As titles have it. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/\.$/, '').trim();
}

/** Labels as a list. */
export function labelList(labels: Labels): PageMarkup {
  const items = Object.entries(labels).map(([name, value]) => html`<li>${name}=${value}</li>`);
  return html`<ul class="labels" aria-label="Labels">${items}</ul>`;
}

function storySection(
  story: Costly<Explanation> | undefined,
  at: Instant | undefined,
  { id, present }: Pick<KnownAlert, 'id' | 'present'>,
): PageMarkup {
  const isPresent = present !== undefined;
  const heading = html`<h2>Why</h2>`;
  if (story === undefined)
    return html`${heading}<p class="note">The rule is not loaded here, or you are not signed in: run <code>tocsin explain</code> where it is loaded.</p>`;
  if (story.kind !== 'given') return html`${heading}<p class="note problem">${withCode(story.message)}</p>`;
  const { value } = story;
  const group = value.groups[0];
  const cautions = value.cautions.map(
    ({ text, hint }) =>
      html`<li>${withCode(text)}${hint === undefined ? undefined : html` <span class="faint">Next: ${withCode(hint)}</span>`}</li>`,
  );
  return html`${heading}<form class="search" action="/alerts/${encodeURIComponent(id)}"><label>Explain the evaluation at or before (UTC)
<input name="at" value="${iso(at ?? value.at).slice(0, 19)}Z" maxlength="40" spellcheck="false"></label><button>Explain</button></form>
${cautions.length === 0 ? undefined : html`<ul class="note">${cautions}</ul>`}
<ol class="story">${value.rule.type === 'received' ? receivedItem(group, isPresent) : questionItems(value, group)}
${group === undefined ? html`<li>${value.missing === undefined ? 'Nothing is known of this group in this window.' : 'This group neither came back in this window nor has an alert.'}</li>` : decision(group)}
${value.discover === undefined ? undefined : html`<li><a href="${value.discover}" rel="noreferrer">The documents in Discover</a></li>`}</ol>`;
}

function questionItems(value: Explanation, group: ExplainedGroup | undefined): PageMarkup {
  return html`<li><strong>Question</strong>: ${value.rule.type} on <code>${value.rule.indices.join(', ')}</code>, documents from ${timeElement(value.window.from)} to ${timeElement(value.window.to)}${preformatted(value.rule.query.text)}
<details><summary>The search as it was sent</summary>${preformatted(indentedJson(value.recorded?.sent ?? value.asked.sent))}</details></li>
<li><strong>Answer</strong>: ${answerWords(value)}${group === undefined ? undefined : readingOfGroup(group)}</li>`;
}

function sentText({ starts_at: _startsAt, ...others }: NonNullable<ExplainedGroup['reading']>['values']): string {
  return valuesText(others);
}

/** What was sent with an alert that is present is shown above. */
function receivedItem(group: ExplainedGroup | undefined, isPresent: boolean): PageMarkup {
  const from = group?.received ?? 'by another system; it is no longer stored';
  const sent = isPresent || group?.reading === undefined ? '' : sentText(group.reading.values);
  return html`<li><strong>Received</strong> ${from}${sent === '' ? undefined : html`<br>${sent}`}</li>`;
}

function answerWords({ asked, recorded }: Explanation): PageMarkup {
  if (recorded?.outcome === 'failed' && recorded.problem !== undefined)
    return html`<span class="bad">failed: ${withCode(recorded.problem.message)}</span> ${withCode(recorded.problem.hint)}`;
  if (recorded !== undefined)
    return html`${many(recorded.matched, 'document')} in ${many(recorded.groups, 'group')}, as recorded; the search took ${recorded.cost.took} ms`;
  if (asked.kind === 'failed')
    return html`<span class="bad">failed: ${withCode(asked.problem.message)}</span> ${withCode(asked.problem.hint)}`;
  return html`${many(asked.matched, 'document')} in ${many(asked.groups, 'group')}, searched again now; the search took ${asked.cost.took} ms`;
}

function readingOfGroup({ reading }: ExplainedGroup): PageMarkup | undefined {
  if (reading === undefined) return html`<br>no result for this group`;
  const again =
    reading.now === undefined ? undefined : html` <span class="faint">(searched again now: ${valuesText(reading.now)})</span>`;
  return html`<br>${valuesText(reading.values)}${again}${reading.note === undefined ? undefined : html` <span class="faint">${reading.note}</span>`}`;
}

function decision({ lines, because, life, notification }: ExplainedGroup): PageMarkup {
  const items = lines.map(({ key, severity, text, verdict, because: why, decided }) => {
    return html`<li${decided ? rawMarkup(' class="decided"') : undefined}>${key}${severity === undefined ? '' : ` ${severity}`}: <code>${text}</code> is ${verdict}${why === undefined ? '' : `: ${why}`}${decided ? ' ← decided' : ''}</li>`;
  });
  const changes = life.changes.map(({ at, words }) => html`<li>${timeElement(at)} ${words}</li>`);
  return html`<li><strong>Decision</strong>: ${because}<ul class="lines">${items}</ul></li>
<li><strong>Effect on the alert</strong>: ${life.happened}${life.present?.waits === undefined ? '' : `; ${life.present.waits}`}${life.flapping === undefined ? '' : `; ${life.flapping.words}`}
${changes.length === 0 ? undefined : html`<details open><summary>Changes</summary><ul>${changes}</ul></details>`}</li>
<li><strong>Receivers</strong>: ${receiversOfGroup(notification)}</li>`;
}

function notifiedSection(present: ReportedAlert | undefined, { messages, problem }: KnownAlert): PageMarkup {
  const rows = messages.map(({ id, at, receiver, channel, outcome, reason, title, parts, problem: why }) => [
    timeElement(at),
    html`<a href="${pathWith('/notifications', { receiver })}">${receiver}</a> <span class="faint">${channel}</span>`,
    messageLink({ id, title, ...(parts && { parts }) }),
    html`${outcomeWord(outcome)}${why === undefined ? undefined : html`<br>${withCode(why)}`}`,
    html`${reason.replaceAll('_', ' ')}`,
  ]);
  const states = (present?.notified ?? []).map(({ destination, state, note }) => {
    return html`<li>${destination}: ${state === 'held' ? 'suppressed' : state}${note === undefined ? '' : `${state === 'notified' ? ', suppressed now' : ''}: ${note}`}</li>`;
  });
  return html`<h2>Who was notified</h2>${states.length === 0 ? undefined : html`<ul>${states}</ul>`}${
    problem === undefined ? undefined : html`<p class="note problem">${withCode(problem)}</p>`
  }${rows.length === 0 ? html`<p>No messages about this alert are recorded.</p>` : tableOf('Messages', ['When', 'Receiver', 'Message', 'Outcome', 'Why'], rows)}`;
}

function acknowledgementsSection({ acknowledgements }: KnownAlert): PageMarkup | undefined {
  if (acknowledgements.length === 0) return undefined;
  const rows = acknowledgements.map(({ at, by, comment }) => [timeElement(at), html`${by}`, html`${comment}`]);
  return html`<h2>Acknowledgements</h2>${tableOf('Acknowledgements', ['when', 'who', 'comment'], rows)}`;
}

function episodesSection({ episodes }: KnownAlert): PageMarkup | undefined {
  if (episodes.length === 0) return undefined;
  const rows = episodes.map(({ start, end, severity }) => [
    timeElement(start),
    end === undefined ? html`not over` : timeElement(end),
    html`${end === undefined ? '' : humanDuration(end - start)}`,
    html`${severity}`,
  ]);
  return html`<h2>Episodes</h2>${tableOf('Episodes', ['Began', 'Ended', 'Lasted', 'Severity'], rows)}`;
}

/** Who is notified of an alert, or is not, and why. */
function receiversOfGroup(notification: ExplainedGroup['notification']): PageMarkup {
  if (notification.receivers.length === 0) return html`none`;
  const items = notification.receivers.map(
    ({ destination, state, why }) => html`<li>${destination}: ${standingText({ state, why })}</li>`,
  );
  return html`<ul>${items}</ul>`;
}
