import { destinationName } from '../core/destination-name.ts';
import { humanDuration } from '../core/duration.ts';
import { severityKind } from '../core/severity.ts';
import type { Instant } from '../core/time.ts';
import { valuesText } from '../core/values-text.ts';
import type { AlertNotification, ReportedAlert } from '../engine/alert-list/alert-list.ts';
import { bad, cut, escaped, timeText } from './html.ts';
import { MOST_ALERTS } from './red.ts';
import type { PresentAlerts } from './status.ts';

const UNREADABLE_SHOWN = 5;
const DESTINATIONS_SHOWN = 5;
const HEAD = ['Severity', 'Rule and group', 'Title', 'Since', 'Notified'];

/** The alerts that fire or are pending, worst first, as a table that becomes a list on a narrow screen. */
export function alertsSection({ report, problem }: PresentAlerts, now: Instant): string {
  const { alerts, unreadable } = report;
  const shown = alerts.slice(0, MOST_ALERTS);
  const more = alerts.length - shown.length;
  const firing = alerts.filter(({ status }) => status === 'firing' || status === 'recovering').length;
  const title =
    alerts.length === 0 ? 'No alert is pending or firing' : `${counted(firing)} firing of ${counted(alerts.length)} alerts`;
  const stale =
    problem === undefined ? '' : `<p>${bad(`${problem}: showing the alerts of this replica’s rules from memory`)}</p>`;
  const unread = unreadable.slice(0, UNREADABLE_SHOWN).map((reason) => `<li>${bad(reason)}</li>`);
  const others = unreadable.length - unread.length;
  const table = `<table class="alerts"><thead><tr>${HEAD.map((name) => `<th>${name}</th>`).join('')}</tr></thead><tbody>${shown
    .map((alert) => rowOf(alert, now))
    .join('')}</tbody></table>`;
  return [
    `<h2${firing > 0 ? ' class="bad"' : ''}>${title}</h2>`,
    stale,
    shown.length === 0 ? '' : table,
    more > 0 ? `<p>and ${counted(more)} more: run <code>tocsin alerts</code> to list all</p>` : '',
    unread.length === 0 ? '' : `<ul>${unread.join('')}${others > 0 ? `<li>and ${counted(others)} more</li>` : ''}</ul>`,
  ].join('');
}

function rowOf(alert: ReportedAlert, now: Instant): string {
  const { severity = '', status, rule, group, title, values, since, notified, about, heldUntil, flapping, acknowledged } = alert;
  const remarks = [
    ...(status === 'firing' ? [] : [status]),
    ...(flapping === undefined ? [] : ['flapping']),
    ...(heldUntil === undefined ? [] : [`held back until ${timeText(heldUntil)}`]),
    ...(acknowledged === undefined || acknowledged.worse === true
      ? []
      : [cut(`acknowledged by ${acknowledged.by}: ${acknowledged.comment}`)]),
  ];
  const kind = severityKind(severity);
  const state = `<span class="${status === 'firing' ? kind : 'faint'}">${escaped(cut(severity))}</span>`;
  const remark = remarks.length === 0 ? '' : ` <span class="faint">${escaped(remarks.join(', '))}</span>`;
  const names = Object.entries(group).map(([field, value]) => `${field}: ${value ?? '(none)'}`);
  const where = about === title ? '' : (about ?? names.join(', '));
  const measured = valuesText(values);
  const others = notified.length - DESTINATIONS_SHOWN;
  return [
    `<tr><td>${state}${remark}</td>`,
    `<td><strong>${escaped(cut(rule))}</strong>${where === '' ? '' : `<br>${escaped(cut(where))}`}</td>`,
    `<td>${escaped(cut(title))}${measured === '' ? '' : `<br><span class="faint">${escaped(cut(measured))}</span>`}</td>`,
    `<td data-label="since"><span class="time">${timeText(since)}</span><br><span class="faint">${escaped(humanDuration(Math.max(0, now - since)))}</span></td>`,
    `<td${notified.length === 0 ? '' : ' data-label="notified"'}>${notified
      .slice(0, DESTINATIONS_SHOWN)
      .map((one) => notifiedText(one, now))
      .join('<br>')}${others > 0 ? `<br>and ${others} more` : ''}</td></tr>`,
  ].join('');
}

function notifiedText({ destination, state, at, note }: AlertNotification, now: Instant): string {
  const name = cut(destinationName(destination));
  const why = note === undefined ? '' : `: ${cut(note)}`;
  if (state === 'notified')
    return escaped(`${name}${at === undefined ? '' : ` ${humanDuration(Math.max(0, now - at))} ago`}${why}`);
  if (state === 'dead') return bad(`${name} failed${why}`);
  return escaped(`${name} ${state === 'held' ? 'suppressed' : 'pending'}${why}`);
}

function counted(count: number): string {
  return count.toLocaleString('en-US');
}
