import { destinationName } from '../../core/destination-name.ts';
import { humanDuration } from '../../core/duration.ts';
import { valuesText } from '../../core/printed.ts';
import { severityKind } from '../../core/severity.ts';
import type { Instant } from '../../core/time.ts';
import { type AlertNotification, listedGroup, type ReportedAlert } from '../../engine/alert-list/alert-list.ts';
import { isFiring, isWorkedOn, MOST_ALERTS } from '../red.ts';
import type { PresentAlerts } from '../status.ts';
import { bad, html, type PageMarkup, pageTime, rawMarkup, timeElement } from './html.ts';

const UNREADABLE_SHOWN = 5;
const DESTINATIONS_SHOWN = 5;
const HEAD = ['Severity', 'Rule and group', 'Title', 'Since', 'Notified'];

/** The alerts that fire or are pending, worst first, as a table that becomes a list on a narrow screen. */
export function alertsSection(present: PresentAlerts, now: Instant): string {
  const { alerts } = present.report;
  const shown = alerts.slice(0, MOST_ALERTS);
  const more = alerts.length - shown.length;
  const firing = alerts.filter(isFiring).length;
  const title =
    alerts.length === 0
      ? 'No alert is pending or firing'
      : html`${firing} firing of ${alerts.length} ${alerts.length === 1 ? 'alert' : 'alerts'}`;
  return html`<h2${firing > 0 ? rawMarkup(' class="bad"') : undefined}>${title}</h2>${staleNote(present)}${
    shown.length === 0 ? undefined : alertsTable(shown, now)
  }${more > 0 ? html`<p>and ${more} more: <a href="/alerts">all alerts</a></p>` : undefined}${unreadableList(present)}`.markup;
}

/** What a page says when the store has not answered. */
export function staleNote({ problem }: PresentAlerts): PageMarkup | undefined {
  return problem === undefined
    ? undefined
    : html`<p>${rawMarkup(bad(`${problem}: showing the alerts of this replica’s rules from memory`))}</p>`;
}

/** What could not be read, each with its reason. */
export function unreadableList({ report: { unreadable } }: PresentAlerts): PageMarkup | undefined {
  if (unreadable.length === 0) return undefined;
  const others = unreadable.length - UNREADABLE_SHOWN;
  return html`<ul>${unreadable.slice(0, UNREADABLE_SHOWN).map((reason) => html`<li>${rawMarkup(bad(reason))}</li>`)}${
    others > 0 ? html`<li>and ${others} more</li>` : undefined
  }</ul>`;
}

/** What can be done about an alert, below its title. */
type ActionOf = (alert: ReportedAlert) => PageMarkup | undefined;

/** A table of alerts, each with a link to its story. */
export function alertsTable(alerts: readonly ReportedAlert[], now: Instant, actionOf?: ActionOf): PageMarkup {
  const heads = HEAD.map((name) => html`<th scope="col">${name}</th>`);
  return html`<table class="alerts"><caption class="unseen">Alerts</caption><thead><tr>${heads}</tr></thead><tbody>${alerts.map(
    (alert) => rowOf(alert, now, actionOf?.(alert)),
  )}</tbody></table>`;
}

function rowOf(alert: ReportedAlert, now: Instant, action: PageMarkup | undefined): PageMarkup {
  const { id, rule, title, values, since, notified, about } = alert;
  const where = about === title ? '' : (about ?? groupWords(listedGroup(alert)));
  const measured = valuesText(values);
  const work = isWorkedOn(alert) ? alert.acknowledged : undefined;
  const others = notified.length - DESTINATIONS_SHOWN;
  const destinations = notified.slice(0, DESTINATIONS_SHOWN).map((one, place) => {
    return html`${place === 0 ? undefined : html`<br>`}${notifiedText(one, now)}`;
  });
  return html`<tr><td>${severityOfAlert(alert)}</td>
<td><strong>${rule}</strong>${where === '' ? undefined : html`<br>${where}`}</td>
<td><a href="/alerts/${encodeURIComponent(id)}">${title}</a>${measured === '' ? undefined : html`<br><span class="faint">${measured}</span>`}${
    work === undefined ? undefined : html`<br><span class="faint">acknowledged by ${work.by}: ${work.comment}</span>`
  }${action}</td>
<td data-label="since">${timeElement(since)}<br><span class="faint">${humanDuration(Math.max(0, now - since))}</span></td>
<td${notified.length === 0 ? undefined : rawMarkup(' data-label="notified"')}>${destinations}${others > 0 ? html`<br>and ${others} more` : undefined}</td></tr>`;
}

/** Severity and status of an alert, and what keeps its messages back. */
export function severityOfAlert(alert: ReportedAlert): PageMarkup {
  const { severity = '', status, flapping, heldUntil, suppressedBy } = alert;
  const remarks = [
    ...(status === 'firing' ? [] : [status]),
    ...(flapping === undefined ? [] : ['flapping']),
    ...(heldUntil === undefined ? [] : [`held back until ${pageTime(heldUntil)}`]),
  ];
  const remark = remarks.length === 0 ? undefined : html` <span class="faint">${remarks.join(', ')}</span>`;
  const tags = [
    ...(isWorkedOn(alert) ? ['acknowledged'] : []),
    ...(suppressedBy === undefined || suppressedBy === 'outage' ? [] : [SUPPRESSED[suppressedBy]]),
  ];
  return html`<span class="${status === 'firing' ? severityKind(severity) : 'faint'}">${severity}</span>${remark}${tags.map((tag) => html` <span class="tag">${tag}</span>`)}`;
}

const SUPPRESSED = { silence: 'silenced', inhibition: 'inhibited', pause: 'rule paused' } as const;

/** A group in one line. */
export function groupWords(group: ReportedAlert['group']): string {
  return Object.entries(group)
    .map(([field, value]) => `${field}: ${value ?? '(none)'}`)
    .join(', ');
}

function notifiedText({ destination, state, at, note }: AlertNotification, now: Instant): PageMarkup {
  const name = destinationName(destination);
  const why = note === undefined ? '' : `: ${note}`;
  const since = note === undefined ? '' : `, suppressed now${why}`;
  if (state === 'notified')
    return html`${`${name}${at === undefined ? '' : ` ${humanDuration(Math.max(0, now - at))} ago`}${since}`}`;
  if (state === 'dead') return html`<span class="bad">${`${name} failed${why}`}</span>`;
  return html`${`${name} ${state === 'held' ? 'suppressed' : 'pending'}${why}`}`;
}
